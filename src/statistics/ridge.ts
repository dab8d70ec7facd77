/**
 * Weights (F) of rows (n, F) that make `Σ (row · weights - target)² + Σ penalty · weight²` least; penalties above 0 make it one
 * answer.  By the normal equations and Cholesky's factor, in double precision: for tens of weights.
 */
export function ridge(
  rows: readonly (readonly number[])[],
  targets: ArrayLike<number>,
  penalties: readonly number[],
): Float64Array {
  const size = penalties.length;
  const matrix = penalties.map((penalty, i) =>
    Float64Array.from({ length: i + 1 }, (_, j) =>
      rows.reduce((sum, row) => sum + row[i]! * row[j]!, i === j ? penalty : 0),
    ),
  );
  const x = Float64Array.from(penalties, (_, i) => rows.reduce((sum, row, r) => sum + row[i]! * targets[r]!, 0));
  for (let i = 0; i < size; ++i) {
    const row = matrix[i]!;
    for (let j = 0; j <= i; ++j) {
      let left = row[j]!;
      for (let k = 0; k < j; ++k) left -= row[k]! * matrix[j]![k]!;
      row[j] = i === j ? Math.sqrt(left) : left / matrix[j]![j]!;
    }
  }
  for (let i = 0; i < size; ++i) {
    for (let k = 0; k < i; ++k) x[i]! -= matrix[i]![k]! * x[k]!;
    x[i]! /= matrix[i]![i]!;
  }
  for (let i = size - 1; i >= 0; --i) {
    for (let k = i + 1; k < size; ++k) x[i]! -= matrix[k]![i]! * x[k]!;
    x[i]! /= matrix[i]![i]!;
  }
  return x;
}
