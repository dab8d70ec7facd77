import type { Observations, Proposal } from '../baselines/method.js';

/** Of more than this many the latest: what failed never gets an answer, and a fit's cost must stay bounded. */
const MOST_PENDING = 64;

export interface PendingState {
  readonly asked: number;
  readonly open: readonly (readonly [id: number, genes: Uint8Array])[];
}

/** Architectures that a method proposed and that have no answer yet, by their number in the history: 1, 2, 3... */
export class Pending {
  private readonly open = new Map<number, Uint8Array>();
  private asked = 0;

  add(proposals: readonly Proposal[]): void {
    for (const { genes } of proposals) this.open.set(++this.asked, genes);
    for (const id of this.open.keys()) {
      if (this.open.size <= MOST_PENDING) break;
      this.open.delete(id);
    }
  }

  snapshot(): PendingState {
    return { asked: this.asked, open: [...this.open] };
  }

  restore({ asked, open }: PendingState): void {
    this.asked = asked;
    for (const [id, genes] of open) this.open.set(id, genes);
  }

  /** Genes (n, G) of those without an answer in the history, in full or screened. */
  genes(history: Observations): Uint8Array {
    const answered = [history, ...(history.screened === undefined ? [] : [history.screened])].map((of) => of.inOrder());
    for (const id of this.open.keys()) if (answered.some((ids) => contains(ids, id))) this.open.delete(id);
    return new Uint8Array(Buffer.concat([...this.open.values()]));
  }
}

/** Whether ascending numbers have this one. */
export function contains(ascending: Int32Array, wanted: number): boolean {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return ascending[low] === wanted;
}
