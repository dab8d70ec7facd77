import {
  native,
  type ClimbEntropy,
  type ClimbPlan,
  type FitPlan,
  type NativePool,
  type NativeProxy,
  type ProxyConfig,
} from '../native.js';
import type { SearchSpace } from '../space/types.js';
import type { CurvedLabels } from './labels.js';
import { SLICE_MS, slices, type WorkContext } from './slices.js';

/** Networks as they are, and what their first output stands for. */
export interface Learnt {
  readonly config: ProxyConfig;
  /** (K, P) */
  readonly parameters: Float32Array;
  readonly labels: CurvedLabels;
}

/** An ensemble of K proxies of one kind (a GCN in the paper, §3.1): a loop of native slices around each long operation. */
export class Ensemble {
  /** K. */
  readonly members: number;
  /** What its kernels run on; known after it is closed too. */
  readonly isa: string;
  private readonly proxy: NativeProxy;
  private fitted = false;

  constructor(
    space: SearchSpace,
    readonly config: ProxyConfig,
  ) {
    this.members = config.members;
    this.proxy = new (native().Proxy)(space.program, config);
    this.isa = this.proxy.isa;
  }

  /** Whether the parameters are others than those that `initialise` made. */
  get trained(): boolean {
    return this.fitted;
  }

  /** Fresh parameters, a function of (seed, round). */
  initialise(seed: number, round: number): void {
    this.proxy.initialise(seed, round);
    this.fitted = false;
  }

  /** All members' parameters (K, P), to be put back with {@link restore}. */
  snapshot(): Float32Array {
    return this.proxy.parameters();
  }

  restore(parameters: Float32Array): void {
    this.proxy.setParameters(parameters);
    this.fitted = true;
  }

  /** Fits every member to genes (n, G) and targets (n, O). An abort leaves the parameters where the fit stood. */
  async fit(genes: Uint8Array, targets: Float32Array, plan: FitPlan, context: WorkContext): Promise<void> {
    this.fitted = true;
    this.proxy.beginFit(genes, targets, plan);
    await slices('fit', () => this.proxy.fit(SLICE_MS), context);
  }

  /** Climbs from R starting points through every member (paper §3.2). `weights` (O) of the outputs. @default the first alone */
  async climb(plan: ClimbPlan, context: WorkContext, weights?: Float32Array): Promise<void> {
    this.proxy.beginClimb(plan, weights);
    await slices('climb', () => this.proxy.climb(SLICE_MS), context);
  }

  /** What scores a pool's candidates with the members' predictions. */
  get scorer(): NativeProxy {
    return this.proxy;
  }

  /** How far the last climb's distributions have decided. */
  entropy(sharpness: number): ClimbEntropy {
    return this.proxy.entropy(sharpness);
  }

  /** Adds architectures drawn from the last climb's distributions to the pool. */
  drawInto(pool: NativePool, plan: Parameters<NativePool['addClimbed']>[1]): number {
    return pool.addClimbed(this.proxy, plan);
  }

  close(): void {
    this.proxy.close();
  }
}
