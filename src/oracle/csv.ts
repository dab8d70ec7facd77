import { parse, CsvError } from 'csv-parse';
import { pipeline, Readable } from 'node:stream';
import { OptiProxyError } from '../errors.js';
import type { RowBatch } from './batch.js';
import type { Wanted } from './bytes.js';
import { readLines, type Lines } from './lines.js';

/** Longest record that is read; a line beyond it is no table of measurements. */
const MAX_RECORD_CHARACTERS = 65_536;
/** Records that are handed on together where they arrive one by one. */
const BATCH_ROWS = 1024;

const wanted: Wanted = { kind: 'a CSV file', hint: 'check the path after `table:`', code: 'INVALID_TABLE' };

/** Records of one width, with their lines. */
interface Records {
  readonly positions: number[];
  readonly rows: string[][];
}

/**
 * Rows of a CSV file (comma, header first, optionally `.gz`), streamed.  Throws `INVALID_TABLE`, naming file and line, for a
 * file that is missing, a folder, empty, cut off, or no CSV.
 */
export async function* readCsv(file: string): AsyncGenerator<RowBatch> {
  let columns: string[] | undefined;
  for await (const { positions, rows } of readRecords(file)) {
    if (rows.length === 0) continue;
    if (columns === undefined) {
      columns = rows.shift()!;
      positions.shift();
    }
    const width = columns.length;
    const uneven = rows.findIndex((row) => row.length !== width);
    if (uneven >= 0) {
      // What stands before it is read first: it may be wrong on an earlier line.
      yield { columns, unit: 'line', positions: positions.slice(0, uneven), rows: rows.slice(0, uneven) };
      throw new OptiProxyError('INVALID_TABLE', {
        what: `${file} line ${positions[uneven]}`,
        expected: `${width} fields, as the header has`,
        given: rows[uneven]!.length,
        hint: 'is the line cut off?',
      });
    }
    yield { columns, unit: 'line', positions, rows };
  }
  if (columns === undefined)
    throw new OptiProxyError('INVALID_TABLE', { what: file, expected: 'a header and rows', given: 'an empty file' });
}

/**
 * Lines without quotes are split here, six times as fast as a full parser reads them; from the first line with a quote on,
 * where a record may span lines, the parser reads the rest.
 */
async function* readRecords(file: string): AsyncGenerator<Records> {
  const batches = readLines(file, wanted, MAX_RECORD_CHARACTERS);
  for await (const { first, lines } of batches) {
    const quoted = lines.findIndex((line) => line.includes('"'));
    const positions: number[] = [];
    const rows: string[][] = [];
    (quoted < 0 ? lines : lines.slice(0, quoted)).forEach((line, i) => {
      const text = line.endsWith('\r') ? line.slice(0, -1) : line;
      if (text === '') return;
      positions.push(first + i);
      rows.push(text.split(','));
    });
    yield { positions, rows };
    if (quoted < 0) continue;
    yield* parseRecords(file, { first: first + quoted, lines: lines.slice(quoted) }, batches);
    return;
  }
}

/** The rest of a file by the parser, from the first of `lines` on. */
async function* parseRecords(file: string, lines: Lines, batches: AsyncGenerator<Lines>): AsyncGenerator<Records> {
  const text = Readable.from(
    (async function* () {
      yield `${lines.lines.join('\n')}\n`;
      for await (const more of batches) if (more.lines.length > 0) yield `${more.lines.join('\n')}\n`;
    })(),
  );
  const parser = parse({
    info: true,
    max_record_size: MAX_RECORD_CHARACTERS,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    skip_empty_lines: true,
  });
  pipeline(text, parser, () => {}); // failures surface where the parser is read
  const before = lines.first - 1;
  let batch: Records = { positions: [], rows: [] };
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      batch.positions.push(before + info.lines);
      batch.rows.push(record);
      if (batch.rows.length < BATCH_ROWS) continue;
      yield batch;
      batch = { positions: [], rows: [] };
    }
  } catch (cause) {
    yield batch; // what stands before the failure is read first
    throw cause instanceof CsvError ? unreadable(file, before, cause) : cause;
  } finally {
    text.destroy();
    parser.destroy();
  }
  yield batch;
}

function unreadable(file: string, before: number, cause: CsvError): OptiProxyError {
  const what = `${file} line ${before + ((cause as { lines?: number }).lines ?? 1)}`;
  if (cause.code.includes('QUOTE')) {
    return new OptiProxyError('INVALID_TABLE', { what, expected: 'a closed quote', given: cause.message, cause });
  }
  if (cause.code.includes('MAX_RECORD_SIZE')) {
    return new OptiProxyError('INVALID_TABLE', {
      what,
      expected: `lines of at most ${MAX_RECORD_CHARACTERS} characters`,
      given: 'a longer one',
      hint: 'is this a CSV file?',
      cause,
    });
  }
  return new OptiProxyError('INVALID_TABLE', { what, expected: 'readable CSV', given: cause.message, cause });
}
