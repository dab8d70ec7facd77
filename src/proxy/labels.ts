/** How values become targets: by the function of that name. */
export type LabelScale = 'standard' | 'softLog' | { readonly logGap: number };

/** What a transform is made of, as plain data: see {@link labelsFrom}. */
export interface LabelSource {
  /** What was measured. */
  readonly values: readonly number[];
  readonly scale: LabelScale;
  /** What is added to all targets. */
  readonly shift: number;
}

/** A map from objective values to what a proxy is trained on, and back. */
export interface LabelTransform {
  /** Targets (n), mean 0 and deviation 1. */
  readonly targets: Float32Array;
  /** The target of any value; one beyond the best counts as the best where targets tell gaps to it. */
  readonly target: (value: number) => number;
  /** The value that a target stands for. */
  readonly invert: (target: number) => number;
  /** What makes it anew. */
  readonly source: LabelSource;
}

/**
 * What a target stands for, in numbers instead of a function, as a model that leaves this process needs it:
 * `slope · target + intercept`, or `offset + factor · exp(slope · target + intercept)`.
 */
export interface Curve {
  readonly slope: number;
  readonly intercept: number;
  readonly exponential?: { readonly factor: number; readonly offset: number };
}

/** A transform whose inverse is such a curve. */
export interface CurvedLabels extends LabelTransform {
  readonly curve: Curve;
}

/** Values (larger is better) minus their mean over their deviation: online, from the history alone. */
export function standardise(values: readonly number[]): CurvedLabels {
  const unit = unitOf(values);
  const inUnits = values.map((v) => v / unit);
  const constant = inUnits.every((v) => v === inUnits[0]);
  const mean = constant ? inUnits[0]! : inUnits.reduce((sum, v) => sum + v, 0) / inUnits.length;
  const deviation = Math.sqrt(inUnits.reduce((sum, v) => sum + (v - mean) ** 2, 0) / inUnits.length) || 1;
  return {
    targets: Float32Array.from(inUnits, (v) => (v - mean) / deviation),
    target: (value) => (value / unit - mean) / deviation,
    invert: (target) => (target * deviation + mean) * unit,
    curve: { slope: deviation * unit, intercept: mean * unit },
    source: { values, scale: 'standard', shift: 0 },
  };
}

/** The transform that had this source. */
export function labelsFrom({ values, scale, shift }: LabelSource): LabelTransform {
  const labels = scaled(values, scale);
  return shift === 0 ? labels : shifted(labels, shift);
}

/** Targets of these values by a scale. */
export function scaled(values: readonly number[], scale: LabelScale): CurvedLabels {
  if (scale === 'standard') return standardise(values);
  return scale === 'softLog' ? softLog(values) : logGap(values, scale.logGap);
}

/** Targets of mean `shift` instead of 0, of labels that are not shifted. */
export function shifted(labels: LabelTransform, shift: number): LabelTransform {
  return {
    targets: labels.targets.map((target) => target + shift),
    target: (value) => labels.target(value) + shift,
    invert: (target) => labels.invert(target - shift),
    source: { ...labels.source, shift },
  };
}

/**
 * log(1 + value / median) of values of at least 0, standardised: above the median what is predicted is a factor, whatever the
 * unit, while what is next to 0 does not lie as far off as its logarithm does.
 */
export function softLog(values: readonly number[]): CurvedLabels {
  const middle = median(values) || values.reduce((a, b) => Math.max(a, b)) || 1;
  const inner = standardise(values.map((v) => Math.log1p(v / middle)));
  return {
    targets: inner.targets,
    target: (value) => inner.target(Math.log1p(value / middle)),
    invert: (target) => middle * Math.expm1(inner.invert(target)),
    curve: { ...inner.curve, exponential: { factor: middle, offset: -middle } },
    source: { values, scale: 'softLog', shift: 0 },
  };
}

/**
 * -log(best - y + c), standardised: spreads out the values near the best, where the choice is made, and squeezes the bad
 * ones. c is `softness` times the median gap to the best (of the gaps above 0, where most values are the best), so that
 * the unit of the metric does not matter.
 */
export function logGap(values: readonly number[], softness: number): CurvedLabels {
  const unit = unitOf(values);
  const best = values.reduce((a, b) => Math.max(a, b)) / unit;
  const gaps = values.map((v) => best - v / unit);
  const typical = median(gaps) || median(gaps.filter((gap) => gap > 0));
  const c = softness * typical || Number.MIN_VALUE * 2 ** 52;
  const inner = standardise(gaps.map((gap) => -Math.log(gap + c)));
  return {
    targets: inner.targets,
    target: (value) => inner.target(-Math.log(Math.max(0, best - value / unit) + c)),
    invert: (target) => (best + c - Math.exp(-inner.invert(target))) * unit,
    curve: {
      slope: -inner.curve.slope,
      intercept: -inner.curve.intercept,
      exponential: { factor: -unit, offset: (best + c) * unit },
    },
    source: { values, scale: { logGap: softness }, shift: 0 },
  };
}

/** What to divide by where squares would overflow or vanish: a power of two, which is exact; otherwise 1. */
function unitOf(values: readonly number[]): number {
  const largest = values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const usual = largest === 0 || (largest > 1e-100 && largest < 1e100);
  return usual ? 1 : 2 ** Math.min(1023, Math.floor(Math.log2(largest)));
}

/** The upper median; 0 of none. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
