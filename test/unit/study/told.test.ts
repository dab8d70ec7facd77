import { spaces } from '../../../src/space/index.js';
import { Study } from '../../../src/study/study.js';
import type { Metrics, StudyOptions, Trial } from '../../../src/study/types.js';
import { errorOf } from '../../support/errors.js';
import { tinySpace } from '../../support/spaces.js';

const open = (options: Partial<StudyOptions> = {}): Promise<Study> =>
  Study.open({
    space: spaces.digits201(),
    objectives: [{ metric: 'acc', goal: 'maximize' }],
    seed: 5,
    init: 6,
    threads: 1,
    ...options,
  });

const measure = ({ architecture }: Trial): number => architecture.length + architecture.lastIndexOf('conv');

test('ids that look like one are none', async () => {
  const study = await open({ method: 'random' });
  await study.ask(3);
  for (const id of ['1', '99', true, 1n, [1], {}, null, undefined, Symbol('1'), 99, 2 ** 32 + 1, -0, '__proto__']) {
    const metrics = { acc: 1 };
    const error = await errorOf('UNKNOWN_TRIAL', () => study.tell(id as number, metrics));
    expect(error.message).toMatch(/^trial: expected an id from 1 to 3/);
    await errorOf('UNKNOWN_TRIAL', () => study.fail(id as number, 'x'));
  }
  expect(study.trials.every(({ state }) => state === 'running')).toBe(true);
  expect(study.queries).toBe(0);
  study.close();
});

test('a failure has a reason', async () => {
  const study = await open({ method: 'random' });
  await study.ask();
  for (const reason of [undefined, null, 7, new Error('x')] as unknown[])
    expect((await errorOf('INVALID_ARGUMENT', () => study.fail(1, reason as string))).message).toMatch(/^reason: /);
  expect(study.trials[0]!.state).toBe('running');
  expect((await study.fail(1, '')).error).toBe('');
  study.close();
});

test('a bad answer keeps the best, the trace and the history as they were', async () => {
  const [study, reference] = [await open(), await open()];
  for (const s of [study, reference]) {
    for (const trial of await s.ask(8)) {
      if (s === study)
        for (const bad of [null, {}, { acc: NaN }, { acc: -Infinity }, { acc: 1, loss: 'x' }, [1], 'text', { acc: 1n }])
          await errorOf('INVALID_METRICS', () => s.tell(trial.id, bad as Metrics));
      await s.tell(trial.id, { acc: measure(trial) });
    }
  }
  expect(study.trace()).toEqual(reference.trace());
  expect(await study.ask(3)).toEqual(await reference.ask(3));
  for (const s of [study, reference]) s.close();
});

test('metrics that read differently each time, or hide the objective, cannot poison the history', async () => {
  const study = await open({ method: 'random' });
  await study.ask(2);
  let reads = 0;
  const fickle = Object.defineProperty({}, 'acc', { enumerable: true, get: () => (reads++ === 0 ? 5 : NaN) });
  expect((await study.tell(1, fickle as Metrics)).metrics).toEqual({ acc: 5 });
  const hidden = Object.defineProperty({}, 'acc', { enumerable: false, value: 5 });
  await errorOf('INVALID_METRICS', () => study.tell(2, hidden));
  expect(study.best!.metrics).toEqual({ acc: 5 });
  study.close();
});

test.each(['optiproxy', 'random'])('%s: the order told does not change what is asked', async (method) => {
  const [inOrder, backwards] = [await open({ method }), await open({ method })];
  for (let round = 0; round < 3; ++round) {
    const [a, b] = [await inOrder.ask(6), await backwards.ask(6)];
    expect(b).toEqual(a);
    for (const trial of a) await inOrder.tell(trial.id, { acc: measure(trial) });
    for (const trial of b.toReversed()) await backwards.tell(trial.id, { acc: measure(trial) });
  }
  expect(backwards.trials.map(({ id }) => id)).toEqual(inOrder.trials.map(({ id }) => id));
  expect(backwards.best!.metrics).toEqual(inOrder.best!.metrics);
  for (const study of [inOrder, backwards]) study.close();
});

test('answers to trials of several rounds, told late, count for the next fit', async () => {
  const study = await open();
  const early = await study.ask(6);
  const late = await study.ask(6);
  for (const trial of late) await study.tell(trial.id, { acc: measure(trial) });
  expect((await study.ask(2)).every(({ round }) => round === 1)).toBe(true);
  for (const trial of early) await study.tell(trial.id, { acc: measure(trial) });
  expect((await study.ask(2)).every(({ round }) => round === 2)).toBe(true);
  study.close();
});

test.each(['optiproxy', 'random'])('%s asks each architecture of a small space exactly once', async (method) => {
  const study = await open({ method, space: tinySpace(), init: 3 });
  for (const count of [3, 2, 100]) for (const { id } of await study.ask(count)) await study.tell(id, { acc: id % 3 });
  expect(await study.ask(1)).toEqual([]);
  expect(await study.ask(100)).toEqual([]);
  expect(new Set(study.trials.map(({ architecture }) => architecture)).size).toBe(8);
  expect(study.trials.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  study.close();
});

test('answers that arrive while an ask works count for the next one, not for this one', async () => {
  const [during, after] = [await open(), await open()];
  for (const study of [during, after])
    for (const trial of (await study.ask(12)).slice(0, 6)) await study.tell(trial.id, { acc: measure(trial) });
  const late = during.trials.slice(6);
  const tellLate = (study: Study): Promise<Trial[]> =>
    Promise.all(late.map(({ id }) => study.tell(id, { acc: 1000 - id })));
  let told: Promise<Trial[]> | undefined;
  const asked = await during.ask(3, { onPhase: () => void (told ??= tellLate(during)) });
  expect(await told).toHaveLength(6);
  expect(asked).toEqual(await after.ask(3));
  await tellLate(after);
  const next = await during.ask(3);
  expect(next[0]!.round).toBe(2);
  expect(next).toEqual(await after.ask(3));
  for (const study of [during, after]) study.close();
});

test('the trace of a guided search', async () => {
  const study = await open();
  for (const trial of await study.ask(6)) await study.tell(trial.id, { acc: measure(trial), extra: trial.id });
  const [guided, failed] = await study.ask(2);
  await study.fail(failed!.id, 'crashed');
  await study.tell(guided!.id, { acc: -1 });
  const trace = study.trace();
  expect(trace[0]).toEqual({
    query: 1,
    architecture: study.trials[0]!.architecture,
    metrics: { acc: measure(study.trials[0]!), extra: 1 },
    best: measure(study.trials[0]!),
    predicted: null,
    interval: null,
    round: 0,
  });
  const best = Math.max(...study.trials.slice(0, 6).map(measure));
  expect(trace.slice(6)).toEqual([
    { query: 7, architecture: failed!.architecture, metrics: {}, best, predicted: failed!.predicted, interval: failed!.interval, round: 1, error: 'crashed' }, // prettier-ignore
    { query: 8, architecture: guided!.architecture, metrics: { acc: -1 }, best, predicted: guided!.predicted, interval: guided!.interval, round: 1 }, // prettier-ignore
  ]);
  expect(trace.every((entry, i) => i === 0 || entry.best! >= trace[i - 1]!.best!)).toBe(true);
  trace.length = 0;
  expect(study.trace()).toHaveLength(8); // the caller's copy is the caller's
  study.close();
});

test('close while an ask works: it ends or is CLOSED, and what was told stays readable', async () => {
  const study = await open();
  for (const trial of await study.ask(8)) await study.tell(trial.id, { acc: measure(trial) });
  const asking = study.ask(3).then(
    () => 'ended',
    (error: unknown) => error,
  );
  study.close();
  const outcome = await asking;
  if (outcome !== 'ended') expect(outcome).toMatchObject({ name: 'OptiProxyError', code: 'CLOSED' });
  expect(study.trace()).toHaveLength(8);
  expect(study.best).toBeDefined();
});
