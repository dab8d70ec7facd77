import { OptiProxyError } from '../../errors.js';
import type { OracleContext } from '../context.js';
import { expected, readLine } from './protocol.js';

/** Characters of a line that another program may write; a longer one is no answer. */
export const LONGEST_LINE = 1 << 20;

/** An oracle that another program is; `close` ends it, and rejects nothing. */
export interface RemoteOracle {
  (architecture: string, context: OracleContext): Promise<Record<string, number>>;
  /** Milliseconds that it may take to let go when its signal fires. */
  readonly graceMs: number;
  close(): Promise<void>;
}

/** What another program is called in messages, as `process`, and the request that it has. */
export interface Exchange {
  readonly what: string;
  readonly id: number;
  readonly context: OracleContext;
}

/** The answer to a request: what was measured, or why it was not; `garbage`: what was said is none. */
export type Heard =
  { readonly metrics: Record<string, number> } | { readonly error: OptiProxyError; readonly garbage: boolean };

/** Takes a line; undefined where it is no answer.  What is not for this request goes to the log. */
export function hear(text: string, { what, id, context }: Exchange): Heard | undefined {
  const line = readLine(text);
  if (line.kind === 'garbage') return { error: failed(`${what}: expected ${expected}, ${line.why}`), garbage: true };
  if (line.kind === 'print' || line.message.id !== id) {
    context.log(line.kind === 'print' ? `${text}\n` : `not for request ${id}: ${text}\n`);
    return undefined;
  }
  const { message } = line;
  if (message.error !== undefined) return { error: failed(message.error), garbage: false };
  if (message.infeasible !== undefined) return { error: new OptiProxyError('INFEASIBLE', { what: message.infeasible }), garbage: false }; // prettier-ignore
  if (message.alive !== undefined) context.log('');
  else if (message.step !== undefined) context.report(message.step, message.metrics);
  else return { metrics: message.metrics };
  return undefined;
}

export const failed = (what: string, cause?: unknown): OptiProxyError =>
  new OptiProxyError('ORACLE_FAILED', { what, ...(cause === undefined ? {} : { cause }) });
