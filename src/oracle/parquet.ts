import { open, type FileHandle } from 'node:fs/promises';
import type { ColumnMetaData, FileMetaData, RowGroup, SchemaElement } from 'hyparquet' with {
  'resolution-mode': 'import',
};
import { OptiProxyError } from '../errors.js';
import type { ChooseColumns, RowBatch } from './batch.js';
import { fileSize, type Wanted } from './bytes.js';
import { loadHyparquet, loadParquetPages } from '../packages.js';
import { check, DamagedError, PageGuard } from './parquet-pages.js';

const MAX_FOOTER_BYTES = 16 * 1024 ** 2;
/** A row group is decoded whole; writers make them of about a million rows. */
const MAX_GROUP_ROWS = 1 << 22;
const MAX_GROUP_BYTES = 512 * 1024 ** 2;
const BATCH_ROWS = 4096;
const MAGIC = 0x31524150; // PAR1

const wanted: Wanted = { kind: 'a Parquet file', hint: 'check the path after `table:`', code: 'INVALID_TABLE' };

/**
 * Rows of a Parquet file, row group by row group, only the chosen columns decoded; lists and structures are no columns.
 * Throws `INVALID_TABLE` for what is damaged, too large, or compressed or encoded in a way that is not read.
 */
export async function* readParquet(file: string, choose: ChooseColumns): AsyncGenerator<RowBatch> {
  const size = await fileSize(file, wanted);
  const handle = await open(file);
  try {
    const metadata = await guarded(file, () => readFooter(handle, size));
    const { parquetSchema } = await loadHyparquet();
    const leaves = await guarded(file, async () =>
      parquetSchema(metadata)
        .children.filter(({ children, element }) => children.length === 0 && element.repetition_type !== 'REPEATED')
        .map(({ element }) => element),
    );
    const columns = leaves.map(({ name }) => name);
    const chosen = new Set(choose(columns));
    yield { columns, unit: 'row', positions: [], rows: [] };
    let first = 1;
    for (const group of metadata.row_groups) {
      const where = `${file}, row group from row ${first}`;
      const rows = Number(group.num_rows);
      const cells = await guarded(where, async () => {
        check(rows >= 0 && rows <= MAX_GROUP_ROWS, `row groups of at most ${MAX_GROUP_ROWS} rows`, rows);
        return readGroup(handle, size, metadata, group, leaves, chosen);
      });
      for (let from = 0; from < rows; from += BATCH_ROWS) {
        const length = Math.min(BATCH_ROWS, rows - from);
        yield {
          columns,
          unit: 'row',
          positions: Array.from({ length }, (_, i) => first + from + i),
          rows: Array.from({ length }, (_, i) => cells.map((column) => column?.[from + i])),
        };
      }
      first += rows;
    }
  } finally {
    await handle.close();
  }
}

/** Whatever the decoder throws is about the file. */
async function guarded<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof OptiProxyError) throw cause;
    const { expected, given } =
      cause instanceof DamagedError ? cause : { expected: 'readable Parquet', given: (cause as Error).message };
    throw new OptiProxyError('INVALID_TABLE', { what, expected, given, cause });
  }
}

async function readFooter(handle: FileHandle, size: number): Promise<FileMetaData> {
  check(size >= 12, 'a Parquet file', `${size} bytes`);
  const tail = new DataView(await slice(handle, size, size - 8, size));
  check(tail.getUint32(4, true) === MAGIC, 'PAR1 at the end of a Parquet file', 'other bytes');
  const bytes = tail.getUint32(0, true);
  check(bytes <= MAX_FOOTER_BYTES && bytes <= size - 8, `a footer of at most ${MAX_FOOTER_BYTES} bytes`, bytes);
  const { parquetMetadata } = await loadHyparquet();
  return parquetMetadata(await slice(handle, size, size - 8 - bytes, size), { geoparquet: false });
}

async function slice(handle: FileHandle, size: number, start: number, end: number): Promise<ArrayBuffer> {
  check(start >= 0 && start <= end && end <= size, 'parts within the file', `bytes ${start} to ${end} of ${size}`);
  check(end - start <= MAX_GROUP_BYTES, `row groups of at most ${MAX_GROUP_BYTES} bytes`, end - start);
  const bytes = new Uint8Array(end - start);
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
  check(bytesRead === bytes.length, 'a file that stays as it is while it is read', 'a shorter one');
  return bytes.buffer;
}

/** Where a column's pages start: with its dictionary if it has one. */
function chunkStart({ dictionary_page_offset: dictionary, data_page_offset: data }: ColumnMetaData): number {
  return Number(dictionary !== undefined && dictionary > 0n && dictionary < data ? dictionary : data);
}

/** Cells of the chosen columns of a row group. */
async function readGroup(
  handle: FileHandle,
  size: number,
  metadata: FileMetaData,
  group: RowGroup,
  leaves: readonly SchemaElement[],
  chosen: ReadonlySet<string>,
): Promise<(unknown[] | undefined)[]> {
  const [{ parquetRead, snappyUncompress }, { parquetHeader }] = await Promise.all([
    loadHyparquet(),
    loadParquetPages(),
  ]);
  const rows = Number(group.num_rows);
  let left = MAX_GROUP_BYTES;
  const cells: (unknown[] | undefined)[] = [];
  for (const { name, repetition_type: repetition } of leaves) {
    if (!chosen.has(name)) {
      cells.push(undefined);
      continue;
    }
    const chunk = group.columns.find(
      ({ meta_data: meta }) => meta?.path_in_schema.length === 1 && meta.path_in_schema[0] === name,
    )?.meta_data;
    check(chunk !== undefined, `a column ${name} in every row group`, 'none');
    const guard = new PageGuard({
      rows,
      codec: chunk!.codec,
      optional: repetition !== 'REQUIRED',
      boolean: chunk!.type === 'BOOLEAN',
    });
    const start = chunkStart(chunk!);
    const bytes = await slice(handle, size, start, start + Number(chunk!.total_compressed_size));
    left -= guard.walk(bytes, parquetHeader);
    check(left >= 0, `row groups of at most ${MAX_GROUP_BYTES} bytes`, 'more');
    const values: unknown[] = [];
    await parquetRead({
      file: {
        byteLength: size,
        // Not a promise: one that rejects would be nobody's, as the decoder asks for all parts before it awaits any.
        slice(from, to = size) {
          check(from === start && to === start + bytes.byteLength, 'columns in one piece', `bytes ${from} to ${to}`);
          return bytes;
        },
      },
      metadata: { ...metadata, num_rows: group.num_rows, row_groups: [group] },
      columns: [name],
      rowStart: 0,
      rowEnd: rows,
      useOffsetIndex: false,
      compressors: guard.compressors({ snappyUncompress }),
      onChunk: ({ columnData }) => {
        for (const value of columnData as Iterable<unknown>) values.push(value);
      },
    });
    check(values.length === rows, `${rows} values in column ${name}`, values.length);
    cells.push(values);
  }
  return cells;
}
