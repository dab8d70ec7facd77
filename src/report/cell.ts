import type { EdgeCell, Gene } from '../space/program.js';

/**
 * An edge cell as terminal lines: a row for each edge, nodes as columns, the arrow from its source to its target.
 *
 *     0 ──▶ 1            nor_conv_3x3
 *     0 ────────▶ 2      skip_connect
 */
export function drawCell({ vertices, edges, zero }: EdgeCell, genes: readonly Gene[], values: Uint8Array): string[] {
  const width = 6;
  const total = (vertices - 1) * width + 1;
  return Array.from({ length: edges.length / 3 }, (_, edge) => {
    const [from, to, gene] = edges.subarray(3 * edge, 3 * edge + 3) as unknown as [number, number, number];
    const arrow = `${from} ${'─'.repeat((to - from) * width - 4)}▶ ${to}`;
    const row = `${' '.repeat(from * width)}${arrow}`.padEnd(total);
    const value = values[gene]!;
    return `${value === zero ? row.replace(/[─▶]/gu, '·') : row}   ${genes[gene]!.values[value]!}`;
  });
}
