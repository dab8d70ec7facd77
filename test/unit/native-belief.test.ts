import { native, type KernelShape, type KernelView, type NativeBelief } from '../../src/native.js';
import { assess, fittedBelief, fullPool, newBelief } from '../support/belief.js';
import { errorOf } from '../support/errors.js';
import { exampleSpaces } from '../support/example-spaces.js';
import { finish, fourGenes, fourTargets, newProxy, scanPlan } from '../support/native.js';

import { tinySpace } from '../support/spaces.js';
let belief: NativeBelief;
beforeEach(() => {
  belief = newBelief();
});
afterEach(() => belief.close());

describe("the kernel's shape", () => {
  const start: KernelShape = { genes: 0.25, labels: 0.25, flow: 0.5, scale: 0.4, noise: 0.05, correlation: 0.7 };
  const other: KernelShape = { genes: 0, labels: 0.75, flow: 0.25, scale: 1.6, noise: 0.2, correlation: 0.95 };

  test.each<[readonly [KernelView, ...KernelView[]], Partial<KernelShape>]>([
    [['genes', 'labels', 'flow'], start],
    [['labels', 'flow'], { ...start, genes: 0, labels: 0.5 }],
    [['flow'], { ...start, genes: 0, labels: 0, flow: 1 }],
    [['genes'], { ...start, genes: 1, labels: 0, flow: 0 }],
  ])('looks at %p alone, and goes on to', async (views, begins) => {
    const some = new (native().Belief)(tinySpace().program, fourGenes(), views);
    expect(some.shape).toEqual(begins);
    await some.fit(fourGenes(), fourTargets(), true);
    for (const view of ['genes', 'labels', 'flow'] as const)
      if (!views.includes(view)) expect(some.shape[view]).toBe(0);
    some.close();
  });

  test('begins in the middle of the grid, and is what was set', () => {
    expect(belief.shape).toEqual(start);
    for (const scale of [0.1, 0.2, 0.4, 0.8, 1.6]) {
      for (const noise of [0.01, 0.05, 0.2]) {
        belief.shape = { ...other, scale, noise };
        expect(belief.shape).toEqual({ ...other, scale, noise });
      }
    }
  });

  test('is what a fit that tunes goes on from, and a fit that does not keeps it', async () => {
    belief.shape = other;
    await belief.fit(fourGenes(), fourTargets(), false);
    expect(belief.shape).toEqual(other);
    await belief.fit(fourGenes(), fourTargets(), true);
    const tuned = belief.shape;
    expect(tuned).not.toEqual(other);
    belief.shape = { ...belief.shape }; // exactly what the getter gave
    await belief.fit(fourGenes(), fourTargets(), true);
    expect(belief.shape).toEqual(tuned);
  });

  test('set after a fit, it changes no prediction before the next', async () => {
    await belief.fit(fourGenes(), fourTargets(), false);
    const before = belief.predict(assess(belief), fourGenes());
    belief.shape = other;
    expect(belief.predict(assess(belief), fourGenes())).toEqual(before);
    await belief.fit(fourGenes(), fourTargets(), false);
    expect(belief.predict(assess(belief), fourGenes())).not.toEqual(before);
  });

  test.each<[string, unknown, RegExp]>([
    ['no object', 1, /^shape: expected an object, given 1/],
    ['nothing', undefined, /^shape: expected an object, given undefined/],
    ['no weight', { ...start, genes: undefined }, /^shape\.genes: expected a number, given undefined/],
    ['a text', { ...start, flow: '0.5' }, /^shape\.flow: expected a number, given a string/],
    ['NaN', { ...start, scale: NaN }, /^shape\.scale: expected/],
    [
      'a weight between two',
      { ...start, labels: 0.3 },
      /^shape\.labels: expected one of 0, 0\.25, 0\.5, 0\.75, 1, given 0\.3/,
    ],
    ['a negative weight', { ...start, genes: -0.25, flow: 1 }, /^shape\.genes: expected/],
    ['too much in all', { ...start, flow: 0.75 }, /^shape: expected genes, labels and flow of 1 in all, given 1\.25/],
    ['too little in all', { ...start, flow: 0 }, /^shape: expected genes, labels and flow of 1 in all, given 0\.5/],
    ['a scale between two', { ...start, scale: 0.3 }, /^shape\.scale: expected one of 0\.1, .*1\.6, given 0\.3/],
    ['a scale too large', { ...start, scale: 3.2 }, /^shape\.scale: expected/],
    ['a noise between two', { ...start, noise: 0.1 }, /^shape\.noise: expected one of 0\.01, 0\.05, 0\.2, given 0\.1/],
  ])('%s is refused, and changes nothing', async (_name, wrong, message) => {
    const error = await errorOf('INVALID_ARGUMENT', () => {
      belief.shape = wrong as KernelShape;
    });
    expect(error.message).toMatch(message);
    expect(belief.shape).toEqual(start);
  });
});

describe('what is believed', () => {
  const halves = (both: Float32Array): [Float32Array, Float32Array] => [
    both.slice(0, both.length / 2),
    both.slice(both.length / 2),
  ];

  test('of the measured is near what was measured, and surer than of the others', async () => {
    const fitted = await fittedBelief();
    const pool = fullPool();
    const [means, deviations] = halves(fitted.predict(assess(fitted), fourGenes()));
    fourTargets().forEach((target, i) => expect(Math.abs(means[i]! - target)).toBeLessThan(0.2));
    const [, all] = halves(fitted.predict(assess(fitted), pool.candidates()));
    expect(all).toHaveLength(8);
    expect(Math.max(...all)).toBeGreaterThan(1.5 * Math.max(...deviations));
    expect(fitted.predict(assess(fitted), new Uint8Array())).toEqual(new Float32Array());
    for (const object of [fitted, pool]) object.close();
  });

  test('is the same of a copy, and of genes and targets that change or go after the call', async () => {
    const fitted = await fittedBelief();
    const [genes, targets] = [fourGenes(), fourTargets()];
    const fit = belief.fit(genes, targets, false);
    genes.fill(255);
    structuredClone(targets, { transfer: [targets.buffer as ArrayBuffer] });
    await fit;
    expect(belief.predict(assess(belief), fourGenes())).toEqual(fitted.predict(assess(fitted), fourGenes()));
    fitted.close();
  });

  test.each([0, 0.3, 1])('is mixed with an ensemble of the share %p', async (share) => {
    const [fitted, pool, proxy] = [await fittedBelief(), fullPool(), newProxy({ members: 3 })];
    await pool.score(proxy, 100);
    const members = pool.scores();
    const genes = pool.candidates();
    const [means, deviations] = halves(fitted.predict(assess(fitted), genes));
    const [mixedMeans, mixedDeviations] = halves(fitted.predict(assess(fitted, { proxy, share }), genes));
    for (let i = 0; i < 8; ++i) {
      const own = members.subarray(3 * i, 3 * i + 3);
      const moment = (power: number): number => own.reduce((sum, value) => sum + value ** power, 0) / 3;
      const mean = (1 - share) * means[i]! + share * moment(1);
      const second = (1 - share) * (means[i]! ** 2 + deviations[i]! ** 2) + share * moment(2);
      expect(mixedMeans[i]).toBeCloseTo(mean, 5);
      expect(mixedDeviations[i]).toBeCloseTo(Math.sqrt(second - mean ** 2), 4);
    }
    for (const object of [fitted, pool, proxy]) object.close();
  });

  test('scores candidates by its bound, picks the best and scans for them', async () => {
    const [fitted, pool, proxy] = [await fittedBelief(), fullPool(), newProxy()];
    const assessment = assess(fitted, { proxy, share: 0.5, beta: 2 });
    expect(await pool.score(assessment, 3)).toBe(0);
    await finish(() => pool.score(assessment, 3));
    const [means, deviations] = halves(fitted.predict(assessment, pool.candidates()));
    const scores = pool.scores();
    scores.forEach((score, i) => expect(score).toBeCloseTo(means[i]! + 2 * deviations[i]!, 5));
    const best = pool.pick(1, 'mean', 1, 1);
    expect(best.means[0]).toBe(Math.max(...scores));
    expect(best.deviations[0]).toBe(0);
    pool.clear();
    pool.beginScan(assessment, { ...scanPlan, keep: 1 });
    await finish(() => pool.scan(assessment, 3));
    expect(pool.candidates()).toEqual(best.genes);
    for (const object of [fitted, pool, proxy]) object.close();
  });

  test('promises less of what is expected, and sure, to be worse', async () => {
    const [fitted, pool] = [await fittedBelief(), fullPool()];
    await pool.score(assess(fitted, { rule: 'log-ei', best: 1 }), 100);
    const near = pool.scores();
    pool.forgetScores();
    await pool.score(assess(fitted, { rule: 'log-ei', best: 40 }), 100);
    const far = pool.scores();
    for (let i = 0; i < 8; ++i) {
      expect(Number.isFinite(far[i]!)).toBe(true);
      expect(far[i]).toBeLessThan(near[i]!);
    }
    for (const object of [fitted, pool]) object.close();
  });

  test('of equal targets is those, not without doubt', async () => {
    for (const target of [0, 1]) {
      await belief.fit(fourGenes(), new Float32Array(4).fill(target), true);
      const [means, deviations] = halves(belief.predict(assess(belief), fourGenes()));
      means.forEach((mean) => expect(Math.abs(mean - target)).toBeLessThan(0.02));
      deviations.forEach((deviation) => expect(deviation).toBeGreaterThan(0));
    }
  });
});

test('candidates stand for the pool in an order that does not depend on how many are asked', () => {
  const pool = fullPool();
  const all = pool.representatives(100);
  expect(all).toHaveLength(8 * 3);
  const texts = (genes: Uint8Array): string[] => [...genes].join('').match(/.../g) ?? [];
  expect(texts(all).sort()).toEqual(texts(pool.candidates()).sort());
  for (let count = 0; count <= 8; ++count) expect(pool.representatives(count)).toEqual(all.subarray(0, 3 * count));
  pool.clear();
  expect(pool.representatives(3)).toEqual(new Uint8Array());
  pool.close();
});

test('architectures are read in their normal form', async () => {
  const { program } = exampleSpaces().find(({ id }) => id === 'decides')!;
  const core = new (native().Space)(program);
  const drawn = core.draw(30, 1, 0).genes;
  const normal = core.normalise(drawn);
  expect(normal).not.toEqual(drawn);
  const targets = Float32Array.from({ length: 30 }, (_, i) => Math.sin(i));
  const predictions = [drawn, normal].map(async (genes) => {
    const one = newBelief(program, genes);
    await one.fit(genes, targets, true);
    const given = one.predict(assess(one), genes);
    one.close();
    return given;
  });
  expect(await predictions[1]).toEqual(await predictions[0]);
});
