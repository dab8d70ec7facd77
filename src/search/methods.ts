import type { Permitted } from '../baselines/permitted.js';
import { evolutionSearch, POPULATION } from '../baselines/evolution.js';
import { localSearch } from '../baselines/local.js';
import type { SearchMethod } from '../baselines/method.js';
import { randomSearch } from '../baselines/random.js';
import { tpeSearch } from '../baselines/tpe.js';
import { checkName, OptiProxyError } from '../errors.js';
import type { Aim } from '../metric/aim.js';
import { proxyNames } from '../native.js';
import { chooseDevice, deviceNames, type Compute } from '../proxy/device.js';
import { Ensemble, type Learnt } from '../proxy/ensemble.js';
import type { SearchSpace } from '../space/types.js';
import { BananasSearch, bananasSettings } from './bananas.js';
import { OptiProxySearch } from './optiproxy.js';
import { presetFor, presetNames } from './presets.js';
import { firstScreened } from './screening.js';

export { deviceNames, presetNames, proxyNames };
export const methodNames = ['optiproxy', 'paper', 'bananas', 'evolution', 'local-search', 'tpe', 'random'] as const;

export interface MethodOptions {
  /** Metric that is searched for: the `paper` preset has settings for some. */
  metric: string;
  seed: number;
  /**
   * Settings of the `optiproxy` method; the method `paper` is that with its own. @default 'default', or 'networks' where a
   * proxy is named
   */
  preset?: string | undefined;
  /** Network that methods with one learn with. @default 'gcn' */
  proxy?: string | undefined;
  threads: number;
  /** Where the networks are computed. @default 'cpu' */
  device?: string | undefined;
  /** Random architectures first. @default the preset's, or the method's own */
  init?: number | undefined;
  /** Random architectures that a round scores beside its own candidates. @default none */
  scan?: number | undefined;
  /** Which architectures can be queried. @default any of the space */
  permitted?: Permitted | undefined;
  /** Metrics with a constraint. @default none */
  constrained?: readonly string[] | undefined;
  /** What is searched for, where that is more than one number. */
  aim?: Aim | undefined;
  /** Cost of a measurement at a low fidelity, a full one being 1; left out where there is none. */
  screeningCost?: number | undefined;
}

export interface NamedMethod {
  method: SearchMethod;
  name: string;
  preset: string;
  /** `none` where the method has no proxy. */
  proxy: string;
  init: number;
  /** Architectures that the method likes to propose at once. */
  batch: number;
  /** Whether it sees all that answers tell; else it must be shown one number for it. */
  joint: boolean;
  /** The networks with what they learnt last of the objective; undefined before they learnt anything, absent where they never do. */
  learnt?: () => Learnt | undefined;
  /** Queries after which they have learnt, in a search that is not stopped. */
  learnsAfter: number;
}

/** Objectives that there is an expected improvement of the front for. */
const MOST_JOINT = 3;

/** A search method by name.  Throws `UNKNOWN_NAME`, and `INVALID_ARGUMENT` for a cost where a method cannot screen. */
export function createMethod(name: string, space: SearchSpace, options: MethodOptions): NamedMethod {
  const known = checkName('method', name, methodNames);
  // Who names a network wants to see it search.
  const usual = options.proxy === undefined ? 'default' : 'networks';
  const given = checkName('preset', options.preset ?? usual, presetNames);
  const preset = presetFor(known === 'paper' ? 'paper' : given, space.id, options.metric, options.constrained);
  const kind = checkName('proxy', options.proxy ?? preset.model.kind, proxyNames);
  const { seed, permitted, threads, screeningCost: cost } = options;
  const wanted = checkName('device', options.device ?? 'cpu', deviceNames);
  // Only for those with networks: the others must not need a GPU, nor open it.
  const compute = (): Compute => ({ threads, device: chooseDevice(wanted, kind, space.program.nodes) });
  if (cost !== undefined && (known !== 'optiproxy' || preset.mixture === undefined)) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: 'fidelity',
      expected: 'the method optiproxy with a preset that has a Gaussian process, like default',
      given: known === 'optiproxy' ? `the preset ${preset.name}` : `the method ${known}`,
      ...(options.proxy === undefined ? {} : { hint: 'a proxy without a preset beside it means the preset networks' }),
    });
  }
  const { aim } = options;
  const joint = known === 'optiproxy' && preset.mixture !== undefined && aim !== undefined && aim.objectives.length <= MOST_JOINT; // prettier-ignore
  if (options.scan !== undefined && ((known !== 'optiproxy' && known !== 'paper') || joint)) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: 'scan',
      expected: 'the method optiproxy or paper, with one objective and no constraint that only a query tells',
      given: joint ? 'several numbers that count' : `the method ${known}`,
    });
  }
  const usualInit = known === 'evolution' ? POPULATION : preset.init;
  const init = options.init ?? (cost === undefined ? usualInit : firstScreened(usualInit, cost));
  const named = {
    name: known,
    preset: preset.name,
    proxy: 'none',
    init,
    batch: preset.batch,
    joint,
    learnsAfter: Infinity,
  };
  switch (known) {
    case 'random':
      return { ...named, method: randomSearch(space, seed, permitted) };
    case 'local-search':
      return { ...named, batch: 1, method: localSearch(space, seed, init, permitted) };
    case 'evolution':
      return { ...named, batch: 1, method: evolutionSearch(space, seed, init, permitted) };
    case 'tpe':
      return { ...named, batch: 1, method: tpeSearch(space, seed, init, permitted) };
    case 'bananas': {
      const { model, learning, batch } = bananasSettings;
      const ensemble = new Ensemble(space, { ...model, kind, outputs: 1, ...compute() });
      return {
        ...named,
        proxy: kind,
        batch,
        method: new BananasSearch(space, seed, init, ensemble, learning, permitted),
      };
    }
    case 'paper':
    case 'optiproxy': {
      // An ensemble goes on from what it learnt before, which was of another mixture.
      const alone = aim !== undefined && preset.mixture !== undefined;
      const mixture = alone ? { mixture: { ...preset.mixture, joinsAfter: Infinity } } : {};
      const settings = { ...preset, ...mixture, model: { ...preset.model, kind }, scanned: options.scan };
      const method = new OptiProxySearch(
        space,
        seed,
        settings,
        init,
        compute(),
        permitted,
        cost,
        joint ? aim : undefined,
      );
      const learnsAfter = settings.mixture === undefined ? init + 1 : settings.mixture.joinsAfter + 2;
      if (learnsAfter === Infinity || cost !== undefined) return { ...named, proxy: kind, method };
      return { ...named, proxy: kind, method, learnt: () => method.learnt, learnsAfter };
    }
  }
}
