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

test('a climb ends the fit that was begun: it holds the network as it was', async () => {
  const proxy = newProxy();
  proxy.beginFit(fourGenes(), fourTargets(), fitPlan);
  proxy.beginClimb(climbPlan);
  await errorOf('INVALID_ARGUMENT', () => proxy.fit(1));
  await finish(() => proxy.climb(10));
  proxy.close();
});
