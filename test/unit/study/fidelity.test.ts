import type { OracleContext, Progress, RunOptions, StudyOptions, Trial } from '../../../src/study/types.js';
import { errorOf } from '../../support/errors.js';
import { early, isFull, measure, openScreened, worth } from '../../support/screened.js';

test('screens first, then trains in full what was screened and still promises most', async () => {
  const study = await openScreened();
  const told: Trial[] = [];
  const budgets: number[] = [];
  const oracle = (architecture: string, { budget }: OracleContext): Record<string, number> => {
    budgets.push(budget);
    return measure(architecture);
  };
  const { stopped, best } = await study.run({ oracle, queries: 30, onTrial: (trial) => told.push(trial) });
  expect(stopped).toBe('budget');
  expect(told.slice(0, 20).map(({ fidelity: part, round }) => [part, round])).toEqual(Array(20).fill([0.05, 0]));
  expect(budgets).toEqual(told.map(({ fidelity: part }) => part ?? 1));
  const queries = told.filter(isFull);
  const screened = told.filter((trial) => !isFull(trial));
  expect(study.queries).toBe(queries.length);
  expect(study.screened).toBe(screened.length);
  expect(queries.length).toBeGreaterThan(20);
  expect(screened.length).toBeGreaterThan(30);
  // No architecture twice at the same fidelity, and most that are trained in full were screened.
  for (const some of [queries, screened])
    expect(new Set(some.map(({ architecture }) => architecture)).size).toBe(some.length);
  const known = new Set(screened.map(({ architecture }) => architecture));
  expect(queries.filter(({ architecture }) => known.has(architecture)).length).toBeGreaterThan(0.9 * queries.length);
  expect(best).toBe(queries.find(({ metrics }) => metrics!['acc'] === Math.max(...queries.map((t) => t.metrics!['acc']!)))); // prettier-ignore
  study.close();
});

test('of a screening only its metric is kept, and it is neither predicted nor the best', async () => {
  const study = await openScreened();
  await study.run({ oracle: measure, queries: 12 });
  for (const { fidelity: part, metrics, predicted, interval } of study.trials) {
    if (part === undefined) expect(Object.keys(metrics!)).toEqual(['acc', 'early']);
    else expect([Object.keys(metrics!), predicted, interval]).toEqual([['early'], undefined, undefined]);
  }
  const values = study.trials.filter(isFull).map(({ metrics }) => metrics!['acc']!);
  expect(study.best!.metrics!['acc']).toBe(Math.max(...values));
  expect(study.front).toEqual([study.best]);
  // What the process says of queries is judged, of screenings not.
  expect(study.rounds.length).toBeGreaterThan(5);
  expect(study.rounds.every(({ first }) => isFull(study.trials[first - 1]!))).toBe(true);
  expect(study.rounds.at(-1)!.overall.answers).toBe(study.trials.filter((t) => t.predicted !== undefined).length);
  study.close();
});

test('the same metric: what a shorter training measures is no result', async () => {
  const study = await openScreened({ fidelity: { epochs: 5, fullEpochs: 100 } });
  // The shorter training looks better, as one of an easier task may.
  const oracle = (architecture: string, { budget }: OracleContext): Record<string, number> => ({
    acc: worth(architecture, 0) + (budget < 1 ? 1000 : 0),
    epochs: 100 * budget,
  });
  await study.run({ oracle, queries: 10 });
  expect(study.fidelity).toEqual({ epochs: 5, fullEpochs: 100, metric: 'acc' });
  expect(study.best!.metrics).toMatchObject({ epochs: 100 });
  expect(study.trials[0]!.metrics).toMatchObject({ epochs: 5 });
  for (const { best } of study.trace()) expect(best ?? 0).toBeLessThan(1000);
  study.close();
});

test('the budget is of epochs: what is left does not pay for another training', async () => {
  for (const budget of [{ queries: 12 }, { epochs: 1200 }]) {
    const study = await openScreened();
    const progress: Progress[] = [];
    await study.run({ oracle: measure, onProgress: (p) => progress.push(p), ...budget });
    const epochs = study.queries * 100 + study.screened * 5;
    expect([study.epochs, study.spent]).toEqual([epochs, epochs / 100]);
    expect(epochs).toBeGreaterThan(1100);
    expect(epochs).toBeLessThanOrEqual(1200);
    expect(study.trace().at(-1)!.epochs).toBe(epochs);
    expect(progress.at(-1)).toMatchObject({
      queries: study.queries,
      screened: study.screened,
      spent: epochs / 100,
      budget: 12,
    });
    study.close();
  }
});

test('the trace has the epochs of all and the fidelity of screenings', async () => {
  const study = await openScreened();
  await study.run({ oracle: measure, queries: 8 });
  let epochs = 0;
  for (const [i, entry] of study.trace().entries()) {
    expect(entry.query).toBe(i + 1);
    expect(entry.fidelity).toBe(study.trials.find(({ query }) => query === i + 1)!.fidelity);
    epochs += entry.fidelity === undefined ? 100 : 5;
    expect(entry.epochs).toBe(epochs);
    if (entry.fidelity !== undefined) expect(entry.predicted).toBeNull();
  }
  expect(study.trace().slice(0, 20).every(({ best }) => best === null)).toBe(true); // prettier-ignore
  study.close();
});

test('minimising works alike', async () => {
  const study = await openScreened({ objectives: [{ metric: 'acc', goal: 'minimize' }] });
  await study.run({ oracle: measure, queries: 25 });
  const least = Math.min(...study.trials.filter(isFull).map(({ metrics }) => metrics!['acc']!));
  expect(study.best!.metrics!['acc']).toBe(least);
  expect(least).toBeLessThan(3.5); // of 2.1 to 21, median 9.8
  study.close();
});

test('the same seed and answers: the same search, at any thread count, order told, and after an abort', async () => {
  const runs: string[] = [];
  for (const how of ['plain', 'threads', 'backwards', 'aborted']) {
    const study = await openScreened({ batch: 3, threads: how === 'threads' ? 2 : 1 });
    while (study.spent < 9) {
      if (how === 'aborted') {
        const signal = AbortSignal.abort();
        await errorOf('ABORTED', () => study.ask(study.nextBatch(), { signal }));
      }
      const batch = await study.ask(study.nextBatch());
      if (how === 'backwards') batch.reverse();
      for (const { id, architecture } of batch) await study.tell(id, measure(architecture));
    }
    runs.push(JSON.stringify(study.trials.map((t) => [t.architecture, t.fidelity, t.predicted])));
    study.close();
  }
  expect(new Set(runs).size).toBe(1);
});

test('a fidelity that tells nothing is left aside', async () => {
  const study = await openScreened({ fidelity: { ...early, epochs: 20 } });
  const noise = (architecture: string): number =>
    [...architecture].reduce((hash, c) => (hash * 31 + c.charCodeAt(0)) % 1009, 7);
  await study.run({ oracle: (a) => ({ acc: worth(a, 0), early: noise(a) }), queries: 40 });
  // A screening costs a fifth: ten first ones, and then hardly more.
  expect(study.screened).toBeLessThan(40);
  expect(study.queries).toBeGreaterThan(30);
  study.close();
});

test('nothing is expected before two queries say what the unit is', async () => {
  const study = await openScreened();
  await study.run({ oracle: measure, queries: 12 });
  const queries = study.trials.filter(isFull);
  expect(queries.slice(0, 2).map(({ predicted, interval }) => [predicted, interval])).toEqual([[undefined, undefined], [undefined, undefined]]); // prettier-ignore
  expect(queries.slice(2).every(({ interval: [low, high] = [0, 0] }) => low < high)).toBe(true);
  study.close();
});

describe('a fidelity is refused', () => {
  test.each<[string, object, RegExp]>([
    ['that is none', { fidelity: 12 }, /^options\.fidelity: expected an object, given 12/],
    [
      'with an unknown key',
      { fidelity: { ...early, cost: 1 } },
      /^options\.fidelity\.cost: expected one of epochs, fullEpochs, metric/,
    ],
    [
      'without epochs',
      { fidelity: { fullEpochs: 9 } },
      /^options\.fidelity\.epochs: expected a whole number from 1 to 3/,
    ],
    [
      'of half a full training',
      { fidelity: { epochs: 5, fullEpochs: 10 } },
      /^options\.fidelity\.epochs: expected a whole number from 1 to 4, given 5 \(hint: screening may cost two fifths/,
    ],
    ['of half an epoch', { fidelity: { epochs: 0.5, fullEpochs: 9 } }, /^options\.fidelity\.epochs: .*given 0\.5/],
    [
      'of one full epoch',
      { fidelity: { epochs: 1, fullEpochs: 1 } },
      /^options\.fidelity\.fullEpochs: expected .*at least 3/,
    ],
    [
      'without name',
      { fidelity: { ...early, metric: '' } },
      /^options\.fidelity\.metric: expected the name of a metric/,
    ],
    ['by a baseline', { method: 'random' }, /^fidelity: expected the method optiproxy.*, given "the method random"/],
    ['by networks alone', { preset: 'networks' }, /^fidelity: expected .*process.*, given "the preset networks"/],
    ['by networks named', { proxy: 'mlp' }, /^fidelity: .*given "the preset networks"/],
  ])('%s', async (_name, change, message) => {
    expect((await errorOf('INVALID_ARGUMENT', () => openScreened(change))).message).toMatch(message);
  });

  test.each<[string, Partial<StudyOptions>, object, RegExp]>([
    [
      'both budgets',
      {},
      { queries: 5, epochs: 500 },
      /^options\.epochs: expected either queries or epochs, given "both"/,
    ],
    [
      'epochs without it',
      { fidelity: undefined as never },
      { epochs: 500 },
      /^options\.epochs: expected a study with a fid/,
    ],
    ['less than one training', {}, { epochs: 99 }, /^options\.epochs: expected a whole number at least 100|from 100/],
    ['no budget', {}, {}, /^options\.queries: expected a whole number/],
  ])('%s', async (_name, options, budget, message) => {
    const study = await openScreened(options);
    const run = { oracle: measure, ...budget } as unknown as RunOptions;
    expect((await errorOf('INVALID_ARGUMENT', () => study.run(run))).message).toMatch(message);
    study.close();
  });
});
