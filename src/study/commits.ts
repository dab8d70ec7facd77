import type { Ending } from '../store/store.js';
import type { Trial } from './types.js';

/** What commits need of a ledger. */
interface CommitLedger {
  readonly trials: { readonly all: readonly Trial[] };
  readonly held: ReadonlyMap<number, Ending>;
  end(id: number, ending: Ending): Trial;
  hold(id: number, ending: Ending): void;
  check(id: number, ending: Ending): void;
  started(id: number): void;
  reported(id: number, step: number, metrics: Record<string, number>): void;
  logged(id: number, text: string): void;
}

/**
 * The trials that the runs of a study asked for, in that order, and answers to them, which count in that order whenever they
 * arrive: a run is the same however long each query takes.  Those whose turn it is not yet are held, and are in the file.
 */
export class Commits {
  private readonly waiting = new Set<number>();

  constructor(readonly ledger: CommitLedger) {}

  /** Whoever asked for what is running is gone: the next run takes it over. */
  resume(): void {
    this.take(this.ledger.trials.all);
  }

  take(trials: readonly Trial[]): void {
    for (const { id, state } of trials) if (state === 'running') this.waiting.add(id);
  }

  /** Trials without an answer, in the order asked. */
  get open(): Trial[] {
    return [...this.waiting].filter((id) => this.wants(id)).map((id) => this.ledger.trials.all[id - 1]!);
  }

  /** Whether a trial still wants an answer: an earlier run, or its caller, may have given one. */
  wants(id: number): boolean {
    return this.running(id) && !this.ledger.held.has(id);
  }

  /** Takes an answer to an open trial; the trial, where it counts now: in its turn, or at once. */
  answer(id: number, ending: Ending, atOnce: boolean): Trial | undefined {
    if (atOnce || id === this.first || !this.waiting.has(id)) return this.end(id, ending);
    this.ledger.hold(id, ending);
    return undefined;
  }

  /** Counts an answer that was held and whose turn it is now, or which need not wait; undefined where there is none. */
  next(atOnce: boolean): Trial | undefined {
    const { held } = this.ledger;
    const [id] = atOnce ? held.keys() : [this.first];
    const ending = id === undefined ? undefined : held.get(id);
    return ending === undefined ? undefined : this.end(id!, ending);
  }

  /** The trial whose turn it is. */
  private get first(): number | undefined {
    for (const id of this.waiting) {
      if (this.running(id)) return id;
      this.waiting.delete(id); // it was told otherwise
    }
    return undefined;
  }

  /** Full trainings that held answers have cost. */
  get heldCost(): number {
    let cost = 0;
    for (const id of this.ledger.held.keys()) cost += this.ledger.trials.all[id - 1]!.fidelity ?? 1;
    return cost;
  }

  private running(id: number): boolean {
    return this.ledger.trials.all[id - 1]!.state === 'running';
  }

  private end(id: number, ending: Ending): Trial {
    this.waiting.delete(id);
    return this.ledger.end(id, ending);
  }
}
