import { native } from './native.js';

/** What child seeds are dealt for.  Append, never renumber: studies must stay reproducible. */
export enum SeedLane {
  /** One for each trial, handed to the oracle. */
  Oracle = 1,
  /** One for each repetition of a baseline in a report. */
  Baseline = 2,
  /** One for each fit to a part of the history. */
  Window = 3,
  /** One for each index drawn in a resample of runs. */
  Resample = 4,
}

/** A child seed, 0..2^53-1: a function of (seed, lane, index) by Philox4x32-10, so that streams never overlap by accident. */
export function deriveSeed(seed: number, lane: SeedLane, index: number): number {
  return native().deriveSeed(seed, lane, index);
}
