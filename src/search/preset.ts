import type { ClimbPlan, DrawPlan, ProxyConfig } from '../native.js';
import type { HeadPlan } from './head.js';
import type { LearnPlan } from './learn.js';
import type { MixturePlan } from './mixture.js';

/** Settings of the `optiproxy` method. */
export interface Preset extends LearnPlan {
  readonly name: string;
  /** Architectures before the first fit, and architectures a round after it. */
  readonly init: number;
  readonly batch: number;
  /** K members of L layers of H hidden units. */
  readonly model: Readonly<Pick<ProxyConfig, 'kind' | 'members' | 'layers' | 'hidden'>>;
  readonly climb: Omit<ClimbPlan, 'seed' | 'round'>;
  readonly draw: Omit<DrawPlan, 'seed' | 'round' | 'draws'>;
  /** Architectures drawn from each climbed distribution, given how many are wanted. */
  readonly draws: (count: number) => number;
  /** A space or pool of at most this many architectures is scored whole instead of climbed, which is then cheaper. */
  readonly wholeSpace: number;
  /** Whether pools are scored whole however large they are: a climb would hardly ever end in an architecture of one. */
  readonly scansPools: boolean;
  /** Incumbents whose neighbours are candidates too; 0 for none. */
  readonly incumbents: number;
  /** Neighbours at once, about: where architectures have many, fewer are gone on from, at least two. */
  readonly mostNeighbours: number;
  /** Random architectures that are candidates too. */
  readonly explored: number;
  /** Random architectures that are scored, of which the best are candidates too. @default 0 */
  readonly scanned?: number | undefined;
  /** Rounds of hill climbing on the proxy, and how many of the best-predicted candidates it goes on from. */
  readonly hillClimb: { readonly rounds: number; readonly centres: number };
  /** How an ensemble alone picks. */
  readonly pick: 'mean' | 'thompson';
  /** Whether the first samples are chosen to stand for the space; else they are random. */
  readonly designed: boolean;
  /** How the networks learn limits that are known before a query; left out where they do not. */
  readonly head?: HeadPlan | undefined;
  /** The Gaussian process beside the ensemble; without one, the ensemble alone picks. */
  readonly mixture?: MixturePlan | undefined;
}
