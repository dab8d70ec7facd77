import fc from 'fast-check';
import { OptiProxyError } from '../../src/errors.js';
import { spaces } from '../../src/space/index.js';
import { allGenes } from '../support/spaces.js';

const space = spaces.nasbench201();
const valid = space.format(Uint8Array.of(0, 1, 2, 3, 4, 0));

test('printing and parsing are inverse on all 15,625 cells, and no two print alike', () => {
  const printed = allGenes(space).map((genes) => {
    const text = space.format(genes);
    if (Buffer.compare(space.parse(text), genes) !== 0) throw new Error(`${text} parses to other genes`);
    return text;
  });
  expect(new Set(printed).size).toBe(15_625);
});

/** A parse either gives genes that print the very same text, or throws an error of ours. */
function parsesOrRefuses(text: unknown): void {
  try {
    const genes = space.parse(text as string);
    expect(space.format(genes)).toBe(text);
  } catch (error) {
    expect(error).toBeInstanceOf(OptiProxyError);
    expect(error).toMatchObject({ code: 'INVALID_ARCHITECTURE' });
    expect((error as Error).message).not.toContain('\n');
  }
}

test('random texts never crash the parser', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), parsesOrRefuses), { numRuns: 2000 });
});

test('texts of the grammar’s own pieces never crash the parser', () => {
  const piece = fc.constantFrom('|', '+', '~', '0', '1', '2', '-1', 'none', 'nor_conv_3x3', '|none~0|', ' ', '\n', '');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => parsesOrRefuses(pieces.join(''))),
    { numRuns: 5000 },
  );
});

test('a valid text with one character changed, added or removed', () => {
  const edit = fc.tuple(fc.nat(valid.length), fc.nat(2), fc.constantFrom('', '|', '~', '+', '0', '3', 'x', ' '));
  fc.assert(
    fc.property(edit, ([at, drop, add]) => parsesOrRefuses(valid.slice(0, at) + add + valid.slice(at + drop))),
    { numRuns: 5000 },
  );
});

test('values of any other type never crash the parser', () => {
  fc.assert(fc.property(fc.anything(), parsesOrRefuses));
});
