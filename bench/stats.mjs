// Small numbers work that the bench's files share.

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/** Median and extremes of one number a round; `spread` is their distance as a part of the median. */
export function summary(values) {
  const mid = median(values);
  const min = Math.min(...values);
  const max = Math.max(...values);
  return { median: mid, min, max, spread: (max - min) / mid, values };
}

/** Whether more is better: rates are, everything else is a cost. */
export const isRate = (unit) => unit.endsWith('/s');

/** Three significant digits, without exponents, thousands apart. */
export function show(value, unit = '') {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  const number = value.toFixed(digits).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ',');
  return unit === '' ? number : `${number} ${unit === 'us' ? 'µs' : unit}`;
}
