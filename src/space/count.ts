import { native } from '../native.js';
import { isomorphismsOf, type Isomorphism, type SearchSpace } from './types.js';

/** Encodings of the largest space that is counted, which takes about a second. */
const MOST = 200_000;
/** Encodings that are looked at together. */
const BATCH = 10_000;

export interface SpaceCount {
  /** Encodings that keep the constraints. */
  readonly valid: number;
  /** Of those, the architectures that are not the same by a rule: one number for each rule that the space allows. */
  readonly distinct: Readonly<Partial<Record<Isomorphism, number>>>;
}

/** Goes through all encodings of a small space; undefined for one that is too large. */
export function countSpace({ program, size }: SearchSpace): SpaceCount | undefined {
  if (size > MOST) return undefined;
  const Space = native().Space;
  const distinct = isomorphismsOf(program).map((rule) => ({
    rule,
    space: new Space({ ...program, isomorphism: rule }),
    keys: new Set<string>(),
  }));
  const { space } = distinct[0]!;
  let valid = 0;
  for (let first = 0; first < size; first += BATCH) {
    const all = space.enumerate(first, Math.min(BATCH, size - first));
    const codes = space.check(all);
    const width = program.genes.length;
    const kept = all.filter((_, i) => codes[Math.floor(i / width)] === 0);
    valid += kept.length / width;
    for (const { space, keys } of distinct) {
      const bytes = Buffer.from(space.keys(kept));
      for (let at = 0; at < bytes.length; at += 16) keys.add(bytes.toString('latin1', at, at + 16));
    }
  }
  return { valid, distinct: Object.fromEntries(distinct.map(({ rule, keys }) => [rule, keys.size])) };
}
