import { existsSync } from 'node:fs';
import { checkInteger, checkKeys, OptiProxyError } from '../../errors.js';
import type { RemoteOracle } from './hear.js';
import { requestOf } from './protocol.js';
import { Ended, Worker } from './worker.js';

export interface ProcessOptions {
  /** Folder that the command is run in. @default the current one */
  cwd?: string;
  /** Environment variables besides those of this process. */
  env?: Record<string, string>;
  /** Milliseconds that processes have to end when they are asked to, before they are made to. @default 5000 */
  graceMs?: number;
}

/**
 * An oracle that another program is, which a shell starts: it reads a request a line from stdin and answers a line on stdout
 * (docs/oracles.md).  As many processes run as queries are in flight, each with its number from 0 in `OPTIPROXY_WORKER`; one
 * that ends after an answer is started again for the next.  Where a query's signal fires, its process is ended with all that
 * it has started.  What it writes to stderr, and to stdout beside answers, goes to the trial's log.  Rejects with
 * `ORACLE_FAILED`, `INFEASIBLE`.  Throws `INVALID_ARGUMENT`.
 */
export function processOracle(command: string, options: ProcessOptions = {}): RemoteOracle {
  checkKeys('options', options, ['cwd', 'env', 'graceMs']);
  if (typeof command !== 'string' || command.trim() === '') {
    throw new OptiProxyError('INVALID_ARGUMENT', { what: 'command', expected: 'a command', given: command });
  }
  if (options.cwd !== undefined && !existsSync(options.cwd)) {
    throw new OptiProxyError('INVALID_ARGUMENT', { what: 'options.cwd', expected: 'a folder', given: options.cwd });
  }
  const graceMs = checkInteger('options.graceMs', options.graceMs ?? 5000, 0, 2 ** 31 - 1);
  const workers: (Worker | undefined)[] = [];
  let requests = 0;
  let closed = false;
  const killAll = (): void => workers.forEach((worker) => worker?.kill());

  const started = (place: number): Worker => {
    if (!workers.some((worker) => worker !== undefined)) process.once('exit', killAll);
    const env = { ...process.env, ...options.env, OPTIPROXY_WORKER: String(place) };
    const worker = new Worker(command, { cwd: options.cwd, env, graceMs });
    workers[place] = worker;
    void worker.ended.then(() => {
      if (workers[place] === worker) workers[place] = undefined;
      if (!workers.some((one) => one !== undefined)) process.removeListener('exit', killAll);
    });
    return worker;
  };
  const free = (): Worker => {
    const ready = workers.find((worker) => worker?.ready);
    if (ready !== undefined) return ready;
    const gap = workers.findIndex((worker) => worker === undefined || worker.gone);
    return started(gap < 0 ? workers.length : gap);
  };

  const oracle = async (
    architecture: string,
    context: Parameters<RemoteOracle>[1],
  ): Promise<Record<string, number>> => {
    for (;;) {
      if (closed) throw new OptiProxyError('CLOSED', { what: 'process', expected: 'an open one', given: 'a closed one' }); // prettier-ignore
      // What one that has ended leaves behind may still hold its GPU.
      const ending = workers.find((worker) => worker?.ending);
      if (ending !== undefined && !workers.some((worker) => worker?.ready)) {
        await ending.ended;
        continue;
      }
      try {
        return await free().ask(requestOf(++requests, architecture, context), { context });
      } catch (error) {
        if (!(error instanceof Ended)) throw error;
      }
    }
  };
  return Object.assign(oracle, {
    graceMs,
    close: async (): Promise<void> => {
      closed = true;
      const open = workers.filter((worker) => worker !== undefined);
      await Promise.all(open.map((worker) => (worker.ready ? worker.finish() : worker.end())));
    },
  });
}
