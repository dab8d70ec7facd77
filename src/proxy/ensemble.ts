import { throwIfAborted } from '../errors.js';
import {
  native,
  type ClimbEntropy,
  type ClimbPlan,
  type FitPlan,
  type NativePool,
  type NativeProxy,
  type ProxyConfig,
  type ScanPlan,
} from '../native.js';
import type { SearchSpace } from '../space/types.js';

/** Native work between two looks at the abort signal. An AsyncWorker round trip costs about 20 us, 0.2 % of it. */
const SLICE_MS = 10;
/** Candidates in the first slice of a scoring; later ones aim at SLICE_MS, since the more at once, the more rows repeat. */
const FIRST_CANDIDATES = 1024;

/** What long work reports to and is stopped by. */
export interface WorkContext {
  readonly signal?: AbortSignal | undefined;
  /** Part that is done, 0..1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** An ensemble of K proxies of one kind (a GCN in the paper, §3.1): a loop of native slices around each long operation. */
export class Ensemble {
  private readonly proxy: NativeProxy;

  constructor(space: SearchSpace, config: ProxyConfig) {
    this.proxy = new (native().Proxy)(space.program, config);
  }

  get isa(): string {
    return this.proxy.isa;
  }

  /** Fresh parameters, a function of (seed, round). */
  initialise(seed: number, round: number): void {
    this.proxy.initialise(seed, round);
  }

  /** All members' parameters (K, P), to be put back with {@link restore}. */
  snapshot(): Float32Array {
    return this.proxy.parameters();
  }

  restore(parameters: Float32Array): void {
    this.proxy.setParameters(parameters);
  }

  /** Fits every member to genes (n, G) and targets (n, O). An abort leaves the parameters where the fit stood. */
  async fit(genes: Uint8Array, targets: Float32Array, plan: FitPlan, context: WorkContext): Promise<void> {
    this.proxy.beginFit(genes, targets, plan);
    await slices('fit', () => this.proxy.fit(SLICE_MS), context);
  }

  /** Climbs from R starting points through every member (paper §3.2). */
  async climb(plan: ClimbPlan, context: WorkContext): Promise<void> {
    this.proxy.beginClimb(plan);
    await slices('climb', () => this.proxy.climb(SLICE_MS), context);
  }

  /** Scores all candidates of the pool that have no score yet. */
  async score(pool: NativePool, context: WorkContext): Promise<void> {
    await slices(
      'scoring',
      paced((limit) => pool.score(this.proxy, limit)),
      context,
    );
  }

  /** Adds the best of many architectures, or of the whole space, to the pool. */
  async scan(pool: NativePool, plan: ScanPlan, context: WorkContext): Promise<void> {
    pool.beginScan(this.proxy, plan);
    await slices(
      'scan',
      paced((limit) => pool.scan(this.proxy, limit)),
      context,
    );
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

async function slices(what: string, slice: () => Promise<number>, { signal, onProgress }: WorkContext): Promise<void> {
  for (let done = 0; done < 1;) {
    throwIfAborted(what, signal);
    done = await slice();
    onProgress?.(done);
  }
}

/** Slices of `limit` candidates that grow or shrink until one takes about SLICE_MS; no result depends on the cut. */
function paced(slice: (limit: number) => Promise<number>): () => Promise<number> {
  let limit = FIRST_CANDIDATES;
  return async () => {
    const start = performance.now();
    const done = await slice(limit);
    const spent = performance.now() - start;
    if (spent < SLICE_MS / 2) limit *= 2;
    else if (spent > SLICE_MS * 2) limit = Math.max(64, limit / 2);
    return done;
  };
}
