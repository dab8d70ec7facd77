import type { OptiProxyError } from './errors.js';
import type { SpaceProgram } from './space/types.js';

/** How a learning rate falls: not at all, by a cosine to 0, or times `gamma` every `every` epochs (fit) or steps (climb). */
export type Schedule = { decay: 'constant' } | { decay: 'cosine' } | { decay: 'step'; gamma: number; every: number };

/** Networks that a proxy can be. */
export const proxyNames = ['gcn', 'mlp', 'transformer'] as const;
export type ProxyKind = (typeof proxyNames)[number];

/** Shape of an ensemble: K members of L layers of H hidden units that predict O metrics each. */
export interface ProxyConfig {
  kind: ProxyKind;
  hidden: number;
  layers: number;
  outputs: number;
  members: number;
  threads: number;
  device?: 'cpu' | 'cuda'; // what computes it, the cpu by default
}

export interface FitPlan {
  epochs: number;
  batch: number;
  lr: number;
  weightDecay: number;
  schedule: Schedule;
  /** Weight and margin of the pairwise ranking hinge beside the mean squared error. */
  ranking: number;
  margin: number;
  dropout: number;
  seed: number;
  round: number;
}

export interface ClimbPlan {
  /** R, starting points of each member. */
  restarts: number;
  steps: number;
  lr: number;
  weightDecay: number;
  schedule: Schedule;
  /** Temperature of the Gumbel-softmax, linear from start to end. */
  tauStart: number;
  tauEnd: number;
  /** Range of the starting logits. */
  alphaLow: number;
  alphaHigh: number;
  /** Learning rate of the edges' logits β; 0 for that of the operations' α. */
  betaLr: number;
  /** Steps after which α and β take turns to move, or 0 to move both at every step. */
  turn: number;
  seed: number;
  round: number;
}

export interface DrawPlan {
  /** Architectures drawn for each member and restart. */
  draws: number;
  /** Factor on the logits before the softmax. */
  sharpness: number;
  /** Weight of the uniform noise added to each probability. */
  noise: number;
  seed: number;
  round: number;
}

/** Which architectures a scan goes through. */
export interface ScanPlan {
  /** Uniformly random ones; where the space has no more than that, each of it once. */
  count: number;
  /** How many are kept: the best by each member, and as many by the mean. */
  keep: number;
  seed: number;
  round: number;
}

/**
 * An ensemble of networks on a backend.  One call at a time (`BUSY` otherwise), none after `close` (`CLOSED`).  Slices take
 * milliseconds and resolve to the part that is done, 1 at the end; where slices are cut never changes a result.
 */
export interface NativeProxy {
  readonly isa: string;
  /** Fresh parameters, a function of (seed, round). */
  initialise(seed: number, round: number): void;
  /** genes (n, G), targets (n, O), NaN for what was not measured. */
  beginFit(genes: Uint8Array, targets: Float32Array, plan: FitPlan): void;
  fit(milliseconds: number): Promise<number>;
  /** `weights` (O) of the outputs in what is climbed. @default the first alone */
  beginClimb(plan: ClimbPlan, weights?: Float32Array): void;
  climb(milliseconds: number): Promise<number>;
  /** Of the finished climb's distributions, their logits times `sharpness`. */
  entropy(sharpness: number): ClimbEntropy;
  /** A copy of all members' parameters (K, P). */
  parameters(): Float32Array;
  setParameters(parameters: Float32Array): void;
  close(): void;
}

/** What became of the architectures that were proposed to a pool since it was cleared. */
export interface Tally {
  added: number;
  /** Asked before: the same by the space's isomorphism. */
  known: number;
  /** Likewise a candidate already. */
  repeated: number;
  /** Against the space's constraints. */
  invalid: number;
  /** Not among those that the pool is restricted to. */
  outside: number;
  /** Refused by `judge`. */
  infeasible: number;
  /** Scored by a scan, whether or not they were kept; of a random part of the space known ones too. */
  scanned: number;
}

/** Entropy over that of even odds, 0..1, mean over genes and distributions; null where no gene is of that kind. */
export interface ClimbEntropy {
  /** Of choices. */
  alpha: number | null;
  /** Of bits and subsets. */
  beta: number | null;
}

/** What a kernel can look at (docs/architecture.md). */
export type KernelView = 'genes' | 'labels' | 'flow';

/** How a Gaussian process sees architectures: a point of a grid (native/core/kernel_shape.h). */
export interface KernelShape {
  /** Weights of what architectures have in common, 1 in all: genes, Weisfeiler-Lehman labels, flows. */
  genes: number;
  labels: number;
  flow: number;
  /** How fast covariance falls with similarity. */
  scale: number;
  /** Variance of measurements beside that of the process. */
  noise: number;
  /** Between measurements of a low fidelity and full ones. */
  correlation: number;
}

/** A Gaussian process over architectures.  Same rules of use as {@link NativeProxy}. */
export interface NativeBelief {
  /**
   * Of the last fit; one that is set counts from the next fit on, which begins there if it tunes. Throws
   * `INVALID_ARGUMENT` for what is no point of the grid.
   */
  shape: KernelShape;
  /** Standard deviation of a measurement about the value that it measures, in the targets' unit, of the last fit; 0 before. */
  readonly noise: number;
  /**
   * Learns genes (n, G) and targets (n), n >= 1, of mean 0 or about; `tune` chooses the kernel's shape anew.  `cheap` (n):
   * 1 for what was measured at a low fidelity, else 0; left out if nothing was.  Resolves to 1.
   */
  fit(genes: Uint8Array, targets: Float32Array, tune: boolean, cheap?: Uint8Array): Promise<number>;
  /** Means (n), then standard deviations (n), of an assessment by this belief. Synchronous: callers bound the batches. */
  predict(assessment: Assessment, genes: Uint8Array): Float32Array;
  close(): void;
}

/** What is made of a belief: the mixture with an ensemble, and how much a candidate promises. */
export interface Assessment {
  belief: NativeBelief;
  proxy?: NativeProxy | undefined;
  /** How much of the mixture is the ensemble's, 0..1. */
  share: number;
  /** `ucb`: mean + beta · deviation. `log-ei`: log of the expected improvement on `best`. */
  rule: 'ucb' | 'log-ei';
  beta: number;
  best: number;
}

/** What gives candidates their scores: predictions (K) of an ensemble, or one number, the acquisition. */
export type Scorer = NativeProxy | Assessment;

/** The distinct candidates of a round, apart from those already known.  Same rules of use as {@link NativeProxy}. */
export interface NativePool {
  readonly size: number;
  /** Architectures there are to propose: encodings of the space, or those that the pool is restricted to. */
  readonly count: number;
  /**
   * From now on only these genes (n, G) can become candidates. Throws `INVALID_ARGUMENT` for an invalid one.  `nearest`:
   * whether neighbours are the nearest of them, or those that differ in one gene. @default true
   */
  restrict(genes: Uint8Array, nearest?: boolean): void;
  tally(): Tally;
  /** genes (n, G) that shall never be candidates. */
  addKnown(genes: Uint8Array): void;
  /** Forgets the candidates, not the known. */
  clear(): void;
  /** Each returns how many candidates are new.  First these genes (n, G) as they stand; `again`: though they are known. */
  add(genes: Uint8Array, again?: boolean): number;
  addClimbed(proxy: NativeProxy, plan: DrawPlan): number;
  addNeighbours(genes: Uint8Array): number;
  addNeighboursOfBest(count: number): number;
  addUniform(count: number, seed: number, round: number): number;
  /** Genes (n, G) of the candidates that `judge` has not been told of yet. */
  unjudged(): Uint8Array;
  /**
   * What is to become of those (n): what gets a 0, now or before, leaves the candidates; what is found later of it is one
   * until the next call.  Comes before scores.
   */
  judge(verdicts: Uint8Array): void;
  /** Scores architectures that need not be candidates, in memory that does not grow with their number... */
  beginScan(scorer: Scorer, plan: ScanPlan): void;
  /** ...at most `limit` a call; resolves to the part that is done. At 1 the best new ones have become candidates. */
  scan(scorer: Scorer, limit: number): Promise<number>;
  /** Scores at most `limit` candidates that have no score; resolves to 1 when none is left. */
  score(scorer: Scorer, limit: number): Promise<number>;
  /** Gives all candidates the score (n) that the caller made of them, instead of those that they have. */
  setScores(scores: Float32Array): void;
  /** All candidates are without a score again. */
  forgetScores(): void;
  /** At most `count` candidates that stand for all, the ones that stand for most first. */
  representatives(count: number): Uint8Array;
  /** (n, K) predictions of all candidates. Throws `INVALID_ARGUMENT` unless all are scored. */
  scores(): Float32Array;
  /**
   * The best `count` (fewer if there are no more): mean and standard deviation over the members of each one's prediction,
   * and its place among the candidates, which stand in the order that they were added in.
   */
  pick(
    count: number,
    rule: 'mean' | 'thompson',
    seed: number,
    round: number,
  ): { genes: Uint8Array; means: Float32Array; deviations: Float32Array; places: Uint32Array };
  /** All candidates (n, G). */
  candidates(): Uint8Array;
  /** The same in a random order, a function of (seed, round). */
  shuffled(seed: number, round: number): Uint8Array;
  close(): void;
}

/** A search space's own functions, on batches of genes (n, G). All are synchronous: callers bound the batches. */
export interface NativeSpace {
  /** Number of encodings, valid or not. */
  readonly count: number;
  /** Texts of the codes that `check` gives. */
  readonly reasons: string[];
  /** Up to `count` uniformly random valid encodings, and how many draws that took; fewer if hardly any is valid. */
  draw(count: number, seed: number, round: number): { genes: Uint8Array; tried: number };
  /** Encodings number first..first + count - 1, valid or not; gene 0 changes fastest. */
  enumerate(first: number, count: number): Uint8Array;
  /** (n) 0 for a valid architecture, else the place of what it breaks in `reasons`. */
  check(genes: Uint8Array): Uint16Array;
  /** (n, 16) canonical keys. */
  keys(genes: Uint8Array): Uint8Array;
  /** What the proxy reads: genes without effect are absent. */
  normalise(genes: Uint8Array): Uint8Array;
  /** All valid architectures that differ from one of these by a new value of one gene. */
  neighbours(genes: Uint8Array): Uint8Array;
  /** A random valid neighbour of each; one is left out where bounded tries find none. */
  mutate(genes: Uint8Array, seed: number, round: number): Uint8Array;
  /** Feature rows (n, N, F) and normalised adjacencies (n, N, N), or (N, N) where no gene decides an edge. */
  encode(genes: Uint8Array): { x: Float32Array; out: Float32Array; back: Float32Array };
}

/** What is compiled in and what this machine can run. */
export interface NativeInfo {
  isa: string;
  isas: string[];
  compiler: string;
  /** `words`: which GPU is usable, or why none is. `emulated`: kernels run on the host, in a build for tests. `mostNodes`: N of the largest graph. */
  cuda: { built: boolean; usable: boolean; emulated: boolean; mostNodes: number; words: string };
}

export interface NativeAddon {
  Proxy: new (program: SpaceProgram, config: ProxyConfig) => NativeProxy;
  Pool: new (program: SpaceProgram) => NativePool;
  /**
   * `reference` (m, G), m >= 1: architectures that stand for the space. `views`: at least one. @default all.  `written`: whether
   * it sees architectures as they are written, operations without effect too. @default false
   */
  Belief: new (
    program: SpaceProgram,
    reference: Uint8Array,
    views?: readonly KernelView[],
    written?: boolean,
  ) => NativeBelief;
  Space: new (program: SpaceProgram) => NativeSpace;
  /** Throws `INVALID_ARGUMENT` if OPTIPROXY_ISA names what cannot run here. */
  info(): NativeInfo;
  /** A 53-bit whole number, a function of its arguments. */
  deriveSeed(seed: number, lane: number, index: number): number;
  /**
   * (n) log of how much more than a front (F, O) each candidate is expected to dominate, of what is better than the reference
   * (O): `means` and `deviations` (n, O), O of 1 to 3, larger being better, a deviation of 0 for what is known; -1e30 of what
   * cannot gain anything.  Synchronous: callers bound the batches.
   */
  logImprovement(
    front: Float32Array,
    reference: Float32Array,
    means: Float32Array,
    deviations: Float32Array,
  ): Float32Array;
  /** (n) log of the probability that what has these means (n) and deviations (n) is within bounds; likewise. */
  logFeasibility(means: Float32Array, deviations: Float32Array, low: number, high: number): Float32Array;
  useErrorClass(constructor: typeof OptiProxyError): void;
}
