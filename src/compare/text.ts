import type { Estimate } from './statistics/bootstrap.js';

/** Stands for what there is none of. */
export const NONE = '–';

/** Decimals that show a thousandth of a range. */
export function decimalsFor(range: number): number {
  return range > 0 ? Math.min(9, Math.max(0, 3 - Math.floor(Math.log10(range)))) : 3;
}

export const show = (value: number | null, decimals: number): string =>
  value === null ? NONE : value.toFixed(decimals);

/** `91.607 [91.59, 91.62]`. */
export function showEstimate({ mean, low, high }: Estimate, decimals: number): string {
  return `${mean.toFixed(decimals)} [${low.toFixed(decimals)}, ${high.toFixed(decimals)}]`;
}

/** A query number: a quantile may lie between two. */
export const showQuery = (value: number | null): string => (value === null ? NONE : String(Number(value.toFixed(1))));

export const showP = (p: number): string => (p < 0.0001 ? '< 0.0001' : p.toFixed(4));

/** A file name's part that any system takes. */
export function slug(name: string): string {
  return name.replace(/[^\w.-]+/g, '-').replace(/^[-.]+|-+$/g, '').slice(0, 80) || 'task'; // prettier-ignore
}
