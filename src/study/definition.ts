import { createHash } from 'node:crypto';
import type { NamedMethod } from '../search/methods.js';
import type { Definition } from '../store/store.js';
import type { CheckedOptions } from './options.js';
import type { StudyOptions } from './types.js';

const digest = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex').slice(0, 16);

/** What makes a study this one: two that have it in common ask for the same, given the same answers at the same times. */
export function definitionOf(options: StudyOptions, checked: CheckedOptions, named: NamedMethod): Definition {
  const { space, fidelity, scan, reference } = options;
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
    fidelity: fidelity ?? null,
    scan: scan ?? null,
    reference: reference ?? null,
    constraints: known.constraints,
    metrics: Object.keys(options.metrics ?? {}).sort(),
    pool: pool === undefined ? null : digest(pool),
  };
}
