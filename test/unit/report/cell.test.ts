import { drawCell } from '../../../src/report/cell.js';
import { spaces } from '../../../src/space/index.js';

const space = spaces.nasbench201();
const { program } = space;
const draw = (genes: Uint8Array): string[] => drawCell(program.edgeCells[0]!, program.genes, genes);

test('a row for each edge, from its source column to its target column, with the operation', () => {
  const cell = '|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|nor_conv_1x1~1|nor_conv_3x3~2|';
  expect(draw(space.parse(cell))).toEqual([
    '0 ──▶ 1               nor_conv_3x3',
    '0 ········· 2         none',
    '      1 ──▶ 2         skip_connect',
    '0 ──────────────▶ 3   avg_pool_3x3',
    '      1 ────────▶ 3   nor_conv_1x1',
    '            2 ──▶ 3   nor_conv_3x3',
  ]);
});

test('nodes stand in the same column on every row', () => {
  const lines = draw(new Uint8Array(6).fill(3));
  for (const line of lines) for (const { 0: node, index } of line.slice(0, 19).matchAll(/\d/g)) expect(index).toBe(Number(node) * 6); // prettier-ignore
});
