import type { Objective, TraceEntry, Trial } from './types.js';

/** Finished trials, in the order told, with the best so far. */
export function traceOf(told: readonly Trial[], { metric, goal }: Objective): TraceEntry[] {
  const sign = goal === 'maximize' ? 1 : -1;
  let best: number | null = null;
  return told.map(({ query, architecture, metrics, predicted, interval, round, error }) => {
    const value = metrics?.[metric];
    if (value !== undefined && (best === null || sign * value > sign * best)) best = value;
    return {
      query: query!,
      architecture,
      metrics: metrics ?? {},
      best,
      predicted: predicted ?? null,
      interval: interval ?? null,
      round,
      ...(error === undefined ? {} : { error }),
    };
  });
}
