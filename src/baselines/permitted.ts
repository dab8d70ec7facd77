import type { Question } from './inquiry.js';
import type { Proposal } from './method.js';

/** Which architectures of a space may be queried. @default all that are valid */
export interface Permitted {
  /** Genes (n, G) of the only ones. */
  readonly only?: Uint8Array | undefined;
  /** (n) 1 for each of these (genes (n, G), n of them) that may be, else 0: a function of the architecture. */
  readonly admits?: Question<Uint8Array> | undefined;
  /** Columns (n) of how far each limit that is known beforehand is broken; 0 where it is met, NaN where nothing is known. */
  readonly excess?: Question<readonly Float64Array[]> | undefined;
  /** Columns (n) of what is known beforehand of objectives, turned so that larger is better. */
  readonly objectives?: Question<readonly Float64Array[]> | undefined;
  /** What is known of each of these before it is queried. */
  readonly describe?: ((genes: readonly Uint8Array[]) => Promise<Proposal['known'][]>) | undefined;
}
