import type { Proposal, SearchMethod } from '../../../src/baselines/method.js';
import { localSearch } from '../../../src/baselines/local.js';
import { spaces } from '../../../src/space/index.js';
import { neighboursOf } from '../../../src/space/explore.js';
import { historyOf } from '../../support/history.js';

const space = spaces.nasbenchMacro();
const text = ({ genes }: Proposal): string => space.format(genes);

/** Digits summed: 2222... is the best, and every other architecture has a better neighbour. */
const sum = ({ genes }: Proposal): number => genes.reduce((a, b) => a + b, 0);
const told = (proposals: readonly Proposal[], value = sum): ReturnType<typeof historyOf> =>
  historyOf(
    space,
    proposals.map((p) => ({ genes: p.genes, value: value(p) })),
  );

async function search(method: SearchMethod, counts: readonly number[], value = sum): Promise<Proposal[]> {
  const all: Proposal[] = [];
  for (const count of counts) all.push(...(await method.propose(count, told(all, value))));
  return all;
}

test('after the first samples, neighbours of the best; the first better one becomes the centre', async () => {
  const method = localSearch(space, 1, 5);
  const all = await search(method, [5, ...Array<number>(60).fill(1)]);
  for (let i = 5; i < all.length; ++i) {
    const before = all.slice(0, i);
    const best = before.reduce((a, b) => (sum(b) > sum(a) ? b : a));
    if (sum(best) === 16) break; // nothing is better: another start follows once its neighbours are used up
    expect(neighboursOf(space, text(best))).toContain(text(all[i]!));
  }
  expect(Math.max(...all.map(sum))).toBe(16);
  method.close();
});

test('a local optimum starts anew, and asks nothing twice', async () => {
  const method = localSearch(space, 2, 2);
  const flat = (): number => 1; // the first of all is the best: its 16 neighbours are tried, then another start
  const all = await search(method, Array<number>(60).fill(1), flat);
  expect(new Set(all.map(text)).size).toBe(60);
  const near = neighboursOf(space, text(all[0]!));
  expect(all.slice(2, 2 + near.length).filter((p) => near.includes(text(p))).length).toBeGreaterThanOrEqual(15);
  const next = all[3 + near.length]!;
  expect(near).not.toContain(text(next));
  method.close();
});

test('answers that come late count all the same', async () => {
  const method = localSearch(space, 3, 3);
  const first = await method.propose(3, told([]));
  const early = await method.propose(1, told([])); // nothing was answered yet
  const late = await method.propose(4, told([...first, ...early]));
  const best = [...first, ...early].reduce((a, b) => (sum(b) > sum(a) ? b : a));
  for (const one of late) expect(neighboursOf(space, text(best))).toContain(text(one));
  method.close();
});

test('a call for more than there are neighbours is filled up', async () => {
  const method = localSearch(space, 4, 1);
  const first = await method.propose(1, told([]));
  const many = await method.propose(100, told(first));
  expect(many).toHaveLength(100);
  expect(new Set([...first, ...many].map(text)).size).toBe(101);
  expect(method.shortfall).toBeUndefined();
  method.close();
});

test('a restricted pool: its nearest, until none is left, which it says', async () => {
  const only = ['00000000', '00000001', '22222222', '00000011', '00000111'].map((a) => space.parse(a));
  const method = localSearch(space, 5, 1, { only: Buffer.concat(only) });
  const all = await search(method, [1, 1, 1, 1, 1, 1]);
  expect(all.map(text).sort()).toEqual(['00000000', '00000001', '00000011', '00000111', '22222222']);
  expect(method.shortfall).toMatch(/no architecture is left/);
  method.close();
});
