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

/** See `Study.proxyModel`.  `expects`: whether what the method predicts is the objective. */
export async function proxyModelOf(named: NamedMethod, expects: boolean, origin: Origin): Promise<ProxyModel> {
  const { space, objective, unit, seed, threads, queries } = origin;
  const learnt = named.proxy === 'gcn' && expects ? named.learnt?.() : undefined;
  if (learnt === undefined) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: 'proxy to export',
      expected: 'graph networks that were fitted to the objective',
      given: expects
        ? `${named.name}, preset ${named.preset}, proxy ${named.proxy}, after ${queries} queries`
        : 'a search for more than one number',
      hint: 'the presets networks and paper fit them after the first samples, the default after 256 answers',
    });
  }
  const { metric, goal } = objective;
  const metadata = {
    unit: unit ?? '',
    origin: JSON.stringify({ method: named.name, preset: named.preset, goal, queries, seed, version }),
  };
  return exportProxy(space, learnt, { metric, goal, metadata, seed, threads });
}
