import { parse, CsvError, type Parser } from 'csv-parse';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { OptiProxyError } from '../errors.js';

/** Longest record that is read; a line beyond it is no table of measurements. */
const MAX_RECORD_CHARACTERS = 65_536;

export interface CsvRow {
  /** 1-based line of the file. */
  readonly line: number;
  readonly fields: readonly string[];
}

/**
 * Rows of a CSV file (comma, header first, optionally `.gz`), streamed: memory is bounded by one record.  Throws
 * `INVALID_TABLE`, naming file and line, for a file that is missing, a folder, empty, cut off, or no CSV.
 */
export async function* readCsv(file: string): AsyncGenerator<CsvRow> {
  await checkFile(file);
  const parser = parse({ bom: true, info: true, max_record_size: MAX_RECORD_CHARACTERS, skip_empty_lines: true });
  const ignore = (): void => {}; // failures surface where the parser is read
  if (file.endsWith('.gz')) pipeline(createReadStream(file), createGunzip(), parser, ignore);
  else pipeline(createReadStream(file), parser, ignore);
  let rows = 0;
  let width = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (rows++ === 0) width = record.length;
      yield { line: info.lines, fields: record };
    }
  } catch (cause) {
    if (cause instanceof OptiProxyError) throw cause;
    throw unreadable(file, parser, cause as Error, width);
  } finally {
    parser.destroy();
  }
  if (rows === 0)
    throw new OptiProxyError('INVALID_TABLE', { what: file, expected: 'a header and rows', given: 'an empty file' });
}

async function checkFile(file: string): Promise<void> {
  const found = await stat(file).catch((cause: unknown) => {
    throw new OptiProxyError('INVALID_TABLE', {
      what: file,
      expected: 'a readable CSV file',
      given: (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : (cause as Error).message,
      hint: 'check the path after `table:`',
      cause,
    });
  });
  if (!found.isFile()) {
    throw new OptiProxyError('INVALID_TABLE', {
      what: file,
      expected: 'a CSV file',
      given: found.isDirectory() ? 'a folder' : 'no regular file',
    });
  }
}

function unreadable(file: string, parser: Parser, cause: Error, width: number): OptiProxyError {
  const details = cause instanceof CsvError ? (cause as CsvError & { lines?: number }) : undefined;
  const line = details?.lines ?? parser.info.lines;
  const what = `${file} line ${line}`;
  const code = (cause as { code?: string }).code ?? '';
  if (code.includes('INCONSISTENT')) {
    const given = (details as { record?: unknown[] } | undefined)?.record?.length;
    return new OptiProxyError('INVALID_TABLE', {
      what,
      expected: `${width} fields, as the header has`,
      given,
      hint: 'is the line cut off?',
      cause,
    });
  }
  if (code.includes('QUOTE')) {
    return new OptiProxyError('INVALID_TABLE', {
      what,
      expected: 'a closed quote',
      given: cause.message,
      cause,
    });
  }
  if (code.includes('MAX_RECORD_SIZE')) {
    return new OptiProxyError('INVALID_TABLE', {
      what,
      expected: `lines of at most ${MAX_RECORD_CHARACTERS} characters`,
      given: 'a longer one',
      hint: 'is this a CSV file?',
      cause,
    });
  }
  if (code.startsWith('Z_')) {
    return new OptiProxyError('INVALID_TABLE', {
      what: file,
      expected: 'an intact gzip file',
      given: cause.message,
      hint: 'fetch or compress it again',
      cause,
    });
  }
  return new OptiProxyError('INVALID_TABLE', { what, expected: 'readable CSV', given: cause.message, cause });
}
