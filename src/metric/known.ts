import { OptiProxyError } from '../errors.js';
import { boundsOf, constraintText, excessOf, holds, type Constraint } from './constraint.js';
import type { Goal } from './dominance.js';
import type { CheapMetric } from './metric.js';
import type { Units } from './units.js';

/** Architectures (genes (n, G)) that are asked about, n of them. */
type Asked = [genes: Uint8Array, count: number, signal?: AbortSignal];

/** The metrics that a study knows before a query, and what these and others must be. */
export class KnownMetrics {
  private readonly bounds: readonly Constraint[];
  /** (n) 1 for each of these architectures (genes (n, G), n) that meets every constraint that can be known, else 0; absent without any. */
  readonly admits: ((...asked: Asked) => Promise<Uint8Array>) | undefined;

  /** What is known of each of these architectures; undefined of one of which nothing is; absent where nothing can be. */
  readonly describe:
    ((genes: readonly Uint8Array[]) => Promise<(Readonly<Record<string, number>> | undefined)[]>) | undefined;

  /** Columns (n) of the objectives that are known beforehand, turned so that larger is better; absent where none is. */
  readonly objectives: ((...asked: Asked) => Promise<Float64Array[]>) | undefined;

  /** Columns (n), of each metric that `admits` looks at how far it is out of its bounds, NaN for none; absent where that is. */
  readonly excess: ((...asked: Asked) => Promise<Float64Array[]>) | undefined;

  constructor(
    private readonly metrics: ReadonlyMap<string, CheapMetric>,
    readonly constraints: readonly Constraint[],
    objectives: readonly Goal[] = [],
    readonly units: Units = {},
  ) {
    // What has no value of an objective that is known beforehand can never be complete.
    const needed = objectives.filter(({ metric }) => metrics.has(metric));
    this.bounds = [
      ...constraints.filter(({ metric }) => metrics.has(metric)),
      ...needed.map(({ metric }) => ({ metric })),
    ];
    this.objectives = needed.length === 0 ? undefined : (...asked) => this.turned(needed, ...asked);
    this.describe = metrics.size === 0 ? undefined : (genes) => this.of(genes);
    const limits = [...boundsOf(this.bounds).values()];
    this.excess = limits.length === 0 ? undefined : (...asked) => this.beyond(limits, ...asked);
    this.admits = this.bounds.length === 0 ? undefined : (...asked) => this.judge(...asked);
  }

  /** What the metrics that only a query tells must be. */
  get costly(): readonly Required<Constraint>[] {
    return [...boundsOf(this.constraints).values()].filter(({ metric }) => !this.knows(metric));
  }

  /** Whether a metric is among them. */
  knows(metric: string): boolean {
    return this.metrics.has(metric);
  }

  private async of(genes: readonly Uint8Array[]): Promise<(Readonly<Record<string, number>> | undefined)[]> {
    const columns = await this.evaluate([...this.metrics.keys()], Buffer.concat(genes), genes.length);
    return genes.map((_, i) => {
      const values = [...columns].map(([name, column]) => [name, column[i]!] as const);
      const known = values.filter(([, value]) => !Number.isNaN(value));
      return known.length === 0 ? undefined : Object.freeze(Object.fromEntries(known));
    });
  }

  /** The first constraint that a measured architecture breaks, in words; a metric that it lacks breaks none. */
  brokenBy(metrics: Readonly<Record<string, number>>): string | undefined {
    const broken = this.constraints.find(
      (one) => Object.hasOwn(metrics, one.metric) && !holds(one, metrics[one.metric]!),
    );
    return broken && `${constraintText(broken, this.units)}, measured ${metrics[broken.metric]}`;
  }

  private async judge(...asked: Asked): Promise<Uint8Array> {
    const columns = await this.columns(this.bounds, ...asked);
    return Uint8Array.from({ length: asked[1] }, (_, i) =>
      this.bounds.every((one, k) => holds(one, columns[k]![i]!)) ? 1 : 0,
    );
  }

  private async turned(goals: readonly Goal[], ...asked: Asked): Promise<Float64Array[]> {
    const columns = await this.columns(goals, ...asked);
    return goals.map(({ goal }, k) => columns[k]!.map((value) => (goal === 'maximize' ? value : -value)));
  }

  private async beyond(limits: readonly Required<Constraint>[], ...asked: Asked): Promise<Float64Array[]> {
    const columns = await this.columns(limits, ...asked);
    return limits.map((limit, k) => columns[k]!.map((value) => excessOf(limit, value)));
  }

  /** Columns (n) of the metrics of these, in their order. */
  private async columns(of: readonly { readonly metric: string }[], ...asked: Asked): Promise<Float64Array[]> {
    const found = await this.evaluate([...new Set(of.map(({ metric }) => metric))], ...asked);
    return of.map(({ metric }) => found.get(metric)!);
  }

  private async evaluate(
    names: readonly string[],
    genes: Uint8Array,
    count: number,
    signal?: AbortSignal,
  ): Promise<Map<string, Float64Array>> {
    const found = new Map<string, Float64Array>();
    for (const name of names) {
      const values = await this.metrics.get(name)!.evaluate(genes, signal);
      if (!ArrayBuffer.isView(values) || values.BYTES_PER_ELEMENT !== 8 || values.length !== count) {
        throw new OptiProxyError('INVALID_METRICS', {
          what: `metric ${name}`,
          expected: `a Float64Array of ${count}`,
          given: ArrayBuffer.isView(values) ? `a ${values.constructor.name} of ${values.length}` : values,
        });
      }
      const infinite = values.find((value) => Math.abs(value) === Infinity);
      if (infinite !== undefined) {
        throw new OptiProxyError('INVALID_METRICS', {
          what: `metric ${name}`,
          expected: 'finite numbers, or NaN for none',
          given: infinite,
        });
      }
      found.set(name, values);
    }
    return found;
  }
}
