import { evolutionSearch, POPULATION } from '../baselines/evolution.js';
import { localSearch } from '../baselines/local.js';
import type { SearchMethod } from '../baselines/method.js';
import { randomSearch } from '../baselines/random.js';
import { tpeSearch } from '../baselines/tpe.js';
import { checkName } from '../errors.js';
import { Ensemble } from '../proxy/ensemble.js';
import type { SearchSpace } from '../space/types.js';
import { BananasSearch, bananasSettings } from './bananas.js';
import { OptiProxySearch } from './optiproxy.js';
import { presetFor, presetNames } from './presets.js';

export { presetNames };
export const methodNames = ['optiproxy', 'paper', 'bananas', 'evolution', 'local-search', 'tpe', 'random'] as const;

export interface MethodOptions {
  /** Metric that is searched for: the `paper` preset has settings for some. */
  metric: string;
  seed: number;
  /** Settings of the `optiproxy` method; the method `paper` is that with its own. */
  preset?: string | undefined;
  threads: number;
  /** Random architectures first. @default the preset's, or the method's own */
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
  const given = checkName('preset', options.preset ?? 'default', presetNames);
  const preset = presetFor(known === 'paper' ? 'paper' : given, space.id, options.metric);
  const init = options.init ?? (known === 'evolution' ? POPULATION : preset.init);
  const { seed, pool, threads } = options;
  const named = { name: known, preset: preset.name, init, batch: preset.batch };
  switch (known) {
    case 'random':
      return { ...named, method: randomSearch(space, seed, pool) };
    case 'local-search':
      return { ...named, batch: 1, method: localSearch(space, seed, init, pool) };
    case 'evolution':
      return { ...named, batch: 1, method: evolutionSearch(space, seed, init, pool) };
    case 'tpe':
      return { ...named, batch: 1, method: tpeSearch(space, seed, init, pool) };
    case 'bananas': {
      const { model, learning, batch } = bananasSettings;
      const ensemble = new Ensemble(space, { ...model, outputs: 1, threads });
      return { ...named, batch, method: new BananasSearch(space, seed, init, ensemble, learning, pool) };
    }
    case 'paper':
    case 'optiproxy':
      return { ...named, method: new OptiProxySearch(space, seed, preset, init, threads, pool) };
  }
}
