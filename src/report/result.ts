import { version } from '../metadata.js';
import type { Constraint } from '../metric/constraint.js';
import type { Units } from '../metric/units.js';
import type { Fidelity, Metrics, Objective, Round, Timings, TraceEntry, Trial, Warning } from '../study/types.js';

/** Why a search ended. */
export type Stopped = 'budget' | 'exhausted' | 'infeasible' | 'aborted' | 'failed';

/** What a report needs of a study; a `Study` has all of it. */
export interface ReportedStudy {
  readonly space: { readonly id: string };
  readonly method: string;
  readonly preset: string;
  readonly proxy: string;
  readonly seed: number;
  readonly queries: number;
  readonly fidelity: Readonly<Required<Fidelity>> | undefined;
  readonly screened: number;
  readonly epochs: number;
  readonly constraints: readonly Constraint[];
  readonly units: Units;
  readonly objectives: readonly Objective[];
  readonly best: Trial | undefined;
  readonly front: readonly Trial[];
  readonly rounds: readonly Round[];
  readonly warnings: readonly Warning[];
  readonly timings: Timings;
  readonly isa: string;
  trace(): TraceEntry[];
}

/** The one JSON object of `optiproxy search --json`; `schema` changes when a field changes its meaning. */
export interface SearchResult {
  schema: 1;
  space: string;
  method: string;
  preset: string;
  /** The network that the method learns with; `none` for methods without one. */
  proxy: string;
  seed: number;
  queries: number;
  /** What architectures were screened by, how many were, and the epochs of all; absent where none are. */
  fidelity?: Readonly<Required<Fidelity>>;
  screened?: number;
  epochs?: number;
  /** What the best had to meet; absent where nothing. */
  constraints?: readonly Constraint[];
  /** Units of metrics; absent where none is known. */
  units?: Units;
  stopped: Stopped;
  best: { architecture: string; metrics: Metrics; query: number } | null;
  /** With several objectives: what they are, and the Pareto front in the order found. */
  objectives?: readonly Objective[];
  front?: { architecture: string; metrics: Metrics; query: number }[];
  trace: TraceEntry[];
  rounds: readonly Round[];
  warnings: readonly Warning[];
  timings: Timings;
  /** Largest resident memory of the process so far, MiB. */
  peakRssMb: number;
  /** What graph networks were computed on. */
  device: 'cpu' | 'cuda';
  isa: string;
  version: string;
}

export function searchResult(study: ReportedStudy, stopped: Stopped): SearchResult {
  const { best } = study;
  const timings = Object.fromEntries(Object.entries(study.timings).map(([name, ms]) => [name, round(ms as number, 3)]));
  return {
    schema: 1,
    space: study.space.id,
    method: study.method,
    preset: study.preset,
    proxy: study.proxy,
    seed: study.seed,
    queries: study.queries,
    ...(study.fidelity === undefined
      ? {}
      : { fidelity: study.fidelity, screened: study.screened, epochs: study.epochs }),
    ...(study.constraints.length === 0 ? {} : { constraints: study.constraints }),
    ...(Object.keys(study.units).length === 0 ? {} : { units: study.units }),
    stopped,
    best: best === undefined ? null : foundOf(best),
    ...(study.objectives.length === 1 ? {} : { objectives: study.objectives, front: study.front.map(foundOf) }),
    trace: study.trace(),
    rounds: study.rounds,
    warnings: study.warnings,
    timings: timings as unknown as Timings,
    peakRssMb: round(process.resourceUsage().maxRSS / 1024, 1),
    device: study.isa.startsWith('cuda') ? 'cuda' : 'cpu',
    isa: study.isa,
    version,
  };
}

function foundOf({ architecture, metrics, query }: Trial): { architecture: string; metrics: Metrics; query: number } {
  return { architecture, metrics: metrics!, query: query! };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
