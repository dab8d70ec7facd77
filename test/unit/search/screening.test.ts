import type { Proposal } from '../../../src/baselines/method.js';
import { firstScreened, Screening } from '../../../src/search/screening.js';
import { historyOf } from '../../support/history.js';
import { tinySpace } from '../../support/spaces.js';

const space = tinySpace();
const width = space.program.genes.length;
const cheap = (...genes: number[]): Proposal => ({ genes: Uint8Array.from(genes), round: 0, cheap: true });
const full = (...genes: number[]): Proposal => ({ genes: Uint8Array.from(genes), round: 1 });
const [a, b, c] = [Array<number>(width).fill(0), [1, ...Array<number>(width - 1).fill(0)], Array<number>(width).fill(1)]; // prettier-ignore
/** These were proposed in this order, and those at `told` answered. */
const answered = (proposals: readonly Proposal[], told: readonly number[]): ReturnType<typeof historyOf> => {
  const history = historyOf(space, []);
  proposals.forEach(({ genes }) => history.add(genes));
  told.forEach((id) => history.tell(id, id));
  history.advance();
  return history;
};

test.each([
  [10, 0.06, 20], // twice as many, as they cost next to nothing
  [10, 1 / 9, 18], // what two trainings pay for
  [10, 0.25, 10], // never fewer than a search without has
  [4, 0.001, 8],
  [1, 0.4, 2],
  [10, 0.4, 10],
])('init %d at a cost of %d: %d first', (init, cost, wanted) => expect(firstScreened(init, cost)).toBe(wanted));

test('promotable is what has a cheap answer and was not asked in full', () => {
  const screening = new Screening(0.1);
  const proposed = [cheap(...a), cheap(...b), cheap(...c)];
  screening.add(proposed);
  expect([...screening.promotable(answered(proposed, []))]).toEqual([]);
  // The best first: `answered` says that each is as good as its number.
  expect([...screening.promotable(answered(proposed, [1, 3]))]).toEqual([...c, ...a]);
  screening.add([full(...a)]);
  const all = [...proposed, full(...a)];
  expect([...screening.promotable(answered(all, [1, 2, 3]))]).toEqual([...c, ...b]);
});

test('due are as many as the screenings since the last query have cost', () => {
  const screening = new Screening(0.4);
  const due: number[] = [];
  for (const proposal of [cheap(...a), cheap(...b), cheap(...c), full(...a), cheap(...a)]) {
    screening.add([proposal]);
    due.push(screening.due);
  }
  expect(due).toEqual([0, 0, 1, 0, 0]);
  for (let epochs = 40; epochs < 300; ++epochs) {
    const one = new Screening(1 / epochs);
    one.add(Array<Proposal>(epochs - 1).fill(cheap(...a)));
    expect(one.due).toBe(0);
    one.add([cheap(...b)]);
    expect(one.due).toBe(1); // 49 times 1/49 is less than 1
  }
});

test('affordable is what leaves a full training to pay for', () => {
  const screening = new Screening(0.1);
  expect([0, 0.9, 1, 1.05, 1.1, 2, Infinity].map((left) => screening.call(1, left, 0, false, true).affordable)).toEqual([0, 0, 0, 0, 1, 10, Infinity]); // prettier-ignore
});

test('worth it while the variance explained is more than twice the cost', () => {
  const screening = new Screening(0.06);
  expect([0, 0.3, 0.5, 0.95].map((correlation) => screening.worth(correlation))).toEqual([false, false, true, true]);
  expect(new Screening(0.49).worth(0.95)).toBe(false);
});

test('a call screens where that is worth it, paid for and not overdue', () => {
  const screening = new Screening(0.25);
  // First samples: as many as leave a training to be paid for.
  expect(screening.call(100, 6, 0, true, false)).toEqual({ first: true, count: 20, affordable: 20, screens: true });
  expect(screening.call(100, 1, 0, true, false)).toEqual({ first: true, count: 1, affordable: 0, screens: false });
  // Afterwards: as many trainings as can be paid for, one at least.
  expect(screening.call(9, 3.5, 1, false, true)).toEqual({ first: false, count: 3, affordable: 10, screens: true });
  expect(screening.call(9, 3.5, 0, false, true).screens).toBe(false);
  expect(screening.call(9, 0.5, 1, false, true)).toMatchObject({ count: 1, screens: false });
  // First samples that have no answer: what they cost is due in full.
  screening.add(Array<Proposal>(8).fill(cheap(...a)));
  expect(screening.call(9, 100, 1, true, true)).toMatchObject({ first: true, count: 2, screens: false });
});

test('what a call chose comes in full first, as far as it is paid for', () => {
  const screening = new Screening(0.25);
  const chosen = [cheap(...a), full(...b), cheap(...c)];
  const paid = (left: number): ReturnType<Screening['paid']> =>
    screening.paid(chosen, screening.call(3, left, 1, false, true), left);
  expect(paid(9)).toEqual({ proposals: [chosen[1], chosen[0], chosen[2]], count: 3 });
  // 3 pay for the training, a screening, and a training to follow; and for 3 in all.
  expect(paid(3)).toEqual({ proposals: [chosen[1], chosen[0], chosen[2]], count: 3 });
  // 2.25: the training and one screening, one to follow.
  expect(paid(2.25)).toEqual({ proposals: [chosen[1], chosen[0]], count: 2 });
});
