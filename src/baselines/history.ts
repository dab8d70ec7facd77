import { geneCount } from '../space/genes.js';
import type { SearchSpace } from '../space/types.js';
import type { Answer, Observations } from './method.js';
import { Ranking, withRoom } from './ranking.js';

/**
 * What a study knows of its architectures, in columns.  Asking and telling are O(1): an answer goes to the end of a log,
 * and `advance` moves how much of the log is seen.  So a method has one consistent history while it works, though answers
 * arrive meanwhile, and nothing is copied.  The orders are brought up to date when somebody reads them.
 */
export class History implements Observations {
  private readonly width: number;
  private genes = new Uint8Array(0);
  private values = new Float64Array(64);
  /** Ids in the order told: the first `length` are seen. */
  private log = new Int32Array(64);
  private readonly answers: Answer[] = [];
  private proposed = 0;
  private told = 0;
  private seen = 0;
  private readonly byId = { ranking: new Ranking((a, b) => a - b), length: 0 };
  private readonly best = {
    ranking: new Ranking((a, b) => this.values[b]! - this.values[a]! || a - b),
    length: 0,
  };

  /** `screened` gets every architecture that this gets, and is told what was measured at a low fidelity. */
  constructor(
    space: SearchSpace,
    readonly screened?: History,
  ) {
    this.width = geneCount(space.program);
  }

  get length(): number {
    return this.seen;
  }

  /** Architectures that were added. */
  get asked(): number {
    return this.proposed;
  }

  /** A new architecture; returns its id: 1, 2, 3... */
  add(genes: Uint8Array): number {
    this.screened?.add(genes);
    this.genes = withRoom(this.genes, (this.proposed + 1) * this.width);
    this.genes.set(genes, this.proposed * this.width);
    return ++this.proposed;
  }

  /** What the architecture measured, larger being better, and all of it where that is more; once for each. */
  tell(id: number, value: number, answer?: Answer): void {
    if (answer !== undefined) this.answers[id] = answer;
    this.values = withRoom(this.values, id + 1);
    this.values[id] = value;
    this.log = withRoom(this.log, this.told + 1);
    this.log[this.told++] = id;
  }

  /** Shows everything told so far. */
  advance(): void {
    this.screened?.advance();
    this.seen = this.told;
  }

  inOrder(): Int32Array {
    return this.upToDate(this.byId);
  }

  byValue(): Int32Array {
    return this.upToDate(this.best);
  }

  value(id: number): number {
    return this.values[id]!;
  }

  answer(id: number): Answer | undefined {
    return this.answers[id];
  }

  genesOf(ids: Int32Array): Uint8Array {
    const joined = new Uint8Array(ids.length * this.width);
    let at = 0;
    for (const id of ids) {
      for (let gene = (id - 1) * this.width; gene < id * this.width; ++gene) joined[at++] = this.genes[gene]!;
    }
    return joined;
  }

  private upToDate(order: { readonly ranking: Ranking; length: number }): Int32Array {
    if (order.length < this.seen) order.ranking.add(this.log.subarray(order.length, this.seen));
    order.length = this.seen;
    return order.ranking.view;
  }
}
