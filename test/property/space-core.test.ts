import fc from 'fast-check';
import { native } from '../../src/native.js';
import { spaceByName, spaceNames } from '../../src/space/index.js';
import type { SearchSpace } from '../../src/space/types.js';
import { exampleSpaces } from '../support/example-spaces.js';
import { SpaceReference } from '../support/space-reference.js';
import { uniform } from '../support/uniform.js';

const all: [string, SearchSpace][] = [...spaceNames.map((name) => spaceByName(name)), ...exampleSpaces()].map(
  (space) => [`${space.id} by ${space.isomorphism}`, space],
);
all.push(
  ...(['skips', 'zeros', 'graph'] as const).map((isomorphism): [string, SearchSpace] => [
    `nasbench201 by ${isomorphism}`,
    spaceByName('nasbench201', 'space', { isomorphism }),
  ]),
);

describe.each(all)('the native core and plain loops agree on %s:', (_name, space) => {
  const reference = new SpaceReference(space.program);
  const core = new (native().Space)(space.program);
  const architecture = fc.integer().map((seed) => reference.random(uniform(seed)));
  /** Drawn by the core, thus valid; few of a space's encodings may be. */
  const drawn = fc.integer({ min: 0, max: 2 ** 31 }).map((seed) => core.draw(2, seed, 0).genes);
  const runs = { numRuns: 60 };

  test('what is valid', () => {
    fc.assert(
      fc.property(architecture, (genes) => {
        expect(core.check(genes)[0] === 0).toBe(reference.faults(genes).length === 0);
      }),
      runs,
    );
    fc.assert(
      fc.property(drawn, (genes) => {
        expect(genes).toHaveLength(2 * space.program.genes.length);
        expect(reference.faults(genes.slice(0, genes.length / 2))).toEqual([]);
      }),
      runs,
    );
  });

  test('what has no effect', () => {
    fc.assert(
      fc.property(architecture, (genes) => {
        expect(core.normalise(genes)).toEqual(reference.normalise(genes));
      }),
      runs,
    );
  });

  test('what is equal', () => {
    const seen = new Map<string, string>();
    const back = new Map<string, string>();
    fc.assert(
      fc.property(drawn, (genes) => {
        const { length } = space.program.genes;
        const relatives = core.mutate(genes, 1, 0);
        for (const some of [genes, relatives])
          for (let at = 0; at < some.length; at += length) {
            const one = some.slice(at, at + length);
            const key = Buffer.from(space.keys(one)).toString('hex');
            const plain = reference.key(one);
            expect(seen.get(key) ?? plain).toBe(plain);
            expect(back.get(plain) ?? key).toBe(key);
            seen.set(key, plain);
            back.set(plain, key);
          }
      }),
      runs,
    );
  });

  test('how many there are', () => {
    expect(core.count).toBeCloseTo(space.size, -Math.ceil(Math.log10(space.size)) + 8);
    if (space.size > 20_000) return;
    const encodings = [...reference.encodings()].map((genes) => genes.join());
    expect(encodings).toHaveLength(space.size);
    const { length } = space.program.genes;
    const numbered = core.enumerate(0, space.size);
    const native = Array.from({ length: space.size }, (_, i) => numbered.slice(i * length, (i + 1) * length).join());
    expect(native.sort()).toEqual(encodings.sort());
  });
});
