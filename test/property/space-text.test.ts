import fc from 'fast-check';
import { OptiProxyError } from '../../src/errors.js';
import { exampleOf, spaceByName, spaceNames, spaces } from '../../src/space/index.js';
import type { SearchSpace } from '../../src/space/types.js';
import { exampleSpaces } from '../support/example-spaces.js';
import { SpaceReference } from '../support/space-reference.js';
import { allGenes } from '../support/spaces.js';
import { uniform } from '../support/uniform.js';

/** A parse either gives genes whose text reads back as the same genes, or throws an error of ours. */
function parsesOrRefuses(space: SearchSpace, text: unknown): void {
  try {
    const genes = space.parse(text as string);
    const written = space.format(genes);
    expect(space.format(space.parse(written))).toBe(written);
  } catch (error) {
    expect(error).toBeInstanceOf(OptiProxyError);
    expect(error).toMatchObject({ code: 'INVALID_ARCHITECTURE' });
    expect((error as Error).message).not.toContain('\n');
  }
}

test('printing and parsing are inverse on all 15,625 cells, and no two print alike', () => {
  const space = spaces.nasbench201();
  const printed = allGenes(space).map((genes) => {
    const text = space.format(genes);
    if (Buffer.compare(space.parse(text), genes) !== 0) throw new Error(`${text} parses to other genes`);
    return text;
  });
  expect(new Set(printed).size).toBe(15_625);
});

const all = [...spaceNames.map((name) => spaceByName(name)), ...exampleSpaces()];
/** Forms that leave out what has no effect. */
const isShort = (space: SearchSpace): boolean => exampleOf(space).includes('"op"');

describe.each(all.map((space): [string, SearchSpace] => [space.id, space]))('%s:', (_id, space) => {
  const reference = new SpaceReference(space.program);
  const architecture = fc.integer().map((seed) => reference.random(uniform(seed)));
  const runs = { numRuns: 200 };

  test('a printed architecture reads back as it was', () => {
    fc.assert(
      fc.property(architecture, (genes) => {
        const text = space.format(genes);
        const back = space.parse(text);
        expect(space.format(back)).toBe(text);
        if (!isShort(space)) expect(back).toEqual(genes);
        // A cell without its input is no recipe that another cell equals.
        else if (reference.faults(genes).length === 0) expect(reference.key(back)).toBe(reference.key(genes));
      }),
      runs,
    );
  });

  test('random texts never crash the parser', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => parsesOrRefuses(space, text)),
      runs,
    );
    fc.assert(
      fc.property(fc.anything(), (value) => parsesOrRefuses(space, value)),
      runs,
    );
  });

  test('a valid text with a few characters changed, added or removed', () => {
    const text = exampleOf(space);
    const pieces = text.split(/(\W)/).filter((piece) => piece !== '');
    const edit = fc.tuple(fc.nat(text.length), fc.nat(3), fc.constantFrom('', '0', 'x', ' ', ...pieces));
    fc.assert(
      fc.property(edit, ([at, drop, add]) => parsesOrRefuses(space, text.slice(0, at) + add + text.slice(at + drop))),
      { numRuns: 1000 },
    );
  });

  test('the pieces of a valid text in another order', () => {
    const pieces = fc.constantFrom(...exampleOf(space).split(/(\W)/));
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 20 }), (list) => parsesOrRefuses(space, list.join(''))),
      runs,
    );
  });
});
