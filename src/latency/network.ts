import { native, type FitPlan, type NativeSpace, type ProxyConfig } from '../native.js';
import { ByteIndex } from '../oracle/byte-index.js';
import { Ensemble } from '../proxy/ensemble.js';
import { scorePool, type WorkContext } from '../proxy/slices.js';
import { geneCount } from '../space/genes.js';
import type { SearchSpace, SpaceProgram } from '../space/types.js';

/**
 * Small networks: a latency is close to a sum over operations, so that wider ones learn noise (docs/latency.md), and the
 * exported model is as fast as this is small.
 */
export const SHAPE = { hidden: 16, layers: 2, members: 2 } as const;

/** How networks learn from fresh parameters. */
const PLAN: Omit<FitPlan, 'seed' | 'round'> = {
  epochs: 100,
  batch: 32,
  lr: 3e-3,
  weightDecay: 0.01,
  schedule: { decay: 'cosine' },
  ranking: 0,
  margin: 0,
  dropout: 0,
};
/** Gradient steps of a fit at most: past 3,840 measurements it takes fewer epochs. */
const MAX_STEPS = 12_000;

/** What a fit's random numbers are a function of. */
export interface Stream {
  readonly seed: number;
  readonly round: number;
}

/** The plan of a fit to so many samples. */
export function planFor(samples: number, stream: Stream): FitPlan {
  const steps = Math.ceil(samples / PLAN.batch);
  return { ...PLAN, epochs: Math.max(1, Math.min(PLAN.epochs, Math.floor(MAX_STEPS / steps))), ...stream };
}

/** Members' mean and standard deviation of each architecture, in the unit of the targets. */
export interface Beliefs {
  readonly means: Float64Array;
  readonly spreads: Float64Array;
}

/** An ensemble of GCNs of one output, and what it predicts of any architectures. */
export class Network {
  private readonly ensemble: Ensemble;
  /** Tells all encodings apart, and leaves what the proxy reads as it is. */
  private readonly program: SpaceProgram;
  private readonly core: NativeSpace;

  /** `shape`: K members of L layers of H hidden units. */
  constructor(
    space: SearchSpace,
    threads: number,
    private readonly shape: Pick<ProxyConfig, 'hidden' | 'layers' | 'members'> = SHAPE,
  ) {
    const { program } = space;
    this.ensemble = new Ensemble(space, { kind: 'gcn', ...shape, outputs: 1, threads });
    this.program =
      program.isomorphism === 'encoding' ? program : { ...program, isomorphism: 'encoding', edgeCells: [] };
    this.core = new (native().Space)(this.program);
  }

  initialise({ seed, round }: Stream): void {
    this.ensemble.initialise(seed, round);
  }

  restore(parameters: Float32Array): void {
    this.ensemble.restore(parameters);
  }

  /** Learns targets (n) of genes (n, G) from the parameters that it has. */
  async fit(genes: Uint8Array, targets: Float32Array, stream: Stream, context: WorkContext): Promise<void> {
    await this.ensemble.fit(genes, targets, planFor(targets.length, stream), context);
  }

  /** (K, P) */
  parameters(): Float32Array {
    return this.ensemble.snapshot();
  }

  /** Of genes (n, G), all of them valid. */
  async predict(genes: Uint8Array, context: WorkContext): Promise<Beliefs> {
    const width = geneCount(this.program);
    const keys = this.core.keys(genes);
    const distinct = new ByteIndex(16);
    const places = Uint32Array.from({ length: genes.length / width }, (_, i) => {
      const earlier = distinct.add(keys, i * 16);
      return earlier < 0 ? distinct.size - 1 : earlier;
    });
    const pool = new (native().Pool)(this.program);
    try {
      pool.add(genes);
      await scorePool(pool, this.ensemble.scorer, context);
      return beliefsOf(pool.scores(), places, this.shape.members);
    } finally {
      pool.close();
    }
  }

  close(): void {
    this.ensemble.close();
  }
}

/** Of scores (m, K) and the row of each architecture. */
function beliefsOf(scores: Float32Array, rows: Uint32Array, members: number): Beliefs {
  const means = new Float64Array(rows.length);
  const spreads = new Float64Array(rows.length);
  rows.forEach((row, i) => {
    const own = scores.subarray(row * members, (row + 1) * members);
    const mean = own.reduce((sum, z) => sum + z, 0) / members;
    means[i] = mean;
    spreads[i] = Math.sqrt(own.reduce((sum, z) => sum + (z - mean) ** 2, 0) / members);
  });
  return { means, spreads };
}
