import { RandomSearch } from '../baselines/random.js';
import type { SearchMethod } from '../baselines/method.js';
import { checkName } from '../errors.js';
import type { SearchSpace } from '../space/types.js';
import { OptiProxySearch } from './optiproxy.js';
import { presetFor, presetNames } from './presets.js';

export { presetNames };
export const methodNames = ['optiproxy', 'random'] as const;

export interface MethodOptions {
  /** Metric that is searched for: the `paper` preset has settings for some. */
  metric: string;
  seed: number;
  preset?: string | undefined;
  threads: number;
  /** Random architectures before the first fit. @default the preset's */
  init?: number | undefined;
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
  const preset = presetFor(checkName('preset', options.preset ?? 'default', presetNames), options.metric);
  const init = options.init ?? preset.init;
  const method =
    known === 'random'
      ? new RandomSearch(space, options.seed)
      : new OptiProxySearch(space, options.seed, preset, init, options.threads);
  return { method, name: known, preset: preset.name, init, batch: preset.batch };
}
