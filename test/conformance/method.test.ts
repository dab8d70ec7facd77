import type { History } from '../../src/baselines/history.js';
import type { Phase, Proposal } from '../../src/baselines/method.js';
import type { OptiProxyError } from '../../src/errors.js';
import { createMethod, methodNames, presetNames, proxyNames, type MethodOptions } from '../../src/search/methods.js';
import { spaces } from '../../src/space/index.js';
import type { SearchSpace } from '../../src/space/types.js';
import { errorOf } from '../support/errors.js';
import { historyOf } from '../support/history.js';
import { tinySpace } from '../support/spaces.js';

const digits = spaces.digits201();
type Method = ReturnType<typeof createMethod>['method'];

const open = (name: string, options: Partial<MethodOptions> = {}, space: SearchSpace = digits): Method =>
  createMethod(name, space, { metric: 'acc', seed: 1, threads: 1, init: 5, ...options }).method;

/** A measurement that anything can learn. */
const measure = ({ genes }: { genes: Uint8Array }): number => genes.reduce((sum, gene, i) => sum + gene * (i + 1), 0);
const answer = (proposals: readonly Proposal[], space = digits): History =>
  historyOf(
    space,
    proposals.map(({ genes }) => ({ genes, value: measure({ genes }) })),
  );
const texts = (proposals: readonly { genes: Uint8Array }[]): string[] => proposals.map(({ genes }) => genes.join(''));

/** Asks in these counts, answering everything in between. */
async function search(method: Method, counts: readonly number[], space = digits): Promise<Proposal[]> {
  const all: Proposal[] = [];
  for (const count of counts) all.push(...(await method.propose(count, answer(all, space))));
  return all;
}
const counts = [6, 3, 1, 4];

// Every method with every preset and proxy that changes it: whoever adds one has these promises to keep.
const guided = [
  ...presetNames.map((preset) => ['optiproxy', preset, 'gcn'] as const),
  ...proxyNames.slice(1).map((proxy) => ['optiproxy', 'default', proxy] as const),
];
// The method `paper` is `optiproxy` with that preset, as presets.test.ts holds, and slow.
const others = methodNames
  .filter((name) => name !== 'optiproxy' && name !== 'paper')
  .map((name) => [name, 'default', 'gcn'] as const);

describe.each([...guided, ...others])('%s (%s, %s)', (name, preset, proxy) => {
  const make = (options: Partial<MethodOptions> = {}, space?: SearchSpace): Method =>
    open(name, { preset, proxy, ...options }, space);

  test('proposes as many as were asked, all distinct, all of the space', async () => {
    const method = make();
    const all = await search(method, counts);
    expect(all).toHaveLength(14);
    expect(new Set(texts(all)).size).toBe(14);
    for (const { genes } of all) expect([...digits.parse(digits.format(genes))]).toEqual([...genes]);
    method.close();
  });

  test('the same seed gives the same proposals, another seed others', async () => {
    const [first, again, other] = [make(), make(), make({ seed: 2 })];
    const proposals = await search(first, counts);
    expect(await search(again, counts)).toEqual(proposals);
    expect(texts(await search(other, counts))).not.toEqual(texts(proposals));
    for (const method of [first, again, other]) method.close();
  });

  test('seeds that differ in their upper 32 bits alone differ', async () => {
    const [small, large] = [make({ seed: 7 }), make({ seed: 7 + 2 ** 40 })];
    expect(texts(await small.propose(5, answer([])))).not.toEqual(texts(await large.propose(5, answer([]))));
    for (const method of [small, large]) method.close();
  });

  test('the number of threads changes nothing', async () => {
    const [one, two, many] = [make({ threads: 1 }), make({ threads: 2 }), make({ threads: 5 })];
    const proposals = await search(one, counts);
    expect(await search(two, counts)).toEqual(proposals);
    expect(await search(many, counts)).toEqual(proposals);
    for (const method of [one, two, many]) method.close();
  });

  test('asking again without new answers proposes others', async () => {
    const method = make();
    const all = await method.propose(8, answer([]));
    const history = answer(all);
    for (let i = 0; i < 3; ++i) all.push(...(await method.propose(4, history)));
    expect(new Set(texts(all)).size).toBe(20);
    method.close();
  });

  test('answers that are missing or few do not matter', async () => {
    const method = make();
    const all = await method.propose(8, answer([]));
    all.push(...(await method.propose(3, answer([])))); // none answered
    all.push(...(await method.propose(3, answer(all.slice(3, 4))))); // a single one
    all.push(...(await method.propose(3, answer(all.slice(3, 5)))));
    expect(new Set(texts(all)).size).toBe(17);
    method.close();
  });

  test.each([
    ['all equal', () => 91],
    ['all 0', () => 0],
    ['±1e300', (i: number) => (i % 2 === 0 ? 1e300 : -1e300)],
    ['1e-300', (i: number) => i * 1e-300],
    ['one far outlier', (i: number) => (i === 0 ? -1e12 : i)],
  ])('answers that are %s', async (_kind, value) => {
    const method = make();
    const all: Proposal[] = [];
    for (const count of [6, 3, 3]) {
      const answers = all.map(({ genes }, i) => ({ genes, value: value(i) }));
      all.push(...(await method.propose(count, historyOf(digits, answers))));
    }
    expect(new Set(texts(all)).size).toBe(12);
    for (const { predicted } of all) expect(Number.isNaN(predicted)).toBe(false);
    method.close();
  });

  test('finds every architecture of a small space once, then nothing', async () => {
    const space = tinySpace();
    for (const sizes of [[8], [100], [5, 2, 5], [1, 1, 1, 1, 1, 1, 1, 1], [3, 3, 3]]) {
      const method = make({ init: 2 }, space);
      const all = await search(method, sizes, space);
      expect(all).toHaveLength(8);
      expect(new Set(texts(all)).size).toBe(8);
      expect(await method.propose(1, answer(all, space))).toEqual([]);
      expect(await method.propose(9, answer(all, space))).toEqual([]);
      method.close();
    }
  });

  test('a signal that has fired proposes nothing', async () => {
    const [method, untouched] = [make(), make()];
    const signal = AbortSignal.abort('no');
    expect((await errorOf('ABORTED', () => method.propose(3, answer([]), { signal }))).cause).toBe('no');
    expect(await method.propose(3, answer([]))).toEqual(await untouched.propose(3, answer([])));
    for (const m of [method, untouched]) m.close();
  });

  test.each<Phase>(['fit', 'climb', 'acquire'])('an abort in %s is as if it had not been asked', async (phase) => {
    const [method, untouched] = [make(), make()];
    const first = await method.propose(12, answer([]));
    await untouched.propose(12, answer([]));
    const controller = new AbortController();
    let reached = 0;
    const onPhase = (now: Phase): void => {
      if (now === phase && ++reached === 1) controller.abort();
    };
    let error: OptiProxyError | undefined;
    const wanted = await method
      .propose(3, answer(first), { signal: controller.signal, onPhase })
      .catch((thrown: OptiProxyError) => ((error = thrown), undefined));
    // A method need not have the phase, and may be past the last look at the signal; then it has proposed as usual.
    if (error !== undefined) expect(error.code).toBe('ABORTED');
    const next = wanted ?? (await method.propose(3, answer(first)));
    expect(next).toEqual(await untouched.propose(3, answer(first)));
    const all = [...first, ...next];
    expect(await method.propose(2, answer(all))).toEqual(await untouched.propose(2, answer(all)));
    for (const m of [method, untouched]) m.close();
  });

  test('an error of the caller’s onPhase is passed on and leaves it usable', async () => {
    const [method, untouched] = [make(), make()];
    const first = await method.propose(8, answer([]));
    await untouched.propose(8, answer([]));
    const onPhase = (): void => {
      throw new RangeError('mine');
    };
    const outcome = await method.propose(3, answer(first), { onPhase }).catch((thrown: unknown) => thrown);
    const next = outcome instanceof RangeError ? await method.propose(3, answer(first)) : outcome;
    expect(next).toEqual(await untouched.propose(3, answer(first)));
    for (const m of [method, untouched]) m.close();
  });

  test('after close it is CLOSED', async () => {
    const method = make();
    const first = await method.propose(6, answer([]));
    method.close();
    method.close();
    await errorOf('CLOSED', () => method.propose(1, answer([])));
    await errorOf('CLOSED', () => method.propose(1, answer(first)));
    expect(method.times.fit).toBeGreaterThanOrEqual(0);
  });

  test('close while it works: the call is CLOSED or ends, and nothing crashes', async () => {
    for (const phase of ['fit', 'climb', 'acquire']) {
      const method = make();
      const first = await method.propose(8, answer([]));
      const onPhase = (now: Phase): void => {
        if (now === phase) method.close();
      };
      const outcome = await method.propose(3, answer(first), { onPhase }).catch((thrown: unknown) => thrown);
      if (!Array.isArray(outcome)) expect(outcome).toMatchObject({ name: 'OptiProxyError', code: 'CLOSED' });
      method.close();
    }
  });

  test('times are counted, predictions are of the answers’ unit', async () => {
    const method = make();
    const all = await search(method, [10, 5]);
    const { fit, climb, acquire } = method.times;
    expect(fit + climb + acquire).toBeGreaterThan(0);
    for (const { predicted, round } of all) {
      expect(round > 0).toBe(predicted !== undefined);
      if (predicted !== undefined) expect(Math.abs(predicted - 42)).toBeLessThan(200); // answers are 0..84
    }
    method.close();
  });
});
