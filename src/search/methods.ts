import { LocalSearch } from '../baselines/local.js';
import { RandomSearch } from '../baselines/random.js';
import type { SearchMethod } from '../baselines/method.js';
import { checkName } from '../errors.js';
import type { SearchSpace } from '../space/types.js';
import { OptiProxySearch } from './optiproxy.js';
import { presetFor, presetNames } from './presets.js';

export { presetNames };
export const methodNames = ['optiproxy', 'random', 'local-search'] as const;

export interface MethodOptions {
  /** Metric that is searched for: the `paper` preset has settings for some. */
  metric: string;
  seed: number;
  preset?: string | undefined;
  threads: number;
  /** Random architectures before the first fit. @default the preset's */
  init?: number | undefined;
  /** Genes (n, G) of the only architectures that can be queried. @default any of the space */
  pool?: Uint8Array | undefined;
}

export interface NamedMethod {
  method: SearchMethod;
  name: string;
  preset: string;
  init: number;
  /** Architectures that the method likes to propose at once. */
  batch: number;
}

/** A search method by name.  Throws `UNKNOWN_NAME`. */
export function createMethod(name: string, space: SearchSpace, options: MethodOptions): NamedMethod {
  const known = checkName('method', name, methodNames);
  const preset = presetFor(checkName('preset', options.preset ?? 'default', presetNames), space.id, options.metric);
  const init = options.init ?? preset.init;
  const { seed, pool, threads } = options;
  const named = { name: known, preset: preset.name, init, batch: preset.batch };
  switch (known) {
    case 'random':
      return { ...named, method: new RandomSearch(space, seed, pool) };
    case 'local-search':
      return { ...named, batch: 1, method: new LocalSearch(space, seed, init, pool) };
    case 'optiproxy':
      return { ...named, method: new OptiProxySearch(space, seed, preset, init, threads, pool) };
  }
}
