/** Stable machine-readable names of everything that can go wrong. */
export type ErrorCode =
  | 'INVALID_ARGUMENT' // a value of the wrong type or out of range
  | 'INVALID_ARCHITECTURE' // a string that the space cannot parse
  | 'INVALID_TABLE' // a file of measurements that cannot be read as one
  | 'INVALID_MODEL' // an ONNX file that cannot be run as it was declared
  | 'INVALID_METRICS' // an oracle's answer without the objective, or not a finite number
  | 'UNKNOWN_NAME' // no such space, method, preset, metric, column
  | 'UNKNOWN_TRIAL' // told a trial that was never asked
  | 'TRIAL_FINISHED' // told a trial twice
  | 'ORACLE_FAILED' // the oracle threw or rejected
  | 'INFEASIBLE' // an oracle's word for an architecture that cannot be trained
  | 'ABORTED' // the caller's AbortSignal fired
  | 'BUSY' // two calls at once on something that runs one at a time
  | 'CLOSED' // used after close
  | 'ADDON_MISSING' // the native addon is not built or does not load
  | 'RUNTIME_MISSING' // an optional peer, onnxruntime-node or better-sqlite3, is not installed or does not load
  | 'STORAGE_FAILED' // a study's file cannot be opened, read or written
  | 'STUDY_MISMATCH' // a study's file is of another study
  | 'DEVICE_FAILED' // a GPU, or its driver, is missing or failed
  | 'INTERNAL'; // a bug of ours

/** What an {@link OptiProxyError} is made of. */
export interface ErrorDetails {
  /** The thing that is wrong, as the user named it (`--queries`, `objectives[0].goal`, `cells.csv line 7`). */
  what: string;
  /** What would have been right. */
  expected?: string;
  /** What was given, already printable; long values are cut. */
  given?: unknown;
  /** What to do about it. */
  hint?: string;
  cause?: unknown;
}

/** Longest message. */
const MOST_CHARACTERS = 2000;

/** The one error class of the package: a single line that names the thing, what was expected, what was given and a hint. */
export class OptiProxyError extends Error {
  override readonly name = 'OptiProxyError';
  readonly code: ErrorCode;
  readonly what: string;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, details: ErrorDetails) {
    super(message(details), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.what = details.what;
    this.hint = details.hint;
  }
}

function message({ what, expected, given, hint }: ErrorDetails): string {
  const parts = [what];
  if (expected !== undefined) parts.push(`: expected ${expected}`);
  if (given !== undefined) parts.push(`${expected === undefined ? ': ' : ', '}given ${printable(given)}`);
  if (hint !== undefined) parts.push(` (hint: ${hint})`);
  const line = oneLine(parts.join(''));
  return line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS - 3)}...` : line;
}

/** Names stand in a message as a file has them: a terminal would obey some of their characters, and a few fill screens. */
function oneLine(text: string): string {
  return text.replace(/\s*[\r\n\u2028\u2029]\s*/g, ' ').replace(/\p{Cc}/gu, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A short one-line picture of any value, safe for an error message. */
export function printable(value: unknown): string {
  let text: string;
  if (typeof value === 'string') text = JSON.stringify(value);
  else if (typeof value === 'function') text = 'a function';
  else if (ArrayBuffer.isView(value)) text = `${value.constructor.name}(${value.byteLength} bytes)`;
  else if (typeof value === 'object' && value !== null) text = jsonOr('an object', value);
  else text = String(value);
  text = text.replace(/\s+/g, ' ');
  // JSON leaves these as they are, and a terminal would obey some of them.
  text = text.replace(/[\u007f-\u009f]/g, escaped);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** JSON, or `otherwise` for what has none (cycles). */
function jsonOr(otherwise: string, value: object): string {
  try {
    return JSON.stringify(value) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** Asserts an integer in `[min, max]` and returns it. */
export function checkInteger(what: string, value: unknown, min: number, max: number, hint?: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    const range = max === Number.MAX_SAFE_INTEGER ? `at least ${min}` : `from ${min} to ${max}`;
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what,
      expected: `a whole number ${range}`,
      given: value,
      ...(hint === undefined ? {} : { hint }),
    });
  }
  return value;
}

/** Asserts that `value` is one of `names` and returns it; the hint lists what exists. */
export function checkName<T extends string>(what: string, value: unknown, names: readonly T[]): T {
  if (!names.includes(value as T)) {
    throw new OptiProxyError('UNKNOWN_NAME', { what, expected: `one of ${names.join(', ')}`, given: value });
  }
  return value as T;
}

/** Throws `INVALID_ARGUMENT` for anything that is not one of the known keys: a misspelt option must not be ignored. */
export function checkKeys(what: string, value: unknown, known: readonly string[]): void {
  if (typeof value !== 'object' || value === null) {
    throw new OptiProxyError('INVALID_ARGUMENT', { what, expected: 'an object', given: value });
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) {
      throw new OptiProxyError('INVALID_ARGUMENT', {
        what: `${what}.${key}`,
        expected: `one of ${known.join(', ')}`,
        given: 'an unknown option',
      });
    }
  }
}

/** Checks an AbortSignal or callback that may be left out. */
export function checkMethod(what: string, value: unknown, kind: 'an AbortSignal' | 'a function'): void {
  const fits =
    kind === 'a function'
      ? typeof value === 'function'
      : typeof (value as AbortSignal | null)?.addEventListener === 'function';
  if (value !== undefined && !fits) {
    throw new OptiProxyError('INVALID_ARGUMENT', { what, expected: kind, given: value });
  }
}

/** The error that an aborted call rejects with; the caller's reason is its cause. */
export function abortError(what: string, signal: AbortSignal): OptiProxyError {
  return new OptiProxyError('ABORTED', { what: `${what} was aborted`, cause: signal.reason });
}

/** Throws if the signal has fired. */
export function throwIfAborted(what: string, signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError(what, signal);
}

/**
 * A promise that rejects when the signal fires, and the way to let go of it: many may race against one, as a signal with more
 * than ten listeners makes Node warn.
 */
export function whenAborted(
  what: string,
  signal: AbortSignal | undefined,
): { promise: Promise<never>; release: () => void } {
  let onAbort = (): void => {};
  const promise = new Promise<never>((_, reject) => {
    if (signal === undefined) return;
    onAbort = () => reject(abortError(what, signal));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  promise.catch(() => {}); // it may fire when nobody waits any more
  return { promise, release: () => signal?.removeEventListener('abort', onAbort) };
}

/** What the promise resolves to, or `ABORTED` once the signal fires: nothing waits for it then. */
export async function unlessAborted<T>(what: string, promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const aborted = whenAborted(what, signal);
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    aborted.release();
  }
}
