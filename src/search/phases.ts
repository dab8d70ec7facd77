import type { Phase, PhaseTimes, ProposeContext } from '../baselines/method.js';
import type { WorkContext } from '../proxy/slices.js';

/** Runs one phase of a round: its progress is reported under its name, and its time counts however it ends. */
export async function runPhase(
  name: Phase,
  times: PhaseTimes,
  context: ProposeContext,
  work: (context: WorkContext) => Promise<void>,
): Promise<void> {
  const start = performance.now();
  try {
    await work({ signal: context.signal, onProgress: (fraction) => context.onPhase?.(name, fraction) });
  } finally {
    times[name] += performance.now() - start;
  }
}
