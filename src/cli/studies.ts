import { readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { OptiProxyError } from '../errors.js';
import { holds, type Constraint } from '../metric/constraint.js';
import { readAttempts, readStudy, type StoredStudy, type StoredTrial } from '../store/read.js';
import { lockStudy, realName } from '../store/lock.js';
import type { Objective } from '../study/types.js';
import { wholeNumber } from './flags.js';
import { printLine, stdout } from './output.js';
import { exportTrials } from './studies-export.js';

/** Adds `optiproxy studies`. */
export function registerStudies(program: Command, finish: (status: number) => void): void {
  const studies = program
    .command('studies')
    .description('what is in the files of --storage')
    .helpCommand(false)
    .addHelpText(
      'after',
      '\nExamples:\n  optiproxy studies list\n  optiproxy studies show study.db --json\n  optiproxy studies export study.db --out trials.csv',
    );
  studies
    .command('list')
    .description('list the studies of a folder')
    .argument('[folder]', 'where they are; here otherwise')
    .option('--json', 'print one JSON object')
    .action((folder: string | undefined, { json = false }: { json?: boolean }) => finish(list(folder ?? '.', json)));
  studies
    .command('show')
    .description('show what a study is and how far it is')
    .argument('<file>', 'its file; another process may be writing it')
    .option('--trial <n>', 'show a trial instead: its answer, its learning curves, its logs', wholeNumber('--trial', 1))
    .option('--json', 'print one JSON object')
    .action((file: string, { trial, json = false }: { trial?: number; json?: boolean }) =>
      finish(trial === undefined ? show(file, json) : showTrial(file, trial, json)),
    );
  studies
    .command('export')
    .description('write the trials of a study as a table')
    .argument('<file>', 'its file')
    .option(
      '--out <table>',
      'a .csv, .ndjson or .parquet, a table that --oracle and --warm-start read; NDJSON on stdout otherwise',
    )
    .action(async (file: string, { out }: { out?: string }) => finish(await exportTrials(file, out)));
  studies
    .command('rm')
    .description('delete a study with all that belongs to it')
    .argument('<file>', 'its file, which no process may have open')
    .action((file: string) => finish(remove(file)));
}

interface Overview {
  method: unknown;
  preset: unknown;
  space: unknown;
  seed: unknown;
  created: string;
  complete: number;
  infeasible: number;
  failed: number;
  aborted: number;
  /** Those that were asked for and have no answer, and how many of them are being queried. */
  open: number;
  running: number;
  screened: number;
  best: { architecture: string; metrics: StoredTrial['metrics'] } | null;
}

function overviewOf({ definition, created, trials }: StoredStudy): Overview {
  const count = (state: StoredTrial['state'], screening = false): number =>
    trials.filter((trial) => trial.state === state && trial.screening === screening).length;
  const { method, preset, space, seed } = definition;
  const best = bestOf(definition['objectives'] as Objective[], definition['constraints'] as Constraint[], trials);
  return {
    space,
    method,
    preset,
    seed,
    created,
    complete: count('complete'),
    infeasible: count('infeasible'),
    failed: count('failed'),
    aborted: count('aborted'),
    open: count('asked') + count('asked', true) + count('running') + count('running', true),
    running: count('running') + count('running', true),
    screened: count('complete', true),
    best: best === undefined ? null : { architecture: best.architecture, metrics: best.metrics },
  };
}

/** The best by the first objective that meets the constraints; of equals the first asked. */
function bestOf(
  [objective]: readonly Objective[],
  constraints: readonly Constraint[],
  trials: readonly StoredTrial[],
): StoredTrial | undefined {
  const { metric, goal } = objective!;
  const sign = goal === 'maximize' ? 1 : -1;
  const feasible = trials.filter(
    ({ state, screening, metrics }) =>
      state === 'complete' && !screening && constraints.every((one) => holds(one, metrics[one.metric] ?? NaN)),
  );
  return feasible.reduce<StoredTrial | undefined>(
    (best, trial) =>
      best === undefined || sign * trial.metrics[metric]! > sign * best.metrics[metric]! ? trial : best,
    undefined,
  );
}

function list(folder: string, json: boolean): number {
  const studies: ({ file: string } & Overview)[] = [];
  for (const name of namesIn(folder)) {
    const file = path.join(folder, name);
    if (!/\.(db|sqlite3?)$/.test(name) || statSync(file, { throwIfNoEntry: false })?.isFile() !== true) continue;
    try {
      studies.push({ file, ...overviewOf(readStudy(file)) });
    } catch (error) {
      if ((error as OptiProxyError).code !== 'STORAGE_FAILED') throw error;
      printLine(process.stderr, (error as Error).message);
    }
  }
  if (json) stdout(`${JSON.stringify({ schema: 1, studies })}\n`);
  for (const { file, space, method, complete, open, failed, infeasible } of json ? [] : studies)
    stdout(`${file}  ${space as string}, ${method as string}: ${complete} complete, ${failed + infeasible} failed, ${open} open\n`); // prettier-ignore
  return 0;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (cause) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: 'folder',
      expected: 'one that can be read',
      given: folder,
      hint: (cause as Error).message,
      cause,
    });
  }
}

function show(file: string, json: boolean): number {
  const study = readStudy(file);
  const overview = overviewOf(study);
  if (json) {
    stdout(
      `${JSON.stringify({ schema: 1, file, definition: study.definition, version: study.version, ...overview })}\n`,
    );
    return 0;
  }
  const { best, ...facts } = overview;
  const rows = Object.entries({ ...facts, best: best?.architecture ?? '-', ...best?.metrics });
  stdout(rows.map(([name, value]) => `${name.padEnd(12)} ${value as string}\n`).join(''));
  return 0;
}

function showTrial(file: string, id: number, json: boolean): number {
  const { trials } = readStudy(file);
  const trial = trials[id - 1];
  if (trial === undefined) {
    const expected = trials.length === 0 ? 'a study with trials' : `from 1 to ${trials.length}`;
    throw new OptiProxyError('INVALID_ARGUMENT', { what: '--trial', expected, given: String(id) });
  }
  const attempts = readAttempts(file, id);
  if (json) {
    stdout(`${JSON.stringify({ schema: 1, ...trial, attempts })}\n`);
    return 0;
  }
  const { metrics, ...facts } = trial;
  const rows = Object.entries({ ...facts, ...metrics });
  stdout(rows.map(([name, value]) => `${name.padEnd(12)} ${value ?? '-'}\n`).join(''));
  for (const { attempt, curve, log } of attempts) {
    stdout(`\nattempt ${attempt}\n`);
    for (const point of curve) stdout(`  step ${point.step}: ${pairs(point.metrics)}\n`);
    stdout(log.replace(/^(?=.)/gm, '  | '));
  }
  return 0;
}

const pairs = (metrics: Readonly<Record<string, number>>): string =>
  Object.entries(metrics).map(([name, value]) => `${name} ${value}`).join(', '); // prettier-ignore

function remove(file: string): number {
  readStudy(file); // nothing else is deleted
  lockStudy(file).close();
  const real = realName(file);
  for (const end of ['', '-wal', '-shm', '.lock', '.lock-journal']) rmSync(real + end, { force: true });
  rmSync(file, { force: true }); // where that was a link
  return 0;
}
