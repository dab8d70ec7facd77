import { setTimeout as sleep } from 'node:timers/promises';
import { Study } from '../../../src/study/study.js';
import type { Metrics, Oracle, RunOptions, StudyOptions } from '../../../src/study/types.js';
import { errorOf } from '../../support/errors.js';
import { measured, options } from '../../support/kept.js';

const open = (given: Partial<StudyOptions> = {}): Promise<Study> => Study.open({ ...options, ...given });
const good: Oracle = (architecture) => measured(architecture);

/** Runs a new study to its end. */
async function ran(run: Partial<RunOptions>, given: Partial<StudyOptions> = {}): Promise<Study> {
  const study = await open(given);
  await study.run({ oracle: good, queries: 40, ...run } as RunOptions);
  study.close();
  return study;
}

describe('an attempt', () => {
  test('that fails is made again, with the same seed', async () => {
    const seeds: number[][] = [];
    const oracle: Oracle = (architecture, { trial, attempt, seed }) => {
      seeds.push([trial, attempt, seed]);
      if (attempt < 3) throw new Error('network');
      return measured(architecture);
    };
    const study = await ran({ oracle, retries: 2, backoffMs: 1, queries: 3 });
    expect(study.trials.slice(0, 3).map(({ state }) => state)).toEqual(['complete', 'complete', 'complete']);
    expect(seeds.map(([trial, attempt]) => `${trial}.${attempt}`)).toEqual(['1.1', '1.2', '1.3', '2.1', '2.2', '2.3', '3.1', '3.2', '3.3']); // prettier-ignore
    expect(new Set(seeds.map(([, , seed]) => seed)).size).toBe(3);
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['NaN', { acc: NaN }],
    ['another metric', { size: 1 }],
  ])('so is one that answers %s', async (_, answer) => {
    const oracle: Oracle = (architecture, { attempt }) =>
      attempt === 1 ? (answer as Metrics) : measured(architecture);
    expect((await ran({ oracle, retries: 1, backoffMs: 0, queries: 3 })).queries).toBe(3);
  });

  test('waits longer each time, and not after an abort', async () => {
    const study = await open();
    const times: number[] = [];
    const oracle: Oracle = () => {
      times.push(performance.now());
      throw new Error('network');
    };
    await errorOf('ORACLE_FAILED', () => study.run({ oracle, queries: 3, retries: 3, backoffMs: 20 }));
    const waits = times.slice(1).map((time, i) => time - times[i]!);
    [20, 40, 80].forEach((least, i) => expect(waits[i]).toBeGreaterThan(least - 2));
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 30);
    await errorOf('ABORTED', () => study.run({ oracle, queries: 3, retries: 3, backoffMs: 1e6, signal: controller.signal })); // prettier-ignore
    expect(study.trials[1]!.state).toBe('running');
    study.close();
  });

  test('that takes too long is told to stop, and has failed', async () => {
    let stopped = 0;
    const oracle: Oracle = (_, { signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => ((stopped += 1), reject(new Error('let go')))));
    const study = await open();
    const error = await errorOf('ORACLE_FAILED', () => study.run({ oracle, queries: 3, timeoutMs: 30, retries: 1, backoffMs: 0 })); // prettier-ignore
    expect(error.message).toMatch(/^oracle failed on trial 1 \(.*\): no answer within 0\.03 s \(hint/);
    expect(stopped).toBe(2);
    study.close();
  });

  test('what it wrote last is said where it does not answer in time', async () => {
    const study = await open();
    const oracle: Oracle = (_, { signal, log }) => {
      log('epoch 1\nloss 0.5\n');
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('let go'))));
    };
    const { message } = await errorOf('ORACLE_FAILED', () => study.run({ oracle, queries: 3, timeoutMs: 30 }));
    expect(message).toMatch(/no answer within 0\.03 s; it wrote last: "loss 0\.5" \(hint/);
    study.close();
  });

  test('that is told to stop and answers all the same has answered', async () => {
    const oracle: Oracle = (architecture, { signal }) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(measured(architecture))));
    expect((await ran({ oracle, queries: 2, timeoutMs: 20 })).trials[0]!.state).toBe('complete');
  });

  test('lives on while it reports or logs, and no longer', async () => {
    const points: [number, number, Metrics][] = [];
    const oracle: Oracle = async (architecture, { report, log, trial, signal }) => {
      for (let step = 1; step <= 4; ++step) {
        await sleep(150);
        if (step % 2 === 0) log('still here');
        else report(step, { loss: 1 / step });
      }
      if (trial === 2) await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('let go')))); // prettier-ignore
      return measured(architecture);
    };
    const study = await open();
    const onReport = ({ id }: { id: number }, step: number, metrics: Metrics): void =>
      void points.push([id, step, metrics]);
    const error = await errorOf('ORACLE_FAILED', () => study.run({ oracle, queries: 3, heartbeatMs: 400, onReport }));
    expect(error.message).toMatch(/trial 2 .*: no sign of life within 0\.4 s/);
    expect(points.slice(0, 2)).toEqual([[1, 1, { loss: 1 }], [1, 3, { loss: 1 / 3 }]]); // prettier-ignore
    expect(study.trials[0]!.state).toBe('complete');
    study.close();
  });
});
