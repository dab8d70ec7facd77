import type { Phase } from '../../../src/baselines/method.js';
import { digits201Oracle } from '../../../src/oracle/embedded.js';
import type { TabularOracle } from '../../../src/oracle/table.js';
import { createMethod } from '../../../src/search/methods.js';
import { spaces } from '../../../src/space/index.js';
import { Study } from '../../../src/study/study.js';
import type { Metrics, Objective, StudyOptions, Trial } from '../../../src/study/types.js';
import { errorOf } from '../../support/errors.js';
import { edgeCellSpace } from '../../support/spaces.js';

const digits = spaces.digits201();
const objectives: Objective[] = [
  { metric: 'val_acc', goal: 'maximize' },
  { metric: 'flops', goal: 'minimize' },
];
let table: TabularOracle;
beforeAll(async () => {
  table = await digits201Oracle({ metrics: ['val_acc', 'flops', 'params'] });
});

/** One is known, or none. */
const ways: [string, Partial<StudyOptions>][] = [
  ['one of two is known', {}],
  ['a query tells both', { metrics: {} }],
  ['two of three are known', { objectives: [{ metric: 'params', goal: 'minimize' }, ...objectives] }],
];
const open = (more: Partial<StudyOptions> = {}): Promise<Study> =>
  Study.open({
    space: digits,
    objectives,
    seed: 1,
    threads: 1,
    init: 6,
    metrics: { flops: table.metric('flops'), ...(more.objectives?.length === 3 ? { params: table.metric('params') } : {}) }, // prettier-ignore
    ...more,
  });
const tell = async (study: Study, trials: readonly Trial[]): Promise<void> => {
  for (const { id, architecture } of trials) await study.tell(id, await table(architecture));
};
const texts = (trials: readonly Trial[]): string[] => trials.map(({ architecture }) => architecture);

describe.each(ways)('where %s', (_name, more) => {
  test('two at once are those that two asks give while nothing is answered, and more differ, in a space scored whole', async () => {
    const space = edgeCellSpace({ id: 'small', cellNodes: 4, operations: ['a', 'b', 'c'] });
    const count = (letter: string) => (architecture: string) => architecture.split(letter).length;
    const measure = (text: string): Metrics => ({ val_acc: 3 * count('a')(text) + count('b')(text.slice(9)), flops: count('a')(text), params: count('c')(text) }); // prettier-ignore
    const metrics = more.metrics ?? { flops: count('a'), ...(more.objectives === undefined ? {} : { params: count('c') }) }; // prettier-ignore
    const asked: string[][] = [];
    for (const parts of [[2], [1, 1], [9]]) {
      const study = await open({ space, ...more, metrics });
      for (const { id, architecture } of await study.ask(6)) await study.tell(id, measure(architecture));
      const trials: Trial[] = [];
      for (const part of parts) trials.push(...(await study.ask(part)));
      asked.push(texts(trials));
      study.close();
    }
    expect(asked[1]).toEqual(asked[0]);
    expect(asked[2]!.slice(0, 2)).toEqual(asked[0]);
    expect(new Set(asked[2]).size).toBe(9);
  });

  test('an abort in any phase is as if it had not been asked', async () => {
    const runs: string[][] = [];
    for (const phase of [undefined, 'fit', 'acquire'] as const) {
      const study = await open(more);
      await tell(study, await study.ask(6));
      for (let round = 0; round < 3; ++round) {
        const controller = new AbortController();
        const onPhase = (now: Phase): void => (now === phase ? controller.abort() : undefined);
        if (phase !== undefined) await errorOf('ABORTED', () => study.ask(3, { signal: controller.signal, onPhase }));
        await tell(study, await study.ask(3));
      }
      runs.push(texts(study.trials));
      study.close();
    }
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).toEqual(runs[0]);
  });

  test('failed and running trials are lived with, whatever the order told and at any number of threads', async () => {
    const runs: string[][] = [];
    for (const threads of [1, 3]) {
      const study = await open({ ...more, threads });
      for (let round = 0; round < 5; ++round) {
        const trials = await study.ask(4);
        await study.fail(trials[0]!.id, 'out of memory');
        await tell(study, threads === 1 ? trials.slice(2) : trials.slice(2).reverse());
      }
      expect(new Set(texts(study.trials)).size).toBe(20);
      runs.push(texts(study.trials));
      study.close();
    }
    expect(runs[1]).toEqual(runs[0]);
  });

  test.each([
    ['all equal', () => 91],
    ['±1e300', (i: number) => (i % 2 === 0 ? 1e300 : -1e300)],
    ['1e-300', (i: number) => i * 1e-300],
  ])('answers that are %s', async (_kind, value) => {
    const study = await open(more);
    for (const count of [6, 3, 3])
      for (const { id } of await study.ask(count)) await study.tell(id, { val_acc: value(id), flops: value(id + 1), params: value(id) }); // prettier-ignore
    expect(new Set(texts(study.trials)).size).toBe(12);
    study.close();
  });
});

test('a pool, constraints and a large space', async () => {
  const pool = table.architectures().slice(0, 6 * 700);
  const constraints = [{ metric: 'flops', max: 200_000 }];
  const small = await open({ pool, constraints });
  const allowed = new Set(Array.from({ length: 700 }, (_, i) => digits.format(pool.slice(6 * i, 6 * i + 6))));
  await small.run({ oracle: table, queries: 20 });
  for (const { architecture, metrics } of small.trials)
    expect([allowed.has(architecture), metrics!['flops']! <= 200_000]).toEqual([true, true]);
  small.close();
  const length = (architecture: string): number => architecture.match(/sep_conv/g)?.length ?? 0;
  const large = await open({ space: spaces.nasbench301(), metrics: { flops: length } });
  const result = await large.run({ oracle: (architecture) => ({ val_acc: architecture.length }), queries: 12 });
  expect([result.stopped, new Set(texts(large.trials)).size]).toEqual(['budget', 12]);
  large.close();
});

test('what is no better than the reference point is not asked', async () => {
  const flops = table.values('flops').sort()[Math.floor(table.rows / 4)]!;
  for (const metrics of [{ flops: table.metric('flops') }, {}]) {
    const study = await open({ metrics, reference: { flops } });
    await study.run({ oracle: table, queries: 30 });
    const guided = study.trials.filter(({ round }) => round > 0);
    const within = guided.filter((trial) => trial.metrics!['flops']! < flops);
    expect(guided).toHaveLength(24);
    expect(within.length).toBeGreaterThanOrEqual('flops' in metrics ? 24 : 18);
    study.close();
  }
});

test('what breaks a constraint is no part of the front that is to be improved', async () => {
  const runs: string[][] = [];
  for (const broken of [false, true]) {
    const study = await open({ constraints: [{ metric: 'flops', min: 1 }] });
    const first = await study.ask(6);
    for (const [i, { id, architecture }] of first.entries()) await study.tell(id, { ...(await table(architecture)), ...(i === 0 ? { val_acc: 100, flops: broken ? 0 : 1 } : {}) }); // prettier-ignore
    runs.push(texts(await study.ask(3)));
    study.close();
  }
  expect(runs[1]).not.toEqual(runs[0]);
});

test.each(['optiproxy', 'random', 'local-search'])(
  '%s asks the best of the encodings that are the same query, by what is known',
  async (method) => {
    const key = (genes: Uint8Array): string => Buffer.from(digits.keys(genes)).toString('hex');
    const sum = (architecture: string): number => digits.parse(architecture).reduce((a, b, i) => a + b * (i + 1), 0);
    const least = new Map<string, number>();
    const all = table.architectures();
    for (let at = 0; at < all.length; at += 6) {
      const genes = all.slice(at, at + 6);
      least.set(key(genes), Math.min(least.get(key(genes)) ?? Infinity, sum(digits.format(genes))));
    }
    const [first] = objectives as [Objective];
    const study = await open({ method, objectives: [first, { metric: 'sum', goal: 'minimize' }], metrics: { sum } });
    await study.run({ oracle: table, queries: 15 });
    for (const { architecture, metrics } of study.trials)
      expect(metrics!['sum']).toBe(least.get(key(digits.parse(architecture))));
    study.close();
  },
);

test('up to three objectives have an expected improvement; of more, and of other methods, mixtures are searched for', () => {
  const options = { metric: 'acc', seed: 1, threads: 1 };
  const joint = (name: string, objectives: number, preset = 'default'): boolean => {
    const aim = { objectives: Array.from({ length: objectives }, () => ({ known: false })), costly: [] };
    const named = createMethod(name, digits, { ...options, preset, aim });
    named.method.close();
    return named.joint;
  };
  expect([2, 3, 4].map((count) => joint('optiproxy', count))).toEqual([true, true, false]);
  expect([joint('tpe', 2), joint('bananas', 2), joint('optiproxy', 2, 'networks')]).toEqual([false, false, false]);
});

describe('a reference point is refused', () => {
  test('where nothing has a use for it', async () => {
    const { message } = await errorOf('INVALID_ARGUMENT', () => open({ method: 'tpe', reference: { val_acc: 0 } }));
    expect(message).toContain('options.reference: expected the method optiproxy by its default, with two or three objectives, given "tpe'); // prettier-ignore
  });

  test.each<[string, unknown, RegExp]>([
    ['of what is no objective', { ms: 1 }, /^options\.reference\.ms: expected one of val_acc, flops, given "an unknown objective"/], // prettier-ignore
    ['that is no number', { flops: NaN }, /^options\.reference\.flops: expected a finite number/],
    ['that is a list', [1], /^options\.reference: expected numbers like \{ val_acc: 0 \}/],
  ])('%s', async (_name, reference, message) => {
    const { message: text } = await errorOf('INVALID_ARGUMENT', () => open({ reference: reference as Metrics }));
    expect(text).toMatch(message);
  });

  test('beside a single objective', async () => {
    const { message } = await errorOf('INVALID_ARGUMENT', () => Study.open({ space: digits, objectives: objectives.slice(0, 1), reference: { val_acc: 1 } })); // prettier-ignore
    expect(message).toMatch(/^options\.reference: expected several objectives beside it, given "one objective"/);
  });
});
