import { appendFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { OptiProxyError } from '../../errors.js';
import { readIfThere, readWholeLines, writeJsonFile, writeWholeFile } from '../../files.js';
import { version } from '../../metadata.js';
import { toNumber } from '../../oracle/cells.js';
import { readCsv } from '../../oracle/csv.js';
import { csvLine } from '../../oracle/import/csv-text.js';
import { quantile } from '../../statistics/quantile.js';
import type { Outcome, Visit } from './timing.js';
import { VisitLog, visitsWithin } from './visits.js';

/** How latencies were measured: what two tables must share to be compared. */
export interface LatencySettings {
  /** Id of the space. */
  readonly space: string;
  readonly batch: number;
  readonly channels: number;
  readonly resolution: number;
  readonly cells: number;
  /** Of one run of a network. */
  readonly threads: number;
  readonly budgetMs: number;
  readonly seed: number;
  /** Like `onnxruntime-node 1.30.0`. */
  readonly runtime: string;
  /** Operating system and kind of processor, like `linux x64`. */
  readonly machine: string;
  /** The processor's model. */
  readonly cpu: string;
}

/** One architecture's latency. */
export interface LatencyRow {
  readonly architecture: string;
  /** Median of the runs in the faster half of the visits, milliseconds; undefined where the network could not be measured. */
  readonly latencyMs: number | undefined;
  /** Interquartile range of all runs, milliseconds. */
  readonly spreadMs: number | undefined;
  readonly runs: number;
}

/** Why a network could not be measured. */
export interface LatencyFailure {
  readonly architecture: string;
  readonly reason: string;
}

/** Lies beside a table of latencies, as FILE.json beside FILE. */
interface Provenance {
  schema: 1;
  kind: 'latency';
  settings: LatencySettings;
  table: { name: string };
  columns: readonly string[];
  failures: readonly LatencyFailure[];
  version: string;
  created: string;
}

export const columns = ['arch', 'latency_ms', 'spread_ms', 'runs'] as const;

/** Where the settings of a table are, and what was seen of networks that have no row yet. */
export const settingsFile = (file: string): string => `${file}.json`;
const visitsFile = (file: string): string => `${file}.visits`;

/**
 * The rows of a CSV file, of which a line that was being written when a process died is taken off; without a file they are in
 * memory only.  Throws `INVALID_ARGUMENT` where the file was measured with other settings, or is no table of latencies, naming
 * what differs.
 */
export async function openLatencyLog(file: string | undefined, settings: LatencySettings): Promise<LatencyLog> {
  const fresh: Provenance = {
    schema: 1,
    kind: 'latency',
    settings,
    table: { name: path.basename(file ?? '') },
    columns,
    failures: [],
    version,
    created: new Date().toISOString(),
  };
  if (file === undefined) return new LatencyLog(file, fresh, [], await VisitLog.open(undefined));
  // Nothing is taken off a file that is somebody else's.
  const content = (await readIfThere(file)) ?? '';
  const known = content === '' ? undefined : await readProvenance(file, settings);
  if (known === undefined) {
    await rm(visitsFile(file), { force: true });
    await writeJsonFile(settingsFile(file), fresh);
    await writeWholeFile(file, csvLine(columns));
    return new LatencyLog(file, fresh, [], await VisitLog.open(visitsFile(file)));
  }
  await readWholeLines(file);
  const rows: LatencyRow[] = [];
  for await (const batch of readCsv(file)) {
    if (batch.columns.join() !== columns.join())
      throw unlike(`${file} line 1`, `the header ${columns.join()}`, batch.columns.join());
    rows.push(...batch.rows.map(rowOf));
  }
  return new LatencyLog(file, known, rows, await VisitLog.open(visitsFile(file)));
}

/** What was measured, kept across processes if it has a file. */
export class LatencyLog {
  private readonly measured: Set<string>;
  private failed: readonly LatencyFailure[];

  constructor(
    private readonly file: string | undefined,
    private readonly provenance: Provenance,
    private readonly all: LatencyRow[],
    private readonly visits: VisitLog,
  ) {
    this.measured = new Set(all.map(({ architecture }) => architecture));
    this.failed = provenance.failures;
  }

  get rows(): readonly LatencyRow[] {
    return this.all;
  }

  get failures(): readonly LatencyFailure[] {
    // A reason may have been written whose row was not, before a process died.
    const without = new Set(this.all.flatMap((row) => (row.latencyMs === undefined ? [row.architecture] : [])));
    return this.failed.filter(({ architecture }) => without.has(architecture));
  }

  has(architecture: string): boolean {
    return this.measured.has(architecture);
  }

  visitsOf(architecture: string): readonly Visit[] {
    return this.visits.of(architecture);
  }

  /** What came of a visit; with the last of its visits, or without hope, the architecture has a row. */
  async add(architecture: string, outcome: Outcome): Promise<void> {
    if ('failure' in outcome) {
      const others = this.failed.filter((failure) => failure.architecture !== architecture);
      this.failed = [...others, { architecture, reason: outcome.failure }];
      // It comes first: a row without a latency is never without a reason.
      if (this.file !== undefined)
        await writeJsonFile(settingsFile(this.file), { ...this.provenance, failures: this.failed });
      await this.addRow({ architecture, latencyMs: undefined, spreadMs: undefined, runs: 0 });
      return;
    }
    await this.visits.add(architecture, outcome);
    const visits = this.visits.of(architecture);
    if (visits.length < visitsWithin(this.provenance.settings.budgetMs)) return;
    await this.addRow({ architecture, ...summaryOf(visits) });
  }

  /** Everything that was asked for has a row; another call may have left others half done. */
  async finish(): Promise<void> {
    if (this.visits.architectures.every((architecture) => this.has(architecture))) await this.visits.remove();
  }

  private async addRow(row: LatencyRow): Promise<void> {
    const { architecture, latencyMs = NaN, spreadMs = NaN, runs } = row;
    if (this.file !== undefined) await appendFile(this.file, csvLine([architecture, latencyMs, spreadMs, runs]));
    this.all.push(row);
    this.measured.add(architecture);
  }
}

/**
 * The median of the runs in the faster half of the visits: what else a machine does makes networks slower, for seconds at a
 * time, and nothing makes them faster.  The interquartile range is that of all runs; each visit has the same say.
 */
function summaryOf(visits: readonly Visit[]): Omit<LatencyRow, 'architecture'> {
  const median = ({ eighths }: Visit): number => quantile(eighths, 0.5);
  const faster = [...visits].sort((a, b) => median(a) - median(b)).slice(0, Math.ceil(visits.length / 2));
  const runsOf = (some: readonly Visit[]): number[] => some.flatMap(({ eighths }) => eighths);
  const digits = (ms: number): number => Number(ms.toPrecision(6));
  const all = runsOf(visits);
  return {
    latencyMs: digits(quantile(runsOf(faster), 0.5)),
    spreadMs: digits(quantile(all, 0.75) - quantile(all, 0.25)),
    runs: visits.reduce((sum, { runs }) => sum + runs, 0),
  };
}

function rowOf([architecture, latency, spread, runs]: readonly unknown[]): LatencyRow {
  const optional = (cell: unknown): number | undefined => (cell === '' ? undefined : toNumber(cell));
  return {
    architecture: architecture as string,
    latencyMs: optional(latency),
    spreadMs: optional(spread),
    runs: toNumber(runs),
  };
}

async function readProvenance(file: string, settings: LatencySettings): Promise<Provenance> {
  const beside = settingsFile(file);
  const text = await readIfThere(beside);
  let read: Partial<Provenance> | undefined;
  try {
    read = JSON.parse(text ?? '') as Partial<Provenance>;
  } catch {
    // said below
  }
  if (read?.kind !== 'latency' || typeof read.settings !== 'object' || !Array.isArray(read.failures))
    throw unlike(beside, `the settings that ${file} was measured with`, text ?? 'no file');
  const before = read.settings;
  for (const key of Object.keys(settings) as (keyof LatencySettings)[])
    if (before[key] !== settings[key])
      throw unlike(`${key} of ${file}`, `${String(before[key])}, as it was measured with`, settings[key]);
  return read as Provenance;
}

function unlike(what: string, expected: string, given: unknown): OptiProxyError {
  return new OptiProxyError('INVALID_ARGUMENT', {
    what,
    expected,
    given,
    hint: 'another file starts a new table',
  });
}
