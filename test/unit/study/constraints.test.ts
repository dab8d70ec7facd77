import { digits201Oracle } from '../../../src/oracle/embedded.js';
import type { TabularOracle } from '../../../src/oracle/table.js';
import { methodNames } from '../../../src/search/methods.js';
import { spaces } from '../../../src/space/index.js';
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
  let asked = 0;
  const metrics = { convolutions: (a: string): number => (asked++, convolutions(a)) };
  const study = await open({ space, method, metrics, constraints: [{ metric: 'convolutions', min: 9 }] });
  const trials = [...(await study.ask(12)), ...(await study.ask(3))];
  for (const { id, architecture } of trials) {
    expect(convolutions(architecture)).toBeGreaterThanOrEqual(9);
    await study.tell(id, { val_acc: architecture.length });
  }
  for (const { architecture, known } of await study.ask(5)) expect(known).toEqual({ convolutions: convolutions(architecture) }); // prettier-ignore
  expect(study.trials).toHaveLength(20);
  expect(asked).toBeGreaterThan(20);
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
  expect(result.reason).toMatch(/: 4 of 4 queries measured otherwise than was known$/);
  worse.close();
});

test.each(['optiproxy', 'random', 'local-search', 'bananas'])(
  'a metric that fails now and then costs %s nothing: the ask can be made again',
  async (method) => {
    const space = spaces.nasbench301();
    const runs: string[][] = [];
    for (const fails of [false, true]) {
      let [calls, failures] = [0, 0];
      const width = space.program.genes.length;
      const evaluate = (genes: Uint8Array): Float64Array => {
        if (fails && ++calls % 3 === 0) throw new Error(`busy ${++failures}`);
        return Float64Array.from({ length: genes.length / width }, (_, i) => convolutions(space.format(genes.slice(i * width, (i + 1) * width)))); // prettier-ignore
      };
      const constraints = [{ metric: 'convolutions', min: 6 }];
      const study = await open({ space, method, init: 6, metrics: { convolutions: { evaluate } }, constraints });
      while (study.queries < 12) {
        const trials = await study.ask(6).catch((error: Error) => (expect(error.message).toMatch(/^busy/), []));
        for (const { id, architecture } of trials) await study.tell(id, { val_acc: architecture.length });
      }
      expect(failures > 0).toBe(fails);
      runs.push(study.trials.map(({ architecture }) => architecture));
      study.close();
    }
    expect(runs[1]).toEqual(runs[0]);
  },
);

test('without a metric a constraint is refused', async () => {
  const { message } = await errorOf('UNKNOWN_NAME', () => open({ constraints: [{ metric: 'ms', max: 2 }] }));
  expect(message).toMatch(/^options\.constraints\[0\]\.metric: expected a metric that is known before a query/);
});
