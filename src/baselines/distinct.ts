import { coreOf } from '../space/explore.js';
import type { SearchSpace } from '../space/types.js';

/** Architectures of which no two are the same by the space's isomorphism. */
export class Distinct {
  readonly genes: Uint8Array[] = [];
  private readonly keys = new Set<string>();

  constructor(private readonly space: SearchSpace) {}

  has(genes: Uint8Array): boolean {
    return this.keys.has(this.keyOf(genes));
  }

  add(genes: Uint8Array): void {
    this.genes.push(genes);
    this.keys.add(this.keyOf(genes));
  }

  private keyOf(genes: Uint8Array): string {
    return Buffer.from(coreOf(this.space).keys(genes)).toString('latin1');
  }
}
