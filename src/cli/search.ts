import { access, constants, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { OptiProxyError } from '../errors.js';
import { writeJsonFile, writeWholeFile } from '../files.js';
import { checkMetric } from '../latency/export.js';
import { openMetrics, type OpenedMetrics } from '../latency/known.js';
import { costlyNames } from '../metric/constraint.js';
import { KnownMetrics } from '../metric/known.js';
import { checkCheapMetrics } from '../metric/metric.js';
import { distinctArchitectures } from '../oracle/architectures.js';
import { digits201Units } from '../oracle/embedded.js';
import { searchResult, type Stopped } from '../report/result.js';
import { summarise } from '../report/summary.js';
import { spaceByName } from '../space/index.js';
import type { Isomorphism, SearchSpace } from '../space/types.js';
import { Study } from '../study/study.js';
import type { Fidelity, Objective, RunOptions, StudyOptions } from '../study/types.js';
import { tableFacts } from './baseline.js';
import { begin } from './beginning.js';
import { INTERRUPTED } from './interrupt.js';
import { constraintsOf, metricSources, referenceOf, unitsOf } from './metrics.js';
import { openOracle, openPool, parseFidelity, tableOptions } from './oracle.js';
import { printLine, stdout } from './output.js';
import { progressView } from './progress.js';
import { required, type Settings } from './settings.js';

/** Exit status of a search that found nothing that meets its constraints. */
export const INFEASIBLE = 3;

/** Runs `optiproxy search`; resolves to the exit status. */
export async function search(settings: Settings): Promise<number> {
  const space = spaceByName(required(settings.space, '--space', 'see `optiproxy spaces`'), '--space', {
    isomorphism: settings.isomorphism as Isomorphism | undefined,
  });
  const embedded = settings.space === 'digits201' && settings.oracle === undefined;
  const objectives = required(
    settings.objective ?? (embedded ? ['val_acc'] : undefined),
    '--objective',
    'the metric to search for, like val_acc or latency:min',
  ).map(parseObjective);
  const reports = settings.report ?? (embedded ? ['test_acc'] : []);
  const fidelity = settings.fidelity === undefined ? undefined : parseFidelity(settings.fidelity);
  const budget = budgetOf(settings, fidelity);
  const sources = metricSources(settings);
  const constraints = constraintsOf(settings);
  const costly = costlyNames(constraints, sources);
  const names = objectives.map(({ metric }) => metric);
  const measured = names.filter((name) => !sources.some((source) => source.name === name));
  if (settings.out !== undefined) await checkWritable(settings.out);
  if (settings.export !== undefined) {
    await checkWritable(settings.export, '--export');
    checkMetric(names[0]!);
    if (settings.out !== undefined && path.resolve(settings.out) === path.resolve(settings.export)) {
      throw new OptiProxyError('INVALID_ARGUMENT', {
        what: '--export',
        expected: 'another file than --out',
        given: settings.export,
      });
    }
  }
  const other = [settings.out, settings.export].find(
    (file) =>
      file !== undefined && settings.storage !== undefined && path.resolve(file) === path.resolve(settings.storage),
  );
  if (other !== undefined) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: '--storage',
      expected: 'another file than --out and --export',
      given: other,
    });
  }
  const source = await openOracle(settings, embedded, space, [...measured, ...costly, ...reports], fidelity);
  const { oracle, table } = source;
  const pool = await openPool(settings, space, table);
  const opened = await openMetrics(sources, space, tableOptions(settings));
  const known = new KnownMetrics(checkCheapMetrics(opened.metrics, space, names), constraints, objectives);
  const [limit, whole] = pool === undefined ? [space.size, space.id] : [distinctArchitectures(space, pool), 'the pool'];
  if (budget.queries !== undefined && budget.queries > limit) {
    printLine(
      process.stderr,
      `--queries: expected at most ${limit} (the size of ${whole}), given ${budget.queries}; the search ends when ${pool === undefined ? 'the space' : 'the pool'} is exhausted`,
    );
  }
  const study = await Study.open({
    ...studyOptions(settings, space, objectives),
    ...(pool === undefined ? {} : { pool }),
    ...(fidelity === undefined ? {} : { fidelity }),
    ...(settings.reference === undefined ? {} : { reference: referenceOf(settings) }),
    metrics: opened.metrics,
    constraints,
    units: {
      ...(embedded ? unitsBeside(opened.metrics, [...measured, ...costly, ...reports]) : {}),
      ...unitsOf(settings),
    },
  });
  if (settings.export !== undefined) checkExported(study, budget.queries);
  if (study.trials.length > 0 && settings.quiet !== true)
    printLine(process.stderr, `${settings.storage}: goes on after ${study.queries} queries`);
  await begin(study, settings, [...measured, ...costly]);
  const interrupt = new AbortController();
  const onInterrupt = (): void => {
    // A second time: whatever is left is ended at once.
    if (interrupt.signal.aborted) process.exit(INTERRUPTED);
    interrupt.abort(new Error('interrupted'));
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onInterrupt);
  process.on('SIGHUP', onInterrupt); // its terminal is gone
  // Without this, Node would end quietly, with status 0, when an oracle lets go of everything and never answers.
  const onIdle = (): void => interrupt.abort(neverAnswers());
  process.once('beforeExit', onIdle);
  const progress = progressView(process.stderr, study.objective, settings.quiet === true, study.spent);
  let stopped: Stopped = 'aborted';
  let failure: unknown;
  try {
    const run = await study.run({
      ...queryOptions(settings, table === undefined ? 3 : 1),
      ...budget,
      oracle,
      signal: interrupt.signal,
      onProgress: (p) => progress.update(p),
    });
    stopped = run.stopped;
    if (stopped === 'infeasible') printLine(process.stderr, run.reason!);
  } catch (error) {
    failure = interrupt.signal.reason instanceof OptiProxyError ? interrupt.signal.reason : error;
    if (failure !== error || !interrupt.signal.aborted) stopped = 'failed';
  } finally {
    progress.stop();
    await source.close?.();
    process.removeListener('SIGINT', onInterrupt);
    process.removeListener('SIGTERM', onInterrupt);
    process.removeListener('SIGHUP', onInterrupt);
    process.removeListener('beforeExit', onIdle);
  }
  // Whatever ended the search, the queries that were paid for are reported.
  const result = searchResult(study, stopped);
  // The file comes first: a reader of stdout that leaves ends the process.  If it cannot be written, stdout has the result.
  let unwritten: Error | undefined;
  const write = (file: string, written: Promise<void>): Promise<unknown> =>
    written.then(
      () => printLine(process.stderr, `wrote ${file}`),
      (error: Error) => (unwritten = error),
    );
  if (settings.out !== undefined) await write(settings.out, writeJsonFile(settings.out, result));
  if (settings.export !== undefined) await write(settings.export, exportTo(settings.export, study));
  if (settings.json) stdout(`${JSON.stringify(result)}\n`);
  else {
    // What random search would find within limits that it is not told beforehand no row of a table says.
    const facts = table && costly.length === 0 ? await tableFacts(study, table, space, pool, known.admits) : undefined;
    stdout(summarise(space, result, facts));
  }
  study.close();
  await opened.close();
  if (stopped === 'failed') throw failure;
  if (unwritten !== undefined) throw unwritten;
  return { aborted: INTERRUPTED, infeasible: INFEASIBLE, budget: 0, exhausted: 0 }[stopped];
}

/** Units of what is read from the table that ships, but of metrics that come from elsewhere. */
function unitsBeside(metrics: OpenedMetrics['metrics'], read: readonly string[]): Record<string, string> {
  const all = Object.entries(digits201Units);
  return Object.fromEntries(all.filter(([name]) => read.includes(name) && !Object.hasOwn(metrics, name)));
}

/** Finds out before the first query that the search will have no proxy to export. */
function checkExported({ proxy, method, preset, exportsAfter: from }: Study, queries = Infinity): void {
  if (from !== undefined && queries >= from) return;
  throw new OptiProxyError('INVALID_ARGUMENT', {
    what: '--export',
    expected:
      from === undefined
        ? 'a search by graph networks (gcn) for a single objective, whose limits are known before a query'
        : `at least ${from} queries: before, its graph networks have learnt nothing`,
    given: `${Number.isFinite(queries) ? `${queries} queries by ` : ''}${method}, preset ${preset}, proxy ${proxy}`,
    hint: '--preset networks',
  });
}

async function exportTo(file: string, study: Study): Promise<void> {
  await writeWholeFile(file, (await study.proxyModel()).bytes);
}

/** What the search may spend, as a run of a study takes it. */
function budgetOf(
  { queries, epochs }: Settings,
  fidelity: Fidelity | undefined,
): { queries: number } | { queries?: undefined; epochs: number } {
  if (epochs === undefined)
    return { queries: required(queries, '--queries', 'how many architectures may be queried, like 100') };
  if (queries !== undefined || fidelity === undefined) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: '--epochs',
      expected:
        fidelity === undefined ? 'a --fidelity, which says what a training has' : 'either --queries or --epochs',
      given: `${epochs}`,
    });
  }
  if (epochs < fidelity.fullEpochs) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: '--epochs',
      expected: `at least the ${fidelity.fullEpochs} of one full training`,
      given: `${epochs}`,
    });
  }
  return { epochs };
}

function neverAnswers(): OptiProxyError {
  return new OptiProxyError('ORACLE_FAILED', {
    what: 'oracle',
    expected: 'an answer',
    given: 'a promise that nothing is left to settle',
    hint: 'every path through the oracle must return or throw',
  });
}

/** Finds out before the first query, not after the last, that the result cannot be written. */
export async function checkWritable(file: string, flag = '--out'): Promise<void> {
  const folder = path.dirname(path.resolve(file));
  const fail = (cause: NodeJS.ErrnoException): never => {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: flag,
      expected: 'a file that can be written',
      given: file,
      hint: cause.message,
      cause,
    });
  };
  await mkdir(folder, { recursive: true }).catch(fail);
  await access(folder, constants.W_OK).catch(fail);
  if ((await stat(file).catch(() => undefined))?.isDirectory()) fail(new Error('it is a folder'));
}

/** `METRIC`, `METRIC:max` or `METRIC:min`. */
export function parseObjective(text: string): Objective {
  const [metric, goal = 'max', ...rest] = text.split(':');
  if (!metric || rest.length > 0 || (goal !== 'max' && goal !== 'min')) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: '--objective',
      expected: 'METRIC, METRIC:max or METRIC:min',
      given: text,
    });
  }
  return { metric, goal: goal === 'max' ? 'maximize' : 'minimize' };
}

type QueryOptions = Omit<RunOptions, 'queries' | 'epochs' | 'oracle'>;

/**
 * How queries are run.  A search by trainings goes on by itself for days, so that one that fails is not its end; what a table lacks
 * it will lack again.
 */
function queryOptions(settings: Settings, usualFailures: number): QueryOptions {
  const { concurrency, async, timeout, heartbeat, retries, 'max-failures': failures = usualFailures } = settings;
  const ms = (seconds: number | undefined): number | undefined => seconds && Math.ceil(seconds * 1000);
  const given = { concurrency, async, timeoutMs: ms(timeout), heartbeatMs: ms(heartbeat), retries, failures };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function studyOptions(settings: Settings, space: SearchSpace, objectives: Objective[]): StudyOptions {
  const { seed, method, preset, proxy, threads, device, init, batch, scan, storage } = settings;
  const given = Object.entries({ seed, method, preset, proxy, threads, device, init, batch, scan, storage }).filter(
    ([, value]) => value !== undefined,
  );
  return { space, objectives, ...Object.fromEntries(given) };
}
