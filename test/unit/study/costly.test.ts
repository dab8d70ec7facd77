import type { Phase } from '../../../src/baselines/method.js';
import { History } from '../../../src/baselines/history.js';
import { digits201Oracle } from '../../../src/oracle/embedded.js';
import type { TabularOracle } from '../../../src/oracle/table.js';
import { methodNames } from '../../../src/search/methods.js';
import { spaces } from '../../../src/space/index.js';
import { scalarised } from '../../../src/study/scalarise.js';
import { Study } from '../../../src/study/study.js';
import type { Metrics, StudyOptions, Trial } from '../../../src/study/types.js';
import { errorOf } from '../../support/errors.js';

const digits = spaces.digits201();
const objectives: StudyOptions['objectives'] = [{ metric: 'val_acc', goal: 'maximize' }];
let table: TabularOracle;
/** Parameters that a part of the cells do not exceed. */
let limit: (part: number) => number;
beforeAll(async () => {
  table = await digits201Oracle({ metrics: ['val_acc', 'params', 'flops'] });
  const sorted = table.values('params').sort();
  limit = (part) => sorted[Math.floor(part * table.rows)]!;
});

const open = (more: Partial<StudyOptions> = {}): Promise<Study> =>
  Study.open({ space: digits, objectives, seed: 1, threads: 1, init: 8, constraints: [{ metric: 'params', max: limit(0.3) }], ...more }); // prettier-ignore
const tell = async (study: Study, trials: readonly Trial[]): Promise<void> => {
  for (const { id, architecture } of trials) await study.tell(id, await table(architecture));
};
const texts = (trials: readonly Trial[]): string[] => trials.map(({ architecture }) => architecture);
const feasible = ({ metrics }: Trial): boolean => metrics!['params']! <= limit(0.3);

test.each(methodNames.filter((name) => name !== 'paper'))(
  '%s: what breaks a limit that only a query tells is never the best',
  async (method) => {
    const study = await open({ method });
    await study.run({ oracle: table, queries: 30 });
    for (const trial of study.trials) expect(trial.broken === undefined).toBe(feasible(trial));
    const best = study.trials
      .filter(feasible)
      .reduce((most, { metrics }) => Math.max(most, metrics!['val_acc']!), -Infinity);
    expect(study.best?.metrics!['val_acc'] ?? -Infinity).toBe(best);
    expect(study.trials.some((trial) => !feasible(trial))).toBe(true);
    study.close();
  },
);

test('the default spends fewer queries beyond the limit than chance, and finds better ones', async () => {
  const found: Record<string, { broken: number; best: number }> = {};
  for (const method of ['optiproxy', 'random']) {
    let [broken, best] = [0, 0];
    for (const seed of [1, 2, 3]) {
      const study = await open({ method, seed });
      await study.run({ oracle: table, queries: 50 });
      broken += study.trials.filter((trial) => !feasible(trial)).length;
      best += study.best!.metrics!['val_acc']!;
      study.close();
    }
    found[method] = { broken, best };
  }
  expect(found['optiproxy']!.broken).toBeLessThan(0.9 * found['random']!.broken);
  expect(found['optiproxy']!.best).toBeGreaterThan(found['random']!.best);
}, 60_000);

test('while nothing is feasible the search goes where something may be', async () => {
  const max = limit(0.02);
  const shares = [0, 0];
  for (const seed of [1, 2, 3, 4]) {
    for (const [i, method] of ['optiproxy', 'random'].entries()) {
      const study = await open({ method, seed, constraints: [{ metric: 'params', max }] });
      await study.run({ oracle: table, queries: 40 });
      shares[i]! += study.trials.filter((trial) => trial.broken === undefined).length;
      study.close();
    }
  }
  expect(shares[0]).toBeGreaterThan(2 * shares[1]!);
}, 60_000);

test('predictions are of the objective, and several objectives go with limits', async () => {
  const one = await open();
  await one.run({ oracle: table, queries: 20 });
  expect(one.trials.slice(8).every(({ predicted, interval }) => predicted! > 20 && predicted! < 110 && interval !== undefined)).toBe(true); // prettier-ignore
  expect(one.rounds.length).toBeGreaterThan(0);
  one.close();
  const baseline = await open({ method: 'bananas' });
  await baseline.run({ oracle: table, queries: 20 });
  expect(baseline.trials.every(({ predicted }) => predicted === undefined)).toBe(true);
  baseline.close();
  for (const metrics of [{ flops: table.metric('flops') }, {}]) {
    const study = await open({ objectives: [...objectives, { metric: 'flops', goal: 'minimize' }], metrics });
    await study.run({ oracle: table, queries: 24 });
    expect(study.front.every(feasible)).toBe(true);
    expect(study.front.length).toBeGreaterThan(1);
    study.close();
  }
});

test('aborts, batches, failures, threads and the order told leave no trace', async () => {
  const runs: string[][] = [];
  for (const how of ['plain', 'fit', 'acquire', 'threads', 'backwards']) {
    const study = await open({ threads: how === 'threads' ? 3 : 1 });
    for (let round = 0; round < 4; ++round) {
      const controller = new AbortController();
      const onPhase = (now: Phase): void => (now === how ? controller.abort() : undefined);
      if (how === 'fit' || how === 'acquire')
        if (round > 1) await errorOf('ABORTED', () => study.ask(4, { signal: controller.signal, onPhase }));
      const [first, ...trials] = await study.ask(5);
      await study.fail(first!.id, 'out of memory');
      if (how === 'backwards') trials.reverse();
      await tell(study, trials.slice(0, 3));
      await tell(study, trials.slice(3));
    }
    expect(new Set(texts(study.trials)).size).toBe(20);
    runs.push(texts(study.trials));
    study.close();
  }
  for (const run of runs.slice(1)) expect(run).toEqual(runs[0]);
});

test.each([
  ['nasbench101', spaces.nasbench101()],
  ['nasbench301', spaces.nasbench301()],
  ['nasbench-nlp', spaces.nasbenchNlp()],
])('in %s, with answers of any kind', async (_name, space) => {
  const values = [0, 0, 1e300, -1e300, 1e-300, 5];
  const study = await open({ space, constraints: [{ metric: 'params', min: 0, max: 3 }] });
  for (const count of [8, 3, 3])
    for (const { id } of await study.ask(count)) await study.tell(id, { val_acc: values[id % 6]!, params: values[(id + 2) % 6]! }); // prettier-ignore
  expect(new Set(texts(study.trials)).size).toBe(14);
  study.close();
});

test('methods for one number see what is feasible first, then what is out of bounds by less', () => {
  const history = new History(digits);
  const answers: [number, number, boolean][] = [[90, 3, true], [99, 9, false], [80, 1, true], [95, 5, false], [70, 5, false]]; // prettier-ignore
  for (const [value, ms, ok] of answers) {
    const id = history.add(Uint8Array.of(0, 0, 0, 0, 0, history.asked % 5));
    history.tell(id, value, { values: [value], costly: [ms], feasible: ok });
  }
  history.advance();
  const aim = { objectives: [{ known: false }], costly: [{ min: -Infinity, max: 4 }] };
  const view = scalarised(digits, history, aim, 1);
  expect([...view.byValue()]).toEqual([1, 3, 4, 5, 2]);
  expect([view.value(1), view.value(3)]).toEqual([90, 80]);
  expect(view.value(4)).toBeLessThan(80);
});

test('an answer that lacks it is refused, and so is a fidelity beside it', async () => {
  const study = await open();
  const [first] = await study.ask();
  const { message } = await errorOf('INVALID_METRICS', () => study.tell(first!.id, { val_acc: 90 }));
  expect(message).toMatch(/: expected the constrained metric params among the metrics, given "val_acc"/);
  const lacking: Metrics = { val_acc: 90, parms: 3 };
  await errorOf('INVALID_METRICS', () => study.run({ oracle: () => lacking, queries: 3 }));
  study.close();
  const fidelity = { epochs: 1, fullEpochs: 12 };
  expect((await errorOf('INVALID_ARGUMENT', () => open({ fidelity }))).message).toMatch(/^options\.fidelity: expected constraints on metrics that are known before a query beside it, given "params"/); // prettier-ignore
});
