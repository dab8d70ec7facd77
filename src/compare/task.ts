import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { OptiProxyError } from '../errors.js';
import { filesOf, openMetrics, type MetricSource, type OpenedMetrics } from '../latency/known.js';
import { constraintText, costlyNames, type Constraint } from '../metric/constraint.js';
import { KnownMetrics } from '../metric/known.js';
import { readArchitectures } from '../oracle/architectures.js';
import { digits201Oracle } from '../oracle/embedded.js';
import { tabularOracle, type TableOptions, type TabularOracle } from '../oracle/table.js';
import { validGenes } from '../space/explore.js';
import { spaceByName } from '../space/index.js';
import type { Isomorphism, SearchSpace } from '../space/types.js';
import type { Objective } from '../study/types.js';

/** What is searched, in plain data: a worker thread opens it from this. */
export interface TaskSource {
  /** A built-in space or a file. */
  readonly space: string;
  readonly isomorphism?: Isomorphism | undefined;
  /** File of the table that answers; the Digits-201 table that ships in the package, if left out. */
  readonly table?: string | undefined;
  readonly options: Pick<TableOptions, 'key' | 'missing' | 'repeated'>;
  /** The only architectures that can be queried: the table's, or those of a file. */
  readonly pool?: 'table' | { readonly file: string } | undefined;
  readonly objective: Objective;
  /** Columns of tables and outputs of models that are known before a query. */
  readonly metrics: readonly MetricSource[];
  /** What these, and columns of the table that only a query tells, must be. */
  readonly constraints: readonly Constraint[];
}

/** A task of a comparison. */
export interface Task extends TaskSource {
  readonly name: string;
  /** Budget of each run. */
  readonly queries: number;
  /** Value that counts as success. @default the best that can be queried */
  readonly target?: number | undefined;
  /** Other metrics of the table, shown for the best architecture of each run. */
  readonly report: readonly string[];
}

export interface OpenedTask {
  readonly space: SearchSpace;
  readonly table: TabularOracle;
  /** Genes (n, G). */
  readonly pool: Uint8Array | undefined;
  readonly metrics: OpenedMetrics['metrics'];
  /** Lets go of what it holds open. */
  close(): Promise<void>;
}

/** What a query tells: the objective, and what is constrained and not known before. */
export function toldBy({ objective, metrics, constraints }: TaskSource): string[] {
  return [...new Set([objective.metric, ...costlyNames(constraints, metrics)])];
}

/** Loads space, table, pool and what is known; of the table, what a query tells alone. */
export async function openTask(source: TaskSource): Promise<OpenedTask> {
  const { isomorphism, pool } = source;
  const space = spaceByName(source.space, '--space', { isomorphism });
  const table = await openTable(source, space, { ...source.options, metrics: toldBy(source) });
  const known = await openMetrics(source.metrics, space, source.options);
  if (pool === undefined) return { space, table, pool, ...known };
  const genes = pool === 'table' ? table.architectures() : await readArchitectures(pool.file, space, source.options);
  return { space, table, pool: genes, ...known };
}

function openTable({ table }: TaskSource, space: SearchSpace, options: TableOptions): Promise<TabularOracle> {
  // Flags say how files are read; the table that ships is as it is.
  if (table === undefined) return digits201Oracle({ ...options, key: 'arch', repeated: 'refuse' });
  return tabularOracle(table, space, options);
}

/** Looks the reported metrics of an architecture up in the task's table: those that it has. */
export async function openReport(
  task: Task,
  space: SearchSpace,
): Promise<(architecture: string) => Record<string, number>> {
  const { report, options } = task;
  const columns: [string, TabularOracle][] = [];
  for (const metric of report) {
    columns.push([metric, await openTable(task, space, { ...options, missing: 'skip', metrics: [metric] })]);
  }
  return (architecture) => {
    const values = columns.map(([metric, table]) => [metric, table.value(architecture, metric)] as const);
    return Object.fromEntries(values.filter((entry): entry is [string, number] => entry[1] !== undefined));
  };
}

/** Names a task by what its runs depend on: space, rule, contents of table and pool, how they are read, objective. */
export async function taskDigest(source: TaskSource, { space }: OpenedTask): Promise<string> {
  const { table, options, pool, objective, metrics, constraints } = source;
  const known = await Promise.all(
    metrics.map(async (metric) => [metric.name, ...(await Promise.all(filesOf(metric).map(fileDigest)))]),
  );
  const parts = [
    space.id,
    space.program,
    table === undefined ? 'digits201' : await fileDigest(table),
    [options.key, options.missing, options.repeated],
    typeof pool === 'object' ? await fileDigest(pool.file) : pool,
    [objective.metric, objective.goal],
    ...(constraints.length === 0 ? [] : [known, constraints]),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

async function fileDigest(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** The objective of the architectures that can be queried: what a report measures searches by, and no search is told. */
export interface Population {
  /** How many architectures; several that are the same query count each. */
  readonly size: number;
  readonly best: number;
  readonly median: number;
  readonly worst: number;
  /** 1 + the number of architectures that are strictly better. */
  rank(value: number): number;
}

export async function populationOf(task: Task, { space, table, pool, metrics }: OpenedTask): Promise<Population> {
  const { metric, goal } = task.objective;
  const genes = pool ?? validRows(space, table);
  const values = valuesOf(task.name, space, table, metric, genes);
  const costly = costlyNames(task.constraints, task.metrics).map((name) => [name, table.metric(name)] as const);
  const { admits } = new KnownMetrics(new Map([...Object.entries(metrics), ...costly]), task.constraints);
  const verdicts = await admits?.(genes, values.length);
  const sorted = (verdicts === undefined ? values : values.filter((_, i) => verdicts[i] === 1)).sort(); // ascending
  const n = sorted.length;
  if (n === 0) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: `task ${task.name}`,
      expected: 'constraints that some architecture meets',
      given: task.constraints.map((one) => constraintText(one)).join(', '),
    });
  }
  if (goal === 'maximize') sorted.reverse();
  return {
    size: n,
    best: sorted[0]!,
    worst: sorted[n - 1]!,
    median: (sorted[(n - 1) >> 1]! + sorted[n >> 1]!) / 2,
    rank: (value) => 1 + sorted.filter((v) => (goal === 'maximize' ? v > value : v < value)).length,
  };
}

/** A table may hold what breaks a constraint of the space: no search can ask for that. */
function validRows(space: SearchSpace, table: TabularOracle): Uint8Array {
  const valid = validGenes(space, table.architectures());
  if (valid.length > 0) return valid;
  throw new OptiProxyError('INVALID_TABLE', {
    what: table.file,
    expected: `architectures that are valid in ${space.id}`,
    given: `${table.rows} that break a constraint`,
  });
}

/** The objective of these architectures (genes (n, G)). */
function valuesOf(
  name: string,
  space: SearchSpace,
  table: TabularOracle,
  metric: string,
  genes: Uint8Array,
): Float64Array {
  const values = table.metric(metric).evaluate(genes);
  const absent = values.findIndex(Number.isNaN);
  if (absent < 0) return values;
  const width = space.program.genes.length;
  throw new OptiProxyError('INVALID_TABLE', {
    what: `pool of ${name}`,
    expected: `architectures that ${table.file} has`,
    given: space.format(genes.subarray(absent * width, (absent + 1) * width)),
  });
}
