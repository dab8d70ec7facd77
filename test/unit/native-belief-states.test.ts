import { native, type Assessment, type NativeBelief } from '../../src/native.js';
import { assess, fittedBelief, fullPool, newBelief } from '../support/belief.js';
import { errorOf } from '../support/errors.js';
import { fitPlan, fourGenes, fourTargets, newProxy, scanPlan } from '../support/native.js';
import { largeSpace } from '../support/spaces.js';

/** Every call of a belief, with arguments that are right. */
const calls: Record<string, (belief: NativeBelief) => unknown> = {
  fit: (belief) => belief.fit(fourGenes(), fourTargets(), true),
  predict: (belief) => belief.predict(assess(belief), fourGenes()),
  noise: (belief) => belief.noise,
  shape: (belief) => belief.shape,
  'shape, set': (belief) => {
    belief.shape = { genes: 1, labels: 0, flow: 0, scale: 0.4, noise: 0.05, correlation: 0.7 };
  },
};

test('no call is forgotten here', () => {
  const names = Object.getOwnPropertyNames(native().Belief.prototype).filter((name) => name !== 'constructor');
  expect(names.sort()).toEqual([...Object.keys(calls).filter((name) => !name.includes(',')), 'close'].sort());
});

describe.each(Object.entries(calls))('%s', (_name, call) => {
  test('is CLOSED after close', async () => {
    const belief = await fittedBelief();
    belief.close();
    belief.close();
    await errorOf('CLOSED', () => call(belief));
  });

  test('is BUSY during a fit', async () => {
    const belief = newBelief();
    const working = belief.fit(fourGenes(), fourTargets(), true);
    await errorOf('BUSY', () => call(belief));
    expect(await working).toBe(1);
    await call(belief);
    belief.close();
  });

  test('is BUSY while it scores a pool', async () => {
    const [belief, pool] = [await fittedBelief(), fullPool()];
    const working = pool.score(assess(belief), 100);
    await errorOf('BUSY', () => call(belief));
    expect(await working).toBe(1);
    await call(belief);
    for (const object of [belief, pool]) object.close();
  });
});

describe('an assessment', () => {
  test('keeps pool, belief and proxy busy', async () => {
    const [belief, pool, other, proxy] = [await fittedBelief(), fullPool(), fullPool(), newProxy()];
    const assessment = assess(belief, { proxy, share: 0.5 });
    pool.beginScan(assessment, scanPlan);
    for (const work of [() => pool.score(assessment, 100), () => pool.scan(assessment, 4)]) {
      const working = work();
      await errorOf('BUSY', () => pool.size);
      await errorOf('BUSY', () => proxy.parameters());
      await errorOf('BUSY', () => other.score(assessment, 1));
      await errorOf('BUSY', () => other.score(proxy, 1));
      await errorOf('BUSY', () => other.beginScan(assess(belief), scanPlan));
      expect(await working).toBeGreaterThan(0);
    }
    expect(other.size).toBe(8); // the refused calls left it idle
    expect(await other.score(assessment, 100)).toBe(1);
    for (const object of [belief, pool, other, proxy]) object.close();
  });

  test('of a busy or closed belief or proxy leaves the others idle', async () => {
    const [belief, pool, proxy] = [await fittedBelief(), fullPool(), newProxy()];
    const assessment = assess(belief, { proxy, share: 0.5 });
    proxy.beginFit(fourGenes(), fourTargets(), { ...fitPlan, epochs: 100_000 });
    const training = proxy.fit(20);
    await errorOf('BUSY', () => pool.score(assessment, 1));
    await errorOf('BUSY', () => belief.predict(assessment, fourGenes()));
    await training;
    const fitting = belief.fit(fourGenes(), fourTargets(), false);
    await errorOf('BUSY', () => pool.score(assessment, 1));
    await fitting;
    expect(await pool.score(assessment, 100)).toBe(1);
    proxy.close();
    await errorOf('CLOSED', () => pool.score(assessment, 1));
    await errorOf('CLOSED', () => belief.predict(assessment, fourGenes()));
    expect(belief.predict(assess(belief), fourGenes())).toHaveLength(8);
    belief.close();
    await errorOf('CLOSED', () => pool.score(assess(belief), 1));
    expect(pool.size).toBe(8);
    pool.close();
  });

  test('is worked off though all are closed meanwhile', async () => {
    for (let i = 0; i < 20; ++i) {
      const [belief, pool, proxy] = [await fittedBelief(), fullPool(), newProxy()];
      const working = pool.score(assess(belief, { proxy, share: 0.5 }), 100);
      for (const object of [belief, pool, proxy]) object.close();
      expect(await working).toBe(1);
      await errorOf('CLOSED', () => belief.shape);
      await errorOf('CLOSED', () => pool.size);
      await errorOf('CLOSED', () => proxy.parameters());
    }
  });

  test('keeps alive what nobody holds any more', async () => {
    const slices = Array.from({ length: 20 }, async () => fullPool().score(assess(await fittedBelief()), 100));
    globalThis.gc?.();
    for (const done of await Promise.all(slices)) expect(done).toBe(1);
  });
});

test('a fit that fails leaves the belief idle', async () => {
  const belief = await fittedBelief();
  await errorOf('INVALID_ARGUMENT', () => belief.fit(fourGenes(), Float32Array.of(1), true));
  expect(await belief.fit(fourGenes(), fourTargets(), true)).toBe(1);
  belief.close();
});

test('close frees the memory, of a busy belief when its work ends', async () => {
  const { program } = largeSpace();
  const core = new (native().Space)(program);
  const count = 400;
  const { genes } = core.draw(count, 1, 0);
  const targets = Float32Array.from({ length: count }, (_, i) => Math.sin(i));
  const held: NativeBelief[] = []; // so that no collector frees them
  const work = async (times: number): Promise<number> => {
    for (let i = 0; i < times; ++i) {
      const belief = newBelief(program, genes.subarray(0, program.genes.length));
      held.push(belief);
      const fit = belief.fit(genes, targets, false);
      if (i % 2 === 0) await fit;
      belief.close();
      await fit;
    }
    return process.memoryUsage().rss;
  };
  const before = await work(10);
  const after = await work(100);
  expect(after - before).toBeLessThan(40e6); // 100 that are not freed hold more than a gigabyte
}, 60_000);

describe('a getter of an assessment', () => {
  /** The assessment, whose value is read by way of `meanwhile`. */
  const sly = (assessment: Assessment, key: keyof Assessment, meanwhile: () => void): Assessment =>
    Object.defineProperty({ ...assessment }, key, {
      get: () => {
        meanwhile();
        return assessment[key];
      },
    });
  const keys = ['belief', 'proxy', 'share', 'rule', 'beta', 'best'] as const;

  test.each(keys)('%s may close anything', async (key) => {
    for (const victim of ['pool', 'belief', 'proxy'] as const) {
      const all = { pool: fullPool(), belief: await fittedBelief(), proxy: newProxy() };
      const given = sly(assess(all.belief, { proxy: all.proxy, share: 0.5 }), key, () => all[victim].close());
      await errorOf('CLOSED', () => all.pool.score(given, 1));
      await errorOf('CLOSED', () => all.pool.beginScan(given, scanPlan));
      await errorOf('CLOSED', () => all.pool.scan(given, 1));
      if (victim !== 'pool') await errorOf('CLOSED', () => all.belief.predict(given, fourGenes()));
      for (const object of Object.values(all)) object.close();
    }
  });

  test.each(keys)('%s may start work', async (key) => {
    const [pool, belief, proxy] = [fullPool(), await fittedBelief(), newProxy()];
    const assessment = assess(belief, { proxy, share: 0.5 });
    let working: Promise<number> | undefined;
    const given = sly(assessment, key, () => {
      working ??= pool.score(assessment, 100);
    });
    await errorOf('BUSY', () => pool.score(given, 1));
    await expect(working).resolves.toBe(1);
    for (const object of [pool, belief, proxy]) object.close();
  });

  test.each(keys)('%s may throw', async (key) => {
    const [pool, belief, proxy] = [fullPool(), await fittedBelief(), newProxy()];
    const given = sly(assess(belief, { proxy }), key, () => {
      throw new RangeError('sly');
    });
    await expect((async () => pool.score(given, 1))()).rejects.toThrow(RangeError);
    expect(() => belief.predict(given, fourGenes())).toThrow(RangeError);
    expect(pool.size).toBe(8);
    for (const object of [pool, belief, proxy]) object.close();
  });

  test('may hand out another belief or proxy at every look, which nobody else holds', async () => {
    const pool = fullPool();
    const beliefs = await Promise.all(Array.from({ length: 10 }, fittedBelief));
    const given = {
      ...assess(beliefs[0]!, { share: 0.5 }),
      get belief(): NativeBelief {
        return beliefs.pop()!;
      },
      get proxy() {
        return newProxy();
      },
    };
    for (let i = 0; i < 4; ++i) {
      pool.forgetScores();
      const working = pool.score(given, 100);
      globalThis.gc?.();
      expect(await working).toBe(1);
    }
    pool.close();
  });

  test("of a shape may close the belief that it is for, and a shape's own too", async () => {
    const belief = await fittedBelief();
    const { shape } = belief;
    const given = Object.defineProperty({ ...shape }, 'flow', {
      get: () => {
        belief.close();
        return shape.flow;
      },
    });
    await errorOf('CLOSED', () => {
      belief.shape = given;
    });
  });
});
