import { setImmediate } from 'node:timers/promises';
import { throwIfAborted, unlessAborted } from '../errors.js';

/** Architectures that are asked about at once, and milliseconds after which others have their turn. */
export const ASKED_AT_ONCE = 4096;
const TURN_MS = 10;

/** What a caller says of `count` architectures (n, G), now or later. */
export type Question<T> = (genes: Uint8Array, count: number, signal?: AbortSignal) => Promise<T>;

/** Asks the caller of a method about architectures, some at a time, so that an abort is seen and the event loop goes on. */
export class Inquiry {
  private signal: AbortSignal | undefined;
  private yielded = performance.now();

  /** `genes` of an architecture. */
  constructor(private readonly genes: number) {}

  /** From now on everything rejects with `ABORTED` when this signal fires. */
  begin(signal: AbortSignal | undefined): void {
    throwIfAborted('ask', signal);
    this.signal = signal;
    this.yielded = performance.now();
  }

  /** Gives `take` the answers on all of these (n, G), in order, with the place of the first. */
  async inParts<T>(genes: Uint8Array, question: Question<T>, take: (part: T, first: number) => void): Promise<void> {
    const count = genes.length / this.genes;
    for (let at = 0; at < count; at += ASKED_AT_ONCE) {
      const some = genes.slice(at * this.genes, (at + ASKED_AT_ONCE) * this.genes);
      take(await this.wait(question(some, some.length / this.genes, this.signal)), at);
      await this.yield();
    }
  }

  /** (n) answers of 1 and 0. */
  async verdicts(genes: Uint8Array, question: Question<Uint8Array>): Promise<Uint8Array> {
    const verdicts = new Uint8Array(genes.length / this.genes);
    await this.inParts(genes, question, (part, at) => verdicts.set(part, at));
    return verdicts;
  }

  /** Columns (n) of numbers. */
  async columns(genes: Uint8Array, question: Question<readonly Float64Array[]>): Promise<Float64Array[]> {
    const columns: Float64Array[] = [];
    await this.inParts(genes, question, (part, at) =>
      part.forEach((column, k) => (columns[k] ??= new Float64Array(genes.length / this.genes)).set(column, at)),
    );
    return columns;
  }

  /** What a promise resolves to. */
  wait<T>(promise: Promise<T>): Promise<T> {
    return unlessAborted('ask', promise, this.signal);
  }

  /** Lets others have their turn after a while, and looks at the signal. */
  async yield(): Promise<void> {
    if (performance.now() - this.yielded < TURN_MS) return;
    await setImmediate();
    throwIfAborted('ask', this.signal);
    this.yielded = performance.now();
  }
}
