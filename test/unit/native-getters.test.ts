import { native } from '../../src/native.js';
import { errorOf } from '../support/errors.js';
import { climbPlan, finish, fitPlan, fourGenes, fourTargets, newProxy, scanPlan } from '../support/native.js';
import { tinySpace } from '../support/spaces.js';

const { program } = tinySpace();

describe('a getter among the arguments', () => {
  /** The plan, whose first value is read by way of `meanwhile`. */
  const sly = <Plan extends object>(plan: Plan, key: keyof Plan, meanwhile: () => void): Plan =>
    Object.defineProperty({ ...plan }, key, {
      get: () => {
        meanwhile();
        return plan[key];
      },
    });

  test('may close the proxy of beginFit', async () => {
    const proxy = newProxy();
    const plan = sly(fitPlan, 'epochs', () => proxy.close());
    await errorOf('CLOSED', () => proxy.beginFit(fourGenes(), fourTargets(), plan));
  });

  test('may close the pool of beginScan', async () => {
    const [proxy, pool] = [newProxy(), new (native().Pool)(program)];
    const plan = sly(scanPlan, 'count', () => pool.close());
    await errorOf('CLOSED', () => pool.beginScan(proxy, plan));
    proxy.close();
  });

  test('may start a scoring during beginScan', async () => {
    const [proxy, pool] = [newProxy(), new (native().Pool)(program)];
    pool.addUniform(8, 1, 1);
    let scoring: Promise<number> | undefined;
    const plan = sly(scanPlan, 'count', () => {
      scoring = pool.score(proxy, 8);
    });
    await errorOf('BUSY', () => pool.beginScan(proxy, plan));
    await expect(scoring).resolves.toBe(1);
    pool.close();
    proxy.close();
  });
});

describe('an accessor', () => {
  const { Proxy, Pool, Belief, Space } = native();
  const objects = {
    Proxy: newProxy(),
    Pool: new Pool(program),
    Belief: new Belief(program, fourGenes()),
    Space: new Space(program),
  };
  const accessors = Object.entries({ Proxy, Pool, Belief, Space } as Record<string, { prototype: object }>).flatMap(
    ([name, { prototype }]) =>
      Object.keys(Object.getOwnPropertyDescriptors(prototype))
        .filter((key) => Object.getOwnPropertyDescriptor(prototype, key)!.writable === undefined)
        .map((key) => ({ name, key, prototype })),
  );
  afterAll(() => {
    for (const object of [objects.Proxy, objects.Pool, objects.Belief]) object.close();
  });

  test('is one of these', () => {
    expect(accessors.map(({ name, key }) => `${name}.${key}`).sort()).toEqual(
      ['Belief.noise', 'Belief.shape', 'Pool.count', 'Pool.size', 'Proxy.isa', 'Space.count', 'Space.reasons'].sort(),
    );
  });

  test.each(accessors)(
    '$name, $key refuses an object of another class, whose memory is laid out otherwise',
    async ({ name, key, prototype }) => {
      for (const [other, object] of Object.entries(objects)) {
        if (other === name) continue;
        const wanted = `this: expected a native ${name}`;
        expect((await errorOf('INVALID_ARGUMENT', () => Reflect.get(prototype, key, object) as unknown)).message).toBe(
          wanted,
        );
        if (key !== 'shape') continue;
        expect((await errorOf('INVALID_ARGUMENT', () => Reflect.set(prototype, key, {}, object))).message).toBe(wanted);
      }
      expect(() => Reflect.get(prototype, key, {}) as unknown).toThrow();
    },
  );
});

test('a climb ends the fit that was begun: it holds the network as it was', async () => {
  const proxy = newProxy();
  proxy.beginFit(fourGenes(), fourTargets(), fitPlan);
  proxy.beginClimb(climbPlan);
  await errorOf('INVALID_ARGUMENT', () => proxy.fit(1));
  await finish(() => proxy.climb(10));
  proxy.close();
});
