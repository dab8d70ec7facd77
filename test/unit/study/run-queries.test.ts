import { setTimeout as sleep } from 'node:timers/promises';
import { Draws } from '../../../src/random.js';
import { Study } from '../../../src/study/study.js';
import type { Metrics, Oracle, RunOptions, StudyOptions, TraceEntry } from '../../../src/study/types.js';
import { errorOf } from '../../support/errors.js';
import { filesOfEachTest, measured, options, seen } from '../../support/kept.js';

const fileOf = filesOfEachTest();
const draws = new Draws(5);
const open = (given: Partial<StudyOptions> = {}): Promise<Study> => Study.open({ ...options, ...given });
const good: Oracle = (architecture) => measured(architecture);

/** Takes a time that nothing tells, up to so many milliseconds. */
const delayed = (most: number): Oracle => async (architecture) => (await sleep(most * (draws.below(1000) / 1000)), measured(architecture)); // prettier-ignore

/** Runs a new study to its end. */
async function ran(run: Partial<RunOptions>, given: Partial<StudyOptions> = {}): Promise<Study> {
  const study = await open(given);
  await study.run({ oracle: good, queries: 40, ...run } as RunOptions);
  study.close();
  return study;
}

describe('the order in which answers arrive', () => {
  test.each(['optiproxy', 'evolution', 'bananas'])('changes nothing, whatever the concurrency: %s', async (method) => {
    const whole = seen(await ran({}, { batch: 8, method }));
    for (const concurrency of [2, 8])
      expect(seen(await ran({ concurrency, oracle: delayed(8) }, { batch: 8, method }))).toEqual(whole);
  });

  test('nor does it where some of them are failures', async () => {
    const poison: Oracle = async (architecture, { seed }) => {
      await sleep(6 * (draws.below(1000) / 1000));
      if (seed % 5 === 0) throw new Error('diverged');
      if (seed % 7 === 0) throw Object.assign(new Error('too large'), { code: 'INFEASIBLE' });
      return measured(architecture);
    };
    const run = { oracle: poison, failures: 100 };
    const whole = await ran(run, { batch: 8 });
    expect(new Set(whole.trials.map(({ state }) => state))).toEqual(new Set(['complete', 'failed', 'infeasible']));
    expect(seen(await ran({ ...run, concurrency: 8 }, { batch: 8 }))).toEqual(seen(whole));
  });

  test('callbacks come in the order asked', async () => {
    const ids: number[] = [];
    await ran({ oracle: delayed(5), concurrency: 6, onTrial: ({ id }) => ids.push(id) });
    expect(ids).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  test('answers that wait for an earlier one outlive the process', async () => {
    const storage = fileOf();
    const study = await open({ storage });
    const controller = new AbortController();
    let answered = 0;
    const first: Oracle = async (architecture, { trial }) => {
      if (trial === 1) return new Promise(() => {});
      if (++answered === 5) setTimeout(() => controller.abort(), 20);
      return measured(architecture);
    };
    await errorOf('ABORTED', () =>
      study.run({ oracle: first, queries: 40, concurrency: 6, signal: controller.signal }),
    );
    expect(study.queries).toBe(0);
    study.close();
    const again = await open({ storage });
    const asked: number[] = [];
    await again.run({ oracle: (a, { trial }) => (asked.push(trial), measured(a)), queries: 40 });
    expect(asked.slice(0, 3)).toEqual([1, 7, 8]);
    expect(seen(again)).toEqual(seen(await ran({})));
    again.close();
  });

  test('what waits is paid for after what it waits for', async () => {
    const storage = fileOf();
    const study = await open({ storage });
    const controller = new AbortController();
    const oracle: Oracle = async (architecture, { trial }) => {
      if (trial === 6) setTimeout(() => controller.abort(), 10);
      return trial === 1 ? new Promise<Metrics>(() => {}) : measured(architecture);
    };
    await errorOf('ABORTED', () => study.run({ oracle, queries: 40, concurrency: 6, signal: controller.signal }));
    study.close();
    const again = await open({ storage });
    await again.run({ oracle: good, queries: 2 });
    expect(again.queries).toBe(6); // that the other five are paid for is no news
    expect(again.trials[0]!.query).toBe(1);
    again.close();
  });
});

describe('async', () => {
  test('as many in flight as may be, each asked when one can begin; an answer counts at once', async () => {
    const study = await open();
    let flying = 0;
    const most = { flying: 0, asked: 0 };
    const oracle: Oracle = async (architecture, { trial }) => {
      most.flying = Math.max(most.flying, ++flying);
      most.asked = Math.max(most.asked, study.trials.length - study.queries);
      await sleep(trial === 8 ? 200 : 2);
      flying -= 1;
      return measured(architecture);
    };
    await study.run({ oracle, queries: 30, concurrency: 3, async: true });
    expect(most).toEqual({ flying: 3, asked: 6 }); // the first samples are asked at once
    expect(study.queries).toBe(30);
    expect(study.trials).toHaveLength(30);
    // Many overtook the slow one, and the search went on meanwhile.
    expect(study.trials[7]!.query).toBeGreaterThan(12);
    study.close();
  });

  test('with one in flight it is the run that it is without', async () => {
    expect(seen(await ran({ async: true }))).toEqual(seen(await ran({})));
  });

  test('ends where nothing is left, and with the budget', async () => {
    const study = await open({ method: 'random', pool: ['|a~0|+|a~0|a~1|+|a~0|a~1|a~2|', '|b~0|+|a~0|a~1|+|a~0|a~1|a~2|', '|c~0|+|a~0|a~1|+|a~0|a~1|a~2|'] }); // prettier-ignore
    const result = await study.run({ oracle: delayed(3), queries: 10, concurrency: 2, async: true });
    expect(result).toMatchObject({ stopped: 'exhausted', queries: 3 });
    study.close();
  });
});

describe('failures', () => {
  const every =
    (n: number): Oracle =>
    (architecture, { trial }) => {
      if (trial % n !== 0) return measured(architecture);
      throw new Error(`no disk for ${trial}`);
    };

  test('are data: the run goes on, and does not ask again for what failed', async () => {
    const study = await ran({ oracle: every(3), failures: 2 });
    expect(study.queries).toBe(40);
    expect(study.trials.filter(({ state }) => state === 'failed')).toHaveLength(13);
    expect(new Set(study.trials.map(({ architecture }) => architecture)).size).toBe(40);
    const errors = study.trace().filter(({ error }) => error !== undefined);
    expect(errors[0]).toMatchObject({
      query: 3,
      metrics: {},
      error: expect.stringContaining('no disk for 3') as string,
    });
  });

  test('so many in a row end the run, with what they have in common', async () => {
    const study = await open();
    const from =
      (first: number, text: (trial: number) => string): Oracle =>
      (architecture, { trial }) => {
        if (trial < first) return measured(architecture);
        throw new Error(text(trial));
      };
    const alike = await errorOf('ORACLE_FAILED', () => study.run({ oracle: from(5, () => 'no GPU'), queries: 40, failures: 3 })); // prettier-ignore
    expect(alike.message).toMatch(
      /^3 queries in a row failed, all of them alike, the last on trial 7 \(.*\): no GPU \(hint: mend the oracle, then run again/,
    );
    expect(study.queries).toBe(7);
    const lacking = await errorOf('ORACLE_FAILED', () => study.run({ oracle: () => ({ size: 1 }), queries: 40, failures: 2 })); // prettier-ignore
    expect(lacking.message).toMatch(/^2 queries in a row failed, all of them alike, the last on trial 9 \(.*\): expected the objective acc among/); // prettier-ignore
    const different = await errorOf('ORACLE_FAILED', () => study.run({ oracle: from(11, String), queries: 40, failures: 2 })); // prettier-ignore
    expect(different.message).toMatch(/^2 queries in a row failed, for 2 reasons, the last on trial 12 .*: 12 \(hint/);
    expect((await study.run({ oracle: good, queries: 40 })).queries).toBe(40);
    study.close();
  });

  test('count in a row in the order asked, however they arrive', async () => {
    // Of 6 the failures arrive first, but others are between them.
    const oracle: Oracle = async (architecture, { trial }) => {
      await sleep(trial % 2 === 0 ? 0 : 25);
      if (trial % 2 === 0 && trial < 7) throw new Error('no');
      return measured(architecture);
    };
    const study = await ran({ oracle, concurrency: 6, failures: 2, queries: 20 });
    expect(study.queries).toBe(20);
  });
});

test('infeasible, and given up', async () => {
  const study = await open({ storage: fileOf() });
  const trials = await study.ask(4);
  expect(await study.infeasible(1, 'too large')).toMatchObject({ state: 'infeasible', error: 'too large', query: 1 });
  const aborted = await study.abort(2);
  expect(aborted).toMatchObject({ state: 'aborted', error: 'given up' });
  expect('query' in aborted).toBe(false);
  expect((await errorOf('TRIAL_FINISHED', () => study.tell(2, { acc: 1 }))).message).toMatch(/given "?an aborted one/);
  expect(study.queries).toBe(1);
  const trace: TraceEntry[] = study.trace();
  expect(trace).toMatchObject([{ query: 1, error: 'too large', infeasible: true, metrics: {} }]);
  await study.run({ oracle: good, queries: 30 });
  expect(study.queries).toBe(30);
  const names = study.trials.map(({ architecture }) => architecture);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain(trials[1]!.architecture);
  const before = seen(study);
  study.close();
  const again = await open({ storage: fileOf() });
  expect(seen(again)).toEqual(before);
  again.close();
});

test.each<[object, RegExp]>([
  [{ timeoutMs: 0 }, /^options\.timeoutMs: /],
  [{ timeoutMs: 2 ** 31 }, /^options\.timeoutMs: /],
  [{ heartbeatMs: 1.5 }, /^options\.heartbeatMs: /],
  [{ retries: -1 }, /^options\.retries: /],
  [{ backoffMs: '1' }, /^options\.backoffMs: /],
  [{ failures: 0 }, /^options\.failures: /],
  [{ async: 1 }, /^options\.async: expected true or false/],
  [{ onReport: 1 }, /^options\.onReport: expected a function/],
  [{ retry: 1 }, /^options\.retry: .*unknown option/],
])('%p is refused', async (given, message) => {
  const study = await open({ method: 'random' });
  const error = await errorOf('INVALID_ARGUMENT', () => study.run({ oracle: good, queries: 3, ...given }));
  expect(error.message).toMatch(message);
  study.close();
});

describe('what the caller does meanwhile', () => {
  test.each(['tell', 'fail', 'infeasible', 'abort'] as const)('%s of the trial that others wait for', async (how) => {
    const study = await open();
    let release = (): void => {};
    const oracle: Oracle = async (architecture, { trial }) => {
      if (trial === 1) await new Promise<void>((resolve) => (release = resolve));
      if (trial === 6) {
        if (how === 'tell') await study.tell(1, { acc: 1 });
        else await study[how](1, 'mine');
        setTimeout(release, 10);
      }
      return measured(architecture);
    };
    await study.run({ oracle, queries: 20, concurrency: 6 });
    expect(study.queries).toBe(20);
    expect(study.trials.filter(({ state }) => state === 'running')).toEqual([]);
    study.close();
  });

  test('what it reports that is no point is refused, and the file can be written', async () => {
    const study = await open({ storage: fileOf() });
    const wrong: [unknown, unknown][] = [[NaN, { loss: 1 }], ['epoch', { loss: 1 }], [{ loss: 1 }, undefined], [1, undefined], [1, { loss: NaN }]]; // prettier-ignore
    const refused: unknown[] = [];
    const oracle: Oracle = (architecture, { report }) => {
      for (const [step, metrics] of wrong) {
        try {
          report(step as number, metrics as Metrics);
        } catch (error) {
          refused.push((error as { code: string }).code);
        }
      }
      return measured(architecture);
    };
    await study.run({ oracle, queries: 2 });
    study.close();
    expect(refused).toEqual(Array(10).fill('INVALID_METRICS'));
    const again = await open({ storage: fileOf() });
    expect(again.queries).toBe(2);
    again.close();
  });

  test('an error of onReport ends the run, not the training', async () => {
    const study = await open();
    const onReport = (): void => {
      throw new Error('mine');
    };
    const oracle: Oracle = (architecture, { report }) => (report(1, { loss: 1 }), measured(architecture));
    await expect(study.run({ oracle, queries: 3, onReport })).rejects.toThrow('mine');
    expect(study.trials[0]!.state).toBe('complete');
    study.close();
  });

  test('an error out of an ask ends an async run once what is in flight has been taken', async () => {
    const study = await open();
    let rounds = 0;
    const onRound = (): void => {
      if (++rounds === 3) throw new Error('mine');
    };
    await expect(study.run({ oracle: delayed(20), queries: 40, concurrency: 4, async: true, onRound })).rejects.toThrow('mine'); // prettier-ignore
    expect(study.trials.some(({ state }) => state === 'failed')).toBe(false);
    expect(study.trials.filter(({ state }) => state === 'running').length).toBeLessThan(2); // that which was just asked
    expect((await study.run({ oracle: good, queries: 40 })).queries).toBe(40);
    study.close();
  });
});
