import type { Phase, ProposeContext } from '../../../src/baselines/method.js';
import type { History } from '../../../src/baselines/history.js';
import { Network } from '../../../src/latency/network.js';
import { combineHeads } from '../../../src/latency/parameters.js';
import { digits201Oracle } from '../../../src/oracle/embedded.js';
import type { TabularOracle } from '../../../src/oracle/table.js';
import { Ensemble } from '../../../src/proxy/ensemble.js';
import { EnsembleAlone } from '../../../src/search/alone.js';
import { Head, type ClimbYield, type HeadPlan } from '../../../src/search/head.js';
import { OptiProxySearch } from '../../../src/search/optiproxy.js';
import { presetFor } from '../../../src/search/presets.js';
import { spaces } from '../../../src/space/index.js';
import { spearman } from '../../../src/latency/card.js';
import { historyOf } from '../../support/history.js';
import { errorOf } from '../../support/errors.js';

const space = spaces.digits201();
const shape = { hidden: 24, layers: 2, members: 1 };
const plan: HeadPlan = { first: 600, epochs: 20, batch: 50, beside: 0.5 };
const { fit } = presetFor('networks', 'digits201', 'val_acc');
const LIMIT = 6000;

let table: TabularOracle;
beforeAll(async () => {
  table = await digits201Oracle({ metrics: ['params'] });
});

/** Parameters beyond the limit; the second column, in another unit, says the same. */
const beyond = (genes: Uint8Array): Promise<Float64Array[]> => {
  const params = table.metric('params').evaluate(genes);
  const excess = params.map((value) => Math.max(0, value - LIMIT));
  return Promise.resolve([excess, excess.map((value) => value / 1e6)]);
};
const ensembleOf = (): Ensemble => {
  const ensemble = new Ensemble(space, { kind: 'gcn', ...shape, outputs: 2, threads: 1 });
  ensemble.initialise(3, 0);
  return ensemble;
};
/** A climb that found so many candidates, and so many that break a limit. */
const climb = (found: number, broken: number): ClimbYield => ({ found, broken });
/** A head whose limits weigh something. */
const weighing = (columns = beyond): Head => {
  const head = new Head(space, 1, plan, columns);
  head.weigh(climb(4, 36), 10);
  return head;
};
const queried = (count: number): Uint8Array => table.architectures().slice(0, count * space.program.genes.length);

test('what is taught: labels of what was queried, how far limits are broken of that and of others', async () => {
  const head = weighing();
  const ensemble = ensembleOf();
  await head.begin(ensemble, fit, undefined);
  const labels = Float32Array.of(1, 2, 3, 4, 5);
  const { genes, targets } = await head.lesson(queried(5), labels, 1);
  expect(genes.length / space.program.genes.length).toBe(8); // half as many besides, rounded up
  expect(genes.slice(0, 5 * space.program.genes.length)).toEqual(queried(5));
  expect([...targets].filter((_, i) => i % 2 === 0)).toEqual([1, 2, 3, 4, 5, NaN, NaN, NaN]);
  const [excess] = await beyond(genes);
  const taught = [...targets].filter((_, i) => i % 2 === 1);
  // Flat within the limit, and a straight line beyond it.
  const inside = taught.filter((_, i) => excess![i] === 0);
  expect(inside.length).toBeGreaterThan(0);
  for (const one of inside) expect(one).toBe(inside[0]);
  const [low, high] = [taught.findIndex((_, i) => excess![i] === 0), excess!.indexOf(Math.max(...excess!))];
  const slope = (taught[high]! - taught[low]!) / excess![high]!;
  taught.forEach((one, i) => expect(one).toBeCloseTo(taught[low]! + slope * excess![i]!, 5));
  expect(slope).toBeGreaterThan(0);
  // Others each time, the same for the same seed.
  expect((await head.lesson(queried(5), labels, 2)).genes).not.toEqual(genes);
  expect((await head.lesson(queried(5), labels, 1)).genes).toEqual(genes);
  ensemble.close();
});

test('limits weigh nothing until climbs find too little that meets them, and then by what they find', async () => {
  const head = new Head(space, 1, plan, () => Promise.reject(new Error('asked')));
  head.taught = true;
  const ensemble = ensembleOf();
  const before = ensemble.snapshot();
  await head.begin(ensemble, fit, undefined);
  expect(ensemble.snapshot()).toEqual(before);
  const { genes, targets } = await head.lesson(queried(2), Float32Array.of(1, 2), 1);
  expect([genes, [...targets]]).toEqual([queried(2), [1, NaN, 2, NaN]]);
  const weights = (...climbs: ClimbYield[]): number[] =>
    climbs.map((one) => {
      head.weigh(one, 10);
      return -head.weights[1]! || 0;
    });
  const [short, enough, plenty] = [climb(8, 30), climb(30, 10), climb(90, 10)];
  expect(weights(climb(8, 6))).toEqual([0]); // asked before, most of them
  expect(weights(short, short, short, short, short, enough)).toEqual([1, 2, 4, 8, 8, 8]);
  expect(weights(plenty, plenty, plenty, plenty, plenty, short)).toEqual([4, 2, 1, 0, 0, 1]);
  ensemble.close();
});

test('an ensemble knows the limits before it is fitted to any answer', async () => {
  const ensemble = ensembleOf();
  await weighing().begin(ensemble, fit, undefined);
  const network = new Network(space, 1, shape);
  network.restore(combineHeads(ensemble.snapshot(), { ...shape, features: space.program.features }, [0, 1]));
  const genes = table.architectures();
  const [excess] = await beyond(genes);
  const { means } = await network.predict(genes, {});
  expect(spearman([...means], [...excess!])).toBeGreaterThan(0.9);
  network.close();
  ensemble.close();
});

test('what has no value breaks the limit by a typical amount, and a limit that nothing breaks teaches nothing', async () => {
  const columns = (genes: Uint8Array): Promise<Float64Array[]> => {
    const count = genes.length / space.program.genes.length;
    return Promise.resolve([Float64Array.from({ length: count }, (_, i) => [NaN, 0, 7][i % 3]!)]);
  };
  const ensemble = ensembleOf();
  const head = weighing(columns);
  await head.begin(ensemble, fit, undefined);
  const { targets } = await head.lesson(queried(3), Float32Array.of(0, 0, 0), 1);
  const [none, within, out] = [targets[1]!, targets[3]!, targets[5]!];
  expect(within).toBeLessThan(none);
  expect(none).toBeCloseTo(out, 5); // which is the typical one
  const free = weighing((genes) => columns(genes).then(([column]) => [column!.fill(0)]));
  await free.begin(ensemble, fit, undefined);
  expect([...(await free.lesson(queried(2), Float32Array.of(1, 2), 1)).targets]).toEqual([1, NaN, 2, NaN]);
  ensemble.close();
});

const cell = (genes: Uint8Array, i: number): Uint8Array =>
  genes.slice(i * space.program.genes.length, (i + 1) * space.program.genes.length);
/** Answers by their number of parameters, which an ensemble alone learns. */
const answered = (count: number): History =>
  historyOf(
    space,
    Array.from({ length: count }, (_, i) => ({ genes: cell(table.architectures(), i), value: i })),
  );
const none = new Uint8Array();

test('an abort while it is taught leaves no trace: what is fitted then is what would have been', async () => {
  const [aborted, other] = [ensembleOf(), ensembleOf()];
  const before = aborted.snapshot();
  const controller = new AbortController();
  const asked = new Head(space, 1, plan, (genes) => (setTimeout(() => controller.abort(), 1), beyond(genes)));
  asked.weigh(climb(4, 36), 10);
  const interrupted = new EnsembleAlone(aborted, 1, presetFor('networks', 'digits201', 'val_acc'), asked);
  await errorOf('ABORTED', () => interrupted.fit(answered(12), none, { signal: controller.signal }));
  expect([aborted.snapshot(), asked.taught, asked.due]).toEqual([before, false, true]);
  await interrupted.fit(answered(12), none, {});
  await new EnsembleAlone(other, 1, presetFor('networks', 'digits201', 'val_acc'), weighing()).fit(answered(12), none, {}); // prettier-ignore
  expect(aborted.snapshot()).toEqual(other.snapshot());
  expect([asked.taught, asked.due]).toEqual([true, false]);
  // An answer after a call that was aborted behind the fit: it begins anew, the head too.
  await interrupted.fit(answered(13), none, {});
  expect(interrupted.fits).toBe(1);
  interrupted.close();
  other.close();
});

test('limits that begin to weigh are learnt with the next fit, whether or not there is a new answer', async () => {
  const ensemble = ensembleOf();
  const head = new Head(space, 1, plan, beyond);
  const surrogate = new EnsembleAlone(ensemble, 1, presetFor('networks', 'digits201', 'val_acc'), head);
  await surrogate.fit(answered(12), none, {});
  surrogate.commit();
  await surrogate.fit(answered(12), none, {});
  expect(surrogate.fits).toBe(1);
  head.weigh(climb(0, 40), 10);
  expect([...head.weights]).toEqual([1, 0]); // not before it was taught
  await surrogate.fit(answered(12), none, {});
  surrogate.commit();
  expect([surrogate.fits, head.taught, head.weights[1]]).toEqual([2, true, -1]);
  await surrogate.fit(answered(12), none, {});
  expect(surrogate.fits).toBe(2);
  surrogate.close();
});

test('where hardly anything can be drawn, or all that can be meets the limits, they never weigh', async () => {
  const empty = (): Promise<Float64Array[]> => Promise.resolve([]);
  const met = (genes: Uint8Array): Promise<Float64Array[]> => Promise.resolve([new Float64Array(genes.length / space.program.genes.length)]); // prettier-ignore
  for (const columns of [empty, met]) {
    const ensemble = ensembleOf();
    const before = ensemble.snapshot();
    const head = weighing(columns);
    await head.begin(ensemble, fit, undefined);
    head.weigh(climb(0, 40), 10);
    expect([head.taught, head.due, ...head.weights]).toEqual([false, false, 1, 0]);
    expect(ensemble.snapshot()).toEqual(before);
    ensemble.close();
  }
});

test('a limit that is hardly ever broken, or broken by much, outweighs no other', async () => {
  const ensemble = ensembleOf();
  const rare = (genes: Uint8Array): Promise<Float64Array[]> => {
    const count = genes.length / space.program.genes.length;
    const first = Float64Array.from({ length: count }, (_, i) => (i === 5 ? 1e9 : 0));
    const second = Float64Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 3 : 0));
    return Promise.resolve([first, second]);
  };
  const head = weighing(rare);
  await head.begin(ensemble, fit, undefined);
  const { targets } = await head.lesson(queried(8), new Float32Array(8), 1);
  const taught = [...targets].filter((_, i) => i % 2 === 1);
  expect(taught[5]! - taught[3]!).toBeCloseTo(1, 5);
  expect(taught[4]! - taught[3]!).toBeCloseTo(1, 5);
  ensemble.close();
});

interface Searched {
  readonly asked: readonly Uint8Array[];
  /** Of each guided round, what of its draws broke the limit. */
  readonly missed: readonly number[];
}

/**
 * Six rounds under a limit that a tenth of the cells meet, while more parameters are better: what is climbed leads out of what is
 * allowed.  `before`: given each guided round's call, which it may make itself first.
 */
async function searched(
  head: HeadPlan | undefined,
  threads = 1,
  before: (call: (context: ProposeContext) => Promise<unknown>) => Promise<void> = () => Promise.resolve(),
): Promise<Searched> {
  const params = table.values('params').sort();
  const limit = params[Math.floor(params.length / 10)]!;
  const preset = { ...presetFor('networks', 'digits201', 'val_acc'), wholeSpace: 0, incumbents: 0, hillClimb: { rounds: 0, centres: 0 }, head }; // prettier-ignore
  const valueOf = (genes: Uint8Array): number => table.metric('params').evaluate(genes)[0]!;
  const each = (genes: Uint8Array, count: number): number[] => Array.from({ length: count }, (_, i) => valueOf(cell(genes, i))); // prettier-ignore
  const search = new OptiProxySearch(
    space,
    5,
    preset,
    10,
    { threads, device: 'cpu' },
    {
      admits: (genes, count) =>
        Promise.resolve(Uint8Array.from(each(genes, count), (value) => (value <= limit ? 1 : 0))),
      excess: (genes, count) => Promise.resolve([Float64Array.from(each(genes, count), (value) => Math.max(0, value - limit))]), // prettier-ignore
    },
  );
  const answers: { genes: Uint8Array; value: number }[] = [];
  const missed: number[] = [];
  for (let round = 0; round < 6; ++round) {
    const history = historyOf(space, answers);
    if (round > 0) await before((context) => search.propose(10, history, context));
    const proposals = await search.propose(10, history);
    expect(proposals).toHaveLength(10);
    for (const { genes } of proposals) expect(valueOf(genes)).toBeLessThanOrEqual(limit);
    answers.push(...proposals.map(({ genes }) => ({ genes, value: valueOf(genes) })));
    if (round > 0) missed.push(search.diagnostics!.climb!.invalid);
  }
  search.close();
  return { asked: answers.map(({ genes }) => genes), missed };
}
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

test('a climb is turned away from what breaks a limit', async () => {
  const [blind, seeing] = [await searched(undefined), await searched({ ...plan, first: 2000 })];
  expect(mean(seeing.missed.slice(2))).toBeLessThan(0.8 * mean(blind.missed.slice(2)));
});

test('aborts wherever they fall leave no trace, nor does the number of threads', async () => {
  const wanted = await searched(plan);
  expect(await searched(plan, 3)).toEqual(wanted);
  const interrupted = await searched(plan, 1, async (call) => {
    for (const stopped of ['fit', 'climb', 'climb'] as const) {
      const controller = new AbortController();
      const onPhase = (phase: Phase): void => (phase === stopped ? controller.abort() : undefined);
      await errorOf('ABORTED', () => call({ signal: controller.signal, onPhase }));
    }
  });
  expect(interrupted).toEqual(wanted);
});
