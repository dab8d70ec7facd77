import path from 'node:path';
import { Piscina } from 'piscina';
import { OptiProxyError } from '../errors.js';
import type { ModelFacts, SessionSource } from './session.js';
import type { Answer, Question } from './worker.js';

/**
 * A model in a thread of its own, since a run blocks the one that it is in.  The session lives as long as the thread:
 * making and ending them leaks memory.  An idle thread does not keep the process alive.
 */
export class ModelThread {
  private constructor(
    private readonly pool: Piscina<Question, Answer>,
    readonly facts: ModelFacts,
  ) {}

  /** Rejects as `Session.open` does. */
  static async open(source: SessionSource, script = path.join(__dirname, 'worker.js')): Promise<ModelThread> {
    const pool = new Piscina<Question, Answer>({
      filename: script,
      minThreads: 1,
      maxThreads: 1,
      concurrentTasksPerWorker: 2, // the next is at hand when one is done
      workerData: source,
    });
    try {
      const answer = unwrap(await pool.run('facts'));
      return new ModelThread(pool, (answer as { facts: ModelFacts }).facts);
    } catch (error) {
      await pool.destroy();
      throw error;
    }
  }

  /** Each output (n) of genes (n, G), which are copied.  Questions are answered in turn, run by run.  Rejects with `INVALID_MODEL`. */
  async evaluate(genes: Uint8Array): Promise<readonly Float64Array[]> {
    return (unwrap(await this.pool.run(genes)) as { values: readonly Float64Array[] }).values;
  }

  /** Ends the thread, whatever it is at. */
  async close(): Promise<void> {
    await this.pool.destroy();
  }
}

function unwrap(answer: Answer): Exclude<Answer, { error: unknown }> {
  if (!('error' in answer)) return answer;
  const { code, message } = answer.error;
  throw new OptiProxyError(code, { what: message });
}
