import { createHash } from 'node:crypto';
import { splitGenes } from '../baselines/candidates.js';
import { geneCount } from '../space/genes.js';
import type { NamedMethod } from '../search/methods.js';
import type { Definition } from '../store/store.js';
import type { CheckedOptions } from './options.js';
import type { CheckedFidelity } from './fidelity.js';
import type { StudyOptions } from './types.js';

const digest = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex').slice(0, 16);

/** What makes a study this one: two that have it in common ask for the same, given the same answers at the same times. */
export function definitionOf(
  options: StudyOptions,
  checked: CheckedOptions,
  named: NamedMethod,
  fidelity: CheckedFidelity | undefined,
): Definition {
  const { space, scan, reference } = options;
  const { objectives, seed, pool, known } = checked;
  return {
    space: space.id,
    encoding: digest(JSON.stringify([space.program, space.isomorphism])),
    objectives,
    seed,
    method: named.name,
    preset: named.preset,
    proxy: named.proxy,
    init: named.init,
    fidelity:
      fidelity === undefined
        ? null
        : { epochs: fidelity.epochs, fullEpochs: fidelity.fullEpochs, metric: fidelity.metric },
    scan: scan ?? null,
    reference: reference ?? null,
    constraints: known.constraints,
    metrics: Object.keys(options.metrics ?? {}).sort(),
    pool: pool === undefined ? null : digest(splitGenes(pool, geneCount(space.program)).map(String).sort().join()),
  };
}
