import { native, type NativePool, type NativeProxy } from '../../src/native.js';
import { climbPlan, drawPlan, finish, fitPlan, fourGenes, fourTargets, newProxy, scanPlan } from '../support/native.js';
import { errorOf } from '../support/errors.js';
import { tinySpace } from '../support/spaces.js';

const { program } = tinySpace();
const newPool = (): NativePool => new (native().Pool)(program);

/** A fit far longer than a test; slices cut it. */
const longFit = { ...fitPlan, epochs: 100_000 };

/** Every call of a proxy and of a pool, with arguments that are right. */
const proxyCalls: Record<string, (proxy: NativeProxy) => unknown> = {
  initialise: (proxy) => proxy.initialise(1, 0),
  beginFit: (proxy) => proxy.beginFit(fourGenes(), fourTargets(), fitPlan),
  fit: (proxy) => proxy.fit(1),
  beginClimb: (proxy) => proxy.beginClimb(climbPlan),
  climb: (proxy) => proxy.climb(1),
  entropy: (proxy) => proxy.entropy(1),
  parameters: (proxy) => proxy.parameters(),
  setParameters: (proxy) => proxy.setParameters(new Float32Array(1)),
};
const poolCalls: Record<string, (pool: NativePool, proxy: NativeProxy) => unknown> = {
  size: (pool) => pool.size,
  count: (pool) => pool.count,
  restrict: (pool) => pool.restrict(fourGenes()),
  tally: (pool) => pool.tally(),
  addKnown: (pool) => pool.addKnown(fourGenes()),
  clear: (pool) => pool.clear(),
  add: (pool) => pool.add(fourGenes()),
  addClimbed: (pool, proxy) => pool.addClimbed(proxy, drawPlan),
  addNeighbours: (pool) => pool.addNeighbours(fourGenes()),
  addNeighboursOfBest: (pool) => pool.addNeighboursOfBest(1),
  addUniform: (pool) => pool.addUniform(1, 1, 1),
  beginScan: (pool, proxy) => pool.beginScan(proxy, scanPlan),
  scan: (pool, proxy) => pool.scan(proxy, 1),
  score: (pool, proxy) => pool.score(proxy, 1),
  scores: (pool) => pool.scores(),
  setScores: (pool) => pool.setScores(new Float32Array(pool.size)),
  forgetScores: (pool) => pool.forgetScores(),
  unjudged: (pool) => pool.unjudged(),
  judge: (pool) => pool.judge(new Uint8Array(0)),
  representatives: (pool) => pool.representatives(1),
  pick: (pool) => pool.pick(1, 'mean', 1, 1),
  candidates: (pool) => pool.candidates(),
  shuffled: (pool) => pool.shuffled(1, 1),
};

test('no call is forgotten here', () => {
  const names = (of: object): string[] => Object.getOwnPropertyNames(of).filter((name) => name !== 'constructor');
  const expected = (calls: object, ...more: string[]): string[] => [...Object.keys(calls), 'close', ...more].sort();
  expect(names(native().Proxy.prototype as object).sort()).toEqual(expected(proxyCalls, 'isa'));
  expect(names(native().Pool.prototype as object).sort()).toEqual(expected(poolCalls));
});

describe('after close', () => {
  test.each(Object.entries(proxyCalls))('proxy.%s is CLOSED', async (_name, call) => {
    const proxy = newProxy();
    proxy.close();
    proxy.close();
    await errorOf('CLOSED', () => call(proxy));
    await errorOf('CLOSED', () => proxy.isa);
  });

  test.each(Object.entries(poolCalls))('pool.%s is CLOSED', async (_name, call) => {
    const [pool, proxy] = [newPool(), newProxy()];
    pool.close();
    pool.close();
    await errorOf('CLOSED', () => call(pool, proxy));
    proxy.close();
  });

  test('a closed proxy scores and draws nothing, and leaves the pool usable', async () => {
    const [pool, proxy] = [newPool(), newProxy()];
    pool.addUniform(3, 1, 1);
    proxy.close();
    await errorOf('CLOSED', () => pool.score(proxy, 10));
    await errorOf('CLOSED', () => pool.addClimbed(proxy, drawPlan));
    await errorOf('CLOSED', () => pool.beginScan(proxy, scanPlan));
    expect(pool.size).toBe(3);
    pool.close();
  });
});

describe('while a call works', () => {
  test.each(Object.entries(proxyCalls))('proxy.%s is BUSY', async (_name, call) => {
    const proxy = newProxy();
    proxy.beginFit(fourGenes(), fourTargets(), longFit);
    const working = proxy.fit(20);
    await errorOf('BUSY', () => call(proxy));
    expect(proxy.isa).toMatch(/^\w+$/); // a fact, not a call
    expect(await working).toBeLessThan(1);
    await proxy.fit(1);
    proxy.close();
  });

  test.each(Object.entries(poolCalls))('pool.%s is BUSY', async (_name, call) => {
    const [pool, proxy] = [newPool(), newProxy()];
    pool.addUniform(8, 1, 1);
    const working = pool.score(proxy, 100);
    await errorOf('BUSY', () => call(pool, proxy));
    await errorOf('BUSY', () => proxy.parameters()); // the proxy works too
    expect(await working).toBe(1);
    expect(pool.size).toBe(8);
    pool.close();
    proxy.close();
  });

  test('a busy proxy serves no pool', async () => {
    const [pool, proxy] = [newPool(), newProxy()];
    pool.addUniform(2, 1, 1);
    proxy.beginFit(fourGenes(), fourTargets(), longFit);
    const working = proxy.fit(20);
    await errorOf('BUSY', () => pool.score(proxy, 10));
    await errorOf('BUSY', () => pool.addClimbed(proxy, drawPlan));
    await errorOf('BUSY', () => pool.beginScan(proxy, scanPlan));
    await working;
    expect(await pool.score(proxy, 10)).toBe(1);
    pool.close();
    proxy.close();
  });

  test('close lets the work end, then everything is CLOSED', async () => {
    for (let i = 0; i < 20; ++i) {
      const [pool, proxy, other] = [newPool(), newProxy(), newProxy({ threads: 2 })];
      pool.addUniform(8, 1, 1);
      other.beginFit(fourGenes(), fourTargets(), longFit);
      const working = [pool.score(proxy, 10), other.fit(2)];
      pool.close();
      proxy.close();
      other.close();
      expect(await working[0]).toBe(1);
      expect(await working[1]).toBeLessThan(1);
      await errorOf('CLOSED', () => pool.size);
      await errorOf('CLOSED', () => proxy.parameters());
      await errorOf('CLOSED', () => other.fit(1));
    }
  });

  test('objects that nobody holds any more survive until their work is done', async () => {
    const slices = Array.from({ length: 20 }, () => {
      const proxy = newProxy();
      proxy.beginFit(fourGenes(), fourTargets(), longFit);
      return proxy.fit(2);
    });
    globalThis.gc?.();
    for (const done of await Promise.all(slices)) expect(done).toBeGreaterThan(0);
  });
});

describe('a scan while it works', () => {
  test.each(Object.entries(poolCalls))('pool.%s is BUSY', async (_name, call) => {
    const [pool, proxy] = [newPool(), newProxy()];
    pool.beginScan(proxy, scanPlan);
    const working = pool.scan(proxy, 4);
    await errorOf('BUSY', () => call(pool, proxy));
    await errorOf('BUSY', () => proxy.parameters()); // the proxy works too
    expect(await working).toBe(0.5);
    expect(await pool.scan(proxy, 4)).toBe(1);
    pool.close();
    proxy.close();
  });

  test('close lets it end', async () => {
    const [pool, proxy] = [newPool(), newProxy()];
    pool.beginScan(proxy, scanPlan);
    const working = pool.scan(proxy, 100);
    pool.close();
    proxy.close();
    expect(await working).toBe(1);
    await errorOf('CLOSED', () => pool.scan(proxy, 1));
  });
});

describe('out of order', () => {
  test('a scan that was not begun, or is done', async () => {
    const [pool, proxy] = [newPool(), newProxy()];
    const refused = async (): Promise<void> => {
      const error = await errorOf('INVALID_ARGUMENT', () => pool.scan(proxy, 1));
      expect(error.message).toMatch(/^scan: nothing was begun/);
    };
    await refused();
    pool.beginScan(proxy, scanPlan);
    await finish(() => pool.scan(proxy, 3));
    await refused();
    expect(pool.size).toBeGreaterThan(0);
    pool.close();
    proxy.close();
  });

  test('a scan goes on with as many members as it was begun with', async () => {
    const [pool, proxy, more] = [newPool(), newProxy(), newProxy({ members: 3 })];
    pool.beginScan(proxy, scanPlan);
    const error = await errorOf('INVALID_ARGUMENT', () => pool.scan(more, 1));
    expect(error.message).toMatch(/^scan: the number of members changed/);
    expect(await pool.scan(proxy, 100)).toBe(1);
    for (const object of [pool, proxy, more]) object.close();
  });

  test('work that was not begun', async () => {
    const proxy = newProxy();
    for (const call of [() => proxy.fit(1), () => proxy.climb(1)])
      expect((await errorOf('INVALID_ARGUMENT', call)).message).toMatch(/expected begun work/);
    proxy.beginFit(fourGenes(), fourTargets(), fitPlan);
    await errorOf('INVALID_ARGUMENT', () => proxy.climb(1));
    proxy.setParameters(proxy.parameters()); // takes the fit back
    await errorOf('INVALID_ARGUMENT', () => proxy.fit(1));
    proxy.close();
  });

  test('a finished call stays finished', async () => {
    const proxy = newProxy();
    proxy.beginFit(fourGenes(), fourTargets(), fitPlan);
    await finish(() => proxy.fit(100));
    const before = proxy.parameters();
    expect(await proxy.fit(100)).toBe(1);
    expect(proxy.parameters()).toEqual(before);
    proxy.close();
  });

  test('a refused beginFit leaves the parameters as they were', async () => {
    const proxy = newProxy();
    const before = proxy.parameters();
    await errorOf('INVALID_ARGUMENT', () => proxy.beginFit(fourGenes(), Float32Array.of(1), fitPlan));
    expect(proxy.parameters()).toEqual(before);
    proxy.close();
  });

  test('a climb is forgotten once the parameters change', async () => {
    const [pool, proxy] = [newPool(), newProxy()];
    proxy.beginClimb(climbPlan);
    await finish(() => proxy.climb(100));
    proxy.beginFit(fourGenes(), fourTargets(), fitPlan);
    await errorOf('INVALID_ARGUMENT', () => pool.addClimbed(proxy, drawPlan));
    await errorOf('INVALID_ARGUMENT', () => proxy.entropy(1));
    pool.close();
    proxy.close();
  });
});

test('where slices are cut, and how many threads there are, never changes a result', async () => {
  const train = async (threads: number, milliseconds: number): Promise<Float32Array> => {
    const proxy = newProxy({ threads, members: 3 });
    proxy.beginFit(fourGenes(), fourTargets(), { ...fitPlan, epochs: 300, dropout: 0.1 });
    await finish(() => proxy.fit(milliseconds));
    const parameters = proxy.parameters();
    proxy.close();
    return parameters;
  };
  const whole = await train(1, 1e6);
  expect(await train(1, 0)).toEqual(whole);
  expect(await train(2, 1)).toEqual(whole);
  expect(await train(3, 1e6)).toEqual(whole);
});
