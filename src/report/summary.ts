import { constraintText } from '../metric/constraint.js';
import { withUnit, type Units } from '../metric/units.js';
import type { SearchSpace } from '../space/types.js';
import { drawArchitecture } from './drawing.js';
import type { SearchResult } from './result.js';

/** What a table says about the winner; all optional facts of a report. */
export interface TableFacts {
  metric: string;
  rank: number;
  rows: number;
  /** Best objective of random search with the same budget: mean over `randomSeeds` repetitions. */
  randomMean: number | undefined;
  randomSeeds: number;
}

/** A finished search for people: the winner, how it compares, how the time was spent. */
export function summarise(space: SearchSpace, result: SearchResult, table?: TableFacts): string {
  const { best, queries, screened, epochs, constraints, objectives, front, stopped, units = {} } = result;
  const spent = `${queries} queries${screened === undefined ? '' : ` and ${screened} screenings, ${epochs} epochs`}`;
  const ended = {
    budget: spent,
    exhausted: `no architecture left after ${spent}`,
    infeasible: `nothing feasible found after ${spent}`,
    aborted: `stopped by you after ${spent}`,
    failed: `stopped by a failure after ${spent}`,
  }[stopped];
  const lines = [`${result.space}: ${result.method} (${result.preset}), seed ${result.seed}, ${ended}`, ''];
  if (constraints !== undefined)
    lines.push(`Constraints: ${constraints.map((one) => constraintText(one, units)).join(', ')}`, '');
  if (best === null) {
    lines.push(stopped === 'infeasible' ? 'No feasible architecture was found.' : 'No query was completed.');
  } else {
    if (front !== undefined) lines.push(...frontLines(front, objectives!, units), '');
    lines.push(
      `Best${front === undefined ? '' : ` by ${objectives![0]!.metric}`}, found at ${screened === undefined ? 'query' : 'trial'} ${best.query}:`,
      '',
    );
    lines.push(...drawArchitecture(space, space.parse(best.architecture)).map((line) => `    ${line}`), '');
    lines.push(`    ${best.architecture}`, '');
    const names = Object.keys(best.metrics);
    const width = Math.max(...names.map((name) => name.length));
    for (const name of names)
      lines.push(`    ${name.padEnd(width)}  ${withUnit(number(best.metrics[name]!), units[name])}`);
    if (table !== undefined) lines.push('', ...compare(table, best.metrics[table.metric]!, units[table.metric]));
  }
  lines.push(...trust(result), '', 'Time', ...timeBars(result));
  return `${lines.join('\n')}\n`;
}

/** The Pareto front as a table, best by the first objective first. */
function frontLines(
  front: NonNullable<SearchResult['front']>,
  objectives: NonNullable<SearchResult['objectives']>,
  units: Units,
): string[] {
  const [{ metric, goal }] = objectives as [{ metric: string; goal: string }];
  const sign = goal === 'maximize' ? 1 : -1;
  const sorted = [...front].sort((a, b) => sign * (b.metrics[metric]! - a.metrics[metric]!));
  const names = objectives.map((one) => one.metric);
  const rows = sorted.map(({ metrics, architecture }) => [
    ...names.map((name) => number(metrics[name]!)),
    architecture,
  ]);
  const heads = names.map((name) => (units[name] === undefined ? name : `${name} (${units[name]})`));
  const widths = heads.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: string[]): string =>
    `    ${cells.map((cell, i) => (i < widths.length ? cell.padStart(widths[i]!) : cell)).join('  ')}`;
  return [`Pareto front of ${front.length}:`, '', line([...heads, 'architecture']), ...rows.map(line)];
}

function compare(
  { metric, rank, rows, randomMean, randomSeeds }: TableFacts,
  value: number,
  unit: string | undefined,
): string[] {
  const shown = (one: number): string => withUnit(number(one), unit);
  return [
    `    rank by ${metric} in the whole table: ${rank} of ${rows}`,
    ...(randomMean === undefined
      ? []
      : [
          `    random search with the same budget: ${shown(randomMean)} (mean of ${randomSeeds} seeds), this search: ${shown(value)}`,
        ]),
  ];
}

/** How well the proxy predicted, and what went wrong. */
function trust({ rounds, warnings }: SearchResult): string[] {
  const { recent, overall } = rounds.at(-1) ?? {};
  const lines = warnings.map(
    ({ code, message, hint, round }) => `    ${code} after fit ${round}: ${message} (hint: ${hint})`,
  );
  if (overall !== undefined && recent !== undefined && overall.answers > 0) {
    const inside =
      overall.coverage === null ? '' : `, ${(100 * overall.coverage).toFixed(0)} % inside the 90 % interval`;
    const bias = overall.bias === null ? '' : `, mean error ${number(overall.bias)}`;
    lines.unshift(
      `    Kendall's tau ${tau(overall)} over ${overall.answers} predictions, ${tau(recent)} over the last ${recent.answers}${inside}${bias}`,
    );
  }
  return lines.length === 0 ? [] : ['', 'Proxy', ...lines];
}

function tau({ tau: value }: SearchResult['rounds'][number]['recent']): string {
  return value === null ? '-' : value.toFixed(2);
}

function timeBars({ timings }: SearchResult): string[] {
  const { fitMs, climbMs, acquireMs, oracleMs, totalMs } = timings;
  const parts: [string, number][] = [
    ['fit', fitMs],
    ['climb', climbMs],
    ['acquire', acquireMs],
    ['oracle', oracleMs],
    ['other', Math.max(0, totalMs - fitMs - climbMs - acquireMs - oracleMs)],
  ];
  const bars = parts.map(([name, ms]) => {
    const share = totalMs > 0 ? ms / totalMs : 0;
    const bar = '█'.repeat(Math.round(share * 30)).padEnd(30, '·');
    return `    ${name.padEnd(8)} ${bar} ${(ms / 1000).toFixed(2).padStart(8)} s ${(share * 100).toFixed(0).padStart(4)} %`;
  });
  return [...bars, `    ${'total'.padEnd(8)} ${' '.repeat(30)} ${(totalMs / 1000).toFixed(2).padStart(8)} s`];
}

function number(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(4);
}
