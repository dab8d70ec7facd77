import { spaces } from '../../../src/space/index.js';
import type { SpaceProgram } from '../../../src/space/types.js';
import { errorOf } from '../../support/errors.js';
import { edgeCellSpace } from '../../support/spaces.js';

const space = spaces.nasbench201();
const text = '|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|nor_conv_1x1~1|nor_conv_3x3~2|';

test('variables are edges, ordered by target, then source, as the architecture string is', () => {
  expect(space.program.genes.map(({ name }) => name)).toEqual(['0-1', '0-2', '1-2', '0-3', '1-3', '2-3']);
  expect(space.size).toBe(15_625);
});

test('a string becomes one gene an edge and comes back', () => {
  const genes = space.parse(text);
  expect([...genes]).toEqual([3, 0, 1, 4, 2, 3]);
  expect(space.format(genes)).toBe(text);
});

test('the genes of swapped edges 1→2 and 0→3 differ', () => {
  const changed = text.replace('skip_connect~1', 'none~1');
  expect([...space.parse(changed)]).toEqual([3, 0, 0, 4, 2, 3]);
});

/** (N, N) adjacency of the edges, all of which are always there. */
function adjacency({ nodes, edges }: SpaceProgram): number[][] {
  const matrix = Array.from({ length: nodes }, () => new Array<number>(nodes).fill(0));
  for (const { from, to, gene } of edges) {
    expect(gene).toBe(-1);
    matrix[from]![to]! += 1;
  }
  return matrix;
}

test('the program is the line graph of the cell', () => {
  const { program } = space;
  expect(program).toMatchObject({ nodes: 8, features: 7, absent: -1, counts: [], isomorphism: 'computation' });
  // Rows and columns: input, 0→1, 0→2, 1→2, 0→3, 1→3, 2→3, output.
  expect(adjacency(program)).toEqual([
    [0, 1, 1, 0, 1, 0, 0, 0],
    [0, 0, 0, 1, 0, 1, 0, 0],
    [0, 0, 0, 0, 0, 0, 1, 0],
    [0, 0, 0, 0, 0, 0, 1, 0],
    [0, 0, 0, 0, 0, 0, 0, 1],
    [0, 0, 0, 0, 0, 0, 0, 1],
    [0, 0, 0, 0, 0, 0, 0, 1],
    [0, 0, 0, 0, 0, 0, 0, 0],
  ]);
  expect(program.featureUses.map(({ gene, node, columns }) => [gene, node, ...columns])).toEqual(
    [0, 1, 2, 3, 4, 5].map((gene) => [gene, gene + 1, 1, 2, 3, 4, 5]),
  );
  expect([...program.fixedFeatures]).toEqual([0, 0, 7, 6]);
  expect(program.sections).toMatchObject([{ first: 0, nodes: 8, inputs: [0], outputs: [7], prune: false }]);
});

test('the cell itself says which values are nothing and which order the names have', () => {
  const [cell] = space.program.edgeCells;
  expect(cell).toMatchObject({ vertices: 4, zero: 0, identity: 1 });
  expect([...cell!.edges]).toEqual([0, 1, 0, 0, 2, 1, 1, 2, 2, 0, 3, 3, 1, 3, 4, 2, 3, 5]);
  // avg_pool_3x3 < none < nor_conv_1x1 < nor_conv_3x3 < skip_connect
  expect([...cell!.ranks]).toEqual([1, 4, 2, 3, 0]);
});

test('other cells: sizes follow from nodes and operations', () => {
  const small = edgeCellSpace({ id: 's', cellNodes: 3, operations: ['a', 'b'] });
  expect(small.size).toBe(8);
  expect(small.program).toMatchObject({ nodes: 5, features: 4 });
  expect(small.format(small.parse('|b~0|+|a~0|b~1|'))).toBe('|b~0|+|a~0|b~1|');
});

describe('a malformed architecture is refused, naming the place', () => {
  const none = '|none~0|+|none~0|none~1|+|none~0|none~1|none~2|';
  test.each<[string, unknown, RegExp]>([
    ['no string', 7, /^nasbench201 architecture: expected a string, given 7/],
    ['null', null, /expected a string, given null/],
    ['empty', '', /architecture, character 1: expected "\|", given ""/],
    ['a group too few', '|none~0|+|none~0|none~1|', /character 22 behind 1-2: expected "~1\|\+\|", given "~1\|"/],
    ['a group too many', `${none}+|none~0|`, /character 48: expected the end, given "\+\|none~0\|"/],
    ['text behind', `${none} `, /character 48: expected the end, given " "/],
    ['text before', ` ${none}`, /character 1: expected "\|", given " \|none/],
    ['a lone bar', none.replace('|none~0|+', '|+'), /0-1 at character 2: expected one of none, .*given "\+\|none/],
    ['an edge too few', none.replace('|none~0|none~1|+', '|none~0|+'), /1-2 at character 18: expected one of none/],
    ['an edge too many', none.replace('|none~0|+', '|none~0|none~1|+'), /character 6 behind 0-1: expected "~0\|\+\|"/],
    [
      'an unknown operation',
      none.replace('none~2', 'conv~2'),
      /2-3 at character 41: expected one of none, skip_connect, nor_conv_1x1, nor_conv_3x3, avg_pool_3x3, given "conv"/,
    ],
    ['an operation in capitals', none.replace('none~2', 'NONE~2'), /expected one of none, .* given "NONE"/],
    ['an inherited property', none.replace('none~2', 'constructor~2'), /expected one of none, .* given "constructor"/],
    [
      'a wrong source',
      none.replace('none~1|+', 'none~0|+'),
      /character 22 behind 1-2: expected "~1\|\+\|", given "~0\|/,
    ],
    [
      'a source like 1.0',
      none.replace('none~1|+', 'none~1.0|+'),
      /character 22 behind 1-2: expected "~1\|\+\|", given "~1\.0/,
    ],
    ['no source', none.replace('none~2', 'none'), /character 45 behind 2-3: expected "~2\|", given "\|"/],
    ['a megabyte', 'x'.repeat(1_000_000), /expected at most 10000 characters/],
  ])('%s', async (_name, given, message) => {
    const error = await errorOf('INVALID_ARCHITECTURE', () => space.parse(given as string));
    expect(error.message).toMatch(message);
    expect(error.hint).toBe(`like ${none}`);
    expect(error.message.length).toBeLessThan(400);
  });
});

describe('genes that are none are refused', () => {
  test.each<[string, unknown, RegExp]>([
    ['too few', Uint8Array.of(0, 0), /nasbench201 genes: expected 6 bytes, given "\[0, 0\]"/],
    ['too many', new Uint8Array(7), /expected 6 bytes/],
    ['out of range', Uint8Array.of(0, 0, 0, 0, 0, 5), /nasbench201 genes, 2-3: expected a byte from 0 to 4, given 5/],
    ['a string', text, /expected 6 bytes/],
  ])('%s', async (_name, genes, message) => {
    const error = await errorOf('INVALID_ARCHITECTURE', () => space.format(genes as Uint8Array));
    expect(error.message).toMatch(message);
  });
});
