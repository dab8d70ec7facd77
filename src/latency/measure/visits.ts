import { appendFile, rm } from 'node:fs/promises';
import { readWholeLines } from '../../files.js';
import type { Visit } from './timing.js';

/**
 * Milliseconds of runs in a visit.  A longer budget buys more visits, each of a new session at another time: what disturbs
 * some of them, or where one session's memory happens to lie, decides nothing.
 */
export const VISIT_MS = 25;

/** Visits that a network has within its budget. */
export function visitsWithin(budgetMs: number): number {
  return Math.ceil(budgetMs / VISIT_MS);
}

type Line = readonly [architecture: string, runs: number, ...eighths: number[]];

/** Visits to networks that have not had all of theirs yet, kept across processes if they have a file. */
export class VisitLog {
  private constructor(
    private readonly file: string | undefined,
    private readonly visits: Map<string, Visit[]>,
  ) {}

  static async open(file: string | undefined): Promise<VisitLog> {
    const log = new VisitLog(file, new Map());
    if (file === undefined) return log;
    for (const line of (await readWholeLines(file)).split('\n').filter((text) => text !== '')) {
      const [architecture, runs, ...eighths] = JSON.parse(line) as Line;
      log.keep(architecture, { runs, eighths });
    }
    return log;
  }

  get architectures(): readonly string[] {
    return [...this.visits.keys()];
  }

  of(architecture: string): readonly Visit[] {
    return this.visits.get(architecture) ?? [];
  }

  async add(architecture: string, visit: Visit): Promise<void> {
    const line: Line = [architecture, visit.runs, ...visit.eighths];
    if (this.file !== undefined) await appendFile(this.file, `${JSON.stringify(line)}\n`);
    this.keep(architecture, visit);
  }

  /** They are of no use any more. */
  async remove(): Promise<void> {
    if (this.file !== undefined) await rm(this.file, { force: true });
  }

  private keep(architecture: string, visit: Visit): void {
    this.visits.set(architecture, [...this.of(architecture), visit]);
  }
}
