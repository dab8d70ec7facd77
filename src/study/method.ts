import { createMethod, type NamedMethod } from '../search/methods.js';
import { costOf } from './fidelity.js';
import type { CheckedOptions } from './options.js';
import type { Fidelity, StudyOptions } from './types.js';

/** The method of a study, as its options say.  Throws `UNKNOWN_NAME`, `INVALID_ARGUMENT` or `ADDON_MISSING`. */
export function methodOf(
  { space, preset, proxy, init }: StudyOptions,
  { method, objectives, purpose, seed, threads, pool, known }: CheckedOptions,
  fidelity: Fidelity | undefined,
): NamedMethod {
  const { admits, describe, objectives: outlook } = known;
  return createMethod(method, space, {
    metric: objectives[0]!.metric,
    seed,
    preset,
    proxy,
    threads,
    init,
    permitted: { only: pool, admits, describe, objectives: outlook },
    constrained: known.constraints.map((one) => one.metric),
    aim: purpose.aim,
    screeningCost: fidelity && costOf(fidelity),
  });
}
