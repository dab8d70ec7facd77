import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { OptiProxyError, type ErrorCode } from '../errors.js';

/** What is about to be read, for messages. */
export interface Wanted {
  /** `a CSV file`, with its article. */
  readonly kind: string;
  /** Where the file's name comes from. */
  readonly hint: string;
  readonly code: ErrorCode;
}

/** Deflate reaches 1032:1 on zeros; tables of measurements stay far below this, even with constant columns. */
const MAX_RATIO = 200;
/** Below this the ratio means nothing: a short file may well be all blank. */
const RATIO_FROM_BYTES = 16 * 1024 ** 2;
const MAX_UNPACKED_BYTES = 16 * 1024 ** 3;

/** Size of a regular file.  Throws if it is missing, a folder, or a device. */
export async function fileSize(file: string, { kind, hint, code }: Wanted): Promise<number> {
  const found = await stat(file).catch((cause: unknown) => {
    throw new OptiProxyError(code, {
      what: file,
      expected: kind.replace(/^an? /, 'a readable '),
      given: (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : (cause as Error).message,
      hint,
      cause,
    });
  });
  if (!found.isFile()) {
    throw new OptiProxyError(code, {
      what: file,
      expected: kind,
      given: found.isDirectory() ? 'a folder' : 'no regular file',
    });
  }
  return found.size;
}

/**
 * A file's bytes, unpacked if its name ends in `.gz`, in pieces: memory is bounded by a piece.  Throws for a gzip file that
 * is damaged, or that unpacks to more than any table would.
 */
export async function* readBytes(file: string, wanted: Wanted): AsyncGenerator<Buffer> {
  await fileSize(file, wanted);
  const source = createReadStream(file, { highWaterMark: 1 << 18 });
  try {
    if (/\.gz$/i.test(file)) yield* unpack(file, source, wanted.code);
    else for await (const piece of source) yield piece as Buffer;
  } finally {
    source.destroy();
  }
}

async function* unpack(file: string, source: NodeJS.ReadableStream, code: ErrorCode): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 1 << 17 });
  pipeline(source, gunzip, () => {}); // failures surface where gunzip is read
  let unpacked = 0;
  try {
    for await (const piece of gunzip) {
      unpacked += (piece as Buffer).length;
      if (
        unpacked > MAX_UNPACKED_BYTES ||
        (unpacked > RATIO_FROM_BYTES && unpacked > MAX_RATIO * gunzip.bytesWritten)
      ) {
        throw new OptiProxyError(code, {
          what: file,
          expected: `at most ${MAX_RATIO} times its packed size, and ${MAX_UNPACKED_BYTES / 1024 ** 3} GiB, when unpacked`,
          given: 'a zip bomb',
        });
      }
      yield piece as Buffer;
    }
  } catch (cause) {
    if (!String((cause as { code?: string }).code).startsWith('Z_')) throw cause;
    throw new OptiProxyError(code, {
      what: file,
      expected: 'an intact gzip file',
      given: (cause as Error).message,
      hint: 'fetch or compress it again',
      cause,
    });
  } finally {
    gunzip.destroy();
  }
}
