import path from 'node:path';
import { cpus } from 'node:os';
import { version } from '../metadata.js';
import type { SearchSpace } from '../space/types.js';
import { analyseTask, type MethodRuns, type TaskFacts } from './analysis.js';
import { jobsOf, type Failure, type Outcome, type PlannedTask } from './engine.js';
import { jobKey, type Entry } from './run.js';
import { RESAMPLES } from './statistics/bootstrap.js';
import type { Population } from './task.js';
import { ALPHA, averageRank, countVerdicts, pairedTests, type ComparedTask, type PairedTest, type VerdictCount } from './tests.js'; // prettier-ignore

/** A planned task with what its report needs. */
export interface ReportedTask extends PlannedTask {
  readonly space: SearchSpace;
  readonly population: Population;
  /** The reported metrics of an architecture, those that the table has. */
  readonly look: (architecture: string) => Record<string, number>;
}

/** A task whose table is not there: the comparison goes on without it. */
export interface SkippedTask {
  readonly name: string;
  readonly file: string;
}

/** compare.json; `schema` changes when a field changes its meaning. */
export interface Comparison {
  schema: 1;
  version: string;
  command: string;
  machine: { cpu: string; platform: string; node: string; isa: string[]; workers: number };
  /** Labels; the first is the reference of the tests. */
  methods: string[];
  seeds: { first: number; count: number };
  procedure: Record<string, string>;
  tasks: ComparedTask[];
  skipped: SkippedTask[];
  failures: Failure[];
  tests: PairedTest[];
  verdicts: VerdictCount[];
  /** Mean over tasks of the mean rank on each, 1 being the best. */
  ranks: { method: string; rank: number | null }[];
}

/** How the figures are made, as the reports say it. */
export const procedure = {
  information:
    'A method is told the space, the pool where there is one, the metrics that its constraints name (before a query, or where only the table has them with its answer), and the objective of the architectures that it queried: no other metric, and nothing about the table as a whole, such as its best value, mean or deviation. The oracle refuses a query beyond the budget and an architecture that was queried before. Targets, ranks in the table and other metrics were read from the table after the runs, for this report alone.',
  pairing: 'Every method runs with the same seeds on one thread; the runs of two methods with one seed make a pair.',
  intervals: `95 % percentile bootstrap of the mean over the runs, ${RESAMPLES} resamples that every figure shares; of success rates, Wilson's score interval.`,
  area: 'Area under the best-so-far curve: the mean over the queries of where the best so far lies between the median (0, and whatever is worse) and the best (1) of the architectures that can be queried.',
  queries:
    'Quantiles of the query at which the target is reached; a run that never reaches it counts as later than every other, and – stands where the quantile is such a run.',
  ranks:
    'With each seed the methods are ranked by their best value, equals by the earlier query that found it, what is still equal sharing the average rank; averaged over seeds, then over tasks. 1 is the best.',
  tests: `Wilcoxon's signed-rank test, two-sided, exact with ties, pairs without a difference left out, of the best value, of the area, and of the queries to the target, where it is not reached one more than the budget; every method against the first. Holm's correction over all tests of the report; significant below ${ALPHA}.`,
  times: 'Wall time is that of one run among as many as there are workers; overhead is its fit, climb and acquire.',
};

/** Every figure of a comparison, from its finished runs. */
export function compareRuns(
  tasks: readonly ReportedTask[],
  entries: readonly Entry[],
  seeds: readonly number[],
  { runs, failures }: Outcome,
  about: { skipped: readonly SkippedTask[]; command: string; workers: number },
): Comparison {
  const compared = tasks.map((planned): ComparedTask => {
    const facts = factsOf(planned);
    const methods = runsOf(planned, entries, seeds, runs);
    return { ...facts, methods: analyseTask(facts, (value) => planned.population.rank(value), methods) };
  });
  const labels = entries.map(({ label }) => label);
  const tests = pairedTests(compared, labels);
  const isas = compared.flatMap(({ methods }) => methods.flatMap(({ runs: all }) => all.map(({ isa }) => isa)));
  return {
    schema: 1,
    version,
    command: about.command,
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      platform: `${process.platform} ${process.arch}`,
      node: process.version,
      isa: [...new Set(isas)].filter((isa) => isa !== 'none').sort(),
      workers: about.workers,
    },
    methods: labels,
    seeds: { first: seeds[0]!, count: seeds.length },
    procedure,
    tasks: compared,
    skipped: [...about.skipped],
    failures: inOrder(failures, tasks, labels),
    tests,
    verdicts: countVerdicts(tests, labels.slice(1)),
    ranks: labels.map((method) => ({ method, rank: averageRank(compared, method) })),
  };
}

function factsOf({ task, digest, space, population }: ReportedTask): TaskFacts {
  return {
    name: task.name,
    space: space.id,
    isomorphism: space.isomorphism,
    table: path.basename(task.table ?? 'digits201.csv.gz'),
    pool: typeof task.pool === 'object' ? 'file' : (task.pool ?? null),
    objective: task.objective,
    queries: task.queries,
    population: { size: population.size, best: population.best, median: population.median, worst: population.worst },
    target: task.target ?? population.best,
    digest,
  };
}

/** Finished runs of each method, with the other metrics of their best architectures. */
function runsOf(
  planned: ReportedTask,
  entries: readonly Entry[],
  seeds: readonly number[],
  runs: Outcome['runs'],
): MethodRuns[] {
  const jobs = jobsOf(planned, entries, seeds);
  return entries.map((entry) => {
    const records = jobs.flatMap((job) => (job.entry === entry ? (runs.get(jobKey(job)) ?? []) : []));
    return {
      method: entry.label,
      runs: records.map((record) => ({ record, report: planned.look(record.best.architecture) })),
    };
  });
}

function inOrder(failures: readonly Failure[], tasks: readonly ReportedTask[], labels: readonly string[]): Failure[] {
  const names = tasks.map(({ task }) => task.name);
  const place = ({ task, method, seed }: Failure): number[] => [names.indexOf(task), labels.indexOf(method), seed];
  return [...failures].sort((a, b) => {
    const [x, y] = [place(a), place(b)];
    return x[0]! - y[0]! || x[1]! - y[1]! || x[2]! - y[2]!;
  });
}
