import { Pending } from '../../../src/search/pending.js';
import { historyOf } from '../../support/history.js';
import { tinySpace } from '../../support/spaces.js';

const space = tinySpace();
const G = space.program.genes.length;
const proposal = (gene: number): { genes: Uint8Array; round: number } => ({
  genes: new Uint8Array(G).fill(gene),
  round: 0,
});

test('what has no answer yet, in the order proposed; answers may come in any order', () => {
  const pending = new Pending();
  const none = historyOf(space, []);
  expect(pending.genes(none)).toHaveLength(0);
  pending.add([proposal(0), proposal(1)]);
  pending.add([proposal(2)]);
  expect([...pending.genes(none)]).toEqual([0, 1, 2].flatMap((gene) => Array<number>(G).fill(gene)));
  const first = historyOf(space, [{ ...proposal(0), value: 1 }]);
  expect([...pending.genes(first)]).toEqual([1, 2].flatMap((gene) => Array<number>(G).fill(gene)));
  const all = historyOf(space, [0, 1, 2].map((gene) => ({ ...proposal(gene), value: gene }))); // prettier-ignore
  expect(pending.genes(all)).toHaveLength(0);
});

test('the latest 64 at most: what failed is never answered', () => {
  const pending = new Pending();
  for (let i = 0; i < 100; ++i) pending.add([proposal(i)]);
  const genes = pending.genes(historyOf(space, []));
  expect(genes).toHaveLength(64 * G);
  expect([genes[0], genes.at(-1)]).toEqual([36, 99]);
});
