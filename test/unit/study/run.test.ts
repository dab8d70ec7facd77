import { setTimeout as sleep } from 'node:timers/promises';
import { spaces } from '../../../src/space/index.js';
import { Study } from '../../../src/study/study.js';
import type { Metrics, OracleContext, Progress, StudyOptions, Trial } from '../../../src/study/types.js';
import { errorOf } from '../../support/errors.js';
import { tinySpace } from '../../support/spaces.js';

const unbatched: StudyOptions = {
  space: spaces.digits201(),
  objectives: [{ metric: 'acc', goal: 'maximize' }],
  method: 'random',
  seed: 5,
  init: 4,
  threads: 1,
};
const open = (options: Partial<StudyOptions> = {}): Promise<Study> =>
  Study.open({ ...unbatched, batch: 3, ...options });

/** A deterministic measurement of any architecture. */
const measure = (architecture: string): Metrics => ({
  acc: [...architecture].reduce((hash, c) => (hash * 31 + c.charCodeAt(0)) % 1009, 7),
});

test('spends the budget exactly and reports every query', async () => {
  const study = await open();
  const told: Trial[] = [];
  const result = await study.run({ oracle: measure, queries: 12, onTrial: (trial) => told.push(trial) });
  expect(result).toEqual({ stopped: 'budget', queries: 12, best: study.best });
  expect(told.map(({ id, query, state }) => [id, query, state])).toEqual(
    Array.from({ length: 12 }, (_, i) => [i + 1, i + 1, 'complete']),
  );
  expect(study.best!.metrics!['acc']).toBe(Math.max(...told.map(({ metrics }) => metrics!['acc']!)));
  study.close();
});

test('a later run goes on; a budget that is spent already asks nothing', async () => {
  const study = await open();
  await study.run({ oracle: measure, queries: 5 });
  expect((await study.run({ oracle: measure, queries: 9 })).queries).toBe(9);
  expect(await study.run({ oracle: measure, queries: 3 })).toMatchObject({ stopped: 'budget', queries: 9 });
  expect(study.trials).toHaveLength(9);
  study.close();
});

test('queries told by hand count', async () => {
  const study = await open();
  for (const trial of await study.ask(4)) await study.tell(trial.id, measure(trial.architecture));
  let calls = 0;
  await study.run({ oracle: (architecture) => (calls++, measure(architecture)), queries: 6 });
  expect(calls).toBe(2);
  study.close();
});

test('a space smaller than the budget ends as exhausted', async () => {
  for (const method of ['random', 'optiproxy']) {
    const study = await open({ space: tinySpace(), method });
    const result = await study.run({ oracle: measure, queries: 100 });
    expect(result).toMatchObject({ stopped: 'exhausted', queries: 8 });
    study.close();
  }
});

test('first the first samples, then batches, never more than the budget', async () => {
  const study = await open();
  const seen: number[] = [];
  await study.run({
    oracle: (architecture) => {
      seen.push(study.trials.length);
      return measure(architecture);
    },
    queries: 9,
  });
  expect(seen).toEqual([4, 4, 4, 4, 7, 7, 7, 9, 9]);
  study.close();
});

describe('concurrency', () => {
  test('keeps that many in flight, no more', async () => {
    const study = await open({ init: 20 });
    let flying = 0;
    let most = 0;
    const oracle = async (architecture: string): Promise<Metrics> => {
      most = Math.max(most, ++flying);
      await sleep(1);
      flying -= 1;
      return measure(architecture);
    };
    await study.run({ oracle, queries: 20, concurrency: 6 });
    expect(most).toBe(6);
    study.close();
  });

  test.each(['random', 'optiproxy'])('without a batch of its own a round of %s asks for as many', async (method) => {
    const asked = async (delay: (seed: number) => number): Promise<string[]> => {
      const study = await Study.open({ ...unbatched, method });
      let flying = 0;
      const most: number[] = [];
      const oracle = async (architecture: string, { seed }: OracleContext): Promise<Metrics> => {
        most.push(++flying);
        await sleep(delay(seed));
        flying -= 1;
        return measure(architecture);
      };
      await study.run({ oracle, queries: 16, concurrency: 3 });
      study.close();
      // First samples, four rounds of three: the third slot of each is taken.
      expect(most.filter((n) => n === 3).length).toBeGreaterThanOrEqual(5);
      expect(Math.max(...most)).toBe(3);
      return study.trials.map(({ architecture }) => architecture);
    };
    expect(await asked((seed) => 1 + (seed % 7))).toEqual(await asked((seed) => 8 - (seed % 7)));
  });

  test.each(['random', 'optiproxy'])(
    'with a batch neither it nor the order of answers changes what %s asks',
    async (method) => {
      const asked = async (concurrency: number, delay: (seed: number) => number): Promise<string[]> => {
        const study = await open({ method });
        const oracle = async (architecture: string, { seed }: OracleContext): Promise<Metrics> => {
          await sleep(delay(seed));
          return measure(architecture);
        };
        await study.run({ oracle, queries: 16, concurrency });
        study.close();
        return study.trials.map(({ architecture }) => architecture);
      };
      const one = await asked(1, () => 0);
      expect(await asked(5, (seed) => seed % 7)).toEqual(one);
      expect(await asked(5, (seed) => 7 - (seed % 7))).toEqual(one);
    },
  );
});

test('the oracle is told a seed of its own for each trial, the same in every study of that seed', async () => {
  const seeds = async (seed: number): Promise<number[]> => {
    const study = await open({ seed });
    const given: number[] = [];
    const oracle = (architecture: string, context: OracleContext): Metrics => {
      expect(context.budget).toBe(1);
      expect(context.signal.aborted).toBe(false);
      given.push(context.seed);
      return measure(architecture);
    };
    await study.run({ oracle, queries: 8 });
    study.close();
    return given;
  };
  const [first, again, other] = [await seeds(1), await seeds(1), await seeds(2)];
  expect(again).toEqual(first);
  expect(new Set([...first, ...other]).size).toBe(16);
  expect(first.every((seed) => Number.isSafeInteger(seed) && seed >= 0)).toBe(true);
});

test('progress names phases, fractions, counts and the best', async () => {
  const study = await open({ method: 'optiproxy', preset: 'networks' });
  const progress: Progress[] = [];
  await study.run({ oracle: measure, queries: 10, onProgress: (p) => progress.push(p) });
  expect(new Set(progress.map(({ phase }) => phase))).toEqual(new Set(['query', 'fit', 'climb', 'acquire']));
  expect(progress.every(({ fraction, budget }) => fraction >= 0 && fraction <= 1 && budget === 10)).toBe(true);
  expect(progress.at(-1)).toMatchObject({ phase: 'query', queries: 10, best: study.best });
  study.close();
});

test('timings: the parts add up to no more than the whole', async () => {
  const study = await open({ method: 'optiproxy', preset: 'networks' });
  await study.run({ oracle: () => sleep(5, { acc: 1 }), queries: 8 });
  const { fitMs, climbMs, acquireMs, oracleMs, totalMs } = study.timings;
  for (const part of [fitMs, climbMs, acquireMs]) expect(part).toBeGreaterThan(0);
  expect(oracleMs).toBeGreaterThan(8 * 4);
  expect(fitMs + climbMs + acquireMs + oracleMs).toBeLessThanOrEqual(totalMs + 1);
  study.close();
});

test('one run at a time', async () => {
  const study = await open();
  const running = study.run({ oracle: () => sleep(5, { acc: 1 }), queries: 6 });
  const error = await errorOf('BUSY', () => study.run({ oracle: measure, queries: 6 }));
  expect(error.message).toBe('run: expected one at a time, given "a second call" (hint: await the first)');
  await running;
  expect((await study.run({ oracle: measure, queries: 7 })).queries).toBe(7);
  study.close();
});

test('memory stays flat over thousands of rounds', async () => {
  const study = await open();
  const round = async (queries: number): Promise<number> => {
    await study.run({ oracle: (architecture) => measure(architecture), queries });
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };
  const before = await round(1000);
  const after = await round(4000);
  // 3,000 trials of 300 bytes of strings, metrics and genes; anything quadratic would be tens of megabytes.
  expect(after - before).toBeLessThan(40e6);
  study.close();
});
