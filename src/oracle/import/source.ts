import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { throwIfAborted } from '../../errors.js';
import { fileSize, readBytes, type Wanted } from '../bytes.js';
import { refusalsOf } from './failure.js';

/** Public files reach half a gigabyte. */
const MAX_SOURCE_BYTES = 4 * 1024 ** 3;
/** A pickle is held whole; NAS-Bench-201's curves take a third of this. */
const MAX_PICKLE_BYTES = 1024 ** 3;

const wanted: Wanted = { kind: "a benchmark's file", hint: 'check the path', code: 'INVALID_TABLE' };

export interface ImportOptions {
  signal?: AbortSignal | undefined;
  /** Told how many (unpacked) bytes were read so far. */
  onProgress?: ((bytes: number) => void) | undefined;
}

/** A file's bytes, unpacked if it is a `.gz`, in pieces; the first holds at least 16 bytes if the file does. */
export async function* sourcePieces(file: string, { signal, onProgress }: ImportOptions): AsyncGenerator<Buffer> {
  const size = await fileSize(file, wanted);
  if (size > MAX_SOURCE_BYTES) refusalsOf(file)('', `at most ${MAX_SOURCE_BYTES} bytes`, size);
  let bytes = 0;
  let first: Buffer | undefined = Buffer.alloc(0);
  for await (const piece of readBytes(file, wanted)) {
    throwIfAborted('import', signal);
    bytes += piece.length;
    onProgress?.(bytes);
    if (first === undefined) yield piece;
    else {
      first = Buffer.concat([first, piece]);
      if (first.length < 16) continue;
      yield first;
      first = undefined;
    }
  }
  if (first !== undefined) yield first;
}

/** All pieces of a pickle together. */
export async function wholeOf(file: string, pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > MAX_PICKLE_BYTES) refusalsOf(file)('', `a pickle of at most ${MAX_PICKLE_BYTES} bytes`, 'a larger one');
    parts.push(piece);
  }
  return Buffer.concat(parts, bytes);
}

/** Checksum and size of a file as it lies there, packed or not. */
export async function digestOf(file: string, signal?: AbortSignal): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of createReadStream(file, { highWaterMark: 1 << 18 })) {
    throwIfAborted('import', signal);
    hash.update(piece as Buffer);
    bytes += (piece as Buffer).length;
  }
  return { sha256: hash.digest('hex'), bytes };
}
