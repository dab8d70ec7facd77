import { evolutionSearch } from '../../../src/baselines/evolution.js';
import type { Observations } from '../../../src/baselines/method.js';
import { spaces } from '../../../src/space/index.js';
import { distance, farApart, toldHistory } from '../../support/apart.js';
import { historyOf } from '../../support/history.js';

const space = spaces.nasbenchMacro(); // eight genes of three values: 16 neighbours each
const none = historyOf(space, []);
const asked = farApart(space, 40);
const places = [...asked.keys()];

/** For each of some seeds, the place of the only architecture that the first child is a neighbour of; -1 for none. */
async function parents(history: Observations, seeds: number): Promise<number[]> {
  const found: number[] = [];
  for (let seed = 1; seed <= seeds; ++seed) {
    const method = evolutionSearch(space, seed, 1);
    await method.propose(1, none);
    const [child] = await method.propose(1, history);
    found.push(asked.findIndex((genes) => distance(genes, child!.genes) === 1));
    method.close();
  }
  return found;
}

test('parents are among the last 20 that were answered, in the order asked, however good the dead were', async () => {
  const all = places.map((place) => [place, -place] as const); // the older, the better
  const living = new Set(await parents(toldHistory(space, asked, all), 200));
  expect(Math.min(...living)).toBe(20);
  // Answers that are missing make older ones live longer; the order told does not matter.
  const even = all.filter(([place]) => place % 2 === 0 || place < 10).reverse();
  const alive = even.map(([place]) => place).sort((a, b) => b - a).slice(0, 20); // prettier-ignore
  const found = await parents(toldHistory(space, asked, even), 200);
  expect(new Set(found).size).toBeGreaterThan(5);
  for (const place of found) expect(alive).toContain(place);
});

test('the winner of a tournament is the best of 10 drawn with replacement', async () => {
  const value = (place: number): number => (place * 7) % 20;
  const history = toldHistory(space, asked, places.slice(0, 20).map((place) => [place, value(place)])); // prettier-ignore
  const seeds = 1000;
  const found = await parents(history, seeds);
  const wins = Array<number>(20).fill(0);
  for (const place of found) wins[19 - value(place)]! += 1;
  // The one of rank r wins if all entries are of rank r or worse, but not all are worse.
  wins.forEach((count, rank) => {
    const expected = seeds * (((20 - rank) / 20) ** 10 - ((19 - rank) / 20) ** 10);
    expect(Math.abs(count - expected)).toBeLessThan(4 * Math.sqrt(expected) + 1);
  });
});

test('a population that is not full yet is all that was answered', async () => {
  const found = await parents(toldHistory(space, asked, [[3, 1], [5, 1], [8, 1]]), 60); // prettier-ignore
  expect([...new Set(found)].sort()).toEqual([3, 5, 8]);
});

test('children are never known ones: those of other parents follow, then ones further away', async () => {
  const method = evolutionSearch(space, 1, 1);
  await method.propose(1, none);
  const near = await method.propose(100, toldHistory(space, asked, [[0, 2]]));
  expect(new Set(near.map(({ genes }) => genes.join())).size).toBe(100);
  const steps = near.map(({ genes }) => distance(genes, asked[0]!));
  expect(steps.filter((step) => step === 1).length).toBeGreaterThanOrEqual(15); // 16, unless the first sample is one
  expect(Math.max(...steps)).toBeLessThanOrEqual(4);
  expect(steps.indexOf(2)).toBeGreaterThan(5);
  // 2 is tried before 3.
  const average = (part: readonly number[]): number => part.reduce((sum, step) => sum + step, 0) / part.length;
  expect(average(steps.slice(0, 16))).toBeLessThan(average(steps.slice(-16)));
  method.close();
});

test('the first samples, and what is asked without any answer, are random', async () => {
  const [told, untold] = [evolutionSearch(space, 3, 10), evolutionSearch(space, 3, 10)];
  const history = toldHistory(space, asked, [[0, 1]]);
  for (const count of [4, 7]) expect(await told.propose(count, history)).toEqual(await untold.propose(count, none));
  const [bred, random] = [await told.propose(5, history), await untold.propose(5, none)];
  expect(bred.every(({ genes }) => distance(genes, asked[0]!) === 1)).toBe(true);
  expect(random.every(({ genes }) => distance(genes, asked[0]!) === 1)).toBe(false);
  for (const method of [told, untold]) method.close();
});

test('where only some can be queried, children are mutants among them, or those nearest to the parent', async () => {
  const near = asked[0]!.map((gene, i) => (i === 2 ? (gene + 1) % 3 : gene));
  const others = asked.slice(1, 40);
  const method = evolutionSearch(space, 4, 1, { only: Buffer.concat([asked[0]!, near, ...others]) });
  const first = await method.propose(1, none);
  const rest = await method.propose(40, toldHistory(space, asked, [[0, 1]]));
  const all = [...first, ...rest].map(({ genes }) => genes.join());
  expect(new Set(all)).toEqual(new Set([asked[0]!, near, ...others].map((genes) => genes.join())));
  expect(await method.propose(1, none)).toEqual([]);
  expect(method.shortfall).toMatch(/no architecture is left/);
  // The 32 nearest come before any other.
  const distances = rest.slice(0, 30).map(({ genes }) => distance(genes, asked[0]!));
  const nearest = [near, ...others].map((genes) => distance(genes, asked[0]!)).sort((a, b) => a - b);
  for (const away of distances) expect(away).toBeLessThanOrEqual(nearest[31]!);
  method.close();
});
