import { cli } from '../support/cli.js';
import { scratchFolder } from '../support/files.js';
import { runScript, script } from '../support/script.js';

const folder = scratchFolder();

/** `trace(seed)` searches in this thread, `traceInWorker(seed)` in a new one; the file is its own worker. */
const tracing = `
const { isMainThread, parentPort, Worker, workerData } = require('node:worker_threads');
const trace = async (seed) => {
  const study = await open({ seed, threads: 2 });
  await study.run({ oracle: await digits201Oracle({ metrics: ['val_acc'] }), queries: 30 });
  study.close();
  return JSON.stringify(study.trace());
};
const traceInWorker = (seed) => new Promise((resolve, reject) => {
  const worker = new Worker(__filename, { workerData: seed });
  worker.once('message', resolve);
  worker.once('error', reject);
});
if (!isMainThread) return parentPort.postMessage(await trace(workerData));
`;

test('a worker thread searches like the main thread, two at once too', async () => {
  const file = folder.write(
    'traces.cjs',
    script(`${tracing}
    const main = [await trace(1), await trace(2)];
    const alone = await traceInWorker(1);
    const together = await Promise.all([traceInWorker(1), traceInWorker(2), trace(1)]);
    console.log(JSON.stringify({ main, alone, together }));`),
  );
  const { main, alone, together } = await runScript<{ main: string[]; alone: string; together: string[] }>(file);
  expect(JSON.parse(main[0]!)).toHaveLength(30);
  expect(main[1]).not.toBe(main[0]);
  expect(alone).toBe(main[0]);
  expect(together).toEqual([main[0], main[1], main[0]]);
}, 120_000);

/** The file as a worker searches without end and says so at the first slice of the phase that it is given. */
const endless = `
const { isMainThread, parentPort, Worker, workerData } = require('node:worker_threads');
if (!isMainThread) {
  let said = false;
  const onProgress = ({ phase }) => {
    if (phase !== workerData || said) return;
    said = true;
    parentPort.postMessage(phase);
  };
  const study = await open({ threads: 2 });
  return study.run({ oracle: await digits201Oracle({ metrics: ['val_acc'] }), queries: 15000, onProgress });
}
`;

test.each(['fit', 'climb', 'acquire', 'query'])(
  'a worker thread that is terminated in its %s leaves the process unharmed',
  async (phase) => {
    const file = folder.write(
      `terminate-${phase}.cjs`,
      script(`${endless}
    for (let i = 0; i < 6; ++i) {
      const worker = new Worker(__filename, { workerData: '${phase}' });
      await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
      await new Promise((resolve) => setTimeout(resolve, 4 * i)); // all over a slice, which takes 10 ms
      const code = await worker.terminate();
      if (code !== 1) throw new Error('exit code ' + code);
    }
    // The process is not just alive: it still searches.
    const study = await open({ seed: 1, threads: 2 });
    await study.run({ oracle: await digits201Oracle({ metrics: ['val_acc'] }), queries: 25 });
    console.log(JSON.stringify(study.queries));`),
    );
    expect(await runScript<number>(file)).toBe(25);
  },
  120_000,
);

test('several workers, terminated at once', async () => {
  const file = folder.write(
    'several.cjs',
    script(`${endless}
    const workers = ['fit', 'climb', 'acquire'].map((phase) => new Worker(__filename, { workerData: phase }));
    await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('message', resolve))));
    console.log(JSON.stringify(await Promise.all(workers.map((worker) => worker.terminate()))));`),
  );
  expect(await runScript<number[]>(file)).toEqual([1, 1, 1]);
}, 120_000);

test.each(['fit', 'climb', 'acquire'])(
  'process.exit in a %s ends the process with the given status',
  async (phase) => {
    const file = folder.write(
      `exit-${phase}.cjs`,
      script(`
    const study = await open({ threads: 2 });
    const onProgress = (progress) => {
      // The callback runs between slices: leave while the next one is at work.
      if (progress.phase === '${phase}') setTimeout(() => process.exit(7), 2);
    };
    await study.run({ oracle: await digits201Oracle({ metrics: ['val_acc'] }), queries: 15000, onProgress });`),
    );
    for (let i = 0; i < 3; ++i) {
      expect(await cli([], { script: file })).toEqual({ status: 7, signal: null, stdout: '', stderr: '' });
    }
  },
  120_000,
);

test('process.exit in a worker thread ends that thread alone', async () => {
  const file = folder.write(
    'exit-worker.cjs',
    script(`
    const { isMainThread, Worker } = require('node:worker_threads');
    if (!isMainThread) {
      const study = await open({ threads: 2 });
      const onProgress = ({ phase }) => void (phase === 'fit' && setTimeout(() => process.exit(7), 2));
      return study.run({ oracle: await digits201Oracle({ metrics: ['val_acc'] }), queries: 15000, onProgress });
    }
    const codes = [];
    for (let i = 0; i < 3; ++i) {
      codes.push(await new Promise((resolve) => new Worker(__filename).once('exit', resolve)));
    }
    console.log(JSON.stringify(codes));`),
  );
  expect(await runScript<number[]>(file)).toEqual([7, 7, 7]);
}, 120_000);
