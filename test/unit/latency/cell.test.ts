import { checkCellSpace, distinctComputations, effectiveEdges } from '../../../src/latency/measure/cell.js';
import { defineSpace, spaces } from '../../../src/space/index.js';
import type { SearchSpace } from '../../../src/space/types.js';
import { errorOf } from '../../support/errors.js';
import { edgeCellSpace, tinySpace } from '../../support/spaces.js';

const space = spaces.nasbench201();
const edges = (text: string): string[] =>
  effectiveEdges(space, space.parse(text)).map(({ from, to, operation }) => `${from}-${to} ${operation}`);

describe('edges with an effect', () => {
  test.each([
    ['nothing', '|none~0|+|none~0|none~1|+|none~0|none~1|none~2|', []],
    ['a vertex that nothing arrives at', '|none~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_1x1~1|avg_pool_3x3~2|', ['0-3 skip_connect']], // prettier-ignore
    ['a vertex that nothing leaves', '|nor_conv_3x3~0|+|nor_conv_1x1~0|nor_conv_3x3~1|+|avg_pool_3x3~0|none~1|none~2|', ['0-3 avg_pool_3x3']], // prettier-ignore
    ['a path of three', '|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|', ['0-1 nor_conv_3x3', '1-2 skip_connect', '2-3 avg_pool_3x3']], // prettier-ignore
    ['a broken path', '|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|none~2|', []],
  ])('%s', (_name, text, expected) => expect(edges(text)).toEqual(expected));

  test('all, in the order of the text', () => {
    const text = '|skip_connect~0|+|skip_connect~0|skip_connect~1|+|skip_connect~0|skip_connect~1|skip_connect~2|';
    expect(edges(text).map((edge) => edge.slice(0, 3))).toEqual(['0-1', '0-2', '1-2', '0-3', '1-3', '2-3']);
  });
});

describe('a sample', () => {
  test('has each computation once, in an order that follows from the seed', () => {
    const all = distinctComputations(space, 3);
    const keys = all.map((text) => Buffer.from(space.keys(space.parse(text))).toString('hex'));
    expect([all.length, new Set(keys).size]).toEqual([4930, 4930]);
    expect(distinctComputations(space, 3)).toEqual(all);
    expect(distinctComputations(space, 4).slice(0, 50)).not.toEqual(all.slice(0, 50));
  });

  test('whatever the space counts as the same', () => {
    expect(distinctComputations(spaces.digits201({ isomorphism: 'encoding' }), 3)).toEqual(
      distinctComputations(spaces.digits201(), 3),
    );
  });
});

describe('a space', () => {
  const own = (operations: string[]): SearchSpace => edgeCellSpace({ id: 'own', cellNodes: 4, operations });

  test('with some of the operations will do', () => {
    checkCellSpace(space);
    checkCellSpace(own(['nor_conv_3x3', 'none']));
  });

  test.each([
    ['another operation', own(['nor_conv_3x3', 'conv_5x5'])],
    ['another cell', tinySpace()],
    ['no cell', spaces.nasbenchMacro()],
    ['a choice beside it', defineSpace({ schema: 1, id: 'own', description: 'd', choices: { width: [1, 2] }, cells: { cell: { on: 'edges', vertices: 4, operations: ['none', 'skip_connect'] } } })], // prettier-ignore
  ])('with %s will not', async (_name, other) => {
    const { message } = await errorOf('INVALID_ARGUMENT', () => checkCellSpace(other));
    expect(message).toMatch(
      /^space: expected one cell of 4 vertices with none, skip_connect, .*, given "[\w-]+" \(hint/,
    );
  });
});
