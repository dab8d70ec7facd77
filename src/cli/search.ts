import { access, constants, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { History } from '../baselines/history.js';
import { OptiProxyError } from '../errors.js';
import { digits201Oracle } from '../oracle/embedded.js';
import { moduleOracle } from '../oracle/module.js';
import { tabularOracle, type TabularOracle } from '../oracle/table.js';
import { deriveSeed, SeedLane } from '../random.js';
import { searchResult, writeJsonFile, type Stopped } from '../report/result.js';
import { summarise, type TableFacts } from '../report/summary.js';
import { createMethod } from '../search/methods.js';
import { spaceByName } from '../space/index.js';
import type { SearchSpace } from '../space/types.js';
import { Study } from '../study/study.js';
import type { Objective, Oracle, StudyOptions } from '../study/types.js';
import { printLine, stdout } from './output.js';
import { progressView } from './progress.js';
import type { Settings } from './settings.js';

/** Repetitions of random search in the summary; fewer where that many draws would keep the user waiting. */
const RANDOM_SEEDS = 100;
const RANDOM_DRAWS = 200_000;

/** Exit status of a search that the user interrupted. */
export const INTERRUPTED = 130;

/** Runs `optiproxy search`; resolves to the exit status. */
export async function search(settings: Settings): Promise<number> {
  const space = spaceByName(required(settings.space, '--space', 'see `optiproxy spaces`'), '--space');
  const embedded = space.id === 'digits201' && settings.oracle === undefined;
  const objective = parseObjective(
    required(
      settings.objective ?? (embedded ? 'val_acc' : undefined),
      '--objective',
      'the metric to search for, like val_acc or latency:min',
    ),
  );
  const reports = settings.report ?? (embedded ? ['test_acc'] : []);
  const queries = required(settings.queries, '--queries', 'how many architectures may be queried, like 100');
  if (settings.out !== undefined) await checkWritable(settings.out);
  const { oracle, table } = await openOracle(settings.oracle, embedded, space, [objective.metric, ...reports]);
  if (queries > space.size) {
    printLine(
      process.stderr,
      `--queries: expected at most ${space.size} (the size of ${space.id}), given ${queries}; the search ends when the space is exhausted`,
    );
  }
  const study = await Study.open(studyOptions(settings, space, objective));
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort(new Error('interrupted'));
  process.once('SIGINT', onInterrupt);
  process.once('SIGTERM', onInterrupt);
  // Without this, Node would end quietly, with status 0, when an oracle lets go of everything and never answers.
  const onIdle = (): void => interrupt.abort(neverAnswers());
  process.once('beforeExit', onIdle);
  const progress = progressView(process.stderr, objective, settings.quiet === true);
  let stopped: Stopped = 'aborted';
  let failure: unknown;
  try {
    const run = await study.run({
      oracle,
      queries,
      signal: interrupt.signal,
      onProgress: (p) => progress.update(p),
      ...(settings.concurrency === undefined ? {} : { concurrency: settings.concurrency }),
    });
    stopped = run.stopped;
  } catch (error) {
    failure = interrupt.signal.reason instanceof OptiProxyError ? interrupt.signal.reason : error;
    if (failure !== error || !interrupt.signal.aborted) stopped = 'failed';
  } finally {
    progress.stop();
    process.removeListener('SIGINT', onInterrupt);
    process.removeListener('SIGTERM', onInterrupt);
    process.removeListener('beforeExit', onIdle);
  }
  // Whatever ended the search, the queries that were paid for are reported.
  const result = searchResult(study, stopped);
  // The file comes first: a reader of stdout that leaves ends the process.  If it cannot be written, stdout has the result.
  let unwritten: Error | undefined;
  if (settings.out !== undefined) {
    await writeJsonFile(settings.out, result).then(
      () => printLine(process.stderr, `wrote ${settings.out}`),
      (error: Error) => (unwritten = error),
    );
  }
  if (settings.json) stdout(`${JSON.stringify(result)}\n`);
  else stdout(summarise(space, result, table && (await tableFacts(study, table, space))));
  study.close();
  if (stopped === 'failed') throw failure;
  if (unwritten !== undefined) throw unwritten;
  return stopped === 'aborted' ? INTERRUPTED : 0;
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
export async function checkWritable(file: string): Promise<void> {
  const folder = path.dirname(path.resolve(file));
  const fail = (cause: NodeJS.ErrnoException): never => {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: '--out',
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

function required<T>(value: T | undefined, flag: string, hint: string): T {
  if (value === undefined) {
    throw new OptiProxyError('INVALID_ARGUMENT', { what: flag, expected: 'a value', given: 'none', hint });
  }
  return value;
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

async function openOracle(
  given: string | undefined,
  embedded: boolean,
  space: SearchSpace,
  metrics: string[],
): Promise<{ oracle: Oracle; table?: TabularOracle }> {
  const columns = { metrics: [...new Set(metrics)] };
  if (embedded) {
    const table = await digits201Oracle(columns);
    return { oracle: table, table };
  }
  const text = required(given, '--oracle', 'table:FILE or module:FILE');
  const at = text.indexOf(':');
  const file = text.slice(at + 1);
  if (at > 0 && file !== '') {
    if (text.startsWith('table:')) {
      const table = await tabularOracle(file, space, columns);
      return { oracle: table, table };
    }
    if (text.startsWith('module:')) return { oracle: await moduleOracle(file) };
  }
  throw new OptiProxyError('INVALID_ARGUMENT', {
    what: '--oracle',
    expected: 'table:FILE or module:FILE',
    given: text,
  });
}

function studyOptions(settings: Settings, space: SearchSpace, objective: Objective): StudyOptions {
  const { seed, method, preset, threads, init, batch } = settings;
  const given = Object.entries({ seed, method, preset, threads, init, batch }).filter(
    ([, value]) => value !== undefined,
  );
  return { space, objectives: [objective], ...Object.fromEntries(given) };
}

async function tableFacts(study: Study, table: TabularOracle, space: SearchSpace): Promise<TableFacts | undefined> {
  const { metric, goal } = study.objective;
  const value = study.best?.metrics?.[metric];
  if (value === undefined) return undefined;
  const randomSeeds = Math.max(1, Math.min(RANDOM_SEEDS, Math.floor(RANDOM_DRAWS / study.queries)));
  return {
    metric,
    rank: table.rank(metric, goal, value),
    rows: table.rows,
    randomMean: await randomMean(study, table, space, randomSeeds),
    randomSeeds,
  };
}

/** Mean over seeds of the best objective that random search finds in the table with as many queries. */
async function randomMean(study: Study, table: TabularOracle, space: SearchSpace, seeds: number): Promise<number> {
  const { metric, goal } = study.objective;
  const bests: number[] = [];
  for (let i = 0; i < seeds; ++i) {
    const seed = deriveSeed(study.seed, SeedLane.Baseline, i);
    const { method } = createMethod('random', space, { metric, seed, threads: 1 });
    const drawn = await method.propose(study.queries, new History(space));
    method.close();
    const values = drawn.map(({ genes }) => table.value(space.format(genes), metric)).filter((v) => v !== undefined);
    if (values.length > 0) bests.push(values.reduce((a, b) => (goal === 'maximize' ? Math.max(a, b) : Math.min(a, b))));
  }
  return bests.reduce((sum, v) => sum + v, 0) / bests.length;
}
