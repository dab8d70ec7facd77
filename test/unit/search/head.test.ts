import type { ClimbDiagnostics } from '../../../src/baselines/method.js';
import { Network } from '../../../src/latency/network.js';
import { combineHeads } from '../../../src/latency/parameters.js';
import { digits201Oracle } from '../../../src/oracle/embedded.js';
import type { TabularOracle } from '../../../src/oracle/table.js';
import { Ensemble } from '../../../src/proxy/ensemble.js';
import { Head, type HeadPlan } from '../../../src/search/head.js';
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
/** A climb that found so many of 40 draws for ten wanted, the others breaking a limit or asked before. */
const climb = (found: number, invalid: number): ClimbDiagnostics => ({ alphaEntropy: 0.5, betaEntropy: null, draws: 40, duplicates: 1 - invalid - found / 40, invalid, picked: 10 }); // prettier-ignore
/** A head whose limits weigh something. */
const weighing = (columns = beyond): Head => {
  const head = new Head(space, 1, plan, columns);
  head.weigh(climb(4, 0.9), 10);
  return head;
};
const queried = (count: number): Uint8Array => table.architectures().slice(0, count * space.program.genes.length);

test('what is taught: labels of what was queried, how far limits are broken of that and of others', async () => {
  const head = weighing();
  const ensemble = ensembleOf();
  await head.begin(ensemble, fit, {});
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
  const ensemble = ensembleOf();
  const before = ensemble.snapshot();
  await head.begin(ensemble, fit, {});
  expect(ensemble.snapshot()).toEqual(before);
  const { genes, targets } = await head.lesson(queried(2), Float32Array.of(1, 2), 1);
  expect([genes, [...targets]]).toEqual([queried(2), [1, NaN, 2, NaN]]);
  const weights = (...climbs: ClimbDiagnostics[]): number[] =>
    climbs.map((one) => {
      head.weigh(one, 10);
      expect(head.weights[0]).toBe(1);
      return -head.weights[1]!;
    });
  const [short, enough, plenty] = [climb(8, 0.75), climb(30, 0.25), { ...climb(30, 0.1), draws: 100 }];
  expect(weights(climb(8, 0.4))).toEqual([0]); // asked before, most of them
  expect(weights(short, short, short, short, short, enough)).toEqual([1, 2, 4, 8, 8, 8]);
  expect(weights(plenty, plenty, plenty, plenty, plenty, short)).toEqual([4, 2, 1, 0, 0, 1]);
  ensemble.close();
});

test('an ensemble knows the limits before it is fitted to any answer', async () => {
  const ensemble = ensembleOf();
  await weighing().begin(ensemble, fit, {});
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
  await head.begin(ensemble, fit, {});
  const { targets } = await head.lesson(queried(3), Float32Array.of(0, 0, 0), 1);
  const [none, within, out] = [targets[1]!, targets[3]!, targets[5]!];
  expect(within).toBeLessThan(none);
  expect(none).toBeLessThan(out);
  const free = weighing((genes) => columns(genes).then(([column]) => [column!.fill(0)]));
  await free.begin(ensemble, fit, {});
  expect([...(await free.lesson(queried(2), Float32Array.of(1, 2), 1)).targets]).toEqual([1, 0, 2, 0, NaN, 0]);
  ensemble.close();
});

test('an abort while it is taught leaves the ensemble as it was, and it can be taught again', async () => {
  const [ensemble, other] = [ensembleOf(), ensembleOf()];
  const head = weighing();
  const before = ensemble.snapshot();
  const controller = new AbortController();
  const stop = { signal: controller.signal, onProgress: (): void => controller.abort() };
  await errorOf('ABORTED', () => head.begin(ensemble, fit, stop));
  expect(ensemble.snapshot()).toEqual(before);
  await head.begin(ensemble, fit, {});
  await head.begin(ensemble, fit, {}); // once is enough
  await weighing().begin(other, fit, {});
  expect(ensemble.snapshot()).toEqual(other.snapshot());
  ensemble.close();
  other.close();
});

/** Share of what is drawn from climbed distributions that breaks a limit which a tenth of the cells meet, the mean of the last rounds. */
async function missed(head: HeadPlan | undefined): Promise<number> {
  const params = table.values('params').sort();
  const limit = params[Math.floor(params.length / 10)]!;
  const preset = { ...presetFor('networks', 'digits201', 'val_acc'), wholeSpace: 0, incumbents: 0, hillClimb: { rounds: 0, centres: 0 }, head }; // prettier-ignore
  const valueOf = (genes: Uint8Array): number => table.metric('params').evaluate(genes)[0]!;
  const search = new OptiProxySearch(space, 5, preset, 10, 1, {
    admits: (genes, count) => Promise.resolve(Uint8Array.from({ length: count }, (_, i) => (valueOf(cell(genes, i)) <= limit ? 1 : 0))),
    excess: (genes, count) => Promise.resolve([Float64Array.from({ length: count }, (_, i) => Math.max(0, valueOf(cell(genes, i)) - limit))]),
  }); // prettier-ignore
  const answers: { genes: Uint8Array; value: number }[] = [];
  const shares: number[] = [];
  for (let round = 0; round < 6; ++round) {
    const proposals = await search.propose(10, historyOf(space, answers));
    expect(proposals).toHaveLength(10);
    for (const { genes } of proposals) expect(valueOf(genes)).toBeLessThanOrEqual(limit);
    // More parameters are better, so that what is climbed leads out of what is allowed.
    answers.push(...proposals.map(({ genes }) => ({ genes, value: valueOf(genes) })));
    if (round > 2) shares.push(search.diagnostics!.climb!.invalid);
  }
  search.close();
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}
const cell = (genes: Uint8Array, i: number): Uint8Array =>
  genes.slice(i * space.program.genes.length, (i + 1) * space.program.genes.length);

test('a climb is turned away from what breaks a limit', async () => {
  const [blind, seeing] = [await missed(undefined), await missed({ ...plan, first: 2000 })];
  expect(seeing).toBeLessThan(0.8 * blind);
});
