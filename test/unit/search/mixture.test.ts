import type { Observations, Phase, Proposal } from '../../../src/baselines/method.js';
import { digits201Oracle } from '../../../src/oracle/embedded.js';
import { Ensemble } from '../../../src/proxy/ensemble.js';
import { OptiProxySearch } from '../../../src/search/optiproxy.js';
import type { Preset } from '../../../src/search/preset.js';
import { presetFor } from '../../../src/search/presets.js';
import { spaces } from '../../../src/space/index.js';
import { Study } from '../../../src/study/study.js';
import { gaussian } from '../../support/uniform.js';
import { historyOf } from '../../support/history.js';
import { edgeCellSpace } from '../../support/spaces.js';

const oneThread = { threads: 1, device: 'cpu' } as const;

const cell = (...operations: string[]): ReturnType<typeof edgeCellSpace> =>
  edgeCellSpace({ id: 'small', cellNodes: 4, operations });
/** Six edges of three operations: 729 architectures, which are scored whole; of four, 4,096, which are not. */
const small = cell('a', 'b', 'c');
const larger = cell('a', 'b', 'c', 'd');
const preset = presetFor('default', 'small', 'acc');
const open = (space = small, changes: Partial<Preset> = {}): OptiProxySearch =>
  new OptiProxySearch(space, 5, { ...preset, ...changes }, 10, oneThread);

const favourites = [2, 0, 1, 2, 1, 0];
const value = (genes: Uint8Array): number =>
  favourites.reduce((sum, favourite, i) => sum + (genes[i] === favourite ? 1 + i / 7 : 0), 0);
const observed = (proposals: readonly Proposal[], space = small): Observations =>
  historyOf(
    space,
    proposals.map(({ genes }) => ({ genes, value: value(genes) })),
  );

afterEach(() => jest.restoreAllMocks());

test('two at once are those that two calls give while nothing is answered', async () => {
  const [together, apart] = [open(), open()];
  const first = await together.propose(10, observed([]));
  await apart.propose(10, observed([]));
  const both = await together.propose(2, observed(first));
  const one = await apart.propose(1, observed(first));
  const other = await apart.propose(1, observed(first));
  expect([...one, ...other].map(({ genes }) => genes)).toEqual(both.map(({ genes }) => genes));
  for (const method of [together, apart]) method.close();
});

test('many at once: distinct, best first, as many as there are', async () => {
  const method = open(small, { explored: 0 });
  const first = await method.propose(10, observed([]));
  const many = await method.propose(500, observed(first));
  expect(new Set(many.map(({ genes }) => genes.join())).size).toBe(500);
  expect(many.every(({ round, interval }) => round === 1 && interval !== undefined)).toBe(true);
  const mean = (of: readonly Proposal[]): number => of.reduce((sum, { genes }) => sum + value(genes), 0) / of.length;
  expect(mean(many.slice(0, 50))).toBeGreaterThan(mean(many.slice(-50)) + 0.5);
  method.close();
});

test('the ensemble joins after its number of answers, not before: it is fitted and climbed', async () => {
  const fit = jest.spyOn(Ensemble.prototype, 'fit');
  const method = open(larger, { mixture: { ...preset.mixture!, joinsAfter: 12 } });
  const told = await method.propose(10, observed([], larger));
  const steps: [Phase[], boolean, number][] = [];
  for (let i = 0; i < 9; ++i) {
    const seen = new Set<Phase>();
    fit.mockClear();
    told.push(...(await method.propose(1, observed(told, larger), { onPhase: (phase) => seen.add(phase) })));
    steps.push([[...seen], method.diagnostics!.climb !== null, fit.mock.calls.length]);
  }
  // 10, 11 and 12 answers: the process alone; with 13 the ensemble learns, then at every fifth or a new best.
  for (const step of steps.slice(0, 3)) expect(step).toEqual([['fit', 'acquire'], false, 0]);
  expect(steps[3]).toEqual([['fit', 'climb', 'acquire'], true, 1]);
  for (const [phases, drawn, fits] of steps.slice(4)) {
    expect(drawn).toBe(true); // from the last climb
    expect(phases.includes('climb')).toBe(fits === 1);
  }
  expect(steps.slice(4).filter(([, , fits]) => fits === 0).length).toBeGreaterThan(1);
  method.close();
});

test('an interval is of what a query measures: it holds noise too', async () => {
  const next = gaussian(3);
  const method = open();
  const told: { genes: Uint8Array; value: number }[] = [];
  let inside = 0;
  for (let i = 0; i < 60; ++i) {
    const [{ genes, interval }] = (await method.propose(1, historyOf(small, told))) as [Proposal];
    const measured = 3 * value(genes) + next();
    told.push({ genes, value: measured });
    if (interval !== undefined && interval[0] <= measured && measured <= interval[1]) ++inside;
  }
  expect(inside).toBeGreaterThanOrEqual(30); // of 50
  method.close();
});

test('where architectures have hundreds of neighbours fewer are gone on from', async () => {
  const space = spaces.nasbenchNlp();
  const method = new OptiProxySearch(space, 5, preset, 10, oneThread);
  const told = (await method.propose(12, historyOf(space, []))).map(({ genes }, i) => ({ genes, value: i }));
  await method.propose(1, historyOf(space, told));
  // Ten incumbents and twenty centres would have 10,000.
  expect(method.diagnostics!.scored).toBeGreaterThan(700);
  expect(method.diagnostics!.scored).toBeLessThan(4000);
  method.close();
});

describe('first samples', () => {
  test('are of one list, however they are asked for', async () => {
    const [one, some] = [open(), open()];
    const all = await one.propose(10, observed([]));
    const parts = [...(await some.propose(4, observed([]))), ...(await some.propose(6, observed([])))];
    expect(parts).toEqual(all);
    for (const method of [one, some]) method.close();
  });

  test('stand for the space: nearer to all of it than random ones', async () => {
    const [designed, random] = [open(), open(small, { designed: false })];
    const [a, b] = [await designed.propose(10, observed([])), await random.propose(10, observed([]))];
    const all = Array.from({ length: 729 }, (_, i) =>
      Uint8Array.from([1, 3, 9, 27, 81, 243], (p) => Math.floor(i / p) % 3),
    );
    const far = (from: readonly Proposal[]): number =>
      all.reduce((sum, genes) => {
        const distances = from.map((one) => genes.filter((gene, i) => gene !== one.genes[i]).length);
        return sum + Math.min(...distances);
      }, 0) / all.length;
    expect(far(a)).toBeLessThan(far(b));
    for (const method of [designed, random]) method.close();
  });

  test('are of a pool where only that can be queried, and all of it where it is small', async () => {
    const only = Uint8Array.from([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]);
    const method = new OptiProxySearch(small, 5, preset, 10, oneThread, { only });
    const asked = await method.propose(10, observed([]));
    expect(asked.map(({ genes }) => genes[0]).sort()).toEqual([0, 1, 2]);
    expect(method.shortfall).toMatch(/no architecture is left/);
    method.close();
  });
});

test.each([1, 2])(
  'past 256 answers an ask that is aborted leaves the climbed distributions as they were: %i objectives',
  async (count) => {
    const table = await digits201Oracle({ metrics: ['val_acc', 'flops'] });
    // What the first samples found is never beaten: the ensemble is not fitted anew at every answer.
    const oracle = async (architecture: string): Promise<Record<string, number>> => {
      const { val_acc: accuracy, flops } = await table(architecture);
      return { val_acc: Math.min(accuracy!, 95), flops: flops! };
    };
    const objectives = [{ metric: 'val_acc', goal: 'maximize' as const }, { metric: 'flops', goal: 'minimize' as const }].slice(0, count); // prettier-ignore
    const runs: string[][] = [];
    for (const aborted of [false, true]) {
      const study = await Study.open({ space: spaces.digits201(), objectives, seed: 1, threads: 2, init: 262 });
      for (let round = 0; round < 4; ++round) {
        const trials = await study.ask(round === 0 ? 262 : 2);
        for (const { id, architecture } of trials.slice(1)) await study.tell(id, await oracle(architecture));
        if (aborted) {
          const control = new AbortController();
          const onPhase = (phase: Phase): void => (phase === 'acquire' ? control.abort() : undefined);
          await expect(study.ask(1, { signal: control.signal, onPhase })).rejects.toMatchObject({ code: 'ABORTED' });
        }
        await study.tell(trials[0]!.id, await oracle(trials[0]!.architecture));
      }
      runs.push(study.trials.map(({ architecture }) => architecture));
      study.close();
    }
    expect(runs[1]).toEqual(runs[0]);
  },
  120_000,
);
