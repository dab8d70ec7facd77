import { digits201Oracle } from '../../../src/oracle/embedded.js';
import { spaces } from '../../../src/space/index.js';
import { Study } from '../../../src/study/study.js';
import type { StudyOptions } from '../../../src/study/types.js';
import { errorOf } from '../../support/errors.js';
import { early, isFull, measure, openScreened, screenedSpace } from '../../support/screened.js';
import { tinySpace } from '../../support/spaces.js';

test('a screening that failed is neither asked again nor promoted', async () => {
  const study = await openScreened();
  const broken = new Set<string>();
  for (const { id, architecture } of await study.ask(20)) {
    if (id % 2 === 0) await study.tell(id, measure(architecture));
    else broken.add((await study.fail(id, 'out of memory')).architecture);
  }
  expect([study.queries, study.screened, study.epochs]).toEqual([0, 20, 100]);
  await study.run({ oracle: measure, queries: 15 });
  expect(study.trials.slice(20).filter(({ architecture }) => broken.has(architecture))).toEqual([]);
  study.close();
});

test('all screenings fail: the search goes on', async () => {
  const study = await openScreened();
  for (let i = 0; i < 3; ++i) for (const { id } of await study.ask(20)) await study.fail(id, 'no');
  expect((await study.ask(2)).length).toBeGreaterThan(0);
  study.close();
});

test('an answer without the metric is refused, and the screening can still be told', async () => {
  const study = await openScreened();
  const [trial] = await study.ask(1);
  const error = await errorOf('INVALID_METRICS', () => study.tell(trial!.id, { acc: 3 }));
  expect(error.message).toMatch(/^trial 1 \(.*\): expected the fidelity's metric early among the metrics, given .*acc/);
  expect(study.trials[0]!.state).toBe('running');
  await study.tell(trial!.id, { early: 3 });
  expect(study.screened).toBe(1);
  study.close();
});

test('several at once: queries come before screenings, all distinct', async () => {
  const study = await openScreened();
  await study.run({ oracle: measure, queries: 6 });
  const batch = await study.ask(12);
  expect(new Set(batch.map(({ architecture }) => architecture)).size).toBe(12);
  const parts = batch.map(({ fidelity: part }) => part ?? 1);
  expect(parts).toEqual([...parts].sort((a, b) => b - a));
  // A promotion waits for the screening's answer: what is being screened is not asked in full.
  const waiting = new Set(batch.filter((t) => !isFull(t)).map(({ architecture }) => architecture));
  const next = await study.ask(12);
  expect(next.filter(({ architecture }) => waiting.has(architecture))).toEqual([]);
  study.close();
});

test('a space smaller than the budget is exhausted: everything is known in full', async () => {
  const study = await openScreened({ space: tinySpace() });
  const oracle = (architecture: string): Record<string, number> => ({
    acc: architecture.length,
    early: architecture.length,
  });
  const result = await study.run({ oracle, queries: 100 });
  expect(result.stopped).toBe('exhausted');
  const trained = study.trials.filter(isFull).map(({ architecture }) => architecture);
  expect(new Set(trained).size).toBe(8);
  expect(trained).toHaveLength(8);
  study.close();
});

test('asks of many: a part of each is trained in full, not one ask of screenings after one of queries', async () => {
  const table = await digits201Oracle({ metrics: ['val_acc', 'test_acc'] });
  const study = await Study.open({
    space: spaces.digits201(),
    objectives: [{ metric: 'val_acc', goal: 'maximize' }],
    seed: 1,
    threads: 1,
    fidelity: { epochs: 1, fullEpochs: 12, metric: 'test_acc' },
  });
  const parts: number[] = [];
  for (let i = 0; i < 7; ++i) {
    const batch = await study.ask(20);
    parts.push(batch.filter(isFull).length);
    for (const { id, architecture } of batch) await study.tell(id, await table(architecture));
  }
  expect(parts[0]).toBe(0);
  expect(Math.max(...parts.slice(1))).toBeLessThan(15);
  expect(Math.min(...parts.slice(1))).toBeGreaterThan(0);
  expect(study.warnings).toEqual([]);
  study.close();
});

test('more than there are candidates: what fills up is screened too, queries stand first', async () => {
  const study = await openScreened({ init: 5 });
  for (const { id, architecture } of await study.ask(5)) await study.tell(id, measure(architecture));
  const batch = await study.ask(700);
  const parts = batch.map(({ fidelity: part }) => part ?? 1);
  expect(parts).toEqual([...parts].sort((a, b) => b - a));
  expect(parts.filter((part) => part === 1).length).toBeLessThan(50);
  study.close();
});

test.each([1, 2, 3, 4])(
  'a budget of %d: something is trained in full, and nothing is screened in vain',
  async (queries) => {
    for (let seed = 1; seed <= 5; ++seed) {
      const study = await openScreened({ seed, fidelity: { ...early, epochs: 8 } });
      await study.run({ oracle: measure, queries });
      expect(study.queries).toBeGreaterThan(0);
      expect(study.trials.at(-1)!.fidelity).toBeUndefined();
      expect(study.epochs).toBeLessThanOrEqual(100 * queries);
      if (queries === 1) expect(study.screened).toBe(0);
      study.close();
    }
  },
);

test('a pool of few: all are trained in the end, those that failed excepted', async () => {
  const some = [0, 1, 2, 3].map((i) => screenedSpace.format(Uint8Array.of(i % 3, 1, 2, i < 2 ? 0 : 1, 1, 1)));
  for (const pool of [some.slice(0, 1), some.slice(0, 2), some]) {
    const study = await openScreened({ pool });
    const { stopped } = await study.run({ oracle: measure, queries: 20 });
    expect([stopped, study.queries]).toEqual(['exhausted', pool.length]);
    study.close();
  }
  const study = await openScreened({ pool: some });
  const [first, ...others] = await study.ask(4);
  await study.tell(first!.id, measure(first!.architecture));
  for (const { id } of others) await study.fail(id, 'no');
  const [last, ...none] = await study.ask(4);
  expect([last!.architecture, last!.fidelity, none]).toEqual([first!.architecture, undefined, []]);
  study.close();
});

test('screenings that all fail: queries go on to be asked', async () => {
  const study = await openScreened();
  for (const { id, architecture } of await study.ask(4)) await study.tell(id, measure(architecture));
  for (let i = 0; i < 100; ++i) {
    const [trial] = await study.ask();
    if (isFull(trial!)) await study.tell(trial!.id, measure(trial!.architecture));
    else await study.fail(trial!.id, 'the short training crashes');
  }
  expect(study.queries).toBeGreaterThanOrEqual(4); // one for twenty screenings
  study.close();
});

test('a run that is aborted and run again queries first what it had asked for, all of it', async () => {
  const study = await openScreened();
  const control = new AbortController();
  let calls = 0;
  const oracle = (architecture: string): Record<string, number> => {
    if (++calls === 3) control.abort();
    return measure(architecture);
  };
  await errorOf('ABORTED', () => study.run({ oracle, queries: 5, signal: control.signal }));
  await study.run({ oracle: measure, queries: 5 });
  expect(study.trials.filter(({ state }) => state === 'running')).toEqual([]);
  expect(study.trials.map(({ id, query }) => id - query!)).toEqual(study.trials.map(() => 0));
  study.close();
});

test('a table that would answer a screening with the full result is refused', async () => {
  const digits = spaces.digits201();
  const oracle = await digits201Oracle({ metrics: ['val_acc'] });
  const objectives: StudyOptions['objectives'] = [{ metric: 'val_acc', goal: 'maximize' }];
  const study = await Study.open({ space: digits, objectives, fidelity: { epochs: 1, fullEpochs: 12 } });
  const error = await errorOf('INVALID_ARGUMENT', () => study.run({ oracle, queries: 5 }));
  expect(error.message).toMatch(
    /^options\.oracle: expected a training, or a fidelity with a metric of its own, given "a table"/,
  );
  study.close();
});

test('first samples that find no answer: they are not screened for ever', async () => {
  const study = await openScreened();
  for (let i = 0; i < 10; ++i) for (const { id } of await study.ask(8)) await study.fail(id, 'no');
  expect(study.queries).toBeGreaterThanOrEqual(2);
  for (let i = 0; i < 60; ++i) await study.ask(); // never answered
  expect(study.trials.slice(80).filter(isFull).length).toBeGreaterThanOrEqual(2);
  study.close();
});

test.each([4, 8])('batches of %d: the last of a budget is a query, and no epoch too many', async (batch) => {
  for (let seed = 1; seed <= 6; ++seed) {
    for (const queries of [3, 9, 14]) {
      const study = await openScreened({ seed, batch, fidelity: { ...early, epochs: 12 } });
      await study.run({ oracle: measure, queries, concurrency: 3 });
      expect(study.trials.at(-1)!.fidelity).toBeUndefined();
      expect(study.epochs).toBeLessThanOrEqual(100 * queries);
      expect(study.trials.filter(({ state }) => state !== 'complete')).toEqual([]);
      study.close();
    }
  }
});

test('a pool that is scanned whole: what was screened counts among the candidates', async () => {
  const pool = Array.from({ length: 60 }, (_, i) =>
    screenedSpace.format(
      Uint8Array.of(i % 3, Math.floor(i / 3) % 3, Math.floor(i / 9) % 3, Math.floor(i / 27) % 3, 1, 1),
    ),
  );
  const study = await openScreened({ pool });
  await study.run({ oracle: measure, queries: 6 });
  expect(study.rounds.length).toBeGreaterThan(1);
  for (const { scored, screened = 0 } of study.rounds) expect(scored).toBeGreaterThanOrEqual(screened);
  expect(study.warnings).toEqual([]);
  study.close();
});

test('a small budget asks for its first samples at once', async () => {
  const study = await openScreened();
  const asked: number[] = [];
  const ask = study.ask.bind(study);
  study.ask = async (...given) => {
    const trials = await ask(...given);
    asked.push(trials.length);
    return trials;
  };
  await study.run({ oracle: measure, queries: 3 });
  expect(asked[0]).toBe(20);
  study.close();
});

test('what is left is an amount', async () => {
  const study = await openScreened();
  for (const left of ['x', NaN, -3, 1n, {}, null])
    await errorOf('INVALID_ARGUMENT', () => study.ask(1, { left: left as never }));
  expect(await study.ask(9, { left: 1.12 })).toHaveLength(2);
  study.close();
});
