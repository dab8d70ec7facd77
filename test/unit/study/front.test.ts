import { digits201Oracle } from '../../../src/oracle/embedded.js';
import { methodNames } from '../../../src/search/methods.js';
import { spaces } from '../../../src/space/index.js';
import { Front, hypervolume } from '../../../src/study/front.js';
import { Study } from '../../../src/study/study.js';
import type { Metrics, Objective, StudyOptions, Trial } from '../../../src/study/types.js';
import { errorOf } from '../../support/errors.js';

const both: Objective[] = [
  { metric: 'acc', goal: 'maximize' },
  { metric: 'ms', goal: 'minimize' },
];
const trial = (id: number, metrics: Metrics): Trial => ({ id, architecture: `a${id}`, state: 'complete', round: 0, metrics }); // prettier-ignore

/** Numbers of few values, so that many are equal. */
function pointsOf(count: number, axes: number, values: number, seed: number): number[][] {
  let state = seed;
  const next = (): number => (state = (state * 48271) % 2147483647) % values;
  return Array.from({ length: count }, () => Array.from({ length: axes }, next));
}

describe('the front', () => {
  test.each([2, 3, 4])('is what nothing dominates, of %i objectives, whatever the order', (axes) => {
    const objectives = Array.from({ length: axes }, (_, k): Objective => ({ metric: `m${k}`, goal: k % 2 === 0 ? 'maximize' : 'minimize' })); // prettier-ignore
    for (let seed = 1; seed <= 30; ++seed) {
      const points = pointsOf(40, axes, 6, seed);
      const front = new Front(objectives);
      points.forEach((point, i) => front.offer(trial(i + 1, Object.fromEntries(point.map((v, k) => [`m${k}`, v])))));
      const turned = points.map((point) => point.map((v, k) => (k % 2 === 0 ? v : -v)));
      const wanted = turned.filter((a, i) => !turned.some((b, j) => b.every((v, k) => v >= a[k]!) && (b.some((v, k) => v > a[k]!) || j < i))); // prettier-ignore
      const found = front.trials.map(({ metrics }) => objectives.map(({ metric }, k) => (k % 2 === 0 ? 1 : -1) * metrics![metric]!)); // prettier-ignore
      expect(found).toEqual(wanted);
      expect(front.best!.metrics!['m0']).toBe(Math.max(...turned.map(([first]) => first!)));
    }
  });

  test('of one objective is the best, the earliest of equals', () => {
    const front = new Front([both[1]!]);
    [5, 3, 4, 3].forEach((ms, i) => front.offer(trial(i + 1, { ms })));
    expect(front.trials.map(({ id }) => id)).toEqual([2]);
    expect(front.best!.id).toBe(2);
    expect(new Front(both).best).toBeUndefined();
  });
});

describe('the hypervolume', () => {
  test('of two objectives as worked by hand', () => {
    const measured = [
      { acc: 90, ms: 4 },
      { acc: 80, ms: 2 },
      { acc: 70, ms: 3 }, // dominated
      { acc: 50, ms: 1 }, // no better than the reference
      { acc: 95, ms: 9 },
    ];
    expect(hypervolume(measured, both, { acc: 60, ms: 8 })).toBe(30 * 4 + 20 * 2);
    expect(hypervolume([], both, { acc: 60, ms: 8 })).toBe(0);
  });

  test.each([1, 2, 3, 4])('of %i objectives is the share of a grid that is dominated', (axes) => {
    const objectives = Array.from({ length: axes }, (_, k): Objective => ({ metric: `m${k}`, goal: k % 2 === 0 ? 'maximize' : 'minimize' })); // prettier-ignore
    const size = 6;
    for (let seed = 1; seed <= 20; ++seed) {
      const points = pointsOf(8, axes, size, seed).map((point) => point.map((v, k) => (k % 2 === 0 ? v : size - v)));
      const gains = points.map((point) => point.map((v, k) => (k % 2 === 0 ? v : size - v)));
      let cells = 0;
      for (let cell = 0; cell < size ** axes; ++cell) {
        const corner = Array.from({ length: axes }, (_, k) => Math.floor(cell / size ** k) % size);
        cells += Number(gains.some((gain) => gain.every((v, k) => v > corner[k]!)));
      }
      const reference = Object.fromEntries(objectives.map(({ metric }, k) => [metric, k % 2 === 0 ? 0 : size]));
      const measured = points.map((point) => Object.fromEntries(point.map((v, k) => [`m${k}`, v])));
      expect(hypervolume(measured, objectives, reference)).toBe(cells);
    }
  });

  test('wants a reference for each objective', async () => {
    const { message } = await errorOf('INVALID_ARGUMENT', () => hypervolume([], both, { acc: 60 }));
    expect(message).toBe('reference.ms: expected a finite number');
  });
});

const space = spaces.digits201();
const objectives: Objective[] = [
  { metric: 'val_acc', goal: 'maximize' },
  { metric: 'flops', goal: 'minimize' },
];
const open = (more: Partial<StudyOptions> = {}): Promise<Study> => Study.open({ space, objectives, seed: 1, threads: 1, ...more }); // prettier-ignore

test.each(methodNames)('%s searches for a front', async (method) => {
  const oracle = await digits201Oracle({ metrics: ['val_acc', 'flops'] });
  const study = await open({ method });
  const { stopped } = await study.run({ oracle, queries: 30 });
  expect([stopped, study.queries]).toEqual(['budget', 30]);
  expect(study.front.length).toBeGreaterThan(2);
  const front = new Front(objectives);
  study.trials.forEach((one) => front.offer(one));
  expect(study.front).toEqual(front.trials);
  expect(study.best!.metrics!['val_acc']).toBe(Math.max(...study.trials.map(({ metrics }) => metrics!['val_acc']!)));
  for (const { predicted, interval } of study.trials) expect([predicted, interval]).toEqual([undefined, undefined]);
  expect([study.rounds, study.warnings]).toEqual([[], []]);
  study.close();
});

test('the front of the default is larger than that of chance', async () => {
  const oracle = await digits201Oracle({ metrics: ['val_acc', 'flops'] });
  const volumes: Record<string, number> = {};
  for (const method of ['optiproxy', 'random']) {
    let sum = 0;
    for (let seed = 1; seed <= 5; ++seed) {
      const study = await open({ method, seed });
      await study.run({ oracle, queries: 60 });
      sum += study.hypervolume({ val_acc: 90, flops: 1e6 });
      study.close();
    }
    volumes[method] = sum;
  }
  expect(volumes['optiproxy']).toBeGreaterThan(1.02 * volumes['random']!);
}, 60_000);

test('one that is known beforehand need not be told, and constraints hold on it', async () => {
  const table = await digits201Oracle({ metrics: ['val_acc', 'flops'] });
  const accuracy = await digits201Oracle({ metrics: ['val_acc'] });
  const study = await open({ metrics: { flops: table.metric('flops') }, constraints: [{ metric: 'flops', max: 300_000 }] }); // prettier-ignore
  await study.run({ oracle: accuracy, queries: 25 });
  for (const { architecture, metrics } of study.trials) {
    expect(metrics!['flops']).toBe(table.value(architecture, 'flops'));
    expect(metrics!['flops']).toBeLessThanOrEqual(300_000);
  }
  expect(study.front.length).toBeGreaterThan(2);
  study.close();
});

test('the same seed gives the same search, at any number of threads and whatever the order told', async () => {
  const oracle = await digits201Oracle({ metrics: ['val_acc', 'flops'] });
  const runs: string[][] = [];
  for (const how of ['plain', 'threads', 'backwards', 'aborted']) {
    const study = await open({ threads: how === 'threads' ? 2 : 1 });
    for (let round = 0; round < 4; ++round) {
      if (how === 'aborted') await errorOf('ABORTED', () => study.ask(5, { signal: AbortSignal.abort() }));
      const trials = await study.ask(5);
      if (how === 'backwards') trials.reverse();
      for (const { id, architecture } of trials) await study.tell(id, await oracle(architecture));
    }
    runs.push(study.trials.map(({ architecture }) => architecture));
    study.close();
  }
  for (const run of runs.slice(1)) expect(run).toEqual(runs[0]);
  const other = await open({ seed: 2 });
  expect((await other.ask(10)).map(({ architecture }) => architecture)).not.toEqual(runs[0]!.slice(0, 10));
  other.close();
});

test('what has no value of a known objective is never asked', async () => {
  const table = await digits201Oracle({ metrics: ['val_acc', 'flops'] });
  const accuracy = await digits201Oracle({ metrics: ['val_acc'] });
  const flops = (architecture: string): number => (architecture.includes('avg_pool') ? NaN : table.value(architecture, 'flops')!); // prettier-ignore
  const study = await open({ metrics: { flops } });
  await study.run({ oracle: accuracy, queries: 20 });
  for (const { architecture, state } of study.trials) expect([architecture.includes('avg_pool'), state]).toEqual([false, 'complete']); // prettier-ignore
  study.close();
});

test.each<[string, () => unknown, RegExp]>([
  ['no objective', () => hypervolume([], [], {}), /^objectives: expected at least one/],
  ['a goal that is none', () => hypervolume([], [{ metric: 'acc', goal: 'max' as never }], { acc: 1 }), /^goal: expected one of maximize, minimize/], // prettier-ignore
  ['a measurement that lacks one', () => hypervolume([{ acc: 1 }], both, { acc: 0, ms: 9 }), /^measured\[0\]\.ms: expected a finite number/], // prettier-ignore
  ['no reference', () => hypervolume([], both, undefined as never), /^reference\.acc: expected a finite number/],
])('a hypervolume of %s is refused', async (_name, act, message) => {
  const error = (() => {
    try {
      act();
    } catch (thrown) {
      return thrown as Error;
    }
    return undefined;
  })();
  expect(error?.message).toMatch(message);
});

describe('is refused', () => {
  test.each<[string, Partial<StudyOptions>, RegExp]>([
    ['the same metric twice', { objectives: [objectives[0]!, objectives[0]!] }, /^options\.objectives: expected each metric once, given "val_acc twice"/], // prettier-ignore
    ['nine objectives', { objectives: Array.from({ length: 9 }, (_, k) => ({ metric: `m${k}`, goal: 'maximize' as const })) }, /^options\.objectives: expected one objective, up to 8, given "9"/], // prettier-ignore
    ['only what is known', { metrics: { val_acc: () => 1, flops: () => 1 } }, /^options\.metrics: expected an objective that is not among them/], // prettier-ignore
    ['a fidelity', { fidelity: { epochs: 1, fullEpochs: 12 } }, /^options\.fidelity: expected a single objective beside it, given "2 objectives"/], // prettier-ignore
  ])('%s', async (_name, more, message) => {
    expect((await errorOf('INVALID_ARGUMENT', () => open(more))).message).toMatch(message);
  });

  test('an answer without one of them', async () => {
    const study = await open();
    const [first] = await study.ask();
    const { message } = await errorOf('INVALID_METRICS', () => study.tell(first!.id, { val_acc: 90 }));
    expect(message).toMatch(/: expected the objective flops among the metrics, given "val_acc"/);
    study.close();
  });
});
