import type { Diagnostics, Proposal } from '../baselines/method.js';
import type { Database } from './sqlite.js';

/** What a method proposed, and how it is written. */
export interface Asked {
  readonly architecture: string;
  readonly proposal: Proposal;
}

/** How a trial ends: with what was measured, or why that is not known. */
export type Ending =
  | { readonly state: 'complete'; readonly metrics: Readonly<Record<string, number>> }
  | { readonly state: 'infeasible' | 'failed' | 'aborted'; readonly reason: string };

/** What happened to a study, in the order in which it did. */
export type StoredEvent =
  | { readonly kind: 'asked'; readonly asked: readonly Asked[]; readonly diagnostics: Diagnostics | undefined }
  | { readonly kind: 'enqueued'; readonly genes: readonly Uint8Array[] }
  | { readonly kind: 'held' | 'ended'; readonly trial: number; readonly ending: Ending };

interface TrialRow {
  architecture: string;
  genes: Buffer;
  round: number;
  cheap: number;
  predicted: number | null;
  low: number | null;
  high: number | null;
  known: string | null;
}

interface EventRow {
  kind: 'enqueued' | 'asked' | 'held' | 'told' | 'infeasible' | 'failed' | 'aborted';
  trial: number;
  count: number;
  diagnostics: string | null;
  answer: string | null;
  /** Of the trial. */
  metrics: string | null;
  error: string | null;
}

const TRIALS = 'SELECT architecture, genes, round, cheap, predicted, low, high, known FROM trials ORDER BY id';
const EVENTS =
  'SELECT e.kind, e.trial, e.count, e.diagnostics, e.answer, t.metrics, t.error FROM events e LEFT JOIN trials t ON t.id = e.trial ORDER BY e.number';

/** Everything that happened. */
export function* readEvents(db: Database): Generator<StoredEvent> {
  const rows = db.prepare(TRIALS).all() as TrialRow[]; // number i stands at i - 1
  for (const { kind, trial, count, diagnostics, answer, metrics, error } of db.prepare(EVENTS).all() as EventRow[]) {
    if (kind === 'asked') {
      const asked = rows.slice(trial - 1, trial - 1 + count).map(askedOf);
      yield { kind, asked, diagnostics: diagnostics === null ? undefined : (JSON.parse(diagnostics) as Diagnostics) };
    } else if (kind === 'enqueued')
      yield { kind, genes: (JSON.parse(answer!) as number[][]).map((genes) => Uint8Array.from(genes)) }; // prettier-ignore
    else if (kind === 'held') yield { kind, trial, ending: JSON.parse(answer!) as Ending };
    else if (kind === 'told') {
      const told = Object.freeze(JSON.parse(metrics!) as Record<string, number>);
      yield { kind: 'ended', trial, ending: { state: 'complete', metrics: told } };
    } else yield { kind: 'ended', trial, ending: { state: kind, reason: error! } };
  }
}

function askedOf({ architecture, genes, round, cheap, predicted, low, high, known }: TrialRow): Asked {
  const proposal: Proposal = {
    genes: new Uint8Array(genes),
    round,
    ...(cheap === 1 ? { cheap: true } : {}),
    ...(predicted === null ? {} : { predicted }),
    ...(low === null || high === null ? {} : { interval: [low, high] as const }),
    ...(known === null ? {} : { known: JSON.parse(known) as Record<string, number> }),
  };
  return { architecture, proposal };
}
