import { native, type KernelShape, type NativeBelief } from '../../src/native.js';
import { errorOf } from '../support/errors.js';
import { fourGenes, fourTargets } from '../support/native.js';
import { tinySpace } from '../support/spaces.js';

const { program } = tinySpace();
let belief: NativeBelief;
beforeEach(() => {
  belief = new (native().Belief)(program, fourGenes());
});
afterEach(() => belief.close());

describe("the kernel's shape", () => {
  const start: KernelShape = { genes: 0.25, labels: 0.25, flow: 0.5, scale: 0.4, noise: 0.05 };
  const other: KernelShape = { genes: 0, labels: 0.75, flow: 0.25, scale: 1.6, noise: 0.2 };

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
    const assessment = { belief, share: 0, rule: 'ucb', beta: 1, best: 0 } as const;
    const before = belief.predict(assessment, fourGenes());
    belief.shape = other;
    expect(belief.predict(assessment, fourGenes())).toEqual(before);
    await belief.fit(fourGenes(), fourTargets(), false);
    expect(belief.predict(assessment, fourGenes())).not.toEqual(before);
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
