import { OptiProxyError } from '../errors.js';
import type { RowBatch } from './batch.js';
import { readBytes, type Wanted } from './bytes.js';
import { readLines } from './lines.js';

/** Longest object that is read: room for the learning curves of an architecture. */
const MAX_RECORD_CHARACTERS = 1 << 20;
/** An array is one value, so whoever writes it holds it in memory; what is larger belongs in NDJSON. */
const MAX_ARRAY_BYTES = 256 * 1024 ** 2;

const wanted: Wanted = { kind: 'a JSON file', hint: 'check the path after `table:`', code: 'INVALID_TABLE' };

/** Rows of a file with one JSON object a line.  The first object's keys are the columns; a key that is absent is undefined. */
export async function* readNdjson(file: string): AsyncGenerator<RowBatch> {
  const make = batchMaker(file, 'line');
  for await (const { first, lines } of readLines(file, wanted, MAX_RECORD_CHARACTERS)) {
    const texts: [number, string][] = [];
    lines.forEach((line, i) => line.trim() !== '' && texts.push([first + i, line]));
    yield* make(texts);
  }
  make.finish();
}

/** Rows of a file that holds one JSON array of objects, parsed one by one. */
export async function* readJsonArray(file: string): AsyncGenerator<RowBatch> {
  const make = batchMaker(file, 'row');
  const scanner = new ArrayScanner(file);
  const decoder = new TextDecoder();
  let bytes = 0;
  for await (const piece of readBytes(file, wanted)) {
    bytes += piece.length;
    if (bytes > MAX_ARRAY_BYTES) {
      throw new OptiProxyError('INVALID_TABLE', {
        what: file,
        expected: `a JSON array of at most ${MAX_ARRAY_BYTES / 1024 ** 2} MiB`,
        given: 'more',
        hint: 'write it as .ndjson, one object a line',
      });
    }
    yield* make(scanner.push(decoder.decode(piece, { stream: true })));
  }
  scanner.finish();
  make.finish();
}

interface BatchMaker {
  /** A batch of the objects at these positions; none before the first object. */
  (texts: readonly [number, string][]): Generator<RowBatch>;
  /** Throws if there was no object at all. */
  finish(): void;
}

function batchMaker(file: string, unit: RowBatch['unit']): BatchMaker {
  let columns: string[] | undefined;
  function* make(texts: readonly [number, string][]): Generator<RowBatch> {
    if (texts.length === 0) return;
    const positions: number[] = [];
    const rows: unknown[][] = [];
    let failure: OptiProxyError | undefined;
    for (const [position, text] of texts) {
      try {
        const record = parseObject(file, unit, position, text);
        columns ??= Object.keys(record);
        rows.push(columns.map((name) => (Object.hasOwn(record, name) ? record[name] : undefined)));
        positions.push(position);
      } catch (error) {
        failure = error as OptiProxyError;
        break;
      }
    }
    // What stands before a failure is read first: it may be wrong on an earlier line.
    if (columns !== undefined) yield { columns, unit, positions, rows };
    if (failure !== undefined) throw failure;
  }
  const finish = (): void => {
    if (columns !== undefined) return;
    throw new OptiProxyError('INVALID_TABLE', { what: file, expected: 'rows', given: 'none' });
  };
  return Object.assign(make, { finish });
}

function parseObject(file: string, unit: string, position: number, text: string): Record<string, unknown> {
  const fail = (given: string, cause?: unknown): never => {
    throw new OptiProxyError('INVALID_TABLE', {
      what: `${file} ${unit} ${position}`,
      expected: 'a JSON object',
      given,
      cause,
    });
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return fail((cause as Error).message, cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail(text);
  return value as Record<string, unknown>;
}

/** Cuts the text of an array of objects, which arrives in pieces, into the texts of the objects. */
class ArrayScanner {
  readonly #file: string;
  /** What may come next, outside an object. */
  #next: 'array' | 'object or end' | 'object' | 'comma or end' | 'nothing' = 'array';
  #depth = 0;
  #inString = false;
  #escaped = false;
  #rows = 0;
  #open = ''; // the object so far

  constructor(file: string) {
    this.#file = file;
  }

  /** The objects that end in this piece, with their positions. */
  push(text: string): [number, string][] {
    const found: [number, string][] = [];
    let start = 0; // of the object within the piece
    for (let i = 0; i < text.length; ++i) {
      const c = text.charCodeAt(i);
      if (this.#depth > 0) {
        if (!this.#step(c)) continue;
        found.push([this.#rows, this.#open + text.slice(start, i + 1)]);
        this.#open = '';
        this.#next = 'comma or end';
      } else if (c === 0x7b && this.#next.startsWith('object')) {
        start = i;
        this.#depth = 1;
        ++this.#rows;
      } else if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) this.#between(text[i]!);
    }
    if (this.#depth > 0) this.#open += text.slice(start);
    if (this.#open.length > MAX_RECORD_CHARACTERS) {
      this.#fail(`objects of at most ${MAX_RECORD_CHARACTERS} characters`, 'a longer one');
    }
    return found;
  }

  finish(): void {
    if (this.#next !== 'nothing') this.#fail('a whole JSON array', 'the end of the file');
  }

  /** A character within an object; true if it ends the object. */
  #step(c: number): boolean {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (c === 0x5c) this.#escaped = true;
      else if (c === 0x22) this.#inString = false;
    } else if (c === 0x22) this.#inString = true;
    else if (c === 0x7b || c === 0x5b) ++this.#depth;
    else if (c === 0x7d || c === 0x5d) return --this.#depth === 0;
    return false;
  }

  /** A character between objects. */
  #between(c: string): void {
    if (c === '[' && this.#next === 'array') this.#next = 'object or end';
    else if (c === ']' && this.#next.endsWith('or end')) this.#next = 'nothing';
    else if (c === ',' && this.#next === 'comma or end') this.#next = 'object';
    else this.#fail(`an array of objects`, c);
  }

  #fail(expected: string, given: string): never {
    const what = this.#rows === 0 ? this.#file : `${this.#file} row ${this.#rows}`;
    throw new OptiProxyError('INVALID_TABLE', { what, expected, given });
  }
}
