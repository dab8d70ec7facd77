import type { PhaseTimes } from '../baselines/method.js';
import type { Fidelity, Objective, Timings, TraceEntry, Trial } from './types.js';

/** Finished trials, in the order told, with the best so far and, where there is a fidelity, the epochs. */
export function traceOf(told: readonly Trial[], { metric, goal }: Objective, costs?: Fidelity): TraceEntry[] {
  const sign = goal === 'maximize' ? 1 : -1;
  let best: number | null = null;
  let epochs = 0;
  return told.map(({ query, architecture, metrics, predicted, interval, round, fidelity, broken, error, state }) => {
    const value = fidelity === undefined && broken === undefined ? metrics?.[metric] : undefined;
    if (costs !== undefined) epochs += fidelity === undefined ? costs.fullEpochs : costs.epochs;
    if (value !== undefined && (best === null || sign * value > sign * best)) best = value;
    return {
      query: query!,
      architecture,
      metrics: metrics ?? {},
      best,
      predicted: predicted ?? null,
      interval: interval ?? null,
      round,
      ...(fidelity === undefined ? {} : { fidelity }),
      ...(costs === undefined ? {} : { epochs }),
      ...(broken === undefined ? {} : { broken }),
      ...(error === undefined ? {} : { error }),
      ...(state === 'infeasible' ? { infeasible: true as const } : {}),
    };
  });
}

/** Milliseconds of the phases, the oracle and all. */
export function timingsOf({ fit, climb, acquire }: PhaseTimes, oracleMs: number, totalMs: number): Timings {
  return { fitMs: fit, climbMs: climb, acquireMs: acquire, oracleMs, totalMs };
}
