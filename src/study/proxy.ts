import { OptiProxyError } from '../errors.js';
import { exportProxy, type ProxyModel } from '../latency/proxy.js';
import { version } from '../metadata.js';
import type { NamedMethod } from '../search/methods.js';
import type { SearchSpace } from '../space/types.js';
import type { Objective } from './types.js';

/** What of a study says where its proxy comes from. */
interface Origin {
  readonly space: SearchSpace;
  readonly objective: Objective;
  readonly unit: string | undefined;
  readonly seed: number;
  readonly threads: number;
  readonly queries: number;
}

/** Queries that a search needs for it to have graph networks that predict the objective; undefined where it never has. */
export function exportsAfter({ proxy, learnt, learnsAfter }: NamedMethod, expects: boolean): number | undefined {
  return proxy === 'gcn' && expects && learnt !== undefined ? learnsAfter : undefined;
}

/** See `Study.proxyModel`.  `expects`: whether what the method predicts is the objective. */
export async function proxyModelOf(named: NamedMethod, expects: boolean, origin: Origin): Promise<ProxyModel> {
  const { space, objective, unit, seed, threads, queries } = origin;
  const from = exportsAfter(named, expects);
  const learnt = from === undefined ? undefined : named.learnt!();
  if (learnt === undefined) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: 'proxy to export',
      expected: from === undefined ? 'graph networks that predict a single objective' : `at least ${from} queries`,
      given: `${queries} queries by ${named.name}, preset ${named.preset}, proxy ${named.proxy}`,
      hint: 'the presets networks and paper have them after the first samples, the default past 256 answers; none has with several objectives, limits that only a query tells, or a fidelity',
    });
  }
  const { metric, goal } = objective;
  const metadata = {
    unit: unit ?? '',
    origin: JSON.stringify({ method: named.name, preset: named.preset, goal, queries, seed, version }),
  };
  return exportProxy(space, learnt, { metric, goal, metadata, seed, threads });
}
