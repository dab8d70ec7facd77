import { setTimeout as sleep } from 'node:timers/promises';
import { spaces } from '../../../src/space/index.js';
import { Study } from '../../../src/study/study.js';
import type { Metrics, Oracle, Progress, RunOptions, StudyOptions, TraceEntry } from '../../../src/study/types.js';
import { errorOf } from '../../support/errors.js';

const open = (options: Partial<StudyOptions> = {}): Promise<Study> =>
  Study.open({
    space: spaces.digits201(),
    objectives: [{ metric: 'acc', goal: 'maximize' }],
    seed: 5,
    init: 6,
    batch: 3,
    threads: 1,
    ...options,
  });

const hash = (architecture: string): number => [...architecture].reduce((h, c) => (h * 31 + c.charCodeAt(0)) % 1009, 7);
const good: Oracle = (architecture) => ({ acc: hash(architecture) });

/** The trace of a search that nothing disturbs. */
async function reference(queries: number, preset = 'default'): Promise<TraceEntry[]> {
  const study = await open({ preset });
  await study.run({ oracle: good, queries });
  study.close();
  return study.trace();
}

test.each([-1, NaN, Infinity, '5', null, 2 ** 53])('a budget of %p is refused', async (queries) => {
  const study = await open({ method: 'random' });
  const options = { oracle: good, queries } as RunOptions;
  expect((await errorOf('INVALID_ARGUMENT', () => study.run(options))).message).toMatch(/^options\.queries: /);
  for (const concurrency of [-1, 1.5, NaN, '2'] as number[])
    await errorOf('INVALID_ARGUMENT', () => study.run({ oracle: good, queries: 1, concurrency }));
  expect(study.trials).toEqual([]);
  await study.run({ oracle: good, queries: 1 }); // a refused run is no run: this one is not BUSY
  study.close();
});

describe.each(['default', 'paper'])('preset %s, objective values', (preset) => {
  test.each<[string, (n: number) => number]>([
    ['that never change', () => 91.5],
    ['that are 0', () => 0],
    ['that are -0 and 0', (n) => (n % 2 === 0 ? 0 : -0)],
    ['of huge range', (n) => (n % 2 === 0 ? 1e300 : -1e300) / n],
    ['as large as numbers get', (n) => (n % 2 === 0 ? Number.MAX_VALUE : -Number.MAX_VALUE)],
    ['as small as numbers get', (n) => n * Number.MIN_VALUE],
    ['of two kinds', (n) => n % 2],
  ])('%s', async (_kind, value) => {
    for (const goal of ['maximize', 'minimize'] as const) {
      const study = await open({ preset, objectives: [{ metric: 'acc', goal }] });
      let n = 0;
      const result = await study.run({ oracle: () => ({ acc: value(++n) }), queries: 8 });
      expect(result).toMatchObject({ stopped: 'budget', queries: 8 });
      const told = study.trace().map(({ metrics }) => metrics['acc']!);
      expect(study.best!.metrics!['acc']).toBe(told.reduce((a, b) => ((goal === 'maximize' ? b > a : b < a) ? b : a)));
      for (const { predicted, round } of study.trace()) {
        expect(predicted === null).toBe(round === 0);
        expect(Number.isNaN(predicted)).toBe(false);
      }
      study.close();
    }
  });
});

describe('an oracle', () => {
  test('that answers at once is as good as one that promises', async () => {
    const study = await open();
    await study.run({ oracle: async (a) => sleep(0, { acc: hash(a) }), queries: 12, concurrency: 4 });
    expect(study.trace()).toEqual(await reference(12));
    study.close();
  });

  test('that throws at once, every time, loses one trial a run and never repeats it', async () => {
    const study = await open();
    const seen: string[] = [];
    const oracle: Oracle = (architecture) => {
      seen.push(architecture);
      throw new Error('no GPU');
    };
    for (let run = 1; run <= 9; ++run) {
      await errorOf('ORACLE_FAILED', () => study.run({ oracle, queries: 20 }));
      expect(study.queries).toBe(run);
    }
    expect(new Set(seen).size).toBe(9);
    expect(study.best).toBeUndefined();
    expect(await study.run({ oracle: good, queries: 20 })).toMatchObject({ stopped: 'budget', queries: 20 });
    expect(study.trace().filter(({ error }) => error !== undefined)).toHaveLength(9);
    study.close();
  });

  test('that fails everywhere at once with many in flight rejects the run once', async () => {
    const study = await open();
    const oracle: Oracle = async () => sleep(1).then(() => Promise.reject(new Error('power cut')));
    const error = await errorOf('ORACLE_FAILED', () => study.run({ oracle, queries: 6, concurrency: 6 }));
    expect(error.message).toContain('trial 1 ');
    expect(study.trials.map(({ state }) => state)).toEqual(Array(6).fill('failed'));
    study.close();
  });

  test('that tells its trial itself is not told twice', async () => {
    const study = await open({ method: 'random' });
    const oracle: Oracle = async (architecture) => {
      const { id } = study.trials.find((trial) => trial.architecture === architecture)!;
      await study.tell(id, { acc: 5 });
      return { acc: 6 };
    };
    expect((await study.run({ oracle, queries: 4 })).queries).toBe(4);
    expect(study.trace().map(({ metrics }) => metrics)).toEqual(Array(4).fill({ acc: 5 }));
    study.close();
  });
});

/** The default climbs after many answers alone. */
const phases = [
  ...(['fit', 'acquire', 'query'] as const).map((phase) => ['default', phase] as const),
  ...(['fit', 'climb', 'acquire'] as const).map((phase) => ['networks', phase] as const),
];

describe('an abort of a guided run', () => {
  test.each(phases)('%s: during %s', async (preset, phase) => {
    const study = await open({ preset });
    for (const at of [7, 10]) {
      const controller = new AbortController();
      let aborted = 0;
      const onProgress = (now: Progress): void => {
        if (now.phase !== phase || now.queries < at - 1 || aborted > 0) return;
        aborted = performance.now();
        controller.abort();
      };
      await errorOf('ABORTED', () => study.run({ oracle: good, queries: 30, signal: controller.signal, onProgress }));
      expect(performance.now() - aborted).toBeLessThan(1000);
    }
    await study.run({ oracle: good, queries: 15 });
    expect(study.trace()).toEqual(await reference(15, preset));
    study.close();
  });

  test('during a query that never ends: the trial is queried again', async () => {
    const study = await open();
    const controller = new AbortController();
    let calls = 0;
    const oracle: Oracle = (architecture, context) => {
      if (++calls < 8) return good(architecture, context);
      setTimeout(() => controller.abort(), 5);
      return new Promise<Metrics>(() => {});
    };
    await errorOf('ABORTED', () => study.run({ oracle, queries: 15, signal: controller.signal }));
    expect(study.queries).toBe(7);
    await study.run({ oracle: good, queries: 15 });
    expect(study.trace()).toEqual(await reference(15));
    study.close();
  });
});

test.each(phases)('%s: an error of onProgress in %s loses nothing', async (preset, phase) => {
  const study = await open({ preset });
  const onProgress = (now: Progress): void => {
    if (now.phase === phase) throw new RangeError('mine');
  };
  await expect(study.run({ oracle: good, queries: 12, onProgress })).rejects.toThrow(RangeError);
  await study.run({ oracle: good, queries: 12 });
  expect(study.trace()).toEqual(await reference(12, preset));
  study.close();
});

test('a run beside a call of ask', async () => {
  const study = await open();
  for (const { id, architecture } of await study.ask(8)) await study.tell(id, { acc: hash(architecture) });
  const asking = study.ask(2);
  await errorOf('BUSY', () => study.run({ oracle: good, queries: 12 }));
  const [mine] = await asking;
  const seen: string[] = [];
  await study.run({ oracle: (a, c) => (seen.push(a), good(a, c)), queries: 12 });
  expect(seen).toHaveLength(4);
  expect(seen).not.toContain(mine!.architecture); // trials asked by hand are the caller's to answer
  expect(study.trials[mine!.id - 1]!.state).toBe('running');
  study.close();
});

test('close during a run: CLOSED, with the results so far', async () => {
  const study = await open();
  const oracle: Oracle = (architecture, context) => {
    if (study.queries === 4) study.close();
    return good(architecture, context);
  };
  const error = await errorOf('CLOSED', () => study.run({ oracle, queries: 12 }));
  expect(error.message).toMatch(/closed/);
  expect(study.queries).toBe(4);
});
