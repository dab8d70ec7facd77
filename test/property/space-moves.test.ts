import { native } from '../../src/native.js';
import { spaceByName, spaceNames } from '../../src/space/index.js';
import type { SearchSpace } from '../../src/space/types.js';
import { exampleSpaces } from '../support/example-spaces.js';
import { SpaceReference } from '../support/space-reference.js';

const all: [string, SearchSpace][] = [...spaceNames.map((name) => spaceByName(name)), ...exampleSpaces()].map(
  (space) => [space.id, space],
);
const text = (genes: Uint8Array): string => genes.join();
const split = (genes: Uint8Array, width: number): Uint8Array[] =>
  Array.from({ length: genes.length / width }, (_, i) => genes.slice(i * width, (i + 1) * width));

/** Pearson's statistic against expected shares, and whether it is below mean + 5 deviations. */
function fits(counts: ReadonlyMap<string, number>, expected: ReadonlyMap<string, number>): boolean {
  const total = [...counts.values()].reduce((a, b) => a + b, 0);
  let statistic = 0;
  for (const [name, share] of expected) statistic += ((counts.get(name) ?? 0) - share * total) ** 2 / (share * total);
  for (const name of counts.keys()) if (!expected.has(name)) return false;
  const freedom = expected.size - 1;
  return statistic < freedom + 5 * Math.sqrt(2 * freedom);
}

describe.each(all)('%s:', (_id, space) => {
  const { program } = space;
  const width = program.genes.length;
  const core = new (native().Space)(program);
  const reference = new SpaceReference(program);

  test('drawn architectures are valid, and the same for the same seed alone', () => {
    const { genes, tried } = core.draw(300, 7, 1);
    expect(genes).toHaveLength(300 * width);
    expect(tried).toBeGreaterThanOrEqual(300);
    for (const one of split(genes, width)) expect(reference.faults(one)).toEqual([]);
    expect(core.draw(300, 7, 1).genes).toEqual(genes);
    expect(core.draw(300, 7, 2).genes).not.toEqual(genes);
    expect(core.draw(300, 8, 1).genes).not.toEqual(genes);
  });

  test('mutants are valid and differ by one choice, and what it wakes', () => {
    split(core.draw(100, 3, 0).genes, width).forEach((one, i) => {
      const mutant = core.mutate(one, 5, i);
      // An architecture may be the only one of its space within one step.
      expect(mutant).toHaveLength(core.neighbours(one).length === 0 ? 0 : width);
      if (mutant.length === 0) return;
      expect(reference.faults(mutant)).toEqual([]);
      const changed = [...one.keys()].filter((g) => one[g] !== mutant[g]);
      // Everything that changed but one was asleep before or is now.
      const moved = changed.filter((g) => reference.isActive(one, g) && reference.isActive(mutant, g));
      expect(moved).toHaveLength(1);
    });
  });

  test('neighbours are all valid architectures that differ by one choice', () => {
    for (const one of split(core.draw(5, 11, 0).genes, width)) {
      const found = split(core.neighbours(one), width).map(text);
      expect(new Set(found).size).toBe(found.length);
      const wanted = new Set<string>();
      program.genes.forEach(({ choices }, g) => {
        if (!reference.isActive(one, g)) return;
        for (let value = 0; value < choices; ++value) {
          if (value === one[g]) continue;
          const other = one.slice();
          other[g] = value;
          wake(other, g);
          if (reference.faults(other).length === 0) wanted.add(text(other));
        }
      });
      expect(new Set(found)).toEqual(wanted);
    }
  });

  /** Genes behind `g` that no longer have a say become absent, those that now have one take the first value there is. */
  function wake(genes: Uint8Array, g: number): void {
    for (let child = g + 1; child < width; ++child) {
      const { parent, choices, distinct } = program.genes[child]!;
      if (parent < 0) continue;
      const active = reference.isActive(genes, child);
      if (active && genes[child] !== choices) continue;
      const taken = new Set<number>();
      for (let d = distinct; active && d >= 0; d = program.genes[d]!.distinct) taken.add(genes[d]!);
      genes[child] = active ? 0 : choices;
      while (taken.has(genes[child]!)) genes[child]! += 1;
    }
  }

  test('draws are uniform over valid encodings', () => {
    if (space.size <= 6_000) {
      const valid = [...reference.encodings()].filter((genes) => reference.faults(genes).length === 0).map(text);
      const counts = new Map<string, number>();
      for (const one of split(core.draw(valid.length * 20, 1, 0).genes, width))
        counts.set(text(one), (counts.get(text(one)) ?? 0) + 1);
      expect(fits(counts, new Map(valid.map((name) => [name, 1 / valid.length])))).toBe(true);
      return;
    }
    // Too many to count one by one: before constraints, the value of every variable has the share of the architectures
    // that have it.  Where constraints leave too few of the draws out to matter, that can be seen; else by the text of
    // valid ones drawn by the reference in the same way.
    const sample = split(core.draw(40_000, 1, 0).genes, width);
    const plain = validByRejection(40_000);
    for (let g = 0; g < width; ++g) {
      const [ours, theirs] = [sample, plain].map((some) => shares(some, g));
      let statistic = 0;
      let freedom = -1;
      for (const value of new Set([...ours!.keys(), ...theirs!.keys()])) {
        const [a, b] = [ours!.get(value) ?? 0, theirs!.get(value) ?? 0];
        statistic +=
          (a * Math.sqrt(plain.length / sample.length) - b * Math.sqrt(sample.length / plain.length)) ** 2 / (a + b);
        freedom += 1;
      }
      expect(statistic).toBeLessThan(freedom + 5 * Math.sqrt(2 * freedom) + 12);
    }
  });

  function shares(some: readonly Uint8Array[], g: number): Map<number, number> {
    const counts = new Map<number, number>();
    for (const one of some) counts.set(one[g]!, (counts.get(one[g]!) ?? 0) + 1);
    return counts;
  }

  /** Valid encodings from numbers of encodings, drawn evenly, where the number of encodings allows; else by weights. */
  function validByRejection(count: number): Uint8Array[] {
    const found: Uint8Array[] = [];
    let state = 88172645463325252n;
    const random = (): number => {
      state ^= (state << 13n) & 0xffffffffffffffffn;
      state ^= state >> 7n;
      state ^= (state << 17n) & 0xffffffffffffffffn;
      return Number(state >> 11n) / 2 ** 53;
    };
    for (let round = 0; found.length < count && round < 20 * count; ++round) {
      const genes = reference.uniform(random);
      if (core.check(genes)[0] === 0) found.push(genes);
    }
    return found;
  }
});
