import { readFileSync, statSync } from 'node:fs';
import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { OptiProxyError, type ErrorCode } from './errors.js';

/** Largest text that is parsed: settings and spaces are written by hand, and a parsed document takes twenty times its text. */
const MAX_CHARACTERS = 4 * 2 ** 20;

export type KeyPath = readonly (string | number)[];

/** What is wrong with a value of a file; the place is found from its path. */
export interface Complaint {
  expected: string;
  given?: unknown;
  hint?: string;
}

/** A file's content with the lines that its keys stand on, so that an error can name file, line and key. */
export interface Source {
  /** The file, or whatever names the content in errors. */
  readonly name: string;
  readonly content: unknown;
  /** `file line 3, cells.cell.operations`. */
  where(path: KeyPath): string;
}

/** Reads a YAML or JSON file.  Throws `INVALID_ARGUMENT` naming file and line. */
export function readSource(file: string, what: string): Source {
  let text: string;
  try {
    checkSize(file, statSync(file).size);
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof OptiProxyError) throw cause;
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what,
      expected: 'a readable YAML file',
      given: (cause as Error).message,
      cause,
    });
  }
  return parseSource(text, file);
}

/** The same for a text; `name` stands for the file in errors. */
export function parseSource(text: string, name: string): Source {
  checkSize(name, text.length);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const place = (offset: number | undefined): string =>
    offset === undefined ? name : `${name} line ${lines.linePos(offset).line}`;
  const broken = document.errors[0];
  if (broken !== undefined) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: place(broken.pos[0]),
      expected: 'valid YAML',
      given: broken.message.split('\n')[0],
    });
  }
  let content: unknown;
  try {
    content = document.toJS();
  } catch (cause) {
    // An alias without an anchor, or a file that grows beyond bounds when its aliases are written out.
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: name,
      expected: 'valid YAML',
      given: (cause as Error).message,
      cause,
    });
  }
  return { name, content, where: (path) => `${place(offsetOf(document, path))}${keyText(path)}` };
}

function checkSize(name: string, size: number): void {
  if (size <= MAX_CHARACTERS) return;
  throw new OptiProxyError('INVALID_ARGUMENT', {
    what: name,
    expected: `a YAML file of at most ${MAX_CHARACTERS / 2 ** 20} MiB`,
    given: `${Math.ceil(size / 2 ** 20)} MiB`,
    hint: 'is this the right file?',
  });
}

/** Content that was never a file. */
export function plainSource(content: unknown, name: string): Source {
  return { name, content, where: (path) => `${name}${keyText(path)}` };
}

const keyText = (path: KeyPath): string => (path.length === 0 ? '' : `, ${path.map(String).join('.')}`);

/** Where the deepest key of a path that is in the document begins. */
function offsetOf(document: Document, path: KeyPath): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (!isPair(pair)) break;
      if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(step)] as { range?: readonly number[] } | undefined;
      if (item === undefined) break;
      offset = item.range?.[0] ?? offset;
      node = item;
    } else break;
  }
  return offset;
}

/** Throws the error of a complaint about a key. */
export function complain(source: Source, path: KeyPath, complaint: Complaint, code?: ErrorCode): never {
  throw new OptiProxyError(code ?? 'INVALID_ARGUMENT', { what: source.where(path), ...complaint });
}

/** The content as a schema wants it, or an error about the first key that is wrong. */
export function readAs<S extends z.ZodType>(source: Source, schema: S, content = source.content): z.output<S> {
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const { path, expected, unknownKey } = explain(likeliest(parsed.error.issues), []);
  const value = valueAt(content, path);
  const given = unknownKey ? 'an unknown key' : value === undefined ? 'nothing' : value;
  return complain(source, path, { expected, given });
}

/** A strict object whose complaint about an unknown key lists the keys that there are. */
export function strict<T extends z.core.$ZodLooseShape>(shape: T): z.ZodObject<T, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? `one of ${Object.keys(shape).join(', ')}` : undefined),
  });
}

type Issue = z.core.$ZodIssue;

/** A key that is not known may be why another is missing, so it is told first. */
function likeliest(issues: readonly Issue[]): Issue {
  return issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!;
}

function unknownKeys(issues: readonly Issue[]): number {
  return issues.reduce((n, issue) => n + (issue.code === 'unrecognized_keys' ? issue.keys.length : 0), 0);
}

interface Explanation {
  path: (string | number)[];
  expected: string;
  unknownKey: boolean;
}

function explain(issue: Issue, above: readonly PropertyKey[]): Explanation {
  const path = [...above, ...issue.path].map((step) => (typeof step === 'number' ? step : String(step)));
  const of = (expected: string): Explanation => ({ path, expected, unknownKey: false });
  switch (issue.code) {
    case 'unrecognized_keys':
      return { path: [...path, issue.keys[0]!], expected: issue.message, unknownKey: true };
    case 'invalid_type':
      return of(/^Invalid input/.test(issue.message) ? (typeNames[issue.expected] ?? issue.expected) : issue.message);
    case 'invalid_value':
      return of(`one of ${issue.values.map(String).join(', ')}`);
    case 'invalid_key':
      return of(issue.issues[0]!.message);
    case 'invalid_union': {
      if (issue.message !== 'Invalid input' && !issue.message.startsWith('Invalid discriminator'))
        return of(issue.message);
      if (issue.errors.length === 0) return of(`one of ${(issue as { options?: unknown[] }).options?.join(', ')}`);
      // The branch that was understood furthest, and of those the one that knows most of the keys.
      const branches = issue.errors.map((issues) => ({
        ...explain(likeliest(issues), path),
        unknown: unknownKeys(issues),
      }));
      const [best] = branches.sort((a, b) => b.path.length - a.path.length || a.unknown - b.unknown);
      return best!.path.length > path.length ? best! : of(branches.map(({ expected }) => expected).join(' or '));
    }
    default:
      return of(issue.message.replace(/^(Too (small|big)|Invalid (input|string|option)): expected /, ''));
  }
}

const typeNames: Partial<Record<string, string>> = { int: 'a whole number', record: 'object' };

function valueAt(content: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[step] : undefined,
    content,
  );
}
