import { OptiProxyError } from '../errors.js';
import { createMethod, type NamedMethod } from '../search/methods.js';
import { costOf } from './fidelity.js';
import type { CheckedOptions } from './options.js';
import type { Fidelity, StudyOptions } from './types.js';

/** The method of a study, as its options say.  Throws `UNKNOWN_NAME`, `INVALID_ARGUMENT` or `ADDON_MISSING`. */
export function methodOf(
  { space, preset, proxy, device, init, scan, reference }: StudyOptions,
  { method, objectives, purpose, seed, threads, pool, known }: CheckedOptions,
  fidelity: Fidelity | undefined,
): NamedMethod {
  const { admits, describe, excess, objectives: outlook } = known;
  const named = createMethod(method, space, {
    metric: objectives[0]!.metric,
    seed,
    preset,
    proxy,
    threads,
    device: device ?? 'auto',
    init,
    scan,
    permitted: { only: pool, admits, describe, excess, objectives: outlook },
    constrained: known.constraints.map((one) => one.metric),
    aim: purpose.aim,
    screeningCost: fidelity && costOf(fidelity),
  });
  if (reference !== undefined && !named.joint) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: 'options.reference',
      expected: 'the method optiproxy by its default, with two or three objectives',
      given: `${named.name}, preset ${named.preset}, ${objectives.length} objectives`,
      hint: 'what searches by mixtures of objectives has no use for it',
    });
  }
  return named;
}
