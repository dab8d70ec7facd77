import { edgeCellSpace } from '../../../src/space/cell.js';
import { spaces } from '../../../src/space/index.js';
import type { GraphProgram } from '../../../src/space/types.js';
import { errorOf } from '../../support/errors.js';

const space = spaces.nasbench201();
const text = '|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|nor_conv_1x1~1|nor_conv_3x3~2|';

test('edges are ordered by target, then source, as the architecture string is', () => {
  expect(space.edges).toEqual([[0, 1], [0, 2], [1, 2], [0, 3], [1, 3], [2, 3]]); // prettier-ignore
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

/** (N, N) adjacency of the fixed edges. */
function adjacency({ nodes, fixedEdges }: GraphProgram): number[][] {
  const matrix = Array.from({ length: nodes }, () => new Array<number>(nodes).fill(0));
  for (let i = 0; i < fixedEdges.length; i += 2) matrix[fixedEdges[i]!]![fixedEdges[i + 1]!]! += 1;
  return matrix;
}

test('the program is the line graph of the cell', () => {
  const { program } = space;
  expect(program).toMatchObject({ nodes: 8, features: 7, choices: 5 });
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
  expect([...program.variableNodes]).toEqual([1, 2, 3, 4, 5, 6]);
  expect([...program.choiceFeatures]).toEqual([1, 2, 3, 4, 5]);
  expect([...program.fixedFeatures]).toEqual([0, 0, 7, 6]);
  expect(program.freeEdges).toHaveLength(0);
});

test('other cells: sizes follow from nodes and operations', () => {
  const small = edgeCellSpace({ id: 's', description: '', cellNodes: 3, operations: ['a', 'b'] });
  expect(small.size).toBe(8);
  expect(small.program).toMatchObject({ nodes: 5, features: 4, choices: 2 });
  expect(small.format(small.parse('|b~0|+|a~0|b~1|'))).toBe('|b~0|+|a~0|b~1|');
});

describe('a malformed architecture is refused, naming the place', () => {
  const none = '|none~0|+|none~0|none~1|+|none~0|none~1|none~2|';
  test.each<[string, unknown, RegExp]>([
    ['no string', 7, /^nasbench201 architecture: expected a string, given 7/],
    ['null', null, /expected a string, given null/],
    ['empty', '', /expected 3 groups joined by "\+", given ""/],
    ['a group too few', '|none~0|+|none~0|none~1|', /expected 3 groups/],
    ['a group too many', `${none}+|none~0|`, /expected 3 groups/],
    ['text behind', `${none} `, /node 3: expected a group between "\|" and "\|"/],
    ['text before', ` ${none}`, /node 1: expected a group between/],
    ['a lone bar', none.replace('|none~0|+', '|+'), /node 1: expected a group between/],
    ['an edge too few', none.replace('|none~0|none~1|+', '|none~0|+'), /node 2: expected 2 edges, given "\|none~0\|"/],
    ['an edge too many', none.replace('|none~0|+', '|none~0|none~1|+'), /node 1: expected 1 edge, given/],
    [
      'an unknown operation',
      none.replace('none~2', 'conv~2'),
      /node 3, edge from 2: expected one of none, skip_connect, nor_conv_1x1, nor_conv_3x3, avg_pool_3x3, given "conv"/,
    ],
    ['an operation in capitals', none.replace('none~2', 'NONE~2'), /expected one of none, .* given "NONE"/],
    ['an inherited property', none.replace('none~2', 'constructor~2'), /expected one of none, .* given "constructor"/],
    [
      'a wrong source',
      none.replace('none~1|+', 'none~0|+'),
      /node 2, edge from 1: expected "operation~1", given "none~0"/,
    ],
    ['a source like 1.0', none.replace('none~1|+', 'none~1.0|+'), /node 2, edge from 1: expected "operation~1"/],
    ['no source', none.replace('none~2', 'none'), /node 3, edge from 2: expected "operation~2", given "none"/],
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
    ['too few', Uint8Array.of(0, 0), /nasbench201 genes: expected 6 bytes from 0 to 4, given "\[0, 0\]"/],
    ['too many', new Uint8Array(7), /expected 6 bytes/],
    ['out of range', Uint8Array.of(0, 0, 0, 0, 0, 5), /given "\[0, 0, 0, 0, 0, 5\]"/],
    ['a string', text, /expected 6 bytes/],
  ])('%s', async (_name, genes, message) => {
    const error = await errorOf('INVALID_ARCHITECTURE', () => space.format(genes as Uint8Array));
    expect(error.message).toMatch(message);
  });
});
