import { digits201Oracle } from '../../../src/oracle/embedded.js';
import type { TabularOracle } from '../../../src/oracle/table.js';
import { methodNames } from '../../../src/search/methods.js';
import { parseSpace, spaces } from '../../../src/space/index.js';
import { Study } from '../../../src/study/study.js';
import type { StudyOptions, Trial } from '../../../src/study/types.js';
import { errorOf } from '../../support/errors.js';

const digits = spaces.digits201();
let table: TabularOracle;
let accuracy: TabularOracle;
beforeAll(async () => {
  table = await digits201Oracle({ metrics: ['val_acc', 'params', 'flops'] });
  accuracy = await digits201Oracle({ metrics: ['val_acc'] });
});

/** Ten choices of three operations: 59,049 encodings. */
const tenOfThree = JSON.stringify({
  schema: 1,
  id: 'ten',
  description: 'ten choices',
  chain: [{ stage: 'layer', repeat: 10, choices: { op: ['a', 'b', 'c'] } }],
});

const open = (more: Partial<StudyOptions>): Promise<Study> =>
  Study.open({ space: digits, objectives: [{ metric: 'val_acc', goal: 'maximize' }], seed: 1, threads: 1, ...more });

/** Parameters that a tenth of the cells do not exceed. */
const tight = (): number => table.values('params').sort()[Math.floor(table.rows / 10)]!;
const small = (): Partial<StudyOptions> => ({
  metrics: { params: table.metric('params') },
  constraints: [{ metric: 'params', max: tight() }],
});

test.each(methodNames)('%s asks nothing that breaks a constraint, in a space that can be listed', async (method) => {
  const study = await open({ method, ...small() });
  await study.run({ oracle: accuracy, queries: 40 });
  expect(study.queries).toBe(40);
  for (const { architecture, metrics, known, broken } of study.trials) {
    const params = table.value(architecture, 'params')!;
    expect(params).toBeLessThanOrEqual(tight());
    expect(known).toEqual({ params });
    expect(metrics).toEqual({ params, val_acc: table.value(architecture, 'val_acc') });
    expect(broken).toBeUndefined();
  }
  study.close();
});

/** Separable convolutions among the sixteen operations of an architecture: of 16 on average 4.6. */
const convolutions = (architecture: string): number => architecture.match(/sep_conv/g)?.length ?? 0;

test.each(methodNames)('%s likewise in one of 10^18, of which a hundredth is feasible', async (method) => {
  const space = spaces.nasbench301();
  const asked = new Map<string, number>();
  const metrics = { convolutions: (a: string): number => (asked.set(a, (asked.get(a) ?? 0) + 1), convolutions(a)) };
  const study = await open({ space, method, metrics, constraints: [{ metric: 'convolutions', min: 9 }] });
  const trials = [...(await study.ask(12)), ...(await study.ask(3))];
  for (const { id, architecture } of trials) {
    expect(convolutions(architecture)).toBeGreaterThanOrEqual(9);
    await study.tell(id, { val_acc: architecture.length });
  }
  for (const { architecture, known } of await study.ask(5)) expect(known).toEqual({ convolutions: convolutions(architecture) }); // prettier-ignore
  expect(study.trials).toHaveLength(20);
  // As it is found, and once more if it is proposed.
  const proposed = new Set(study.trials.map(({ architecture }) => architecture));
  for (const [architecture, times] of asked) expect(times).toBe(proposed.has(architecture) ? 2 : 1);
  study.close();
});

test('a pool and a constraint leave what is in both', async () => {
  const pool = table.architectures().slice(0, 6 * 2000);
  const study = await open({ pool, ...small() });
  const { stopped, reason } = await study.run({ oracle: accuracy, queries: 2000 });
  const some = Array.from({ length: 2000 }, (_, i) => pool.slice(6 * i, 6 * i + 6));
  const feasible = some.filter((genes) => table.value(digits.format(genes), 'params')! <= tight());
  const distinct = new Set(feasible.map((genes) => Buffer.from(digits.keys(genes)).toString('hex')));
  expect([stopped, study.queries]).toEqual(['exhausted', distinct.size]);
  expect(distinct.size).toBeGreaterThan(10);
  expect(reason).toMatch(/^no architecture is left/);
  study.close();
});

test('the best that is feasible is found, sooner than by chance', async () => {
  const max = table.values('params').sort()[Math.floor(table.rows / 2)]!;
  const params = table.values('params');
  const within = table.values('val_acc').filter((_, row) => params[row]! <= max);
  const target = within.reduce((a, b) => Math.max(a, b));
  const found: Record<string, number> = {};
  for (const method of ['optiproxy', 'random']) {
    const study = await open({ method, metrics: { params: table.metric('params') }, constraints: [{ metric: 'params', max }] }); // prettier-ignore
    await study.run({ oracle: accuracy, queries: 60 });
    found[method] = study.best!.metrics!['val_acc']!;
    expect(found[method]).toBeLessThanOrEqual(target);
    study.close();
  }
  expect(target - found['optiproxy']!).toBeLessThan(0.5 * (target - found['random']!));
}, 60_000);

test.each([undefined, 'pool'])('where nothing is feasible that is the result (%s)', async (pool) => {
  const constraints = [{ metric: 'params', max: 1 }];
  const study = await open({ ...small(), constraints, ...(pool === undefined ? {} : { pool: table.architectures().slice(0, 60) }) }); // prettier-ignore
  const result = await study.run({ oracle: accuracy, queries: 5 });
  expect(result).toMatchObject({ stopped: 'infeasible', queries: 0, best: undefined });
  expect(result.reason).toMatch(/^nothing that meets params<=1 was found: no architecture that can be queried meets/);
  expect(await study.ask(2)).toEqual([]);
  study.close();
});

test('what an oracle measures otherwise counts, and is never the best where it breaks a constraint', async () => {
  const study = await open({ metrics: { ms: () => 1 }, constraints: [{ metric: 'ms', max: 2 }] });
  const [a, b, c] = (await study.ask(3)) as [Trial, Trial, Trial];
  expect((await study.tell(a.id, { val_acc: 90, ms: 3 })).broken).toBe('ms<=2, measured 3');
  expect([study.best, study.front]).toEqual([undefined, []]);
  await study.tell(b.id, { val_acc: 70 });
  expect(study.best).toMatchObject({ id: b.id, metrics: { val_acc: 70, ms: 1 } });
  await study.tell(c.id, { val_acc: 80, ms: 2 });
  expect(study.best!.id).toBe(c.id);
  expect(study.trace().map(({ best, broken }) => [best, broken])).toEqual([
    [null, 'ms<=2, measured 3'],
    [70, undefined],
    [80, undefined],
  ]);
  study.close();
  const worse = await open({ metrics: { ms: () => 1 }, constraints: [{ metric: 'ms', max: 2 }] });
  const oracle = (): Record<string, number> => ({ val_acc: 90, ms: 3 });
  const result = await worse.run({ oracle, queries: 4 });
  expect(result).toMatchObject({ stopped: 'infeasible', queries: 4, best: undefined });
  expect(result.reason).toMatch(/: all 4 that were measured broke it$/);
  worse.close();
});

test.each(methodNames.filter((name) => name !== 'paper'))(
  'a metric that fails now and then costs %s nothing: the ask can be made again',
  async (method) => {
    const space = spaces.nasbench301();
    const runs: string[][] = [];
    for (const fails of [false, true]) {
      let [calls, failures] = [0, 0];
      const width = space.program.genes.length;
      const evaluate = (genes: Uint8Array): Float64Array => {
        if (fails && ++calls % 7 === 0) throw new Error(`busy ${++failures}`);
        return Float64Array.from({ length: genes.length / width }, (_, i) => convolutions(space.format(genes.slice(i * width, (i + 1) * width)))); // prettier-ignore
      };
      const constraints = [{ metric: 'convolutions', min: 6 }];
      const study = await open({ space, method, init: 6, metrics: { convolutions: { evaluate } }, constraints });
      // Forty at once are more than local search finds in a neighbourhood.
      for (const count of [6, 4, 40, 4]) {
        let trials: Trial[] | undefined;
        while (trials === undefined)
          trials = await study.ask(count).catch((error: Error) => (expect(error.message).toMatch(/^busy/), undefined)); // prettier-ignore
        for (const { id, architecture } of trials) await study.tell(id, { val_acc: architecture.length });
      }
      expect(failures > 0).toBe(fails);
      runs.push(study.trials.map(({ architecture }) => architecture));
      study.close();
    }
    expect(runs[1]).toEqual(runs[0]);
  },
);

test.each(['optiproxy', 'random', 'evolution'])(
  'an abort is seen while %s waits for a metric, and leaves no trace',
  async (method) => {
    const runs: string[][] = [];
    for (const slow of [false, true]) {
      const evaluate = async (genes: Uint8Array): Promise<Float64Array> => {
        if (stuck) await new Promise(() => {});
        return table.metric('params').evaluate(genes);
      };
      let stuck = false;
      const study = await open({ method, ...small(), init: 4, metrics: { params: { evaluate } } });
      for (let round = 0; round < 3; ++round) {
        if (slow) {
          stuck = true;
          await errorOf('ABORTED', () => study.ask(5, { signal: AbortSignal.timeout(30) }));
          stuck = false;
        }
        for (const { id, architecture } of await study.ask(5)) await study.tell(id, await accuracy(architecture));
      }
      runs.push(study.trials.map(({ architecture }) => architecture));
      study.close();
    }
    expect(runs[1]).toEqual(runs[0]);
  },
);

test('a metric that takes its time lets others have theirs', async () => {
  let over = false;
  const slow = async (): Promise<number> => {
    if (over) throw new Error('nobody waits any more');
    await new Promise((resolve) => setTimeout(resolve, 1));
    return 1;
  };
  const metrics = { slow };
  const study = await open({ space: spaces.nasbench301(), method: 'random', metrics, constraints: [{ metric: 'slow', max: 2 }] }); // prettier-ignore
  await errorOf('ABORTED', () => study.ask(100_000, { signal: AbortSignal.timeout(50) }));
  expect(study.trials).toEqual([]);
  over = true;
  study.close();
});

test.each(['tpe', 'evolution'])('an abort is seen while %s looks for thousands', async (method) => {
  const study = await open({ method, init: 20 });
  for (const { id, architecture } of await study.ask(20)) await study.tell(id, await accuracy(architecture));
  await errorOf('ABORTED', () => study.ask(4000, { signal: AbortSignal.timeout(20) }));
  expect(study.trials).toHaveLength(20);
  study.close();
});

test('the number of threads changes nothing', async () => {
  const runs: string[][] = [];
  for (const threads of [1, 3]) {
    const study = await open({ ...small(), threads, batch: 3 });
    await study.run({ oracle: accuracy, queries: 25 });
    runs.push(study.trials.map(({ architecture }) => architecture));
    study.close();
  }
  expect(runs[1]).toEqual(runs[0]);
});

test('of few that are feasible among many that can be enumerated all are found', async () => {
  const space = parseSpace(tenOfThree, 'ten');
  const sum = (architecture: string): number => [...architecture.matchAll(/\bc/g)].length;
  const study = await open({ space, method: 'random', metrics: { sum }, constraints: [{ metric: 'sum', min: 9 }] });
  const result = await study.run({ oracle: () => ({ val_acc: 1 }), queries: 30 });
  // One of ten times c, and ten places for either other.
  expect([result.stopped, study.queries]).toEqual(['exhausted', 21]);
  study.close();
});

test('where every training failed nobody knows what is feasible', async () => {
  const study = await open(small());
  for (const { id } of await study.ask(2)) await study.fail(id, 'out of memory');
  expect(await study.run({ oracle: accuracy, queries: 2 })).toMatchObject({ stopped: 'budget', best: undefined });
  study.close();
});

test('a screening that breaks a constraint is never trained in full', async () => {
  const fidelity = { epochs: 1, fullEpochs: 12, metric: 'val_acc_1ep' };
  const both = await digits201Oracle({ metrics: ['val_acc', 'val_acc_1ep'] });
  const study = await open({ ...small(), fidelity });
  const measured = async (architecture: string): Promise<Record<string, number>> => ({ ...(await both(architecture)), params: 1e9 * Number(architecture.includes('avg_pool')) }); // prettier-ignore
  await study.run({ oracle: measured, queries: 12 });
  const screened = study.trials.filter((trial) => trial.fidelity !== undefined);
  const broken = new Set(
    screened.filter((trial) => trial.broken !== undefined).map(({ architecture }) => architecture),
  );
  expect(broken.size).toBeGreaterThan(5);
  for (const { architecture } of study.trials.filter((trial) => trial.fidelity === undefined)) expect(broken).not.toContain(architecture); // prettier-ignore
  for (const { architecture, metrics } of screened) expect(metrics).toEqual({ val_acc_1ep: both.value(architecture, 'val_acc_1ep'), params: 1e9 * Number(architecture.includes('avg_pool')) }); // prettier-ignore
  study.close();
});

test('a search warns when what was known is measured otherwise', async () => {
  const table = await digits201Oracle({ metrics: ['val_acc', 'params'] });
  const oracle = async (architecture: string): Promise<Record<string, number>> => {
    const { val_acc, params } = await table(architecture);
    return { val_acc: val_acc!, params: 1.5 * params! };
  };
  const metrics = { params: table.metric('params') };
  const study = await Study.open({ space: spaces.digits201(), objectives: [{ metric: 'val_acc', goal: 'maximize' }], metrics, seed: 1 }); // prettier-ignore
  await study.run({ oracle, queries: 12 });
  expect(study.warnings.map(({ code, message }) => [code, message])).toEqual([
    [
      'METRIC_DRIFT',
      expect.stringMatching(/^params: what the last 8 queries measured is \d+ % more than what was known/),
    ],
  ]);
  study.close();
});
