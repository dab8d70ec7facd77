import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { printable, type OptiProxyError } from '../../errors.js';
import { failed, hear, LONGEST_LINE, type Exchange, type Heard } from './hear.js';
import { LineSplitter, type Request } from './protocol.js';
import { endTree, MARK, signalTree } from './tree.js';

/** Milliseconds that output may follow the end of a process. */
const LAST_WORDS_MS = 500;
/** Characters of stderr that they are looked for in. */
const TAIL = 4096;

interface Pending extends Exchange {
  readonly resolve: (metrics: Record<string, number>) => void;
  readonly reject: (error: Error) => void;
  /** Whether the process has said anything about the request, and answered it. */
  heard: boolean;
  answered: boolean;
}

/** Thrown where a process that had answered before ended without a word about a request: another can be started for it. */
export class Ended extends Error {}

export interface WorkerOptions {
  readonly cwd: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds that processes have to end when they are asked to. */
  readonly graceMs: number;
}

/** A process that answers requests, one after another. */
export class Worker {
  /** Resolves when it has ended, with all that it has started. */
  readonly ended: Promise<void>;
  private readonly child: ChildProcess;
  private readonly mark = randomUUID();
  private readonly lines = new LineSplitter(LONGEST_LINE);
  private pending: Pending | undefined;
  private answers = 0;
  /** Why it could not be started. */
  private failure: OptiProxyError | undefined;
  private over = false;
  /** Whether it has ended, with all that it has started. */
  gone = false;
  /** The end of what it wrote to stderr. */
  private tail = '';

  constructor(
    command: string,
    private readonly options: WorkerOptions,
  ) {
    this.child = spawn(command, {
      shell: true,
      cwd: options.cwd,
      env: { ...options.env, [MARK]: this.mark },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32', // a group of its own, which can be ended as a whole
      windowsHide: true,
    });
    this.ended = new Promise<void>((resolve) => {
      this.child.once('error', (error) => {
        this.over = this.gone = true;
        this.failure = failed(`process: ${error.message}`, error);
        this.pending?.reject(this.failure);
        resolve();
      });
      this.child.once('exit', (status, signal) => void this.onExit(status, signal).finally(resolve));
    });
    // Where no process can be started there may be no pipes either.
    const { stdin, stdout, stderr } = this.child as Partial<ChildProcess>;
    stdin?.on('error', () => {}); // it does not read: its end says so
    stdout?.setEncoding('utf8').on('data', (piece: string) => this.onOutput(piece));
    stderr?.setEncoding('utf8').on('data', (piece: string) => this.onError(piece));
    this.keepsAlive(false);
  }

  /** Whether it can be asked. */
  get ready(): boolean {
    return !this.over && this.pending === undefined;
  }

  /** Whether it has ended, and what it has left behind has not. */
  get ending(): boolean {
    return this.over && !this.gone && this.pending === undefined;
  }

  /** Rejects with `ORACLE_FAILED`, `INFEASIBLE`, {@link Ended}; once the signal has fired, when all processes have ended. */
  async ask(request: Request, exchange: Omit<Exchange, 'id' | 'what'>): Promise<Record<string, number>> {
    if (this.failure !== undefined) throw this.failure;
    const { signal } = exchange.context;
    const onAbort = (): void => void this.end(signal.reason as Error);
    this.keepsAlive(true);
    this.tail = '';
    try {
      return await new Promise<Record<string, number>>((resolve, reject) => {
        this.pending = { ...exchange, what: 'process', id: request.id, resolve, reject, heard: false, answered: false };
        signal.addEventListener('abort', onAbort, { once: true });
        if (signal.aborted) onAbort();
        else this.child.stdin?.write(`${JSON.stringify(request)}\n`);
      });
    } finally {
      this.pending = undefined;
      signal.removeEventListener('abort', onAbort);
      this.keepsAlive(false);
    }
  }

  /** Ends it with all that it has started; a request that it has rejects with `reason` then. */
  async end(reason: Error = failed('the process was ended')): Promise<void> {
    this.over = true;
    const { pending } = this;
    if (this.child.pid !== undefined) await endTree(this.child.pid, this.mark, this.options.graceMs);
    await this.ended;
    pending?.reject(reason);
  }

  /** The same at once, where there is no time to wait. */
  kill(): void {
    if (this.child.pid !== undefined) signalTree(this.child.pid, this.mark, 'SIGKILL');
  }

  /** Tells it that no request follows, and gives it time to end by itself. */
  async finish(): Promise<void> {
    this.over = true;
    this.child.stdin?.end();
    const timer = new AbortController();
    await Promise.race([this.ended, sleep(this.options.graceMs, undefined, { signal: timer.signal }).catch(() => {})]);
    timer.abort();
    await this.end();
  }

  private onOutput(piece: string): void {
    this.pending?.context.log(''); // whatever it says, it lives
    const lines = this.lines.push(piece);
    if (lines === undefined) {
      this.fail(failed(`process: expected lines of at most ${LONGEST_LINE} characters, given a longer one`));
      return;
    }
    for (const line of lines) this.onLine(line);
  }

  private onLine(line: string): void {
    const { pending } = this;
    if (pending === undefined || pending.answered || this.over) return; // nobody asks
    const heard = this.heard(line, pending);
    pending.heard ||= line.trimStart().startsWith('{');
    if (heard === undefined) return;
    if ('garbage' in heard && heard.garbage) return this.fail(heard.error);
    this.answers += 1;
    pending.answered = true;
    // What it wrote to stderr before is read first, with the next look at what there is to read.
    setImmediate(() =>
      setImmediate(() => ('metrics' in heard ? pending.resolve(heard.metrics) : pending.reject(heard.error))),
    );
  }

  /** What a caller throws out of what it is told fails the request. */
  private heard(line: string, pending: Pending): Heard | undefined {
    try {
      return hear(line, pending);
    } catch (error) {
      return { error: error as OptiProxyError, garbage: true };
    }
  }

  private onError(piece: string): void {
    this.tail = (this.tail + piece).slice(-TAIL);
    this.pending?.context.log(piece);
  }

  /** A process that says what it should not is not asked again. */
  private fail(error: Error): void {
    void this.end(error);
  }

  private async onExit(status: number | null, signal: NodeJS.Signals | null): Promise<void> {
    const ended = this.over; // by us
    const closed = new Promise((resolve) => this.child.once('close', resolve));
    await Promise.race([closed, sleep(LAST_WORDS_MS, undefined, { ref: false })]);
    for (const line of this.lines.end()) this.onLine(line);
    this.over = true;
    // What it leaves behind would hold its GPU.
    await endTree(this.child.pid!, this.mark, this.options.graceMs);
    this.gone = true;
    const { pending } = this;
    if (pending === undefined || pending.answered || ended) return;
    if (this.answers > 0 && !pending.heard) return pending.reject(new Ended());
    const how = signal === null ? `with status ${status}` : `by ${signal}`;
    const last = this.tail.split('\n').filter((line) => line.trim() !== '').at(-1); // prettier-ignore
    const words = last === undefined ? '' : `; its last words: ${printable(last)}`;
    pending.reject(failed(`the process ended ${how} before it answered${words}`));
  }

  /** An idle process is no reason for ours to go on. */
  private keepsAlive(does: boolean): void {
    const { child } = this;
    const handles = [child, child.stdin, child.stdout, child.stderr] as unknown as (Socket | undefined)[];
    for (const handle of handles) handle?.[does ? 'ref' : 'unref']();
  }
}
