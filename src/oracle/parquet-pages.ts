import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { decompress as decompressZstd } from 'fzstd';
import type { Compressors, PageHeader } from 'hyparquet' with { 'resolution-mode': 'import' };
import type { loadHyparquet, loadParquetPages } from '../packages.js';

/** Pages are written at about 1 MiB. */
const MAX_PAGE_BYTES = 64 * 1024 ** 2;
/** Values that a last run may hold beyond those of its page: writers pad to whole groups. */
const PADDING = 1024;

/** A column within a row group. */
export interface ColumnFacts {
  readonly rows: number;
  readonly codec: string;
  readonly optional: boolean;
  readonly boolean: boolean;
}

type ReadHeader = Awaited<ReturnType<typeof loadParquetPages>>['parquetHeader'];
type Hyparquet = Awaited<ReturnType<typeof loadHyparquet>>;

/**
 * Holds the pages of one column chunk against what the file's footer says, before the decoder allocates by what they claim:
 * a few bytes may claim billions of values.
 */
export class PageGuard {
  readonly #column: ColumnFacts;
  /** Pages to check once they are unpacked, by the place of their packed bytes. */
  readonly #packed = new Map<number, PageHeader>();

  constructor(column: ColumnFacts) {
    this.#column = column;
  }

  /** Goes through the headers of a chunk's pages.  Returns the bytes that they unpack to. */
  walk(chunk: ArrayBuffer, readHeader: ReadHeader): number {
    const reader = { view: new DataView(chunk), offset: 0 };
    let values = 0;
    let bytes = 0;
    while (values < this.#column.rows && reader.offset < chunk.byteLength) {
      const header = readHeader(reader);
      const size = header.compressed_page_size;
      check(size >= 0 && size <= chunk.byteLength - reader.offset, 'pages within their column', `${size} bytes`);
      const unpacked = header.uncompressed_page_size;
      check(unpacked >= 0 && unpacked <= MAX_PAGE_BYTES, `pages of at most ${MAX_PAGE_BYTES} bytes`, unpacked);
      bytes += unpacked;
      if (header.dictionary_page_header !== undefined) {
        const count = header.dictionary_page_header.num_values;
        check(count >= 0 && count <= unpacked * 8, 'a dictionary within its page', `${count} values`);
      } else {
        const { num_values: count = -1, encoding = 'none' } =
          header.data_page_header ?? header.data_page_header_v2 ?? {};
        check(count >= 0 && count <= this.#column.rows - values, `${this.#column.rows} values a column`, 'more');
        check(!encoding.startsWith('DELTA'), 'plain or dictionary encoding', encoding);
        values += count;
        this.#data(header, new Uint8Array(chunk, reader.offset, size));
      }
      reader.offset += size;
    }
    check(values === this.#column.rows, `${this.#column.rows} values a column`, values);
    return bytes;
  }

  /** Decompressors that check what they unpacked, and never unpack more than the page's header says. */
  compressors({ snappyUncompress }: Pick<Hyparquet, 'snappyUncompress'>): Compressors {
    const checked =
      (unpack: (input: Uint8Array, bytes: number) => Uint8Array) =>
      (input: Uint8Array, bytes: number): Uint8Array => {
        const page = unpack(input, bytes);
        const header = this.#packed.get(input.byteOffset);
        if (header !== undefined) this.#values(header, page);
        return page;
      };
    return {
      SNAPPY: checked((input, bytes) => {
        const output = new Uint8Array(bytes);
        snappyUncompress(input, output);
        return output;
      }),
      GZIP: checked((input, bytes) => gunzipSync(input, { maxOutputLength: Math.max(1, bytes) })),
      BROTLI: checked((input, bytes) => brotliDecompressSync(input, { maxOutputLength: Math.max(1, bytes) })),
      ZSTD: checked((input, bytes) => decompressZstd(input, new Uint8Array(bytes))),
    };
  }

  #data(header: PageHeader, bytes: Uint8Array): void {
    const v2 = header.data_page_header_v2;
    const packed = this.#column.codec !== 'UNCOMPRESSED' && v2?.is_compressed !== false;
    let start = 0;
    if (v2 !== undefined) {
      const { definition_levels_byte_length: levels, repetition_levels_byte_length: repeats } = v2;
      check(repeats === 0 && levels >= 0 && levels <= bytes.length, 'levels within their page', levels);
      if (this.#column.optional) checkRuns(bytes, 0, 1, v2.num_values);
      start = levels;
    }
    if (packed) this.#packed.set(bytes.byteOffset + start, header);
    else this.#values(header, bytes.subarray(start));
  }

  /** A page as the decoder sees it: of the first version with the levels, of the second without. */
  #values(header: PageHeader, page: Uint8Array): void {
    const v1 = header.data_page_header;
    const { num_values: count, encoding } = (v1 ?? header.data_page_header_v2)!;
    let offset = 0;
    if (v1 !== undefined && this.#column.optional) {
      checkRuns(page, 4, 1, count);
      offset = 4 + new DataView(page.buffer, page.byteOffset).getUint32(0, true);
    }
    if (encoding === 'RLE') {
      check(this.#column.boolean, 'run lengths of booleans only', encoding);
      checkRuns(page, v1 === undefined ? offset + 4 : offset, 1, count);
    } else if (encoding.endsWith('DICTIONARY') && offset < page.length) {
      const width = page[offset]!;
      check(width <= 32, 'indices of at most 32 bits', width);
      checkRuns(page, offset + 1, width, count);
    }
  }
}

/** Runs of a hybrid encoding, up to `count` values or the end of the page: none may be longer than what is left. */
function checkRuns(page: Uint8Array, start: number, width: number, count: number): void {
  let at = start;
  let seen = 0;
  while (seen < count && at < page.length) {
    let header = 0;
    let byte = 0x80;
    for (let shift = 0; byte >= 0x80 && at < page.length; shift += 7) {
      byte = page[at++]!;
      header += (byte & 0x7f) * 2 ** shift;
      check(header < 2 ** 31, 'a run within its page', header);
    }
    const run = header % 2 === 1 ? ((header - 1) / 2) * 8 : header / 2;
    check(run <= count - seen + PADDING, `${count} values a page`, 'a longer run');
    at += header % 2 === 1 ? (run / 8) * width : Math.ceil(width / 8);
    seen += run;
  }
}

/** What a damaged file fails with; the reader adds where. */
export class DamagedError extends Error {
  readonly expected: string;
  readonly given: unknown;

  constructor(expected: string, given: unknown) {
    super(`expected ${expected}`);
    this.expected = expected;
    this.given = given;
  }
}

export function check(holds: boolean, expected: string, given: unknown): void {
  if (!holds) throw new DamagedError(expected, given);
}
