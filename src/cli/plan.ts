import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { SkippedTask } from '../compare/comparison.js';
import type { Entry } from '../compare/run.js';
import type { Task } from '../compare/task.js';
import { checkName, OptiProxyError } from '../errors.js';
import { methodNames, presetNames } from '../search/methods.js';
import type { Isomorphism } from '../space/types.js';
import { constraintsOf, metricSources } from './metrics.js';
import { checkTableFlags, fileOf, tableOptions } from './oracle.js';
import { parseObjective } from './search.js';
import { required, type CompareSettings, type TaskSettings } from './settings.js';

/** Most seeds: the tests of a report are exact up to here. */
export const MAX_SEEDS = 1000;

/** What `compare` was told to do. */
export interface Plan {
  entries: Entry[];
  seeds: number[];
  tasks: Task[];
  skipped: SkippedTask[];
  workers: number;
}

/** What belongs to one task, and so cannot stand beside a list of them. */
const ofOneTask = ['space', 'isomorphism', 'oracle', 'key', 'missing', 'repeated', 'pool', 'objective', 'report', 'metric', 'constraint', 'target'] as const; // prettier-ignore

type GivenTask = TaskSettings & { name?: string | undefined; target?: number | undefined };

/** Settings of the file with the flags over them, as a plan.  Throws `INVALID_ARGUMENT` or `UNKNOWN_NAME`. */
export function planOf(file: CompareSettings, flags: CompareSettings): Plan {
  const settings = { ...file, ...flags };
  const { tables, seeds = 20, 'first-seed': first = 1, workers = availableParallelism() } = settings;
  const entries = entriesOf(settings.methods ?? [...methodNames]);
  if (seeds > MAX_SEEDS) {
    throw new OptiProxyError('INVALID_ARGUMENT', { what: '--seeds', expected: `at most ${MAX_SEEDS}`, given: seeds });
  }
  const given = settings.tasks;
  const queriesOf = (task: GivenTask): number | undefined => flags.queries ?? task.queries ?? settings.queries;
  const plan = { entries, seeds: Array.from({ length: seeds }, (_, i) => first + i), workers };
  if (given === undefined) {
    if (tables !== undefined) throw refused('--tables', 'tasks in a file', 'none');
    return { ...plan, tasks: [taskOf(settings, queriesOf(settings), undefined)], skipped: [] };
  }
  const both = ofOneTask.find((key) => settings[key] !== undefined);
  if (both !== undefined) throw refused(`--${both}`, 'it in the tasks of the file', settings[both]);
  const tasks = given.map((task, i) => named(task.name ?? `tasks[${i}]`, () => taskOf(task, queriesOf(task), tables)));
  const twice = tasks.find(({ name }, i) => tasks.findIndex((task) => task.name === name) < i);
  if (twice !== undefined) throw refused('tasks', 'names that differ', `${twice.name} twice`);
  const lacking = tasks.map((task) => ({ task, file: lackingFile(task) }));
  return {
    ...plan,
    tasks: lacking.flatMap(({ task, file: absent }) => (absent === undefined ? [task] : [])),
    skipped: lacking.flatMap(({ task, file: absent }) =>
      absent === undefined ? [] : [{ name: task.name, file: absent }],
    ),
  };
}

function refused(what: string, expected: string, given: unknown): OptiProxyError {
  return new OptiProxyError('INVALID_ARGUMENT', { what, expected, given });
}

/** Does something for a task, whose name its errors then begin with. */
function named<T>(name: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw error instanceof OptiProxyError ? ofTask(name, error) : error;
  }
}

export function ofTask(name: string, error: OptiProxyError): OptiProxyError {
  return new OptiProxyError(error.code, { what: `task ${name}: ${error.message}`, cause: error });
}

/** `NAME` or `NAME@PRESET`, with commas between or in a list. */
function entriesOf(texts: readonly string[]): Entry[] {
  const labels = texts.flatMap((text) => text.split(',')).map((text) => text.trim());
  const entries = labels.map((label): Entry => {
    const [method, preset, ...rest] = label.split('@');
    if (rest.length > 0) throw refused('--methods', 'NAME or NAME@PRESET', label);
    checkName('--methods', method, methodNames);
    if (preset !== undefined) checkName('--methods, the preset behind @', preset, presetNames);
    return { label, method: method!, preset };
  });
  const twice = labels.find((label, i) => labels.indexOf(label) < i);
  if (twice !== undefined) throw refused('--methods', 'each method once', `${twice} twice`);
  return entries;
}

function taskOf(given: GivenTask, queries: number | undefined, tables: string | undefined): Task {
  checkTableFlags(given);
  const space = required(given.space, '--space', 'see `optiproxy spaces`');
  const embedded = space === 'digits201' && given.oracle === undefined;
  const wanted = required(
    given.objective ?? (embedded ? ['val_acc'] : undefined),
    '--objective',
    'the metric to search for, like val_acc',
  );
  if (wanted.length > 1) throw refused('--objective', 'a single one', wanted.join(', '));
  const objective = parseObjective(wanted[0]!);
  const place = (file: string): string => (tables === undefined ? file : path.resolve(tables, file));
  const oracle = embedded ? undefined : required(given.oracle, '--oracle', 'table:FILE');
  const metrics = metricSources(given).map((metric) => ({ ...metric, file: place(metric.file) }));
  const constraints = constraintsOf(given);
  const idle = metrics.find(({ name }) => !constraints.some((one) => one.metric === name));
  if (idle !== undefined) throw refused('--metric', 'a --constraint on it', idle.name);
  return {
    name: given.name ?? `${space} ${objective.metric}`,
    space,
    isomorphism: given.isomorphism as Isomorphism | undefined,
    table: oracle === undefined ? undefined : place(fileOf(oracle, ['table']).table!),
    options: tableOptions(given),
    pool: given.pool === undefined || given.pool === 'table' ? given.pool : { file: place(given.pool) },
    objective,
    metrics,
    constraints,
    queries: required(queries, '--queries', 'how many architectures each run may query, like 100'),
    target: given.target,
    report: given.report ?? (embedded ? ['test_acc'] : []),
  };
}

function lackingFile({ table, pool, metrics }: Task): string | undefined {
  const files = [table, typeof pool === 'object' ? pool.file : undefined, ...metrics.map((metric) => metric.file)];
  return files.find((file) => file !== undefined && !existsSync(file));
}
