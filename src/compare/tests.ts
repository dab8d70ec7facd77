import type { MeasuredRun, MethodOnTask, TaskFacts } from './analysis.js';
import { estimateMean, resamplesOf, type Estimate } from './statistics/bootstrap.js';
import { holm } from './statistics/holm.js';
import { signedRankTest } from './statistics/wilcoxon.js';

/** Chance of any false verdict in a report, at most. */
export const ALPHA = 0.05;

/**
 * What is tested: the best objective of a run, the area under its best-so-far curve, and the query at which it reached the
 * target, one more than the budget where it did not.
 */
export const quantities = ['best', 'area', 'queries'] as const;
export type Quantity = (typeof quantities)[number];

export type Verdict = 'better' | 'same' | 'worse';

/** A method against the reference on a task. */
export interface PairedTest {
  task: string;
  method: string;
  quantity: Quantity;
  /** Seeds that both have. */
  seeds: number;
  /** Of those, the ones that differ; others say nothing. */
  differing: number;
  /** Method less reference, in the quantity's own unit. */
  difference: Estimate;
  p: number;
  /** By Holm, over every test of the report. */
  adjusted: number;
  /** Of the method, where `adjusted` is below ALPHA. */
  verdict: Verdict;
}

export interface ComparedTask extends TaskFacts {
  readonly methods: readonly MethodOnTask[];
}

/** Tests the first method against every other, on every task, with seeds as pairs. */
export function pairedTests(tasks: readonly ComparedTask[], [reference, ...others]: readonly string[]): PairedTest[] {
  const tests = tasks.flatMap((task) => {
    const runsOf = (label: string): MeasuredRun[] => task.methods.find(({ method }) => method === label)?.runs ?? [];
    const theirs = runsOf(reference!);
    return others.flatMap((method) => {
      const pairs = runsOf(method).flatMap((run) => {
        const other = theirs.find(({ seed }) => seed === run.seed);
        return other === undefined ? [] : [{ run, other }];
      });
      return pairs.length === 0 ? [] : quantities.map((quantity) => testOf(task, method, quantity, pairs));
    });
  });
  const adjusted = holm(tests.map(({ p }) => p));
  return tests.map(({ direction, ...test }, i) => ({
    ...test,
    adjusted: adjusted[i]!,
    verdict: adjusted[i]! < ALPHA ? direction : 'same',
  }));
}

function testOf(
  { name, objective: { goal }, queries }: TaskFacts,
  method: string,
  quantity: Quantity,
  pairs: readonly { run: MeasuredRun; other: MeasuredRun }[],
): Omit<PairedTest, 'adjusted' | 'verdict'> & { direction: Verdict } {
  const valueOf = (run: MeasuredRun): number => (quantity === 'queries' ? (run.reached ?? queries + 1) : run[quantity]);
  const ours = pairs.map(({ run }) => valueOf(run));
  const theirs = pairs.map(({ other }) => valueOf(other));
  const { p, pairs: differing, positive, negative } = signedRankTest(ours, theirs);
  const largerIsBetter = { best: goal === 'maximize', area: true, queries: false }[quantity];
  const better = largerIsBetter ? positive > negative : negative > positive;
  return {
    task: name,
    method,
    quantity,
    seeds: pairs.length,
    differing,
    difference: estimateMean(
      ours.map((value, i) => value - theirs[i]!),
      resamplesOf(pairs.length),
    ),
    p,
    direction: better ? 'better' : 'worse',
  };
}

/** How often a method is better than, as good as, and worse than the reference. */
export interface VerdictCount extends Record<Verdict, number> {
  method: string;
  quantity: Quantity;
}

export function countVerdicts(tests: readonly PairedTest[], others: readonly string[]): VerdictCount[] {
  return quantities.flatMap((quantity) =>
    others.map((method) => {
      const own = tests.filter((test) => test.method === method && test.quantity === quantity);
      const count = (verdict: Verdict): number => own.filter((test) => test.verdict === verdict).length;
      return { method, quantity, better: count('better'), same: count('same'), worse: count('worse') };
    }),
  );
}

/** Mean over tasks of the mean rank on each; null for a method that has none. */
export function averageRank(tasks: readonly ComparedTask[], label: string): number | null {
  const ranks = tasks.flatMap(({ methods }) => methods.find(({ method }) => method === label)?.rank ?? []);
  return ranks.length === 0 ? null : ranks.reduce((sum, rank) => sum + rank, 0) / ranks.length;
}
