import { native } from './native.js';

/** What child seeds are dealt for.  Append, never renumber: studies must stay reproducible. */
export enum SeedLane {
  /** One for each trial, handed to the oracle. */
  Oracle = 1,
  /** One for each repetition of a baseline in a report. */
  Baseline = 2,
  /** One for each fit to a part of the history. */
  Window = 3,
  /** The numbers of {@link Draws}. */
  Draw = 4,
  /** One for each call of evolution. */
  Evolution = 5,
  /** One for each call of the tree-structured Parzen estimator. */
  Tpe = 6,
  /** One for each call of BANANAS. */
  Bananas = 7,
  /** One for each index drawn in a resample of runs. */
  Resample = 8,
  /** One for each time that random architectures are drawn again, as too few of them met a constraint. */
  Feasible = 9,
  /** The weights of several objectives, one for each ask. */
  Scalarise = 10,
  /** Which measurements of a latency model are left out together. */
  Folds = 11,
  /** The architectures on which a model in onnxruntime is compared with the native one. */
  Compared = 12,
  /** Of measuring latencies: weights of networks, and the order that they are timed in. */
  Latency = 13,
  /** Architectures that networks learn known limits from, one for each fit. */
  Unqueried = 14,
}

/** A child seed, 0..2^53-1: a function of (seed, lane, index) by Philox4x32-10, so that streams never overlap by accident. */
export function deriveSeed(seed: number, lane: SeedLane, index: number): number {
  return native().deriveSeed(seed, lane, index);
}

/** A stream of random numbers that starts anew from the same seed. */
export class Draws {
  private drawn = 0;

  constructor(readonly seed: number) {}

  /** Uniform in [0, 1). */
  uniform(): number {
    return deriveSeed(this.seed, SeedLane.Draw, this.drawn++) / 2 ** 53;
  }

  /** A uniform whole number, 0..bound-1. */
  below(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  /** Standard normal (Box-Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }
}
