import type { Diagnostics, Phase } from '../baselines/method.js';
import type { OracleContext } from '../oracle/context.js';
import type { Constraint } from '../metric/constraint.js';
import type { GivenMetric } from '../metric/metric.js';
import type { SearchSpace } from '../space/types.js';
import type { Quality } from '../statistics/window.js';

/** A metric to make as large or as small as possible. */
export interface Objective {
  metric: string;
  goal: 'maximize' | 'minimize';
}

/**
 * A training that stops early: cheaper, and its result tells something of the full one's.  A search that has it screens
 * what promises most, and asks for the full training of what still does so then.
 */
export interface Fidelity {
  /** Epochs of it; at most two fifths of the full ones, as what costs more is never worth it; better a tenth. */
  epochs: number;
  /** Epochs of a full training, 3 and more. */
  fullEpochs: number;
  /** Metric that it measures, as good as the objective when it is large or small like that. @default the objective's */
  metric?: string;
}

/** Named numbers that an oracle answers with. */
export type Metrics = Record<string, number>;

export type { OracleContext };

/**
 * Anything that can measure an architecture: a training, a table, a remote job.  What it throws fails the query; an error whose
 * `code` is `INFEASIBLE` says that the architecture cannot be trained at all.
 */
export type Oracle = ((architecture: string, context: OracleContext) => Promise<Metrics> | Metrics) & {
  /** Milliseconds, besides ten seconds, that it may take to let go when its signal fires. @default 0 */
  readonly graceMs?: number;
};

/** One architecture that was asked for. */
export interface Trial {
  /** 1, 2, 3... in the order asked. */
  readonly id: number;
  readonly architecture: string;
  /** `infeasible`: it cannot be trained; `failed`: something went wrong; `aborted`: given up, which is no query. */
  readonly state: 'running' | 'complete' | 'infeasible' | 'failed' | 'aborted';
  /** Part of a full training, 0..1, of a screening; absent in a query, which is a full one. */
  readonly fidelity?: number;
  /** What was known of it before it was asked (`StudyOptions.metrics`); absent where nothing is. */
  readonly known?: Metrics;
  /** Answer of the oracle, once complete, with what was known where it does not say otherwise. */
  readonly metrics?: Metrics;
  /** The constraint that these metrics break, in words; absent where they meet all. */
  readonly broken?: string;
  /** 1, 2, 3... in the order told, screenings among them; absent while running, and where it was aborted. */
  readonly query?: number;
  /**
   * The proxy's expectation of the objective when the trial was asked, in the objective's unit; absent where none chose it, in
   * a screening, and before two queries are answered.
   */
  readonly predicted?: number;
  /**
   * 5 % and 95 % of that expectation, by the spread of the ensemble; absent where the proxy is a single network, as in the
   * `paper` preset.
   */
  readonly interval?: readonly [low: number, high: number];
  /** 0 for the first samples, then 1, 2, 3... for each fitted proxy. */
  readonly round: number;
  /** Why there are no metrics. */
  readonly error?: string;
}

/** One ask whose architectures a fitted proxy chose: how they were found, and how well the proxy then did. */
export interface Round extends Diagnostics {
  /** The number of the fit, as in `Trial.round`; asks without a new answer in between share one. */
  readonly round: number;
  /** Its trials: `size` of them, from this id on. What each is expected to measure is there. */
  readonly first: number;
  readonly size: number;
  /** Of its own predictions; null until all its trials are finished. */
  readonly batch: Quality | null;
  /** Of the latest 20 predictions in finished rounds: with this one's once it is finished, until then when it was asked. */
  readonly recent: Quality;
  /** Likewise of all of them; past 4,096, the latest 4,096. */
  readonly overall: Quality;
}

/** A known way in which a search goes wrong. */
export type WarningCode =
  | 'MODE_COLLAPSE' // the climbed distributions hold next to a single architecture each
  | 'PROXY_GAP' // what is predicted says nothing about what is measured
  | 'PROXY_OPTIMISM' // what is measured is mostly worse than the pessimistic end of what was predicted
  | 'METRIC_DRIFT' // a metric that was known before a query is measured otherwise
  | 'NEIGHBOURHOOD_EXHAUSTED'; // hardly anything is left to choose from

/** Something that the user should know about a search; said once when it begins, and again only if it had ended. */
export interface Warning {
  readonly code: WarningCode;
  /** What was seen, in words and numbers. */
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
  /** The fit after which it was seen (`Round.round`). */
  readonly round: number;
}

export interface StudyOptions {
  space: SearchSpace;
  /** One, or up to eight, whose Pareto front is searched for; one that is among `metrics` is known beforehand. */
  objectives: Objective[];
  /** Master seed, 0..2^53-1. @default 0 */
  seed?: number;
  /**
   * `optiproxy`, `paper` (the same with the preset of that name), or a baseline: `bananas`, `evolution`, `local-search`,
   * `tpe`, `random`.  @default 'optiproxy'
   */
  method?: string;
  /**
   * Settings of the `optiproxy` method: `default`; `networks`, whose networks search without the Gaussian process; `paper`;
   * or the default with one ingredient changed (docs/method.md). @default 'default', or 'networks' where a proxy is named
   */
  preset?: string;
  /** Network that `optiproxy`, `paper` or `bananas` learns with: `gcn`, `mlp` or `transformer`. @default 'gcn' */
  proxy?: string;
  /** Worker threads of the native core. Results do not depend on it. @default processor count, at most 16 */
  threads?: number;
  /**
   * Where graph networks are computed: `cpu`; `cuda`, a GPU, in a build with CUDA (docs/cuda.md); or `auto`, a GPU where there
   * is one.  Results agree up to rounding. @default 'auto'
   */
  device?: string;
  /**
   * Architectures first, before anything is learnt. @default the preset's; 20 for `evolution`, its population; with a
   * fidelity up to twice the preset's, which are screened
   */
  init?: number;
  /** Architectures asked per round by `run`. @default the method's own, but no fewer than `run` keeps in flight */
  batch?: number;
  /**
   * Random architectures of the whole space that each round of `optiproxy` or `paper` scores beside its own candidates, in memory
   * that does not grow with them: for spaces of which neighbours and climbs see little, and networks on a GPU.  With one
   * objective. @default none
   */
  scan?: number;
  /**
   * The only architectures that can be queried, as strings or as genes (n, G): those of a partial table, or of a library
   * of trained networks.  @default every architecture of the space
   */
  pool?: readonly string[] | Uint8Array;
  /** Metrics that are known before a query is spent: functions of an architecture, or tables and models (`evaluate`). */
  metrics?: Record<string, GivenMetric>;
  /**
   * What metrics must be.  Of those among `metrics` no architecture is asked that breaks one by what is known, or of which nothing
   * is known.  Others only a query tells: every answer must have them (`INVALID_METRICS`), and the search learns what meets
   * them; not beside a fidelity.  What is measured counts, and is never the best if it breaks one.
   */
  constraints?: Constraint[];
  /**
   * With several objectives the point whose distance from the front counts (`Study.hypervolume`), or some of its numbers: what
   * is no better in one of them is of no use.  @default what is seen to be worst: of what is known beforehand in a sample of
   * the space, and somewhat behind, else of what was measured
   */
  reference?: Metrics;
  /**
   * Units of metrics, for messages and reports; limits and references are in the same.  Those that `metrics` state themselves need
   * none, and another is refused.  @default what `metrics` state
   */
  units?: Record<string, string>;
  /**
   * A SQLite file that keeps the study, or `:memory:`; made if there is none.  Every ask and answer is on the disk when its call
   * returns, and a study that is opened with it again goes on from there, as if nothing had happened, however it ended: what
   * was running is the next run's.  Needs the package better-sqlite3.
   */
  storage?: string;
  /** A cheaper training to screen by; of the method `optiproxy` with its Gaussian process. @default none */
  fidelity?: Fidelity;
}

export interface AskOptions {
  signal?: AbortSignal | undefined;
  /** Called between slices of native work, about every 10 ms, with the part of the phase that is done. */
  onPhase?: ((phase: Phase, fraction: number) => void) | undefined;
  /** With a fidelity: what is left to pay with, in full trainings; no more are screened than leave one to follow. */
  left?: number | undefined;
}

/** How a run is going. */
export interface Progress {
  phase: 'fit' | 'climb' | 'acquire' | 'query';
  /** Part of the phase that is done, 0..1. */
  fraction: number;
  /** Finished queries, finished screenings, and both in full trainings. */
  queries: number;
  screened: number;
  spent: number;
  /** Full trainings that there shall be in the end. */
  budget: number;
  best?: Trial;
  /** How well the proxy did of late; absent where there is none, or nothing it said was measured yet. */
  recent?: Quality;
  /** All that were given so far. */
  warnings: readonly Warning[];
}

/** What a run has to spend; what it says counts what the study has spent already. */
type RunBudget =
  | {
      /**
       * Finished queries in the end.  A screening counts as the part of a full training that it is; what is left in the end
       * does not pay for another.
       */
      queries: number;
      epochs?: undefined;
    }
  | {
      /** The same in epochs, where the study has a fidelity. */
      epochs: number;
      queries?: undefined;
    };

export type RunOptions = RunBudget & {
  oracle: Oracle;
  /** Queries in flight at once; a round asks for as many, where no `batch` was given. @default 1 */
  concurrency?: number;
  /**
   * Asks whenever a query can begin, with the others pending, and applies each answer at once: nobody waits for the slowest of a
   * batch, and the trace depends on how long queries take. @default false: answers count in the order asked, batch by batch
   */
  async?: boolean;
  /** Longest time for an attempt at a query; its signal fires then. @default none */
  timeoutMs?: number;
  /** Longest time without a sign of life (`report`, `log`) of an attempt. @default none */
  heartbeatMs?: number;
  /** Further attempts at a query that fails, with the same seed. @default 0 */
  retries?: number;
  /** Wait before the first of them; twice as long before each further one, at most five minutes. @default 1000 */
  backoffMs?: number;
  /** So many queries that fail one after another end the run. @default 1 */
  failures?: number;
  signal?: AbortSignal;
  /** Called after every finished query. */
  onTrial?: (trial: Trial) => void;
  /** Called with each point of a learning curve that an oracle reports. */
  onReport?: (trial: Trial, step: number, metrics: Metrics) => void;
  /** Called when a proxy has chosen what to query next, before the first of it is queried. */
  onRound?: (round: Round) => void;
  /** Called between slices of native work and after each query. */
  onProgress?: (progress: Progress) => void;
};

export interface RunResult {
  /** Why the run ended: the budget is spent, no architecture is left, or either without any that meets the constraints. */
  stopped: 'budget' | 'exhausted' | 'infeasible';
  /** Where the space is exhausted: what stood in the way of another architecture; where none is feasible: how that is. */
  reason?: string;
  /** Finished queries. */
  queries: number;
  best: Trial | undefined;
}

/** One finished query or screening of a trace. */
export interface TraceEntry {
  /** 1, 2, 3... in the order told. */
  query: number;
  architecture: string;
  /** Empty if the query failed. */
  metrics: Metrics;
  /** Best objective so far of what is feasible; null before the first. */
  best: number | null;
  /** What the proxy expected; null where {@link Trial.predicted} is absent. */
  predicted: number | null;
  /** 5 % and 95 % of that; null where the proxy cannot say. */
  interval: readonly [low: number, high: number] | null;
  round: number;
  /** Part of a full training, of a screening; absent in a query. */
  fidelity?: number;
  /** Epochs so far, this one's included, where the study has a fidelity. */
  epochs?: number;
  /** The constraint that the metrics break, in words; absent where they meet all. */
  broken?: string;
  /** Why there are no metrics: the query failed, or is infeasible. */
  error?: string;
  /** Set where the architecture cannot be trained. */
  infeasible?: true;
}

/** Milliseconds spent since the study was opened. */
export interface Timings {
  fitMs: number;
  climbMs: number;
  acquireMs: number;
  oracleMs: number;
  totalMs: number;
}
