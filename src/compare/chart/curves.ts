import { gain } from '../statistics/curve.js';
import type { ComparedTask } from '../tests.js';
import { loadScale, loadShape } from './packages.js';
import { element, label, styleOf, svgFile } from './svg.js';

const WIDTH = 760;
const HEIGHT = 420;
const plot = { left: 70, right: 550, top: 54, bottom: 366 };

interface Point {
  query: number;
  mean: number;
  low: number;
  high: number;
}

/** Mean regret at each query, with its interval; 0 is the best there is. */
function regrets({ objective: { goal }, population, methods }: ComparedTask): { method: string; points: Point[] }[] {
  const regret = (best: number): number => Math.max(0, gain(goal, population.best, best));
  return methods.map(({ method, curve }) => ({
    method,
    points: curve.mean.map((mean, q) => {
      const [low, high] = [regret(curve.low[q]!), regret(curve.high[q]!)];
      return { query: q + 1, mean: regret(mean), low: Math.min(low, high), high: Math.max(low, high) };
    }),
  }));
}

/** Range of regrets from which on they are shown by orders of magnitude. */
const WIDE = 20;

/**
 * Scale and ticks of regrets: linear, or where they span much, logarithmic above the least of them and linear below, so that
 * 0 is on it.
 */
export async function regretAxis(
  values: readonly number[],
  range: [number, number],
): Promise<{ scale: (regret: number) => number; ticks: number[] }> {
  const { scaleLinear, scaleSymlog } = await loadScale();
  const positive = values.filter((value) => value > 0);
  const most = positive.reduce((a, b) => Math.max(a, b), 0) || 1;
  const step = Math.max(most / 1e4, Math.min(most, ...positive));
  if (most / step < WIDE) {
    const scale = scaleLinear([0, most], range);
    return { scale, ticks: scale.ticks(6) };
  }
  const powers: number[] = [];
  for (let e = Math.floor(Math.log10(step)); e <= Math.log10(most); ++e) powers.push(Number(`1e${e}`));
  const finer =
    powers.length > 3 ? powers : powers.flatMap((p) => [1, 2, 5].map((m) => Number((m * p).toPrecision(1))));
  const ticks = [0, ...finer.filter((tick) => tick >= step && tick <= most)];
  return { scale: scaleSymlog([0, most], range).constant(step), ticks };
}

/** Best-so-far curves of a task as SVG: the mean regret over the queries, with the interval of each mean as a band. */
export async function curvesChart(task: ComparedTask): Promise<string> {
  const [{ scaleLinear }, { area, line }] = await Promise.all([loadScale(), loadShape()]);
  const curves = regrets(task);
  const values = curves.flatMap(({ points }) => points.flatMap(({ mean, high }) => [mean, high]));
  const { scale: y, ticks } = await regretAxis(values, [plot.bottom, plot.top]);
  const x = scaleLinear([1, Math.max(2, task.queries)], [plot.left, plot.right]);
  const band = area<Point>().x(({ query }) => x(query)).y0(({ low }) => y(low)).y1(({ high }) => y(high)); // prettier-ignore
  const mean = line<Point>().x(({ query }) => x(query)).y((point) => y(point.mean)); // prettier-ignore
  const { metric, goal } = task.objective;
  return svgFile(
    {
      width: WIDTH,
      height: HEIGHT,
      title: `Best so far on ${task.name}`,
      description: `Mean regret (${goal} ${metric}, best ${task.population.best}) over ${task.queries} queries with 95 % intervals. ${ends(task)}`,
    },
    [
      label(plot.left, 26, task.name, { class: 'ink head' }),
      ...ticks.flatMap((tick) => [
        element('line', { class: 'grid', x1: plot.left, x2: plot.right, y1: y(tick), y2: y(tick) }),
        label(plot.left - 8, y(tick) + 4, String(tick), { 'text-anchor': 'end' }),
      ]),
      ...x.ticks(8).filter(Number.isInteger).flatMap((tick) => [
        element('line', { class: 'axis', x1: x(tick), x2: x(tick), y1: plot.bottom, y2: plot.bottom + 5 }),
        label(x(tick), plot.bottom + 20, String(tick), { 'text-anchor': 'middle' }),
      ]), // prettier-ignore
      element('line', { class: 'axis', x1: plot.left, x2: plot.right, y1: plot.bottom, y2: plot.bottom }),
      label((plot.left + plot.right) / 2, plot.bottom + 42, 'queries', { 'text-anchor': 'middle' }),
      label(plot.left, 44, `mean regret of ${metric}, 0 being the best there is`),
      ...curves.map(({ points }, i) => element('path', { class: styleOf(i).fill, 'fill-opacity': 0.15, d: band(points)! })), // prettier-ignore
      ...curves.flatMap(({ method, points }, i) => {
        const { stroke, dash } = styleOf(i);
        const drawn = { class: stroke, fill: 'none', 'stroke-width': 2, 'stroke-dasharray': dash };
        const at = plot.top + 8 + 22 * i;
        return [
          element('path', { ...drawn, d: mean(points)! }),
          element('line', { ...drawn, x1: plot.right + 18, x2: plot.right + 46, y1: at, y2: at }),
          label(plot.right + 54, at + 4, method),
        ];
      }),
    ],
  );
}

function ends({ methods }: ComparedTask): string {
  return methods.map(({ method, regret }) => `${method} ends at ${Number(regret.mean.toPrecision(3))}.`).join(' ');
}
