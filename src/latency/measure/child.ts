import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { loadRuntime } from '../../onnx/runtime.js';
import { quantile } from '../../statistics/quantile.js';
import type { Chunk, Outcome } from './timing.js';

/** The process that times one chunk of networks.  It keeps still while it does: nothing is printed or sent. */

/** Milliseconds of runs before those that count, as part of those: caches and the runtime's memory settle. */
const WARM_UP = 0.25;
/** Runs of a visit at most, which is what memory is kept for. */
const MOST_RUNS = 10_000;

const times = new Float64Array(MOST_RUNS);

async function timeChunk({ models, input, threads, visitMs, visitRuns }: Chunk): Promise<Outcome[]> {
  const { Tensor: tensor, InferenceSession: sessions } = loadRuntime();
  const size = input.shape.reduce((product, dimension) => product * dimension, 1);
  const image = Float32Array.from({ length: size }, (_, i) => Math.sin(i));
  const feeds = { [input.name]: new tensor('float32', image, input.shape) };
  const options = { intraOpNumThreads: threads, interOpNumThreads: 1, logSeverityLevel: 4 as const };
  const visit = async (model: Uint8Array): Promise<Outcome> => {
    const session = await sessions.create(model, options);
    globalThis.gc!(); // else it comes in between
    await timeRuns(session, feeds, visitMs * WARM_UP, 1);
    const runs = await timeRuns(session, feeds, visitMs, visitRuns);
    await session.release();
    const counted = times.subarray(0, runs);
    return { eighths: Array.from({ length: 8 }, (_, i) => quantile(counted, (i + 0.5) / 8)), runs };
  };
  const outcomes: Outcome[] = [];
  // The first is visited once for nothing: what calls the runtime is compiled meanwhile.
  for (const model of [models[0]!, ...models])
    outcomes.push(await visit(model).catch(({ message }: Error) => ({ failure: message })));
  return outcomes.slice(1);
}

/** Fills `times` for so many milliseconds, and with so many runs at least; says how many there were. */
async function timeRuns(
  session: InferenceSession,
  feeds: Readonly<Record<string, Tensor>>,
  ms: number,
  least: number,
): Promise<number> {
  const begin = performance.now();
  let runs = 0;
  for (let now = begin; runs < least || (now - begin < ms && runs < MOST_RUNS); ++runs) {
    const start = performance.now();
    await session.run(feeds);
    now = performance.now();
    times[runs] = now - start;
  }
  return runs;
}

process.on('SIGINT', () => {}); // of the terminal: whether that ends anything is for the parent to say
process.on('disconnect', () => process.exit()); // the parent is gone
process.once('message', (chunk: Chunk) => {
  // What is wrong with all of them alike.
  const failed = ({ message }: Error): Outcome[] => chunk.models.map(() => ({ failure: message }));
  void timeChunk(chunk)
    .catch(failed)
    .then((outcomes) => process.send!(outcomes, () => process.disconnect()));
});
