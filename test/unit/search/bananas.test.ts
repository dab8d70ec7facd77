import { evolutionSearch } from '../../../src/baselines/evolution.js';
import { Ensemble } from '../../../src/proxy/ensemble.js';
import { Draws } from '../../../src/random.js';
import { bananasSettings, BananasSearch, beliefsOf, thompson } from '../../../src/search/bananas.js';
import { spaces } from '../../../src/space/index.js';
import { distance, farApart, toldHistory } from '../../support/apart.js';
import { historyOf } from '../../support/history.js';

const space = spaces.nasbenchMacro(); // eight genes of three values: 16 neighbours each
const none = historyOf(space, []);
const asked = farApart(space, 40);
const values = asked.map((_, place) => (place * 17) % 40);
const history = toldHistory(space, asked, values.map((value, place) => [place, value])); // prettier-ignore

const open = (init = 1, only?: Uint8Array, seed = 1): BananasSearch => {
  const ensemble = new Ensemble(space, { ...bananasSettings.model, outputs: 1, threads: 1 });
  return new BananasSearch(space, seed, init, ensemble, bananasSettings.learning, { only });
};

afterEach(() => jest.restoreAllMocks());

test('proposals are mutants of the ten best', async () => {
  const method = open();
  await method.propose(1, none);
  const proposed = await method.propose(30, history);
  const parents = proposed.map(({ genes }) => asked.findIndex((parent) => distance(parent, genes) === 1));
  for (const parent of parents) expect(values[parent]).toBeGreaterThanOrEqual(30);
  expect(new Set(parents).size).toBeGreaterThan(3);
  for (const { round, predicted } of proposed) {
    expect(round).toBe(1);
    expect(predicted).toBeGreaterThan(-40);
    expect(predicted).toBeLessThan(80);
  }
  expect(method.diagnostics).toEqual({ climb: null, neighbours: null, scored: 100 });
  method.close();
});

test('where the mutants are known, ones further away; where only some can be queried, the nearest', async () => {
  const method = open();
  await method.propose(1, none);
  const one = toldHistory(space, asked, [[0, 1], [1, 0]]); // prettier-ignore
  const proposed = [...(await method.propose(40, one)), ...(await method.propose(40, one))];
  const steps = proposed.map(({ genes }) => Math.min(distance(genes, asked[0]!), distance(genes, asked[1]!)));
  for (const step of [1, 2]) expect(steps).toContain(step); // the two have 32 neighbours, 100 compete
  expect(steps.filter((step) => step <= 3)).toHaveLength(80);
  method.close();
  const restricted = open(1, Buffer.concat(asked));
  const first = await restricted.propose(1, none);
  const rest = await restricted.propose(100, one);
  expect(new Set([...first, ...rest].map(({ genes }) => genes.join()))).toEqual(new Set(asked.map(String)));
  expect(restricted.shortfall).toMatch(/no architecture is left/);
  restricted.close();
});

test('each fit starts anew, from standardised labels; without new answers there is none', async () => {
  const [initialise, fit] = [jest.spyOn(Ensemble.prototype, 'initialise'), jest.spyOn(Ensemble.prototype, 'fit')];
  const method = open();
  await method.propose(1, none);
  await method.propose(2, toldHistory(space, asked, [[0, 5], [1, 9], [2, 1]])); // prettier-ignore
  await method.propose(2, toldHistory(space, asked, [[0, 5], [1, 9], [2, 1]])); // prettier-ignore
  await method.propose(2, history);
  expect(initialise.mock.calls).toEqual([[1, 1], [1, 2]]); // prettier-ignore
  expect(fit).toHaveBeenCalledTimes(2);
  const [genes, targets] = fit.mock.calls[0]!;
  expect([...genes]).toEqual(asked.slice(0, 3).flatMap((one) => [...one]));
  // 5, 9, 1: mean 5, deviation sqrt(32 / 3)
  [0, 4 / Math.sqrt(32 / 3), -4 / Math.sqrt(32 / 3)].forEach((t, i) => expect(targets[i]).toBeCloseTo(t, 5));
  method.close();
});

test('beliefs are mean and deviation of the members', () => {
  const given = beliefsOf(Float32Array.of(1, 2, 6, -4, -4, -4), 2);
  expect(given[0]!.mean).toBeCloseTo(3);
  expect(given[0]!.deviation).toBeCloseTo(Math.sqrt((4 + 1 + 9) / 2));
  expect(given[1]).toEqual({ mean: -4, deviation: 0 });
  expect(beliefsOf(Float32Array.of(7, 8), 2)).toEqual([{ mean: 7, deviation: 0 }, { mean: 8, deviation: 0 }]); // prettier-ignore
  expect(beliefsOf(new Float32Array(), 0)).toEqual([]);
});

test('independent Thompson sampling: each candidate by a draw of its own', () => {
  const sure = [3, 1, 2, 3].map((mean) => ({ mean, deviation: 0 }));
  expect(thompson(sure, 3, new Draws(1))).toEqual([0, 3, 2]);
  expect(thompson(sure, 9, new Draws(1))).toEqual([0, 3, 2, 1]);
  const draws = new Draws(2);
  const beliefs = [{ mean: 0, deviation: 1 }, { mean: 1, deviation: 2 }]; // prettier-ignore
  const wins = Array.from({ length: 5000 }, () => thompson(beliefs, 1, draws)[0]!).filter((place) => place === 1);
  expect(Math.abs(wins.length / 5000 - 0.6726)).toBeLessThan(0.03); // Φ(1 / √5)
});

test('the first samples are random, those of other methods with the same seed', async () => {
  const [method, other] = [open(6), evolutionSearch(space, 1, 6)];
  for (const count of [4, 5]) expect(await method.propose(count, none)).toEqual(await other.propose(count, none));
  for (const one of [method, other]) one.close();
});
