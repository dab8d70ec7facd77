import { OptiProxyError } from '../../src/errors.js';
import { native } from '../../src/native.js';
import { errorOf } from '../support/errors.js';
import { exampleSpaces } from '../support/example-spaces.js';
import { climbPlan, drawPlan, finish, fitPlan, newProxy } from '../support/native.js';
import { allGenes, tinySpace } from '../support/spaces.js';

/** Calls a function of the addon with arguments of any type. */
const call = (name: 'deriveSeed' | 'useErrorClass', ...args: unknown[]): unknown =>
  (native()[name] as (...args: unknown[]) => unknown)(...args);

test('deriveSeed, useErrorClass', async () => {
  const deriveSeed = (...args: [number, number, number]): number => native().deriveSeed(...args);
  for (const wrong of [undefined, null, '1', {}, NaN, 1n, Symbol('s'), -1, 0.5, 2 ** 53]) {
    await errorOf('INVALID_ARGUMENT', () => call('deriveSeed', wrong, 1, 1));
    await errorOf('INVALID_ARGUMENT', () => call('deriveSeed', 1, wrong, 1));
    await errorOf('INVALID_ARGUMENT', () => call('deriveSeed', 1, 1, wrong));
  }
  for (const wrong of [undefined, null, {}, 'Error'])
    await errorOf('INVALID_ARGUMENT', () => call('useErrorClass', wrong));
  const seeds = [deriveSeed(1, 1, 1), deriveSeed(2, 1, 1), deriveSeed(1, 2, 1), deriveSeed(1, 1, 2)];
  expect(new Set(seeds).size).toBe(4);
  expect(seeds.every((seed) => Number.isSafeInteger(seed) && seed >= 0)).toBe(true);
  expect(deriveSeed(1, 1, 1)).toBe(seeds[0]);
});

test('a promise settles whatever class makes its error', async () => {
  const { program } = tinySpace();
  const belief = new (native().Belief)(program, new Uint8Array(3));
  const mine = new Error('mine');
  try {
    for (const [wrong, message] of [
      [
        class {
          constructor() {
            throw mine;
          }
        },
        /^mine$/,
      ],
      [() => undefined, /is not a constructor/],
    ] as const) {
      call('useErrorClass', wrong);
      await expect(belief.fit(new Uint8Array(6), new Float32Array(5), false)).rejects.toThrow(message);
    }
  } finally {
    native().useErrorClass(OptiProxyError);
  }
  await errorOf('INVALID_ARGUMENT', () => belief.fit(new Uint8Array(6), new Float32Array(5), false));
  belief.close();
});

test('logImprovement', async () => {
  const of = (...args: unknown[]): Float32Array => (native().logImprovement as (...args: unknown[]) => Float32Array)(...args); // prettier-ignore
  const [front, reference] = [Float32Array.of(3, 5, 4, 3), Float32Array.of(0, 0)];
  const [means, deviations] = [Float32Array.of(5, 7, 3, 5), Float32Array.of(0, 0, 0, 0)];
  for (const wrong of [undefined, null, [1, 2], new Float64Array(2), Float32Array.of(NaN, 1)])
    for (const at of [0, 1, 2, 3]) {
      const args: unknown[] = [front, reference, means, deviations];
      args[at] = wrong;
      await errorOf('INVALID_ARGUMENT', () => of(...args));
    }
  for (const [args, message] of [
    [[front, new Float32Array(0), means, deviations], /reference of one to three objectives/],
    [[front, new Float32Array(4), means, deviations], /reference of one to three objectives/],
    [[front.subarray(1), reference, means, deviations], /whole points/],
    [[front, reference, means.subarray(1), deviations.subarray(1)], /^means: expected as many/],
    [[front, reference, means, deviations.subarray(1)], /^deviations: expected one for every mean/],
    [[front, reference, means, Float32Array.of(0, 0, 0, -1)], /^deviations: expected numbers from 0 on/],
  ] as const)
    expect((await errorOf('INVALID_ARGUMENT', () => of(...args))).message).toMatch(message);
  const [first, second] = of(front, reference, means, deviations);
  expect(Math.exp(first!)).toBeCloseTo(3 * 2 + 1 * 4 + 1 * 7, 5);
  expect(second).toBe(Math.fround(-1e30));
  expect(of(front, reference, new Float32Array(0), new Float32Array(0))).toHaveLength(0);
});

test('logFeasibility', async () => {
  const of = (...args: unknown[]): Float32Array => (native().logFeasibility as (...args: unknown[]) => Float32Array)(...args); // prettier-ignore
  const [means, deviations] = [Float32Array.of(0, 3), Float32Array.of(1, 0)];
  for (const wrong of [undefined, null, [1, 2], new Float64Array(2), Float32Array.of(NaN, 1)]) {
    await errorOf('INVALID_ARGUMENT', () => of(wrong, deviations, 0, 1));
    await errorOf('INVALID_ARGUMENT', () => of(means, wrong, 0, 1));
  }
  for (const [low, high] of [
    [undefined, 1],
    [0, undefined],
    [NaN, 1],
    [0, Infinity],
    [2, 1],
  ])
    // prettier-ignore
    await errorOf('INVALID_ARGUMENT', () => of(means, deviations, low, high));
  await errorOf('INVALID_ARGUMENT', () => of(means, deviations.subarray(1), 0, 1));
  const [half, never] = of(means, deviations, -Number.MAX_VALUE, 0);
  expect(half).toBeCloseTo(Math.log(0.5), 6);
  expect(never).toBe(Math.fround(-1e30));
});

describe('Space', () => {
  const space = tinySpace();
  const core = new (native().Space)(space.program);
  const loose = core as unknown as Record<string, (...args: unknown[]) => unknown>;
  const notGenes = [undefined, null, [0, 0, 0], 'abc', new Uint8Array(4), Uint8Array.of(0, 0, 2), new Int8Array(3)];

  test.each(['check', 'keys', 'normalise', 'neighbours', 'mutate', 'encode'])(
    '%s takes architectures',
    async (name) => {
      for (const wrong of notGenes) await errorOf('INVALID_ARGUMENT', () => loose[name]!(wrong, 1, 0));
      expect(() => loose[name]!(Uint8Array.of(0, 1, 0), 1, 0)).not.toThrow();
    },
  );

  test('counts, seeds and rounds', async () => {
    for (const wrong of [undefined, null, '1', {}, NaN, -1, 0.5, 2 ** 53]) {
      await errorOf('INVALID_ARGUMENT', () => loose['draw']!(wrong, 1, 0));
      await errorOf('INVALID_ARGUMENT', () => loose['draw']!(1, wrong, 0));
      await errorOf('INVALID_ARGUMENT', () => loose['draw']!(1, 1, wrong));
      await errorOf('INVALID_ARGUMENT', () => loose['enumerate']!(wrong, 1));
      await errorOf('INVALID_ARGUMENT', () => loose['enumerate']!(0, wrong));
      await errorOf('INVALID_ARGUMENT', () => loose['mutate']!(new Uint8Array(3), wrong, 0));
    }
    await errorOf('INVALID_ARGUMENT', () => core.enumerate(7, 2)); // one beyond the last
  });

  test('what it gives of all eight', () => {
    expect(core.count).toBe(8);
    const all = core.enumerate(0, 8);
    expect(all).toEqual(Uint8Array.from(allGenes(space).flatMap((genes) => [...genes])));
    expect(core.enumerate(3, 2)).toEqual(all.slice(9, 15));
    expect(core.check(all)).toEqual(new Uint16Array(8));
    expect(core.normalise(all)).toEqual(all);
    const keys = core.keys(all);
    expect(keys).toHaveLength(8 * 16);
    expect(new Set(Array.from({ length: 8 }, (_, i) => keys.slice(16 * i, 16 * i + 16).join())).size).toBe(8);
    expect(core.neighbours(Uint8Array.of(0, 0, 0))).toEqual(Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1));
    const { genes, tried } = core.draw(100, 1, 0);
    expect({ bytes: genes.length, tried }).toEqual({ bytes: 300, tried: 100 });
    expect(core.draw(100, 1, 0).genes).toEqual(genes);
    expect(core.draw(100, 2, 0).genes).not.toEqual(genes);
    const mutants = core.mutate(genes, 1, 0);
    const changes = Array.from({ length: 100 }, (_, i) => [0, 1, 2].filter((g) => mutants[3 * i + g] !== genes[3 * i + g])); // prettier-ignore
    expect(changes.every(({ length }) => length === 1)).toBe(true);
    const { x, out, back } = core.encode(all);
    expect([x.length, out.length, back.length]).toEqual([8 * 5 * space.program.features, 25, 25]);
  });

  test('why an architecture is refused', () => {
    const constrained = exampleSpaces().find(({ id }) => id === 'named')!;
    const other = new (native().Space)(constrained.program);
    expect(other.reasons.length).toBeGreaterThan(2);
    const codes = other.check(other.enumerate(0, constrained.size));
    const said = new Set(Array.from(codes, (code) => other.reasons[code]!));
    expect([...said].sort()).toEqual(
      expect.arrayContaining(['body: too many edges', 'not a=pool with merge=concat', 'valid']),
    );
  });
});

describe('a pool', () => {
  test('takes again, once, what is known, where it is told to', () => {
    const pool = new (native().Pool)(tinySpace().program);
    pool.addKnown(Uint8Array.of(1, 1, 1));
    expect(pool.add(Uint8Array.of(1, 1, 1), false)).toBe(0);
    expect(pool.add(Uint8Array.of(1, 1, 1, 0, 0, 0), true)).toBe(2);
    expect(pool.add(Uint8Array.of(1, 1, 1), true)).toBe(0);
    expect(pool.candidates()).toEqual(Uint8Array.of(1, 1, 1, 0, 0, 0));
    expect(() => pool.add(Uint8Array.of(1, 1, 1), 1 as never)).toThrow(/^again: expected true or false/);
    // It stays known.
    pool.clear();
    expect(pool.add(Uint8Array.of(1, 1, 1))).toBe(0);
    pool.close();
  });

  test('takes what it is given if that is valid, new and may be queried', () => {
    const pool = new (native().Pool)(tinySpace().program);
    pool.addKnown(Uint8Array.of(1, 1, 1));
    expect(pool.add(Uint8Array.of(0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0))).toBe(2);
    expect(pool.candidates()).toEqual(Uint8Array.of(0, 0, 1, 1, 0, 0));
    expect(pool.tally()).toMatchObject({ added: 2, known: 1, repeated: 1, invalid: 0, outside: 0 });
    pool.restrict(Uint8Array.of(0, 1, 0));
    expect(pool.add(Uint8Array.of(0, 1, 1, 0, 1, 0))).toBe(1);
    expect(pool.tally()).toMatchObject({ added: 3, known: 1, repeated: 1, invalid: 0, outside: 1 });
    pool.close();
    const constrained = exampleSpaces().find(({ id }) => id === 'named')!;
    const [core, other] = [new (native().Space)(constrained.program), new (native().Pool)(constrained.program)];
    const all = core.enumerate(0, constrained.size);
    const keys = Buffer.from(core.keys(all));
    const valid = [...core.check(all)].flatMap((code, i) => (code === 0 ? [keys.toString('hex', 16 * i, 16 * i + 16)] : [])); // prettier-ignore
    expect(other.add(all)).toBe(new Set(valid).size);
    expect(other.tally().invalid).toBe(constrained.size - valid.length);
    other.close();
  });

  test('gives the predictions that its picks are made by', async () => {
    const { program } = tinySpace();
    const pool = new (native().Pool)(program);
    const proxy = new (native().Proxy)(program, {
      kind: 'gcn',
      hidden: 4,
      layers: 1,
      outputs: 1,
      members: 3,
      threads: 1,
    });
    proxy.initialise(1, 0);
    pool.addUniform(8, 1, 0);
    await pool.score(proxy, 8);
    const scores = pool.scores();
    expect(scores).toHaveLength(24);
    const means = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => (scores[3 * i]! + scores[3 * i + 1]! + scores[3 * i + 2]!) / 3);
    pool.pick(8, 'mean', 1, 0).means.forEach((mean, i) => {
      expect(mean).toBeCloseTo([...means].sort((a, b) => b - a)[i]!, 5);
    });
    pool.close();
    proxy.close();
  });

  test('that is restricted offers those alone, each once, and says what became of the rest', () => {
    const space = tinySpace();
    const pool = new (native().Pool)(space.program);
    expect(pool.count).toBe(8);
    pool.restrict(Uint8Array.of(0, 0, 0, 1, 1, 1, 0, 0, 0));
    expect(pool.count).toBe(2);
    expect(pool.addUniform(10, 1, 0)).toBe(2);
    expect(pool.addUniform(10, 2, 0)).toBe(0);
    expect(pool.tally()).toMatchObject({ added: 2, invalid: 0, outside: 0 });
    expect(pool.tally().repeated).toBeGreaterThan(0);
    const both = [Uint8Array.of(0, 0, 0, 1, 1, 1), Uint8Array.of(1, 1, 1, 0, 0, 0)];
    expect(both).toContainEqual(pool.candidates());
    expect(both).toContainEqual(pool.shuffled(1, 0));
    expect(new Set(Array.from({ length: 20 }, (_, seed) => pool.shuffled(seed, 0).join())).size).toBe(2);
    pool.addKnown(Uint8Array.of(1, 1, 1));
    pool.clear();
    expect(pool.tally()).toEqual({
      added: 0,
      known: 0,
      repeated: 0,
      invalid: 0,
      outside: 0,
      infeasible: 0,
      scanned: 0,
    });
    expect(pool.addUniform(10, 1, 0)).toBe(1);
    expect(pool.candidates()).toEqual(Uint8Array.of(0, 0, 0));
    pool.close();
  });

  test('says where its picks stand, and how far the members disagree about them', async () => {
    const [pool, proxy] = [new (native().Pool)(tinySpace().program), newProxy({ members: 3 })];
    pool.addUniform(8, 1, 0);
    await finish(() => pool.score(proxy, 8));
    const { genes, means, deviations, places } = pool.pick(5, 'mean', 1, 0);
    const all = pool.candidates();
    expect([means.length, deviations.length, places.length]).toEqual([5, 5, 5]);
    places.forEach((place, i) => expect(all.slice(3 * place, 3 * place + 3)).toEqual(genes.slice(3 * i, 3 * i + 3)));
    expect(deviations.every((deviation) => deviation > 0 && deviation < 10)).toBe(true);
    for (const object of [pool, proxy]) object.close();
  });
});

test('a climb follows the outputs by their weights', async () => {
  const space = tinySpace();
  const proxy = newProxy({ outputs: 2, members: 1 });
  const genes = Uint8Array.from(allGenes(space).flatMap((one) => [...one]));
  // The first output wants ones, the second, of which every other value was not measured, zeros.
  const targets = Float32Array.from(allGenes(space).flatMap((one, i) => {
    const ones = one.reduce((a, b) => a + b) - 1.5;
    return [ones, i % 2 === 0 ? NaN : -ones];
  })); // prettier-ignore
  proxy.beginFit(genes, targets, { ...fitPlan, epochs: 200 });
  await finish(() => proxy.fit(100));
  const draw = async (weights?: Float32Array): Promise<number> => {
    proxy.beginClimb({ ...climbPlan, steps: 300 }, weights);
    await finish(() => proxy.climb(100));
    const pool = new (native().Pool)(space.program);
    pool.addClimbed(proxy, { ...drawPlan, draws: 1, sharpness: 100 });
    const drawn = pool.candidates();
    pool.close();
    return drawn.reduce((a, b) => a + b, 0) / drawn.length;
  };
  expect(await draw()).toBe(1);
  expect(await draw(Float32Array.of(1, 0))).toBe(1);
  expect(await draw(Float32Array.of(0, 1))).toBe(0);
  expect(await draw(Float32Array.of(1, 5))).toBe(0);
  proxy.close();
});
