import { spaces } from '../../../src/space/index.js';
import { Study } from '../../../src/study/study.js';
import type { Metrics, StudyOptions, Trial } from '../../../src/study/types.js';
import { errorOf } from '../../support/errors.js';
import { tinySpace } from '../../support/spaces.js';

const open = (options: Partial<StudyOptions> = {}): Promise<Study> =>
  Study.open({
    space: tinySpace(),
    objectives: [{ metric: 'acc', goal: 'maximize' }],
    method: 'random',
    seed: 5,
    ...options,
  });

describe('a study', () => {
  let study: Study;
  beforeEach(async () => {
    study = await open();
  });
  afterEach(() => study.close());

  test('asks running trials, numbered in order, all different', async () => {
    const trials = [...(await study.ask(3)), ...(await study.ask()), ...(await study.ask(2))];
    expect(trials.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(trials.every(({ state, round }) => state === 'running' && round === 0)).toBe(true);
    expect(new Set(trials.map(({ architecture }) => architecture)).size).toBe(6);
    expect(study.trials).toEqual(trials);
    expect(study).toMatchObject({ queries: 0, best: undefined, front: [] });
  });

  test('takes answers in any order; the trace is in the order told', async () => {
    const [first, second, third] = await study.ask(3);
    await study.tell(third!.id, { acc: 5, latency: 2 });
    await study.tell(first!.id, { acc: 4 });
    const told = await study.tell(second!.id, { acc: 6 });
    expect(told).toMatchObject({ id: 2, state: 'complete', query: 3, metrics: { acc: 6 } });
    expect(study.best).toBe(told);
    expect(study.front).toEqual([told]);
    expect(study.queries).toBe(3);
    expect(study.trace()).toEqual([
      {
        query: 1,
        architecture: third!.architecture,
        metrics: { acc: 5, latency: 2 },
        best: 5,
        predicted: null,
        interval: null,
        round: 0,
      },
      {
        query: 2,
        architecture: first!.architecture,
        metrics: { acc: 4 },
        best: 5,
        predicted: null,
        interval: null,
        round: 0,
      },
      {
        query: 3,
        architecture: second!.architecture,
        metrics: { acc: 6 },
        best: 6,
        predicted: null,
        interval: null,
        round: 0,
      },
    ]);
  });

  test('of equals, the earliest told is the best', async () => {
    const trials = await study.ask(2);
    await study.tell(2, { acc: 1 });
    await study.tell(1, { acc: 1 });
    expect(study.best!.architecture).toBe(trials[1]!.architecture);
  });

  test('a failed trial is a query without metrics and never comes back', async () => {
    const [first] = await study.ask();
    const failed = await study.fail(first!.id, 'out of memory');
    expect(failed).toMatchObject({ state: 'failed', query: 1, error: 'out of memory' });
    expect(study.best).toBeUndefined();
    const rest = await study.ask(100);
    expect(rest.map(({ architecture }) => architecture)).not.toContain(first!.architecture);
    await study.tell(rest[0]!.id, { acc: 2 });
    expect(study.trace().map(({ best, error }) => [best, error])).toEqual([[null, 'out of memory'], [2, undefined]]); // prettier-ignore
  });

  test('asks what is left of an exhausted space, then nothing', async () => {
    expect(await study.ask(5)).toHaveLength(5);
    expect(await study.ask(5)).toHaveLength(3);
    expect(await study.ask(5)).toEqual([]);
    expect(new Set(study.trials.map(({ architecture }) => architecture)).size).toBe(8);
  });

  test('refuses trials that were never asked', async () => {
    const none = await errorOf('UNKNOWN_TRIAL', () => study.tell(1, { acc: 1 }));
    expect(none.message).toBe('trial: expected an id from ask, given 1');
    await study.ask(2);
    for (const id of [0, 3, -1, 1.5, NaN]) {
      const error = await errorOf('UNKNOWN_TRIAL', () => study.tell(id, { acc: 1 }));
      expect(error.message).toBe(`trial: expected an id from 1 to 2, given ${id}`);
      await errorOf('UNKNOWN_TRIAL', () => study.fail(id, 'x'));
    }
  });

  test('refuses a second answer and keeps the first', async () => {
    await study.ask(2);
    await study.tell(1, { acc: 1 });
    await study.fail(2, 'x');
    const error = await errorOf('TRIAL_FINISHED', () => study.tell(1, { acc: 9 }));
    expect(error.message).toBe('trial 1: expected a running trial, given "a complete one"');
    await errorOf('TRIAL_FINISHED', () => study.fail(1, 'x'));
    await errorOf('TRIAL_FINISHED', () => study.tell(2, { acc: 9 }));
    expect(study.best!.metrics).toEqual({ acc: 1 });
    expect(study.queries).toBe(2);
  });

  test.each<[string, unknown, RegExp]>([
    ['a number', 5, /: expected metrics like \{ acc: 91\.6 \}, given 5/],
    ['nothing', undefined, /: expected metrics like/],
    ['null', null, /: expected metrics like .*, given null/],
    ['a list', [1], /: expected metrics like .*, given "?\[1\]/],
    ['no objective', { loss: 1 }, /: expected the objective acc among the metrics, given .*loss/],
    ['an empty object', {}, /: expected the objective acc among the metrics/],
    ['text', { acc: '5' }, /, metric acc: expected a finite number, given "5"/],
    ['NaN', { acc: NaN }, /, metric acc: expected a finite number, given NaN/],
    ['infinity beside it', { acc: 1, loss: Infinity }, /, metric loss: expected a finite number, given Infinity/],
    ['an inherited objective', Object.create({ acc: 1 }), /expected the objective acc among the metrics/],
  ])('metrics that are %s are refused; the trial can still be told', async (_name, metrics, message) => {
    const [trial] = await study.ask();
    let error: Error | undefined;
    await study.tell(1, metrics as Metrics).catch((thrown: Error) => (error = thrown));
    expect(error).toMatchObject({ code: 'INVALID_METRICS' });
    expect(error!.message).toMatch(message);
    expect(error!.message).toContain(`trial 1 (${trial!.architecture})`);
    expect(study.trials[0]!.state).toBe('running');
    expect((await study.tell(1, { acc: 3 })).query).toBe(1);
  });

  test('neither the caller nor a reader can change what was told', async () => {
    const [trial] = await study.ask();
    const metrics = { acc: 1 };
    const told = await study.tell(trial!.id, metrics);
    metrics.acc = 2;
    expect(told.metrics).toEqual({ acc: 1 });
    expect(Object.isFrozen(told) && Object.isFrozen(told.metrics)).toBe(true);
    expect(Object.isFrozen(trial)).toBe(true);
  });

  test('after close, results stay readable and everything else rejects', async () => {
    await study.ask();
    await study.tell(1, { acc: 1 });
    await study.ask();
    study.close();
    study.close();
    expect(study.best!.metrics).toEqual({ acc: 1 });
    expect(study.trace()).toHaveLength(1);
    expect(study.timings.totalMs).toBeGreaterThan(0);
    const guided = await Study.open({ space: study.space, objectives: [...study.objectives], threads: 1 });
    const { isa } = guided;
    guided.close();
    expect(guided.isa).toBe(isa);
    await errorOf('CLOSED', () => study.ask());
    await errorOf('CLOSED', () => study.tell(2, { acc: 1 }));
    await errorOf('CLOSED', () => study.fail(2, 'x'));
    await errorOf('CLOSED', () => study.run({ oracle: () => ({ acc: 1 }), queries: 3 }));
  });
});

test('minimising turns best and trace around; predictions keep the unit of the objective', async () => {
  const space = spaces.digits201();
  const study = await Study.open({ space, objectives: [{ metric: 'ms', goal: 'minimize' }], init: 10, threads: 1 });
  const ms = ({ architecture }: Trial): number => 100 + space.parse(architecture).reduce((sum, gene) => sum + gene, 0);
  for (const trial of await study.ask(20)) await study.tell(trial.id, { ms: ms(trial) });
  const least = Math.min(...study.trials.map(ms));
  expect(study.best!.metrics).toEqual({ ms: least });
  expect(study.trace().at(-1)!.best).toBe(least);
  const guided = await study.ask(4);
  for (const trial of guided) {
    expect(trial.round).toBe(1);
    expect(trial.predicted).toBeGreaterThan(85);
    expect(trial.predicted).toBeLessThan(125);
  }
  study.close();
});

test('the order of answers does not change the next questions', async () => {
  // More answers than one training batch holds, so that a fit would notice another order.
  const next = async (order: (a: number, b: number) => number): Promise<Trial[]> => {
    const study = await open({ space: spaces.digits201(), method: 'optiproxy', init: 50, threads: 1 });
    const ids = (await study.ask(50)).map(({ id }) => id);
    for (const id of ids.sort(order)) await study.tell(id, { acc: (id * 37) % 101 });
    const asked = await study.ask(8);
    study.close();
    return asked;
  };
  const forward = await next((a, b) => a - b);
  expect(forward[0]!.round).toBe(1);
  expect(await next((a, b) => b - a)).toEqual(forward);
  expect(await next((a, b) => ((a * 7) % 51) - ((b * 7) % 51))).toEqual(forward);
});

describe('while an ask works', () => {
  test('a second ask is refused, tell and fail are not', async () => {
    const study = await open({ space: spaces.digits201(), method: 'optiproxy', init: 5, threads: 1 });
    await study.ask(8);
    for (let id = 1; id <= 5; ++id) await study.tell(id, { acc: id });
    const asking = study.ask(2);
    const error = await errorOf('BUSY', () => study.ask());
    expect(error.message).toBe('ask: expected one at a time, given "a second call" (hint: await the first, or ask for more at once)'); // prettier-ignore
    await study.tell(7, { acc: 70 });
    await study.fail(6, 'lost');
    expect((await asking).map(({ id }) => id)).toEqual([9, 10]);
    expect(await study.ask()).toHaveLength(1);
    study.close();
  });

  test('it can be aborted: nothing is asked, and the same questions come later', async () => {
    const [aborted, untouched] = [
      await open({ space: spaces.digits201(), method: 'optiproxy', preset: 'networks', init: 5, threads: 1 }),
      await open({ space: spaces.digits201(), method: 'optiproxy', preset: 'networks', init: 5, threads: 1 }),
    ];
    for (const study of [aborted, untouched])
      for (const { id } of await study.ask(12)) await study.tell(id, { acc: (id * 7) % 13 });
    for (const phase of ['fit', 'climb', 'acquire']) {
      const controller = new AbortController();
      const onPhase = (now: string): void => {
        if (now === phase) controller.abort(new Error('enough'));
      };
      const start = performance.now();
      const error = await errorOf('ABORTED', () => aborted.ask(3, { signal: controller.signal, onPhase }));
      expect(error.cause).toMatchObject({ message: 'enough' });
      expect(performance.now() - start).toBeLessThan(5000);
      expect(aborted.trials).toHaveLength(12);
    }
    const [again, reference] = [await aborted.ask(3), await untouched.ask(3)];
    expect(again).toEqual(reference);
    aborted.close();
    untouched.close();
  });

  test('closing the study ends it', async () => {
    const study = await open({ space: spaces.digits201(), method: 'optiproxy', init: 5, threads: 1 });
    for (const { id } of await study.ask(8)) await study.tell(id, { acc: id });
    const asking = errorOf('CLOSED', () => study.ask(2));
    study.close();
    await asking;
    expect(study.trials).toHaveLength(8);
  });

  test('a signal that has fired already', async () => {
    const study = await open();
    await errorOf('ABORTED', () => study.ask(1, { signal: AbortSignal.abort() }));
    expect(study.trials).toEqual([]);
    study.close();
  });
});
