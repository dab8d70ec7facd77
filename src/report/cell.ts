import type { SearchSpace } from '../space/types.js';

/**
 * An edge cell as terminal lines: a row for each edge, nodes as columns, the arrow from its source to its target.
 *
 *     0 ──▶ 1            nor_conv_3x3
 *     0 ────────▶ 2      skip_connect
 */
export function drawCell(space: Pick<SearchSpace, 'edges' | 'operations'>, genes: Uint8Array): string[] {
  const width = 6;
  const nodes = 1 + Math.max(...space.edges.map(([, to]) => to));
  const total = (nodes - 1) * width + 1;
  const lines = space.edges.map(([from, to], edge) => {
    const arrow = `${from} ${'─'.repeat((to - from) * width - 4)}▶ ${to}`;
    const operation = space.operations[genes[edge]!]!;
    const row = `${' '.repeat(from * width)}${arrow}`.padEnd(total);
    return operation === 'none' ? `${row.replace(/[─▶]/gu, '·')}   none` : `${row}   ${operation}`;
  });
  return lines;
}
