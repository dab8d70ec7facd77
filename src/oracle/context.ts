/** What an oracle is told besides the architecture. */
export interface OracleContext {
  /** Fires when the run is aborted, or this attempt has taken too long; a training should stop and reject. */
  signal: AbortSignal;
  /** Seed for this query, a function of the study's seed and the trial's id. */
  seed: number;
  /** Part of a full training that is wanted, 0..1: `epochs / fullEpochs` of the study's fidelity for a screening, else 1. */
  budget: number;
  /** The trial that asks, and which attempt at it this is: 1, 2, 3... */
  trial: number;
  attempt: number;
  /** Says what a training measured on the way, a point of its learning curve, and that it goes on. */
  report: (step: number, metrics: Record<string, number>) => void;
  /** Adds to the trial's log, and says that the training goes on. */
  log: (text: string) => void;
}
