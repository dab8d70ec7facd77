import type { Isomorphism } from '../space/types.js';
import type { Objective } from '../study/types.js';
import { estimateMean, resamplesOf, type Estimate } from './statistics/bootstrap.js';
import { bestSoFar, gain, normalisedArea, queriesTo } from './statistics/curve.js';
import { quantile } from '../statistics/quantile.js';
import { averageRanks } from '../statistics/ranks.js';
import { wilsonInterval } from './statistics/wilson.js';
import type { RunRecord } from './run.js';

/** A task whose runs are compared. */
export interface TaskFacts {
  readonly name: string;
  readonly space: string;
  readonly isomorphism: Isomorphism;
  readonly table: string;
  readonly pool: 'table' | 'file' | null;
  readonly objective: Objective;
  readonly queries: number;
  /** What can be queried: how many architectures, their best, median and worst objective. */
  readonly population: { size: number; best: number; median: number; worst: number };
  /** The value that counts as success. */
  readonly target: number;
  readonly digest: string;
}

/** A finished run, measured. */
export interface MeasuredRun {
  seed: number;
  /** Best objective. */
  best: number;
  architecture: string;
  /** Query at which it was found. */
  query: number;
  /** Place of the best in the table, 1 for the best there is. */
  tableRank: number;
  /** Query at which the target was reached; null if it was not. */
  reached: number | null;
  /** Area under the best-so-far curve, 0..1. */
  area: number;
  /** Place among the methods with this seed, equals sharing the average; null where another method has no run. */
  rank: number | null;
  stopped: RunRecord['stopped'];
  isa: string;
  /** Other metrics of the best architecture, where the table has them. */
  report: Record<string, number>;
  timings: RunRecord['timings'];
  /** Best so far at each query. */
  curve: number[];
}

/** A method on a task: means over its runs, with 95 % intervals. */
export interface MethodOnTask {
  method: string;
  best: Estimate;
  /** How far the best is behind the best there is, in the objective's unit. */
  regret: Estimate;
  success: { reached: number; runs: number; share: number; low: number; high: number };
  /** Queries until the target, runs that never reach it counting as later than all; null where the quantile is one of those. */
  queriesToTarget: { median: number | null; p90: number | null };
  area: Estimate;
  tableRank: number;
  /** Mean place among the methods; null without a seed that all of them have. */
  rank: number | null;
  report: Record<string, Estimate>;
  /** Milliseconds a run; overhead is fit, climb and acquire. */
  wallMs: number;
  overheadMs: number;
  /** Best so far at each query. */
  curve: { mean: number[]; low: number[]; high: number[] };
  runs: MeasuredRun[];
}

/** Finished runs of one method on one task, by seed; `report` are other metrics of their best architectures. */
export interface MethodRuns {
  readonly method: string;
  readonly runs: readonly { record: RunRecord; report: Record<string, number> }[];
}

type Place = Pick<MeasuredRun, 'best' | 'query'>;

/** Everything that a task's runs say about each method; methods without a run are left out. */
export function analyseTask(
  { objective: { goal }, queries, population, target }: TaskFacts,
  rankOf: (value: number) => number,
  methods: readonly MethodRuns[],
): MethodOnTask[] {
  const measured = methods.map(({ method, runs }) => ({
    method,
    runs: runs.map(({ record, report }): MeasuredRun => {
      // What breaks a constraint is worth no more than the worst that is feasible, and never reaches a target.
      const valued = (infeasible: number): number[] => bestSoFar(record.values.map((value) => value ?? infeasible), goal, queries); // prettier-ignore
      const curve = valued(population.worst);
      const best = curve.at(-1)!;
      const reached = queriesTo(valued(goal === 'maximize' ? -Infinity : Infinity), goal, target);
      return {
        seed: record.seed,
        best,
        architecture: record.best.architecture,
        query: record.best.query,
        tableRank: rankOf(best),
        reached: Number.isFinite(reached) ? reached : null,
        area: normalisedArea(curve, goal, population.median, population.best),
        rank: null,
        stopped: record.stopped,
        isa: record.isa,
        report,
        timings: record.timings,
        curve,
      };
    }),
  }));
  rankSeeds(
    measured.map(({ runs }) => runs),
    (a, b) => gain(goal, b.best, a.best) || a.query - b.query,
  );
  return measured.flatMap(({ method, runs }) =>
    runs.length === 0 ? [] : [figures(method, runs, (best) => gain(goal, population.best, best))],
  );
}

/** Fills in the ranks of the seeds that every method has. */
function rankSeeds(methods: readonly MeasuredRun[][], order: (a: Place, b: Place) => number): void {
  for (const { seed } of methods[0] ?? []) {
    const runs = methods.flatMap((of) => of.find((run) => run.seed === seed) ?? []);
    if (runs.length < methods.length) continue;
    averageRanks(runs, order).forEach((rank, i) => (runs[i]!.rank = rank));
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

function figures(method: string, runs: MeasuredRun[], regretOf: (best: number) => number): MethodOnTask {
  const resamples = resamplesOf(runs.length);
  const estimate = (value: (run: MeasuredRun) => number): Estimate => estimateMean(runs.map(value), resamples);
  const reached = runs.map((run) => run.reached ?? Infinity);
  const hits = reached.filter(Number.isFinite).length;
  const ranks = runs.flatMap(({ rank }) => rank ?? []);
  const quantileToTarget = (part: number): number | null => {
    const at = quantile(reached, part);
    return Number.isFinite(at) ? at : null;
  };
  const curve = runs[0]!.curve.map((_, q) => estimate((run) => run.curve[q]!));
  return {
    method,
    best: estimate(({ best }) => best),
    regret: estimate(({ best }) => regretOf(best)),
    success: { reached: hits, runs: runs.length, share: hits / runs.length, ...wilsonInterval(hits, runs.length) },
    queriesToTarget: { median: quantileToTarget(0.5), p90: quantileToTarget(0.9) },
    area: estimate(({ area }) => area),
    tableRank: mean(runs.map(({ tableRank }) => tableRank)),
    rank: ranks.length === 0 ? null : mean(ranks),
    report: reportEstimates(runs),
    wallMs: mean(runs.map(({ timings }) => timings.wallMs)),
    overheadMs: mean(runs.map(({ timings: { fitMs, climbMs, acquireMs } }) => fitMs + climbMs + acquireMs)),
    curve: {
      mean: curve.map((at) => at.mean),
      low: curve.map((at) => at.low),
      high: curve.map((at) => at.high),
    },
    runs,
  };
}

/** Of the runs whose best architecture has the metric in the table. */
function reportEstimates(runs: readonly MeasuredRun[]): Record<string, Estimate> {
  const metrics = [...new Set(runs.flatMap(({ report }) => Object.keys(report)))];
  return Object.fromEntries(
    metrics.map((metric) => {
      const values = runs.flatMap(({ report }) => report[metric] ?? []);
      return [metric, estimateMean(values, resamplesOf(values.length))];
    }),
  );
}
