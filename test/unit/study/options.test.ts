import { Study } from '../../../src/study/study.js';
import type { RunOptions, StudyOptions } from '../../../src/study/types.js';
import { errorOf } from '../../support/errors.js';
import { tinySpace } from '../../support/spaces.js';

const space = tinySpace();
const objectives: StudyOptions['objectives'] = [{ metric: 'acc', goal: 'maximize' }];

describe('Study.open refuses', () => {
  test.each<[string, object, RegExp]>([
    [
      'an unknown key',
      { sede: 1 },
      /^options\.sede: expected one of space, objectives, seed, .*, given "an unknown option"/,
    ],
    ['no space', { space: undefined }, /^options\.space: expected a search space \(hint: for example spaces/],
    ['the name of a space', { space: 'nasbench201' }, /^options\.space: expected a search space, given "nasbench201"/],
    ['no objective', { objectives: [] }, /^options\.objectives: expected one objective, up to 8, given "0"/],
    ['an objective outside a list', { objectives: objectives[0] }, /expected one objective, up to 8, given .*metric/],
    ['null as objective', { objectives: [null] }, /^options\.objectives\[0\]: expected an object, given null/],
    [
      'an objective without metric',
      { objectives: [{ goal: 'maximize' }] },
      /^options\.objectives\[0\]\.metric: expected the name of a metric$/,
    ],
    [
      'an unknown key of an objective',
      { objectives: [{ ...objectives[0], weight: 1 }] },
      /^options\.objectives\[0\]\.weight: expected one of metric, goal/,
    ],
    [
      'a negative seed',
      { seed: -1 },
      /^options\.seed: expected a whole number from 0|^options\.seed: expected a whole number at least 0/,
    ],
    ['a fractional seed', { seed: 0.5 }, /^options\.seed: .*given 0\.5/],
    ['a seed beyond 2^53', { seed: 2 ** 53 }, /^options\.seed/],
    ['a seed of text', { seed: '1' }, /^options\.seed: .*given "1"/],
    ['0 threads', { threads: 0 }, /^options\.threads: expected a whole number from 1 to 256, given 0/],
    ['257 threads', { threads: 257 }, /^options\.threads: expected a whole number from 1 to 256, given 257/],
    ['init 0', { init: 0 }, /^options\.init: expected a whole number from 1 to 100000, given 0/],
    ['batch NaN', { batch: NaN }, /^options\.batch: .*given NaN/],
  ])('%s', async (_name, change, message) => {
    const error = await errorOf('INVALID_ARGUMENT', () => Study.open({ space, objectives, ...change }));
    expect(error.message).toMatch(message);
  });

  test.each<[string, object, RegExp]>([
    [
      'goal',
      { objectives: [{ metric: 'acc', goal: 'max' }] },
      /^options\.objectives\[0\]\.goal: expected one of maximize, minimize, given "max"/,
    ],
    ['method', { method: 'sgd' }, /^method: expected one of optiproxy, paper, bananas.*random, given "sgd"/],
    ['preset', { preset: 'fast' }, /^preset: expected one of default, networks, .*given "fast"/],
    ['proxy', { proxy: 'tree' }, /^proxy: expected one of gcn, mlp.*, given "tree"/],
    ['proxy of a method without one', { proxy: '', method: 'random' }, /^proxy: expected one of gcn, mlp.*, given ""/],
  ])('an unknown %s', async (_name, change, message) => {
    const error = await errorOf('UNKNOWN_NAME', () => Study.open({ space, objectives, ...change }));
    expect(error.message).toMatch(message);
  });

  test('no options at all', async () => {
    const error = await errorOf('INVALID_ARGUMENT', () => Study.open(undefined as unknown as StudyOptions));
    expect(error.message).toBe('options: expected an object');
  });
});

describe('ask refuses', () => {
  test.each<[string, unknown, unknown, RegExp]>([
    ['0', 0, {}, /^count: expected a whole number from 1 to 100000, given 0/],
    ['100001', 100_001, {}, /^count: .*given 100001/],
    ['1.5', 1.5, {}, /^count: .*given 1\.5/],
    ['text', '2', {}, /^count: .*given "2"/],
    ['an unknown option', 1, { onProgress() {} }, /^options\.onProgress: expected one of signal, onPhase/],
    ['a controller for a signal', 1, { signal: new AbortController() }, /^options\.signal: expected an AbortSignal/],
    ['a callback that is none', 1, { onPhase: 7 }, /^options\.onPhase: expected a function, given 7/],
  ])('%s', async (_name, count, options, message) => {
    const study = await Study.open({ space, objectives, method: 'random' });
    const error = await errorOf('INVALID_ARGUMENT', () => study.ask(count as number, options as object));
    expect(error.message).toMatch(message);
    expect(study.trials).toEqual([]);
    study.close();
  });
});

describe('run refuses', () => {
  const oracle = (): { acc: number } => ({ acc: 1 });
  test.each<[string, object, RegExp]>([
    ['no oracle', { queries: 1 }, /^options\.oracle: expected a function of an architecture$/],
    ['no budget', { oracle }, /^options\.queries: expected a whole number at least 1$/],
    ['a budget of 0', { oracle, queries: 0 }, /^options\.queries: .*given 0/],
    ['a fractional budget', { oracle, queries: 2.5 }, /^options\.queries: .*given 2\.5/],
    ['concurrency 0', { oracle, queries: 1, concurrency: 0 }, /^options\.concurrency: expected a whole number from 1/],
    ['an unknown option', { oracle, queries: 1, budget: 5 }, /^options\.budget: expected one of oracle, queries/],
    ['a signal that is none', { oracle, queries: 1, signal: {} }, /^options\.signal: expected an AbortSignal/],
    ['onRound that is none', { oracle, queries: 1, onRound: 'x' }, /^options\.onRound: expected a function, given "x"/],
    ['onTrial that is none', { oracle, queries: 1, onTrial: 'x' }, /^options\.onTrial: expected a function, given "x"/],
    ['onProgress that is none', { oracle, queries: 1, onProgress: 1 }, /^options\.onProgress: expected a function/],
  ])('%s', async (_name, options, message) => {
    const study = await Study.open({ space, objectives, method: 'random' });
    const error = await errorOf('INVALID_ARGUMENT', () => study.run(options as RunOptions));
    expect(error.message).toMatch(message);
    expect(study.trials).toEqual([]);
    study.close();
  });
});

test('defaults', async () => {
  const study = await Study.open({ space, objectives });
  expect(study).toMatchObject({ seed: 0, method: 'optiproxy', preset: 'default', proxy: 'gcn' });
  study.close();
});

test('the study keeps its own copy of the objective', async () => {
  const objective = { metric: 'acc', goal: 'maximize' as const };
  const study = await Study.open({ space, objectives: [objective], method: 'random' });
  objective.metric = 'loss';
  expect(study.objective.metric).toBe('acc');
  study.close();
});
