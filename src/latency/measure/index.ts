import { measureWith, type MeasuredLatency } from './measure.js';
import type { MeasureOptions } from './options.js';
import { onnxStopwatch } from './timing.js';

/**
 * Measures how long the networks of architectures take on this machine: each is built in full (ONNX, random weights, batch
 * norm folded) and run by onnxruntime-node in a child process; networks take turns in random order, so that what the machine
 * does meanwhile favours none.  The latency is the median of a network's runs, of those at its better times, in milliseconds.
 *
 * With `out` finished rows are kept whatever ends the call, and the same call goes on from them.  A network that cannot be
 * run has no latency, and its reason is among `failures`.
 *
 * Rejects with `RUNTIME_MISSING` without onnxruntime-node; with `INVALID_ARGUMENT` for a wrong option, or an `out` that was
 * measured with other settings; with `INVALID_ARCHITECTURE`; with `ABORTED` once the signal fires, when no more is running.
 */
export async function measureLatency(options: MeasureOptions): Promise<MeasuredLatency> {
  return measureWith(onnxStopwatch(), options);
}

export { settingsFile, type LatencyFailure, type LatencyRow, type LatencySettings } from './log.js';
export type { MeasuredLatency } from './measure.js';
export { most, type MeasureOptions, type MeasureProgress } from './options.js';
