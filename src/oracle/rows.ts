import type { ChooseColumns, RowBatch } from './batch.js';
import { readCsv } from './csv.js';
import { readJsonArray, readNdjson } from './json.js';
import { readParquet } from './parquet.js';

/**
 * Rows of a table, streamed: memory is bounded by a batch.  The file's name says what it is: `.ndjson` or `.jsonl` (one
 * object a line), `.json` (an array of objects), `.parquet`, anything else CSV; all but Parquet may end in `.gz` as well.
 * Throws `INVALID_TABLE`, naming file and line or row, for what cannot be read as that.
 */
export function readRows(file: string, choose: ChooseColumns): AsyncGenerator<RowBatch> {
  const [, format] = /\.(ndjson|jsonl|json|parquet)(?:\.gz)?$/i.exec(file) ?? [];
  switch (format?.toLowerCase()) {
    case 'ndjson':
    case 'jsonl':
      return chosen(readNdjson(file), choose);
    case 'json':
      return chosen(readJsonArray(file), choose);
    case 'parquet':
      return readParquet(file, choose);
    default:
      return chosen(readCsv(file), choose);
  }
}

/** For formats that hold rows whole, so that leaving out a column saves nothing. */
async function* chosen(batches: AsyncGenerator<RowBatch>, choose: ChooseColumns): AsyncGenerator<RowBatch> {
  let asked = false;
  for await (const batch of batches) {
    if (!asked) choose(batch.columns);
    asked = true;
    yield batch;
  }
}
