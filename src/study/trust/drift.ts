import type { Metrics, Trial, Warning } from '../types.js';
import { Alarm } from './alarm.js';

/** Measurements that are looked at, and those that it takes to judge. */
const WINDOW = { most: 20, least: 8 };
/**
 * What was known is off by more than this on the whole (the median of measured less known), or in most cases (the median
 * distance), in parts of the typical value: a published predictor is within a tenth of what is measured for most
 * architectures, and a limit that is off by a tenth lets in what the device cannot run.
 */
const OFF = { bias: 0.1, spread: 0.2 };
/** Measurements after which it may be said again. */
const OVER = 20;

/** Compares what was known of metrics before a query with what queries measured of them. */
export class DriftWatch {
  private readonly metrics = new Map<string, { readonly pairs: [known: number, measured: number][]; alarm: Alarm }>();

  /** What the latest measurements of a trial say about what was known of it. */
  measured({ known = {}, round }: Trial, measured: Metrics): Warning[] {
    return Object.keys(known).flatMap((name) => {
      if (!Object.hasOwn(measured, name)) return [];
      let watched = this.metrics.get(name);
      if (watched === undefined) this.metrics.set(name, (watched = { pairs: [], alarm: new Alarm(1, OVER) }));
      const { pairs, alarm } = watched;
      pairs.push([known[name]!, measured[name]!]);
      if (pairs.length > WINDOW.most) pairs.shift();
      if (pairs.length < WINDOW.least) return [];
      const scale = median(pairs.map(([value]) => Math.abs(value))) || 1;
      const bias = median(pairs.map(([value, real]) => (real - value) / scale));
      const spread = median(pairs.map(([value, real]) => Math.abs(real - value) / scale));
      if (!alarm.judge(Math.abs(bias) > OFF.bias || spread > OFF.spread)) return [];
      return [warning(name, pairs.length, bias, spread, round)];
    });
  }
}

function warning(name: string, count: number, bias: number, spread: number, round: number): Warning {
  const percent = (share: number): string => `${Math.round(100 * Math.abs(share))} %`;
  const seen =
    Math.abs(bias) > OFF.bias
      ? `is ${percent(bias)} ${bias > 0 ? 'more' : 'less'} than what was known, in the median`
      : `is off what was known by ${percent(spread)}, in the median`;
  return {
    code: 'METRIC_DRIFT',
    message: `${name}: what the last ${count} queries measured ${seen}`,
    hint: 'fit its model again with these measurements (optiproxy latency fit), correct its table, or move the limit',
    round,
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
