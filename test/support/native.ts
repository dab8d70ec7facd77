import {
  native,
  type ClimbPlan,
  type DrawPlan,
  type FitPlan,
  type NativeProxy,
  type ProxyConfig,
  type ScanPlan,
} from '../../src/native.js';
import type { SpaceProgram } from '../../src/space/types.js';
import { tinySpace } from './spaces.js';

export const config: ProxyConfig = { kind: 'gcn', hidden: 8, layers: 1, outputs: 1, members: 2, threads: 1 };

export const fitPlan: FitPlan = {
  epochs: 5,
  batch: 4,
  lr: 0.01,
  weightDecay: 0.01,
  schedule: { decay: 'constant' },
  ranking: 0.2,
  margin: 0.1,
  dropout: 0,
  seed: 1,
  round: 1,
};

export const climbPlan: ClimbPlan = {
  restarts: 2,
  steps: 5,
  lr: 0.05,
  weightDecay: 0,
  schedule: { decay: 'constant' },
  tauStart: 0.7,
  tauEnd: 0.2,
  alphaLow: 0,
  alphaHigh: 1,
  betaLr: 0,
  turn: 0,
  seed: 1,
  round: 1,
};

export const drawPlan: DrawPlan = { draws: 10, sharpness: 1, noise: 0, seed: 1, round: 1 };

/** All eight architectures of the tiny space. */
export const scanPlan: ScanPlan = { count: 8, keep: 2, seed: 1, round: 1 };

/** Four architectures of the tiny space, three genes each, and a target for each. */
export const fourGenes = (): Uint8Array => Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1);
export const fourTargets = (): Float32Array => Float32Array.of(-1, 0, 0.5, 1);

export function newProxy(changes: Partial<ProxyConfig> = {}, program: SpaceProgram = tinySpace().program): NativeProxy {
  const proxy = new (native().Proxy)(program, { ...config, ...changes });
  proxy.initialise(1, 0);
  return proxy;
}

/** Calls a slice until it is done. */
export async function finish(slice: () => Promise<number>): Promise<void> {
  while ((await slice()) < 1);
}
