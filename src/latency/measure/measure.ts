import { arch, cpus, platform } from 'node:os';
import { throwIfAborted } from '../../errors.js';
import { encodeModel } from '../../onnx/write.js';
import { deriveSeed, Draws, SeedLane } from '../../random.js';
import { openLatencyLog, type LatencyFailure, type LatencyLog, type LatencyRow, type LatencySettings } from './log.js';
import { buildNetwork, INPUT, Weights } from './network.js';
import { checkOptions, type MeasureOptions, type MeasurePlan } from './options.js';
import type { Outcome, Stopwatch } from './timing.js';
import { VISIT_MS, visitsWithin } from './visits.js';

/** Networks that one process visits; fewer where their models are large. */
const CHUNK = 25;
const CHUNK_BYTES = 64 * 2 ** 20;
/** Runs of a visit at least. */
const VISIT_RUNS = 3;

export interface MeasuredLatency {
  readonly settings: LatencySettings;
  /** One for each architecture, in the order that they were finished in. */
  readonly rows: readonly LatencyRow[];
  /** Why those without a latency have none. */
  readonly failures: readonly LatencyFailure[];
}

/** {@link measureLatency} by a stopwatch. */
export async function measureWith(stopwatch: Stopwatch, options: MeasureOptions): Promise<MeasuredLatency> {
  const plan = checkOptions(options);
  throwIfAborted('measureLatency', options.signal);
  const settings = settingsOf(plan, stopwatch.runtime);
  const log = await openLatencyLog(options.out, settings);
  const measurement = new Measurement(stopwatch, plan, log, options.signal);
  const resumed = measurement.done();
  const total = plan.architectures.length * visitsWithin(plan.budgetMs);
  const tell = (): void => options.onProgress?.({ done: measurement.done(), total, resumed });
  tell();
  while (await measurement.advance()) tell();
  await log.finish();
  const asked = new Set(plan.architectures);
  return {
    settings,
    rows: log.rows.filter(({ architecture }) => asked.has(architecture)),
    failures: log.failures.filter(({ architecture }) => asked.has(architecture)),
  };
}

function settingsOf({ space, skeleton, threads, budgetMs, seed }: MeasurePlan, runtime: string): LatencySettings {
  const { batch, channels, resolution, cells } = skeleton;
  return {
    space: space.id,
    batch,
    channels,
    resolution,
    cells,
    threads,
    budgetMs,
    seed,
    runtime,
    machine: `${platform()} ${arch()}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
  };
}

/** Visits networks in rounds, each in another order, so that no network has all of its visits at a bad time. */
class Measurement {
  private readonly weights: Weights;
  private readonly draws: Draws;
  /** What is still to be visited in this round. */
  private round: string[] = [];

  constructor(
    private readonly stopwatch: Stopwatch,
    private readonly plan: MeasurePlan,
    private readonly log: LatencyLog,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.weights = new Weights(deriveSeed(plan.seed, SeedLane.Latency, 0));
    this.draws = new Draws(deriveSeed(plan.seed, SeedLane.Latency, 1));
  }

  /** Visits that were made, or that nothing is left to be learnt from. */
  done(): number {
    const { plan, log } = this;
    const all = visitsWithin(plan.budgetMs);
    return plan.architectures.reduce((sum, one) => sum + (log.has(one) ? all : log.visitsOf(one).length), 0);
  }

  /** Visits the next networks; false if there were none. */
  async advance(): Promise<boolean> {
    if (this.round.length === 0) this.round = this.nextRound();
    const chunk: string[] = [];
    const models: Uint8Array[] = [];
    for (let bytes = 0; this.round.length > 0 && chunk.length < CHUNK && bytes < CHUNK_BYTES;) {
      const architecture = this.round.pop()!;
      const model = await encodeModel(buildNetwork(this.plan.space, architecture, this.plan.skeleton, this.weights));
      chunk.push(architecture);
      models.push(model);
      bytes += model.length;
    }
    if (chunk.length === 0) return false;
    const outcomes = await this.visit(models);
    for (const [i, architecture] of chunk.entries()) await this.log.add(architecture, outcomes[i]!);
    return true;
  }

  /** The architectures without a row that have had the fewest visits. */
  private nextRound(): string[] {
    const waiting = this.plan.architectures.filter((architecture) => !this.log.has(architecture));
    const visits = waiting.map((architecture) => this.log.visitsOf(architecture).length);
    const fewest = visits.reduce((a, b) => Math.min(a, b), Infinity);
    return shuffled(
      waiting.filter((_, i) => visits[i] === fewest),
      this.draws,
    );
  }

  /** `again`: whether one that is alone in a process which ends may try once more: something else may have ended it. */
  private async visit(models: readonly Uint8Array[], again = true): Promise<readonly Outcome[]> {
    throwIfAborted('measureLatency', this.signal);
    const { skeleton, threads } = this.plan;
    const { batch, colours, resolution } = skeleton;
    const input = { name: INPUT, shape: [batch, colours, resolution, resolution] };
    const chunk = { models, input, threads, visitMs: VISIT_MS, visitRuns: VISIT_RUNS };
    const outcomes = await this.stopwatch.time(chunk, this.signal);
    if (!('died' in outcomes)) return outcomes;
    if (models.length === 1 && again) return this.visit(models, false);
    if (models.length === 1) return [{ failure: `the process that ran it ended twice (${outcomes.died})` }];
    // Which of them did that shows when each has a process of its own.
    const single: Outcome[] = [];
    for (const model of models) single.push(...(await this.visit([model])));
    return single;
  }
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], draws: Draws): T[] {
  const all = [...items];
  for (let i = all.length - 1; i > 0; --i) {
    const j = draws.below(i + 1);
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all;
}
