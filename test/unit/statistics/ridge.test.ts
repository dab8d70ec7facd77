import { ridge } from '../../../src/statistics/ridge.js';
import { gaussian } from '../../support/uniform.js';

test('without a penalty to speak of it is the line through points', () => {
  const [constant, slope] = ridge([[1, 0], [1, 1], [1, 2]], [3, 5, 7], [1e-12, 1e-12]); // prettier-ignore
  expect(constant).toBeCloseTo(3, 9);
  expect(slope).toBeCloseTo(2, 9);
});

test('one weight: Σxy / (Σx² + penalty)', () => {
  expect(ridge([[1], [2]], [3, 5], [2])[0]).toBeCloseTo(13 / 7, 12);
});

test('the gradient vanishes, with fewer rows than weights too', () => {
  const noise = gaussian(2);
  const rows = Array.from({ length: 6 }, () => Array.from({ length: 9 }, noise));
  const targets = rows.map(noise);
  const penalties = rows[0]!.map((_, i) => 0.1 + i);
  const weights = ridge(rows, targets, penalties);
  penalties.forEach((penalty, f) => {
    const gradient = rows.reduce(
      (sum, row, r) => sum + row[f]! * (row.reduce((y, x, k) => y + x * weights[k]!, 0) - targets[r]!),
      penalty * weights[f]!,
    );
    expect(gradient).toBeCloseTo(0, 9);
  });
});
