import type { Comparison } from '../comparison.js';
import { loadScale } from './packages.js';
import { element, label, styleOf, svgFile } from './svg.js';

const WIDTH = 760;
const ROW = 34;
const plot = { left: 210, right: 720, top: 60 };

/** Average ranks as SVG: a large dot for the mean over tasks, a small one for each task. */
export async function ranksChart({ ranks, tasks }: Pick<Comparison, 'ranks' | 'tasks'>): Promise<string> {
  const { scaleLinear } = await loadScale();
  const bottom = plot.top + ROW * ranks.length;
  const x = scaleLinear([1, Math.max(2, ranks.length)], [plot.left, plot.right]);
  const rows = ranks.map(({ method, rank }, i) => ({
    method,
    rank,
    y: plot.top + ROW * (i + 0.5),
    each: tasks.flatMap(({ methods }) => methods.find((m) => m.method === method)?.rank ?? []),
  }));
  return svgFile(
    {
      width: WIDTH,
      height: bottom + 56,
      title: 'Average rank of each method',
      description: `1 is the best. ${rows.map(({ method, rank }) => `${method}: ${rank?.toFixed(2) ?? 'none'}.`).join(' ')}`,
    },
    [
      label(20, 26, 'Average rank', { class: 'ink head' }),
      label(20, 46, `large: mean over ${tasks.length} tasks; small: each task`),
      ...x.ticks(Math.min(10, ranks.length)).filter(Number.isInteger).flatMap((tick) => [
        element('line', { class: 'grid', x1: x(tick), x2: x(tick), y1: plot.top, y2: bottom }),
        label(x(tick), bottom + 20, String(tick), { 'text-anchor': 'middle' }),
      ]), // prettier-ignore
      label((plot.left + plot.right) / 2, bottom + 42, 'rank, 1 being the best', { 'text-anchor': 'middle' }),
      ...rows.flatMap(({ method, rank, y, each }, i) => [
        label(plot.left - 16, y + 4, method, { 'text-anchor': 'end' }),
        ...each.map((at) => element('circle', { class: styleOf(i).fill, 'fill-opacity': 0.45, cx: x(at), cy: y, r: 4 })),
        ...(rank === null ? [] : [
          element('circle', { class: styleOf(i).fill, cx: x(rank), cy: y, r: 8 }),
          label(x(rank), y - 12, rank.toFixed(2), { 'text-anchor': 'middle' }),
        ]),
      ]), // prettier-ignore
    ],
  );
}
