import { ablate, ablationNames } from './ablations.js';
import type { HeadPlan } from './head.js';
import type { LearnPlan } from './learn.js';
import type { Preset } from './preset.js';

/**
 * Large enough that few searches pay for more, so that most learn from all they have; small enough that the default's 1,200
 * steps of 20 still see each sample five times in a fit.
 */
const MAX_FIT_SAMPLES = 4096;

/** What the ensembles of the presets below learn by. */
const learning: LearnPlan & Pick<Preset, 'climb' | 'draw' | 'draws'> = {
  labels: { logGap: 0.05 },
  fit: {
    epochs: 40,
    batch: 20,
    lr: 3e-3,
    weightDecay: 0.01,
    schedule: { decay: 'cosine' },
    ranking: 0.2,
    margin: 0.1,
    dropout: 0,
  },
  maxFitSteps: 1200,
  maxFitSamples: MAX_FIT_SAMPLES,
  climb: {
    restarts: 5,
    steps: 100,
    lr: 0.05,
    weightDecay: 0.01,
    schedule: { decay: 'constant' },
    tauStart: 0.7,
    tauEnd: 0.2,
    alphaLow: 0,
    alphaHigh: 1,
    betaLr: 0,
    turn: 0,
  },
  draw: { sharpness: 1, noise: 0 },
  draws: () => 40,
};

/**
 * How networks that search alone learn known limits.  The default needs none: its process asks for neighbours and random
 * architectures, of which those within the limits are candidates.  The published searches climb the accuracy alone, and with the
 * head find no more (docs/method.md).
 */
const head: HeadPlan = { first: 2000, epochs: 10, batch: 100, beside: 0.5 };

/**
 * One setting for every task.  Where it leaves the paper: first samples that stand for the space; a Gaussian process over
 * graphs, which a small ensemble joins when the answers are many; labels by the log of the gap to the best; upper
 * confidence bounds; one query a round; neighbourhoods beside the climbed distributions (docs/method.md says what each is
 * worth).
 */
const defaultPreset: Preset = {
  ...learning,
  name: 'default',
  init: 10,
  batch: 1,
  model: { kind: 'gcn', members: 5, layers: 2, hidden: 48 },
  wholeSpace: 1000,
  scansPools: false,
  incumbents: 10,
  mostNeighbours: 1500,
  explored: 200,
  hillClimb: { rounds: 2, centres: 10 },
  pick: 'thompson',
  designed: true,
  mixture: {
    joinsAfter: 256,
    share: 0.25,
    refitAfter: 5,
    maxProcessSamples: 256,
    maxProcessScreens: 128,
    rule: 'ucb',
    betas: [0.5, 1, 2],
  },
};

/** The networks alone from the start, to compare proxies by: an ensemble of five, a member drawn at random picks. */
const networksPreset: Preset = {
  ...defaultPreset,
  name: 'networks',
  batch: 3,
  wholeSpace: 4096,
  scansPools: true,
  mostNeighbours: Infinity, // networks score millions a second
  explored: 0,
  designed: false,
  mixture: undefined,
  head,
};

/** What the authors set by hand for each task (arXiv 2509.05656 and its code). */
interface PublishedSettings {
  init?: number;
  batch: number;
  hidden: number;
  fitEpochs: number;
  fitBatch: number;
  fitLr: number;
  restarts: number;
  climbSteps: number;
  climbLr: number;
  alphaStart: readonly [number, number];
  candidatesPerSample: number;
  fitGamma?: number;
  betaLr?: number;
  turn?: number;
}

const publishedCifar10: PublishedSettings = {
  batch: 10,
  hidden: 144,
  fitEpochs: 500,
  fitBatch: 7,
  fitLr: 0.001,
  restarts: 5,
  climbSteps: 300,
  climbLr: 0.02,
  alphaStart: [0.9, 1],
  candidatesPerSample: 40,
};

const publishedCifar100: PublishedSettings = {
  batch: 5,
  hidden: 128,
  fitEpochs: 100,
  fitBatch: 20,
  fitLr: 0.002,
  restarts: 20,
  climbSteps: 100,
  climbLr: 0.05,
  alphaStart: [0, 2],
  candidatesPerSample: 20,
};

/** Searches of NAS-Bench-201 under a limit on a device's latency, by 100 queries. */
const publishedDevice: PublishedSettings = {
  batch: 10,
  hidden: 192,
  fitEpochs: 200,
  fitBatch: 20,
  fitLr: 0.005,
  restarts: 30,
  climbSteps: 100,
  climbLr: 0.05,
  alphaStart: [0, 2],
  candidatesPerSample: 40,
};
const publishedBoard = { ...publishedDevice, hidden: 256, fitEpochs: 400, restarts: 20, candidatesPerSample: 30 };

/** By the device that a constrained metric's name holds. */
const publishedDevices: Readonly<Record<string, PublishedSettings>> = {
  edgegpu: publishedBoard,
  raspi4: publishedBoard,
  pixel3: publishedDevice,
  eyeriss: publishedDevice,
  fpga: publishedDevice,
  edgetpu: {
    ...publishedBoard,
    batch: 5,
    hidden: 384,
    restarts: 50,
    climbLr: 0.04,
    alphaStart: [0, 1.5],
    candidatesPerSample: 50,
  },
};

/** Spaces with free or chosen edges: α and β in turns. Their climbing rate is not published but for NAS-Bench-101. */
const publishedGraph = { hidden: 186, fitEpochs: 500, fitBatch: 10, fitLr: 0.001, fitGamma: 0.92, climbSteps: 200 };
const publishedEdges = { climbLr: 0.01, betaLr: 0.01, alphaStart: [0.5, 1.5] } as const;
const published: Readonly<Record<string, PublishedSettings>> = {
  nasbench101: { ...publishedGraph, ...publishedEdges, batch: 10, restarts: 2, turn: 15, candidatesPerSample: 40 },
  nasbench301: {
    ...publishedGraph,
    ...publishedEdges,
    init: 5,
    batch: 5,
    restarts: 4,
    turn: 20,
    candidatesPerSample: 200,
  },
  'nasbench-nlp': {
    ...publishedGraph,
    ...publishedEdges,
    init: 5,
    batch: 5,
    restarts: 2,
    turn: 15,
    candidatesPerSample: 50,
  },
};

/**
 * The published method: one proxy, standardised labels, candidates from the climbed distributions alone, best mean first.
 * The published list also decays the climbing rate by 0.9 every 10. Taken as steps, that stops the climb early: with it 5
 * and 4 of 10 seeds reach the best of CIFAR-10 and CIFAR-100, with a constant rate 7 and 7, so it is constant.
 */
function paperPreset(p: PublishedSettings): Preset {
  return {
    name: 'paper',
    init: p.init ?? 10,
    batch: p.batch,
    model: { kind: 'gcn', members: 1, layers: 2, hidden: p.hidden },
    labels: 'standard',
    fit: {
      epochs: p.fitEpochs,
      batch: p.fitBatch,
      lr: p.fitLr,
      weightDecay: 0.01,
      schedule: { decay: 'step', gamma: p.fitGamma ?? 0.9, every: 10 },
      ranking: 0.2,
      margin: 0.1,
      dropout: 0.1,
    },
    maxFitSteps: 50_000,
    maxFitSamples: MAX_FIT_SAMPLES,
    climb: {
      restarts: p.restarts,
      steps: p.climbSteps,
      lr: p.climbLr,
      weightDecay: 0.01,
      schedule: { decay: 'constant' },
      tauStart: 0.7,
      tauEnd: 0.2,
      alphaLow: p.alphaStart[0],
      alphaHigh: p.alphaStart[1],
      betaLr: p.betaLr ?? 0,
      turn: p.turn ?? 0,
    },
    draw: { sharpness: 1, noise: 0.3 },
    draws: (count) => Math.ceil((p.candidatesPerSample * count) / p.restarts),
    wholeSpace: 0,
    scansPools: true,
    incumbents: 0,
    mostNeighbours: Infinity,
    explored: 0,
    hillClimb: { rounds: 0, centres: 0 },
    pick: 'mean',
    designed: false,
  };
}

/** The default, networks alone, the published settings, and the default with one ingredient changed. */
export const presetNames = [
  'default',
  'networks',
  'networks-mlp',
  'networks-transformer',
  'paper',
  ...ablationNames,
] as const;

/**
 * The settings that a preset has for a space, a metric and what is constrained: `paper` has its own for the spaces that the
 * authors ran, for CIFAR-100, and on NAS-Bench-201 for the devices that a constraint's metric names; elsewhere it is what they
 * used for CIFAR-10 on NAS-Bench-201.
 */
export function presetFor(
  name: (typeof presetNames)[number],
  space: string,
  metric: string,
  constrained: readonly string[] = [],
): Preset {
  if (name === 'default') return defaultPreset;
  if (name === 'networks') return networksPreset;
  if (name === 'networks-mlp' || name === 'networks-transformer') {
    const kind = name === 'networks-mlp' ? 'mlp' : 'transformer';
    return { ...networksPreset, name, model: { ...networksPreset.model, kind } };
  }
  if (name !== 'paper') return ablate(defaultPreset, name);
  const device = Object.keys(publishedDevices).find((one) => constrained.some((limited) => limited.includes(one)));
  if (space === 'nasbench201' && device !== undefined) return paperPreset(publishedDevices[device]!);
  return paperPreset(published[space] ?? (metric.startsWith('cifar100') ? publishedCifar100 : publishedCifar10));
}
