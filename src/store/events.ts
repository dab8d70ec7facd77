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

type TrialRow = [
  architecture: string,
  /** In hexadecimal digits: a text is read in a fraction of the time that a buffer takes. */
  genes: string,
  round: number,
  cheap: number,
  predicted: number | null,
  low: number | null,
  high: number | null,
  known: string | null,
  /** What was told, or why there is none. */
  metrics: string | null,
  error: string | null,
];

type EventRow = [
  kind: 'enqueued' | 'asked' | 'held' | 'told' | 'infeasible' | 'failed' | 'aborted',
  trial: number,
  count: number,
  diagnostics: string | null,
  answer: string | null,
];

const TRIALS =
  'SELECT architecture, hex(genes), round, cheap, predicted, low, high, known, metrics, error FROM trials ORDER BY id';
const EVENTS = 'SELECT kind, trial, count, diagnostics, answer FROM events ORDER BY number';

/** Everything that happened.  Nothing is written meanwhile. */
export function* readEvents(db: Database): Generator<StoredEvent> {
  const rows = db.prepare(TRIALS).raw().iterate() as IterableIterator<TrialRow>; // in the order asked, as the events are
  const told: (string | null)[] = [];
  const errors: (string | null)[] = [];
  const nextRow = (): TrialRow => {
    const next = rows.next();
    if (next.done !== true) return next.value;
    throw new Error('fewer trials than were asked for');
  };
  try {
    for (const [kind, trial, count, diagnostics, answer] of db
      .prepare(EVENTS)
      .raw()
      .iterate() as IterableIterator<EventRow>) {
      // prettier-ignore
      if (kind === 'asked') {
        const asked: Asked[] = [];
        for (let id = trial; id < trial + count; ++id) {
          const row = nextRow();
          [told[id], errors[id]] = [row[8], row[9]];
          asked.push(askedOf(row));
        }
        yield { kind, asked, diagnostics: diagnostics === null ? undefined : (JSON.parse(diagnostics) as Diagnostics) };
      } else if (kind === 'told') {
        const metrics = JSON.parse(told[trial] ?? 'null') as Record<string, number>;
        yield { kind: 'ended', trial, ending: { state: 'complete', metrics } };
      } else if (kind === 'held') yield { kind, trial, ending: JSON.parse(answer!) as Ending };
      else if (kind === 'enqueued') yield { kind, genes: (JSON.parse(answer!) as number[][]).map((genes) => Uint8Array.from(genes)) }; // prettier-ignore
      else yield { kind: 'ended', trial, ending: { state: kind, reason: errors[trial]! } };
    }
  } finally {
    rows.return?.();
  }
}

function askedOf([architecture, genes, round, cheap, predicted, low, high, known]: TrialRow): Asked {
  const proposal: Proposal = {
    genes: Buffer.from(genes, 'hex'),
    round,
    ...(cheap === 1 ? { cheap: true } : {}),
    ...(predicted === null ? {} : { predicted }),
    ...(low === null || high === null ? {} : { interval: [low, high] as const }),
    ...(known === null ? {} : { known: JSON.parse(known) as Record<string, number> }),
  };
  return { architecture, proposal };
}
