import fc from 'fast-check';
import { History } from '../../src/baselines/history.js';
import { Ranking } from '../../src/baselines/ranking.js';
import { tinySpace } from '../support/spaces.js';

type Step = { kind: 'add' | 'advance' | 'read' } | { kind: 'tell'; pick: number; value: number };

const value = fc.oneof(fc.integer({ min: -2, max: 2 }), fc.constantFrom(-0, 1.7e308, -1.7e308, 5e-324));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('add' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('tell' as const), pick: fc.nat(), value }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('advance' as const, 'read' as const) }) },
);

test('a history is what a plain list would be: only what was told before the last advance is seen', () => {
  const space = tinySpace();
  const property = fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
    const history = new History(space);
    const genes: number[][] = [];
    const waiting: number[] = [];
    const told: { id: number; value: number }[] = [];
    let seen: typeof told = [];
    const check = (): void => {
      expect(history.length).toBe(seen.length);
      const inOrder = seen.map(({ id }) => id).sort((a, b) => a - b);
      expect([...history.inOrder()]).toEqual(inOrder);
      const ranked = [...seen].sort((a, b) => b.value - a.value || a.id - b.id);
      expect([...history.byValue()]).toEqual(ranked.map(({ id }) => id));
      expect([...history.byValue()].map((id) => history.value(id))).toEqual(ranked.map((o) => o.value));
      expect([...history.genesOf(history.byValue())]).toEqual(ranked.flatMap(({ id }) => genes[id - 1]!));
    };
    for (const s of steps) {
      if (s.kind === 'add') {
        genes.push([genes.length & 1, (genes.length >> 1) & 1, (genes.length >> 2) & 1]);
        waiting.push(history.add(Uint8Array.from(genes.at(-1)!)));
        expect(waiting.at(-1)).toBe(genes.length);
      } else if (s.kind === 'tell' && waiting.length > 0) {
        const [id] = waiting.splice(s.pick % waiting.length, 1);
        history.tell(id!, s.value);
        told.push({ id: id!, value: s.value });
      } else if (s.kind === 'advance') {
        history.advance();
        seen = [...told];
      } else if (s.kind === 'read') check();
    }
    check();
  });
  fc.assert(property, { numRuns: 300 });
});

describe('a ranking', () => {
  const batches = fc.uniqueArray(fc.nat(1_000_000), { maxLength: 400 }).chain((ids) =>
    fc.tuple(
      fc.constant(ids),
      fc.array(fc.nat(ids.length), { maxLength: 12 }).map((cuts) => [...cuts, ids.length].sort((a, b) => a - b)),
    ),
  );

  test('is sorted, however its numbers came', () => {
    fc.assert(
      fc.property(batches, ([ids, cuts]) => {
        const ranking = new Ranking((a, b) => b - a);
        let from = 0;
        for (const to of cuts) {
          ranking.add(Int32Array.from(ids.slice(from, to)));
          from = to;
        }
        expect([...ranking.view]).toEqual([...ids].sort((a, b) => b - a));
      }),
      { numRuns: 300 },
    );
  });

  test.each<[string, (i: number, n: number) => number]>([
    ['ascending', (i) => i],
    ['descending', (i, n) => n - i],
    ['scattered', (i, n) => (i * 7919) % n],
  ])('compares about log n times a number, %s, one by one and at once', (_order, at) => {
    const n = 20_000;
    let compared = 0;
    const counting = (a: number, b: number): number => (++compared, a - b);
    const [one, all] = [new Ranking(counting), new Ranking(counting)];
    for (let i = 0; i < n; ++i) one.add(Int32Array.of(at(i, n)));
    expect(compared).toBeLessThan(n * (1 + Math.log2(n)));
    compared = 0;
    all.add(Int32Array.from({ length: n }, (_, i) => at(i, n)));
    expect(compared).toBeLessThan(2 * n * (1 + Math.log2(n)));
    expect(all.view).toEqual(one.view);
  });
});
