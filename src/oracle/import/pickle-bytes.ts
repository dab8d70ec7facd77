import type { Refuse } from './failure.js';

/** The bytes of a pickle, read from front to back; none is read that is not there. */
export class PickleBytes {
  readonly #bytes: Buffer;
  readonly #refuse: Refuse;
  #at = 0;

  constructor(bytes: Buffer, refuse: Refuse) {
    this.#bytes = bytes;
    this.#refuse = refuse;
  }

  fail(expected: string, given: string | number, hint?: string): never {
    return this.#refuse(`byte ${this.#at}`, expected, given, hint);
  }

  /** Start of the next bytes, which are thereby read. */
  take(length: number): number {
    const start = this.#at;
    if (length > this.#bytes.length - start) {
      this.fail(`${length} more bytes`, 'the end of the file', 'is it cut off?');
    }
    this.#at += length;
    return start;
  }

  uint8(): number {
    return this.#bytes[this.take(1)]!;
  }

  uint16(): number {
    return this.#bytes.readUInt16LE(this.take(2));
  }

  uint32(): number {
    return this.#bytes.readUInt32LE(this.take(4));
  }

  int32(): number {
    return this.#bytes.readInt32LE(this.take(4));
  }

  float64(): number {
    return this.#bytes.readDoubleBE(this.take(8));
  }

  /** A length of eight bytes. */
  length8(): number {
    return Number(this.#bytes.readBigUInt64LE(this.take(8)));
  }

  /** A signed whole number of up to eight bytes. */
  long(length: number): number {
    if (length > 8) this.fail('whole numbers of at most 8 bytes', length);
    const start = this.take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; --i) value = (value << 8n) | BigInt(this.#bytes[start + i]!);
    const signed = Number(BigInt.asIntN(8 * length, value));
    if (!Number.isSafeInteger(signed)) this.fail('whole numbers below 2^53', 'a larger one');
    return signed;
  }

  /** The name of a module or of what is in it, up to the end of the line. */
  line(): string {
    const end = this.#bytes.subarray(this.#at, this.#at + 256).indexOf(0x0a);
    if (end < 0) this.fail('the name of a module', 'something longer');
    const start = this.take(end + 1);
    return this.#bytes.toString('latin1', start, start + end);
  }

  text(length: number): string {
    const start = this.take(length);
    return this.#bytes.toString('utf8', start, start + length);
  }

  /** A view, not a copy. */
  raw(length: number): Uint8Array {
    const start = this.take(length);
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, length);
  }
}
