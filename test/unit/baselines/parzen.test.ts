import { ParzenMixture } from '../../../src/baselines/parzen.js';
import { splitGenes } from '../../../src/baselines/candidates.js';
import { native } from '../../../src/native.js';
import { Draws } from '../../../src/random.js';
import { isActive } from '../../../src/space/genes.js';
import { defineSpace } from '../../../src/space/index.js';
import type { SearchSpace, SpaceProgram } from '../../../src/space/types.js';
import { allGenes, tinySpace } from '../../support/spaces.js';

/** Two kinds, each with variables of its own, and one for both: 5 * (3 + 2 * 2) = 35 encodings. */
const conditional = defineSpace({
  schema: 1,
  id: 'conditional',
  description: 'what is there depends',
  choices: {
    kind: ['conv', 'pool'],
    width: { values: ['a', 'b', 'c'], when: { kind: 'conv' } },
    size: { values: ['a', 'b'], when: { kind: 'pool' } },
    stride: { values: ['a', 'b'], when: { kind: 'pool' } },
    head: ['a', 'b', 'c', 'd', 'e'],
  },
});
const encodings = (space: SearchSpace): Uint8Array[] =>
  splitGenes(new (native().Space)(space.program).enumerate(0, space.size), space.program.genes.length);

/** The density as its definition has it: products of probabilities, summed over kernels, nothing precomputed. */
function density(program: SpaceProgram, observed: readonly Uint8Array[], genes: Uint8Array): number {
  const n = observed.length;
  const a = 1 / (n + 1);
  const kernel = (centre: Uint8Array | undefined): number =>
    program.genes.reduce((product, { choices: C }, g) => {
      if (!isActive(program, g, genes)) return product;
      if (centre === undefined || !isActive(program, g, centre)) return product / C;
      return product * ((Number(centre[g] === genes[g]) + a) / (1 + C * a));
    }, 1);
  return [...observed, undefined].reduce((sum, centre) => sum + kernel(centre) / (n + 1), 0);
}

const cases: [string, SearchSpace, number[]][] = [
  ['no observation', conditional, []],
  ['one', conditional, [3]],
  ['several, some the same', conditional, [0, 1, 1, 20, 34, 8, 8, 8]],
  ['flat genes', tinySpace(), [1, 2, 7]],
];

describe.each(cases)('%s', (_name, space, places) => {
  const all = encodings(space);
  const observed = places.map((place) => all[place]!);
  const mixture = new ParzenMixture(space.program, Buffer.concat(observed));

  test('densities are those of the definition, and sum to 1 over the space', () => {
    let sum = 0;
    for (const genes of all) {
      const given = Math.exp(mixture.logDensity(genes));
      expect(given / density(space.program, observed, genes)).toBeCloseTo(1, 10);
      sum += given;
    }
    expect(all).toHaveLength(space.size);
    expect(sum).toBeCloseTo(1, 10);
  });

  test('samples follow the density', () => {
    const draws = new Draws(5);
    const total = 20_000;
    const counts = new Map<string, number>();
    for (let i = 0; i < total; ++i) {
      const text = mixture.sample(draws).join();
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    for (const genes of all) {
      const expected = total * density(space.program, observed, genes);
      expect(Math.abs((counts.get(genes.join()) ?? 0) - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
    expect([...counts.keys()].every((text) => all.some((genes) => genes.join() === text))).toBe(true);
  });
});

test('densities of many genes, far from every observation, are finite', () => {
  const choices = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`c${i}`, [...'abcdefgh']]));
  const { program } = defineSpace({ schema: 1, id: 'long', description: 'many genes', choices });
  const observed = new Uint8Array(250 * 1000);
  const mixture = new ParzenMixture(program, observed);
  const far = mixture.logDensity(new Uint8Array(250).fill(1));
  expect(far).toBeCloseTo(-250 * Math.log(8) - Math.log(1001), 6); // the prior alone
  expect(mixture.logDensity(new Uint8Array(250))).toBeGreaterThan(-10);
});

test('the encodings of a flat space are those that tests count', () => {
  expect(encodings(tinySpace()).map(String)).toEqual(allGenes(tinySpace()).map(String));
});
