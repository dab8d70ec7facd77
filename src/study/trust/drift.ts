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

/** The latest measurements of a metric, beside what was known. */
class Watched {
  readonly alarm = new Alarm(1, OVER);
  private readonly known = new Float64Array(WINDOW.most);
  private readonly measured = new Float64Array(WINDOW.most);
  private readonly sorted = new Float64Array(WINDOW.most);
  private pushed = 0;

  get count(): number {
    return Math.min(this.pushed, WINDOW.most);
  }

  push(known: number, measured: number): void {
    const at = this.pushed++ % WINDOW.most;
    this.known[at] = known;
    this.measured[at] = measured;
  }

  /** Of a number for each pair. */
  median(of: (known: number, measured: number) => number): number {
    const { count, sorted } = this;
    for (let i = 0; i < count; ++i) {
      const value = of(this.known[i]!, this.measured[i]!);
      let at = i; // so few are sorted fastest by insertion
      for (; at > 0 && sorted[at - 1]! > value; --at) sorted[at] = sorted[at - 1]!;
      sorted[at] = value;
    }
    const middle = count >> 1;
    return count % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  }
}

/** Compares what was known of metrics before a query with what queries measured of them. */
export class DriftWatch {
  private readonly metrics = new Map<string, Watched>();

  /** What the latest measurements of a trial say about what was known of it. */
  measured({ known = {}, round }: Trial, measured: Metrics): Warning[] {
    const warnings: Warning[] = [];
    for (const name of Object.keys(known)) {
      if (!Object.hasOwn(measured, name)) continue;
      let watched = this.metrics.get(name);
      if (watched === undefined) this.metrics.set(name, (watched = new Watched()));
      watched.push(known[name]!, measured[name]!);
      if (watched.count < WINDOW.least) continue;
      const scale = watched.median(Math.abs) || 1;
      const bias = watched.median((value, real) => (real - value) / scale);
      const spread = watched.median((value, real) => Math.abs(real - value) / scale);
      if (watched.alarm.judge(Math.abs(bias) > OFF.bias || spread > OFF.spread))
        warnings.push(warning(name, watched.count, bias, spread, round));
    }
    return warnings;
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
