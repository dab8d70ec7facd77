import { History } from '../../../src/baselines/history.js';
import { ParzenMixture } from '../../../src/baselines/parzen.js';
import { splitAnswers, tpeSearch } from '../../../src/baselines/tpe.js';
import { spaces } from '../../../src/space/index.js';
import type { SearchSpace } from '../../../src/space/types.js';
import { exampleSpaces } from '../../support/example-spaces.js';
import { historyOf, type Answer } from '../../support/history.js';
import { allGenes, largeSpace } from '../../support/spaces.js';

const space = spaces.nasbenchMacro();
const everything = allGenes(space);
const none = historyOf(space, []);
const text = ({ genes }: { genes: Uint8Array }): string => genes.join('');

/** Every `step`th architecture, the better the more genes are 2. */
const twos = (genes: Uint8Array): number => genes.filter((gene) => gene === 2).length;
const answers = (step: number): Answer[] =>
  everything.filter((_, i) => i % step === 0).map((genes) => ({ genes, value: twos(genes) }));

describe('good and others', () => {
  const history = (length: number): History => {
    const large = largeSpace();
    const made = new History(large);
    // Ids in order told; the worst first.
    for (let i = 0; i < length; ++i) made.tell(made.add(new Uint8Array(10)), i);
    made.advance();
    return made;
  };
  const ids = (from: number, to: number): number[] => Array.from({ length: from - to + 1 }, (_, i) => from - i);

  test.each([
    [1, 1],
    [2, 1],
    [10, 1],
    [11, 2],
    [100, 10],
    [241, 25],
    [1025, 25],
  ])('of %d answers the best %d are good, all others are not', (length, good) => {
    const split = splitAnswers(history(length));
    expect([...split.good]).toEqual(ids(length, length - good + 1));
    expect([...split.others]).toEqual(ids(length - good, 1));
  });

  test.each([1026, 10_000])('of %d answers 1,000 others stand for all, evenly over their ranks', (length) => {
    const { good, others } = splitAnswers(history(length));
    expect(good).toHaveLength(25);
    expect(new Set(others).size).toBe(1000);
    const gaps = [...others].slice(1).map((id, i) => others[i]! - id);
    const step = (length - 25) / 1000;
    expect(others[0]).toBe(length - 25);
    expect(others[999]!).toBeLessThanOrEqual(Math.ceil(step) + 1);
    for (const gap of gaps) expect(Math.abs(gap - step)).toBeLessThan(1);
  });
});

/** logarithm of l / g, from the answers themselves. */
function scorer(of: SearchSpace, given: readonly Answer[]): (genes: Uint8Array) => number {
  const ranked = given.map((answer, i) => ({ ...answer, i })).sort((a, b) => b.value - a.value || a.i - b.i);
  const good = Math.ceil(given.length / 10);
  const mixture = (part: readonly Answer[]): ParzenMixture => new ParzenMixture(of.program, Buffer.concat(part.map(({ genes }) => genes))); // prettier-ignore
  const [l, g] = [mixture(ranked.slice(0, good)), mixture(ranked.slice(good))];
  return (genes) => l.logDensity(genes) - g.logDensity(genes);
}

test('where l reaches none that can be queried, the random one with the largest l / g: here all are looked at', async () => {
  const of = spaces.nasbench301();
  const pool = Array.from({ length: 60 }, (_, i) => i); // few of 10^18: no draw from l finds one
  const drawn = tpeSearch(of, 9, 60);
  const some = (await drawn.propose(pool.length, historyOf(of, []))).map(({ genes }) => genes);
  drawn.close();
  const given = some.slice(0, 30).map((genes, i) => ({ genes, value: (i * 11) % 30 }));
  const only = Buffer.concat(some.slice(30));
  const method = tpeSearch(of, 1, 1, { only });
  const [first] = await method.propose(1, historyOf(of, []));
  const score = scorer(of, given);
  const left = some.slice(30).filter((genes) => genes.join() !== first!.genes.join());
  const wanted = left.sort((a, b) => score(b) - score(a)).map(String);
  const proposed = await method.propose(29, historyOf(of, given));
  expect(proposed.map(({ genes }) => genes.join())).toEqual(wanted);
  expect(await method.propose(1, historyOf(of, given))).toEqual([]);
  expect(method.shortfall).toMatch(/no architecture is left/);
  method.close();
});

test('proposes what is likelier among the good: far better by l / g, and far better, than chance', async () => {
  const given = answers(40);
  const score = scorer(space, given);
  const method = tpeSearch(space, 2, 1);
  await method.propose(1, none);
  const proposed = await method.propose(20, historyOf(space, given));
  const middle = everything.map(score).sort((a, b) => a - b)[Math.floor(0.95 * everything.length)]!;
  for (const { genes } of proposed) expect(score(genes)).toBeGreaterThan(middle);
  const mean = proposed.reduce((sum, { genes }) => sum + twos(genes), 0) / 20;
  expect(mean).toBeGreaterThan(4); // chance has 8 / 3
  method.close();
});

test('turned values turn the search round', async () => {
  const method = tpeSearch(space, 2, 1);
  await method.propose(1, none);
  const turned = answers(40).map(({ genes, value }) => ({ genes, value: -value }));
  const proposed = await method.propose(20, historyOf(space, turned));
  expect(proposed.reduce((sum, { genes }) => sum + twos(genes), 0) / 20).toBeLessThan(1);
  method.close();
});

test('what was asked is not asked again, though l is sure of it', async () => {
  const sure = { genes: new Uint8Array(8).fill(1), value: 1 };
  const others = answers(100).filter(({ genes }) => text({ genes }) !== text(sure));
  const history = historyOf(space, [sure, ...others.map(({ genes }) => ({ genes, value: 0 }))]);
  const method = tpeSearch(space, 3, 1);
  const all = await method.propose(1, none);
  for (let i = 0; i < 40; ++i) all.push(...(await method.propose(1, history)));
  expect(new Set(all.map(text)).size).toBe(41);
  method.close();
});

test.each(exampleSpaces())(
  '$id: what depends, must differ or breaks a rule is drawn as the space has it',
  async (of) => {
    const method = tpeSearch(of, 1, 1);
    const first = await method.propose(12, historyOf(of, []));
    const given = first.map(({ genes }, i) => ({ genes, value: i }));
    const proposed = await method.propose(12, historyOf(of, given));
    for (const { genes } of proposed) expect([...of.parse(of.format(genes))]).toHaveLength(of.program.genes.length);
    expect(new Set([...first, ...proposed].map(({ genes }) => Buffer.from(of.keys(genes)).toString('hex'))).size).toBe(first.length + proposed.length); // prettier-ignore
    method.close();
  },
);
