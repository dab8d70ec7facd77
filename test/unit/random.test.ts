import { deriveSeed, Draws, SeedLane } from '../../src/random.js';

const many = (draw: (draws: Draws) => number, seed = 1): number[] => {
  const draws = new Draws(seed);
  return Array.from({ length: 20_000 }, () => draw(draws));
};
const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

test('draws are a function of the seed and of how many came before', () => {
  const draws = new Draws(7);
  const uniform = [0, 1, 2].map((index) => deriveSeed(7, SeedLane.Draw, index) / 2 ** 53);
  expect([draws.uniform(), draws.uniform()]).toEqual(uniform.slice(0, 2));
  expect(draws.below(1000)).toBe(Math.floor(1000 * uniform[2]!));
  expect(new Draws(8).uniform()).not.toBe(uniform[0]);
});

test('uniform: mean 1/2, variance 1/12, in [0, 1)', () => {
  const values = many((draws) => draws.uniform());
  expect(values.every((v) => v >= 0 && v < 1)).toBe(true);
  expect(mean(values)).toBeCloseTo(1 / 2, 1.7);
  expect(mean(values.map((v) => (v - 1 / 2) ** 2))).toBeCloseTo(1 / 12, 2);
});

test('below: every whole number as often', () => {
  const counts = Array<number>(7).fill(0);
  for (const value of many((draws) => draws.below(7))) counts[value]! += 1;
  for (const count of counts) expect(Math.abs(count - 20_000 / 7)).toBeLessThan(5 * Math.sqrt(20_000 / 7));
});

test('normal: mean, variance, kurtosis and the part within one deviation', () => {
  const values = many((draws) => draws.normal());
  expect(Math.abs(mean(values))).toBeLessThan(0.04);
  expect(mean(values.map((v) => v ** 2))).toBeCloseTo(1, 1);
  expect(Math.abs(mean(values.map((v) => v ** 4)) - 3)).toBeLessThan(0.3);
  expect(mean(values.map((v) => Number(Math.abs(v) < 1)))).toBeCloseTo(0.6827, 1.7);
});
