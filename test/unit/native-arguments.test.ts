import { native, type NativePool, type NativeProxy } from '../../src/native.js';
import {
  climbPlan,
  config,
  drawPlan,
  finish,
  fitPlan,
  fourGenes,
  fourTargets,
  newProxy,
  scanPlan,
} from '../support/native.js';
import { errorOf } from '../support/errors.js';
import { exampleSpaces } from '../support/example-spaces.js';
import { edgeCellSpace, tinySpace } from '../support/spaces.js';

const { program } = tinySpace();
let proxy: NativeProxy;
let pool: NativePool;
beforeEach(() => {
  proxy = newProxy();
  pool = new (native().Pool)(program);
});
afterEach(() => {
  proxy.close();
  pool.close();
});

/** Calls a native method, or constructs a native class, with arguments of any type. */
type Loose = (...args: unknown[]) => unknown;
const call = (target: object, name: string, ...args: unknown[]): unknown =>
  (target as Record<string, Loose>)[name]!(...args);
const newProxyOf = (...args: unknown[]): unknown =>
  new (native().Proxy as unknown as new (...args: unknown[]) => unknown)(...args);

const notObjects = [undefined, null, 1, 'x', true];
const notNumbers = [undefined, null, '1', {}, NaN, 1n, Symbol('s')];

test.each(['hidden', 'layers', 'outputs', 'members', 'threads'])('config.%s', async (key) => {
  for (const value of [...notNumbers, 0, -1, 1.5, 1e9, Infinity]) {
    const error = await errorOf('INVALID_ARGUMENT', () => newProxyOf(program, { ...config, [key]: value }));
    expect(error.message).toContain(`config.${key}: expected`);
  }
});

test('config.kind', async () => {
  for (const value of [...notNumbers, 0, '', 'GCN']) {
    const error = await errorOf('INVALID_ARGUMENT', () => newProxyOf(program, { ...config, kind: value }));
    expect(error.message).toMatch(/^config\.kind: expected gcn, mlp or transformer/);
  }
});

test.each(notObjects)('a configuration %p', async (wrong) => {
  await errorOf('INVALID_ARGUMENT', () => newProxyOf(program, wrong));
});

test('initialise takes a seed below 2^53 and a round', async () => {
  for (const wrong of [...notNumbers, -1, 0.5, 2 ** 53]) {
    await errorOf('INVALID_ARGUMENT', () => call(proxy, 'initialise', wrong, 0));
    await errorOf('INVALID_ARGUMENT', () => call(proxy, 'initialise', 1, wrong));
  }
  expect(() => proxy.initialise(2 ** 53 - 1, 2 ** 31 - 1)).not.toThrow();
});

describe('beginFit', () => {
  test.each<[string, unknown, unknown, RegExp]>([
    ['a list for genes', [0, 0, 0], Float32Array.of(1), /^genes: expected a Uint8Array, given something else/],
    ['no genes', undefined, Float32Array.of(1), /^genes: expected a Uint8Array, given undefined/],
    ['words for genes', new Uint16Array(3), Float32Array.of(1), /^genes: expected a Uint8Array/],
    ['half an architecture', new Uint8Array(4), Float32Array.of(1, 2), /multiple of 3 bytes, given 4/],
    [
      'a gene out of range',
      Uint8Array.of(0, 2, 0),
      Float32Array.of(1),
      /gene 1 of architecture 0: expected 0\.\.1, given 2/,
    ],
    ['doubles for targets', new Uint8Array(3), Float64Array.of(1), /^targets: expected a Float32Array/],
    ['a list for targets', new Uint8Array(3), [1], /^targets: expected a Float32Array/],
    ['too few targets', new Uint8Array(6), Float32Array.of(1), /expected/],
    ['too many targets', new Uint8Array(3), Float32Array.of(1, 2), /expected/],
    ['nothing to fit', new Uint8Array(), new Float32Array(), /expected/],
    ['NaN among targets', new Uint8Array(6), Float32Array.of(1, NaN), /^targets\[1\]: expected a finite number/],
    ['infinity among targets', new Uint8Array(3), Float32Array.of(Infinity), /^targets\[0\]: expected a finite number/],
  ])('%s', async (_name, genes, targets, message) => {
    const error = await errorOf('INVALID_ARGUMENT', () => call(proxy, 'beginFit', genes, targets, fitPlan));
    expect(error.message).toMatch(message);
  });

  test.each(['epochs', 'batch', 'lr', 'weightDecay', 'ranking', 'margin', 'dropout', 'seed', 'round'])(
    'plan.%s',
    async (key) => {
      for (const value of [...notNumbers, -1, Infinity, -Infinity]) {
        const plan = { ...fitPlan, [key]: value };
        const error = await errorOf('INVALID_ARGUMENT', () =>
          call(proxy, 'beginFit', fourGenes(), fourTargets(), plan),
        );
        expect(error.message).toContain(`plan.${key}: expected`);
      }
    },
  );

  test('a plan or schedule that is none', async () => {
    for (const plan of notObjects)
      await errorOf('INVALID_ARGUMENT', () => call(proxy, 'beginFit', fourGenes(), fourTargets(), plan));
    const schedules: unknown[] = [...notObjects, {}, { decay: 'linear' }, { decay: 1 }, { decay: 'step' }];
    schedules.push({ decay: 'step', gamma: 2, every: 1 }, { decay: 'step', gamma: 0.5, every: 0 });
    for (const schedule of schedules) {
      const plan = { ...fitPlan, schedule };
      const error = await errorOf('INVALID_ARGUMENT', () => call(proxy, 'beginFit', fourGenes(), fourTargets(), plan));
      expect(error.message).toMatch(/^plan\.schedule/);
    }
  });
});

test.each(['restarts', 'steps', 'lr', 'weightDecay', 'tauStart', 'tauEnd', 'alphaLow', 'alphaHigh', 'seed', 'round'])(
  'beginClimb, plan.%s',
  async (key) => {
    for (const value of [...notNumbers, Infinity, -Infinity, 1e300]) {
      const error = await errorOf('INVALID_ARGUMENT', () => call(proxy, 'beginClimb', { ...climbPlan, [key]: value }));
      expect(error.message).toContain(`plan.${key}: expected`);
    }
  },
);

test('a climb of several outputs takes a weight for each', async () => {
  for (const wrong of [null, [1], new Float64Array(1), new Float32Array(2), Float32Array.of(NaN)])
    expect((await errorOf('INVALID_ARGUMENT', () => call(proxy, 'beginClimb', climbPlan, wrong))).message).toMatch(
      /^weights/,
    );
});

test('slices take a time', async () => {
  proxy.beginFit(fourGenes(), fourTargets(), fitPlan);
  for (const wrong of [...notNumbers, -1, Infinity]) {
    const error = await errorOf('INVALID_ARGUMENT', () => call(proxy, 'fit', wrong));
    expect(error.message).toMatch(/^milliseconds: expected/);
  }
  await finish(() => proxy.fit(100)); // a refused call leaves it usable
});

test('entropy needs a sharpness and a finished climb', async () => {
  expect((await errorOf('INVALID_ARGUMENT', () => proxy.entropy(1))).message).toMatch(/expected a finished climb/);
  proxy.beginClimb(climbPlan);
  await finish(() => proxy.climb(100));
  for (const wrong of [...notNumbers, 0, -1, Infinity]) {
    const error = await errorOf('INVALID_ARGUMENT', () => call(proxy, 'entropy', wrong));
    expect(error.message).toMatch(/^sharpness: expected/);
  }
  expect(proxy.entropy(1)).toEqual({ alpha: expect.any(Number) as number, beta: null });
});

test('setParameters', async () => {
  const parameters = proxy.parameters();
  for (const wrong of [
    undefined,
    [...parameters],
    new Float64Array(parameters),
    parameters.slice(1),
    parameters.fill(NaN),
  ])
    await errorOf('INVALID_ARGUMENT', () => call(proxy, 'setParameters', wrong));
});

describe('the pool', () => {
  test.each(['addKnown', 'addNeighbours', 'restrict'])('%s takes whole architectures', async (method) => {
    for (const wrong of [
      undefined,
      null,
      [0, 0, 0],
      'abc',
      new Uint8Array(4),
      Uint8Array.of(0, 0, 2),
      new Int8Array(3),
    ])
      await errorOf('INVALID_ARGUMENT', () => call(pool, method, wrong));
    expect(pool.size).toBe(0);
  });

  test('counts, seeds, rounds and rules', async () => {
    for (const wrong of [...notNumbers, -1, 1.5, 1e12]) {
      await errorOf('INVALID_ARGUMENT', () => call(pool, 'addUniform', wrong, 1, 1));
      await errorOf('INVALID_ARGUMENT', () => call(pool, 'addNeighboursOfBest', wrong));
      await errorOf('INVALID_ARGUMENT', () => call(pool, 'pick', wrong, 'mean', 1, 1));
      await errorOf('INVALID_ARGUMENT', () => call(pool, 'score', proxy, wrong));
      await errorOf('INVALID_ARGUMENT', () => call(pool, 'scan', proxy, wrong));
    }
    for (const wrong of [...notNumbers, -1, 1.5, 2 ** 53]) {
      await errorOf('INVALID_ARGUMENT', () => call(pool, 'addUniform', 1, wrong, 1));
      await errorOf('INVALID_ARGUMENT', () => call(pool, 'addUniform', 1, 1, wrong));
    }
    for (const wrong of [undefined, null, 1, 'best', {}])
      await errorOf('INVALID_ARGUMENT', () => call(pool, 'pick', 1, wrong, 1, 1));
    for (const method of ['score', 'scan']) await errorOf('INVALID_ARGUMENT', () => call(pool, method, proxy, 0));
  });

  test('draws need a plan and a finished climb', async () => {
    const early = await errorOf('INVALID_ARGUMENT', () => pool.addClimbed(proxy, drawPlan));
    expect(early.message).toMatch(/expected a finished climb/);
    proxy.beginClimb(climbPlan);
    await finish(() => proxy.climb(100));
    for (const plan of notObjects) await errorOf('INVALID_ARGUMENT', () => call(pool, 'addClimbed', proxy, plan));
    for (const key of Object.keys(drawPlan)) {
      for (const value of [...notNumbers, -1, Infinity]) {
        const error = await errorOf('INVALID_ARGUMENT', () =>
          call(pool, 'addClimbed', proxy, { ...drawPlan, [key]: value }),
        );
        expect(error.message).toContain(`plan.${key}: expected`);
      }
    }
    expect(pool.addClimbed(proxy, drawPlan)).toBe(pool.size);
  });

  test('scans need a plan', async () => {
    for (const plan of notObjects) await errorOf('INVALID_ARGUMENT', () => call(pool, 'beginScan', proxy, plan));
    for (const key of Object.keys(scanPlan)) {
      for (const value of [...notNumbers, -1, 0.5, Infinity, 2 ** 53, ...(key === 'count' ? [0] : [])]) {
        const error = await errorOf('INVALID_ARGUMENT', () =>
          call(pool, 'beginScan', proxy, { ...scanPlan, [key]: value }),
        );
        expect(error.message).toContain(`plan.${key}: expected`);
      }
    }
    await errorOf('INVALID_ARGUMENT', () => pool.scan(proxy, 1)); // none of them began anything
    pool.beginScan(proxy, scanPlan);
    await errorOf('INVALID_ARGUMENT', () => pool.beginScan(proxy, { ...scanPlan, count: 0 }));
    await finish(() => pool.scan(proxy, 3)); // a refused call leaves it usable
    expect(pool.size).toBeGreaterThan(0);
  });

  test('only valid architectures can be what it is restricted to, and some', async () => {
    const constrained = exampleSpaces().find(({ id }) => id === 'named')!;
    const core = new (native().Space)(constrained.program);
    const valid = core.draw(1, 1, 0).genes;
    const other = new (native().Pool)(constrained.program);
    const { length } = constrained.program.genes;
    const some = core.enumerate(0, constrained.size);
    const at = length * core.check(some).findIndex((code) => code > 0);
    const invalid = some.slice(at, at + length);
    const error = await errorOf('INVALID_ARGUMENT', () => other.restrict(Uint8Array.from([...valid, ...invalid])));
    expect(error.message).toMatch(/^pool: architecture 1 is not valid: \w/);
    expect((await errorOf('INVALID_ARGUMENT', () => other.restrict(new Uint8Array()))).message).toMatch(
      /^pool: expected at least one architecture/,
    );
    expect(other.count).toBe(constrained.size); // neither changed anything
    other.restrict(valid);
    expect(other.count).toBe(1);
    other.close();
  });

  test('a proxy that is none', async () => {
    const forged = Object.create(native().Proxy.prototype as object) as object;
    for (const wrong of [undefined, null, {}, pool, forged]) {
      await errorOf('INVALID_ARGUMENT', () => call(pool, 'score', wrong, 1));
      await errorOf('INVALID_ARGUMENT', () => call(pool, 'addClimbed', wrong, drawPlan));
      await errorOf('INVALID_ARGUMENT', () => call(pool, 'beginScan', wrong, scanPlan));
      await errorOf('INVALID_ARGUMENT', () => call(pool, 'scan', wrong, 1));
    }
  });

  test('a proxy of another space', async () => {
    const wider = edgeCellSpace({ id: 'w', cellNodes: 3, operations: ['a', 'b', 'c'] });
    const larger = edgeCellSpace({ id: 'l', cellNodes: 4, operations: ['a', 'b'] });
    pool.addUniform(3, 1, 1);
    for (const other of [wider, larger]) {
      const stranger = newProxy({}, other.program);
      await errorOf('INVALID_ARGUMENT', () => pool.score(stranger, 10));
      await errorOf('INVALID_ARGUMENT', () => pool.beginScan(stranger, scanPlan));
      stranger.close();
    }
    expect(await pool.score(proxy, 10)).toBe(1);
  });

  test.each([
    ['a list', [0, 0, 0]],
    ['half an architecture', new Uint8Array(4)],
    ['a gene out of range', Uint8Array.of(0, 2, 0)],
  ])('%s cannot be added', async (_name, genes) => {
    await errorOf('INVALID_ARGUMENT', () => call(pool, 'add', genes));
    expect(pool.size).toBe(0);
  });

  test('picks, scores and neighbours of the best need scores', async () => {
    expect(pool.scores()).toEqual(new Float32Array()); // of no candidates
    pool.addUniform(3, 1, 1);
    await errorOf('INVALID_ARGUMENT', () => pool.scores());
    expect((await errorOf('INVALID_ARGUMENT', () => pool.pick(1, 'mean', 1, 1))).message).toMatch(
      /score the candidates/,
    );
    await errorOf('INVALID_ARGUMENT', () => pool.addNeighboursOfBest(1));
  });
});
