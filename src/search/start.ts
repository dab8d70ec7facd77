import type { Candidates } from '../baselines/candidates.js';
import type { Permitted } from '../baselines/permitted.js';
import type { Aim } from '../metric/aim.js';
import type { Ensemble } from '../proxy/ensemble.js';
import type { SearchSpace } from '../space/types.js';
import { EnsembleAlone } from './alone.js';
import type { Head } from './head.js';
import { Joint } from './joint.js';
import { Mixture, type MixturePlan } from './mixture.js';
import type { Preset } from './preset.js';
import type { Surrogate } from './surrogate.js';

/**
 * Random architectures that stand for a space: among them the first samples are chosen.  Of fewer than twice as many a half
 * does, so that seeds differ.
 */
const REFERENCE = 500;

/** What a search is made of before it has looked at its space. */
export interface Parts {
  readonly space: SearchSpace;
  readonly seed: number;
  readonly preset: Preset;
  /** First samples. */
  readonly init: number;
  readonly candidates: Candidates;
  readonly permitted: Permitted;
  readonly ensemble: Ensemble;
  readonly head: Head | undefined;
  /** What is searched for, where that is more than one number. */
  readonly aim: Aim | undefined;
}

/** What a search finds when it looks at what can be queried. */
export interface Start {
  readonly surrogate: Surrogate;
  /** First samples (n, G), those that stand for most of the space first; empty where they are to be random. */
  readonly design: Uint8Array;
  /** Architectures there are to propose. */
  readonly size: number;
  /** Whether all architectures are scored, being few; else how some are climbed to, which those of a pool cannot be. */
  readonly whole: boolean;
  readonly climb: Preset['climb'] | null;
}

/** Looks at what can be queried, before the first call is answered: what was proposed already must not be known yet. */
export async function look(parts: Parts): Promise<Start> {
  const { candidates, preset, permitted, ensemble, seed, head, init } = parts;
  const { pool } = candidates;
  const { designed, mixture } = preset;
  await candidates.addReference(Math.min(REFERENCE, Math.ceil(pool.count / 2)));
  const size = pool.count;
  const whole = size <= preset.wholeSpace || (permitted.only !== undefined && preset.scansPools);
  const surrogate =
    mixture === undefined || pool.size === 0
      ? new EnsembleAlone(ensemble, seed, preset, head)
      : await believer(parts, { ...preset, mixture }, pool.candidates());
  return {
    surrogate,
    design: designed ? pool.representatives(init) : new Uint8Array(),
    size,
    whole,
    climb: whole || permitted.only !== undefined ? null : preset.climb,
  };
}

/** `reference` (m, G), m >= 1: architectures that stand for the space. */
async function believer(
  { space, ensemble, seed, aim, candidates }: Parts,
  plan: Preset & { mixture: MixturePlan },
  reference: Uint8Array,
): Promise<Surrogate> {
  if (aim === undefined) return new Mixture(space, ensemble, seed, plan, reference);
  const known = (genes: Uint8Array): Promise<Float64Array[]> => candidates.known(genes);
  return new Joint(space, ensemble, seed, plan, reference, aim, { known, reference: await known(reference) });
}
