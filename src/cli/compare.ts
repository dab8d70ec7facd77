import path from 'node:path';
import { compareRuns, type Comparison, type ReportedTask } from '../compare/comparison.js';
import { runAll } from '../compare/engine.js';
import { openRunLog } from '../compare/log.js';
import { markdownReport } from '../compare/markdown.js';
import { makeRoomForWorkers, threadPool } from '../compare/pool.js';
import { openReport, openTask, populationOf, taskDigest, type OpenedTask, type Task } from '../compare/task.js';
import { writeReport } from '../compare/write.js';
import { OptiProxyError } from '../errors.js';
import { distinctArchitectures } from '../oracle/architectures.js';
import { INTERRUPTED } from './interrupt.js';
import { printLine, stdout } from './output.js';
import { ofTask, planOf } from './plan.js';
import { tallyView } from './progress.js';
import { checkWritable } from './search.js';
import type { CompareSettings } from './settings.js';

/** Runs `optiproxy compare`; resolves to the exit status. */
export async function compare(file: CompareSettings, flags: CompareSettings): Promise<number> {
  const { out, json = false, quiet = false } = { ...file, ...flags };
  const plan = planOf(file, flags);
  makeRoomForWorkers(plan.workers);
  if (out !== undefined) await checkWritable(path.join(out, 'compare.json'));
  for (const { name, file: absent } of plan.skipped) say(`${name} skipped: no table ${absent}`);
  if (plan.tasks.length === 0) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: '--tables',
      expected: 'a folder with a table of at least one task',
      given: 'none',
    });
  }
  // Everything is opened before anything runs: what is wrong with the last task is found out now.
  const tasks: ReportedTask[] = [];
  for (const task of plan.tasks) tasks.push(await prepare(task));
  const log = await openRunLog(out);
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort(new Error('interrupted'));
  process.once('SIGINT', onInterrupt);
  process.once('SIGTERM', onInterrupt);
  const progress = tallyView(process.stderr, 'runs', quiet);
  let resumed: number | undefined;
  let total = 0;
  const outcome = await runAll(tasks, plan.entries, plan.seeds, {
    log,
    pool: threadPool(plan.workers),
    workers: plan.workers,
    signal: interrupt.signal,
    onProgress: (tally) => {
      total = tally.total;
      if (resumed === undefined && tally.resumed > 0)
        say(`${tally.resumed} of ${total} runs are in ${log.file} already`);
      resumed = tally.resumed;
      progress.update(tally);
    },
  }).finally(() => {
    progress.stop();
    process.removeListener('SIGINT', onInterrupt);
    process.removeListener('SIGTERM', onInterrupt);
  });
  if (interrupt.signal.aborted) {
    const done = `interrupted after ${outcome.runs.size} of ${total} runs`;
    say(log.file === undefined ? `${done}; with --out FOLDER they are kept` : `${done}, which are in ${log.file}: the same command goes on from there`); // prettier-ignore
    return INTERRUPTED;
  }
  const comparison = compareRuns(tasks, plan.entries, plan.seeds, outcome, {
    skipped: plan.skipped,
    command: commandLine(),
    workers: plan.workers,
  });
  if (out !== undefined) {
    await writeReport(out, comparison);
    say(`wrote ${path.join(out, 'compare.md')}, compare.json and charts`);
  }
  stdout(json ? `${JSON.stringify(comparison)}\n` : markdownReport(comparison));
  return checkFailures(comparison);
}

/** Not hushed by --quiet, which is about progress. */
const say = (text: string): void => printLine(process.stderr, text);

async function prepare(task: Task): Promise<ReportedTask> {
  let opened: OpenedTask | undefined;
  try {
    opened = await openTask(task);
    const { space, pool } = opened;
    const most = pool === undefined ? space.size : distinctArchitectures(space, pool);
    if (task.queries > most) {
      throw new OptiProxyError('INVALID_ARGUMENT', { what: '--queries', expected: `at most ${most}, what there is to query`, given: task.queries }); // prettier-ignore
    }
    return {
      task,
      digest: await taskDigest(task, opened),
      space,
      population: await populationOf(task, opened),
      look: await openReport(task, space),
    };
  } catch (error) {
    throw error instanceof OptiProxyError ? ofTask(task.name, error) : error;
  } finally {
    await opened?.close();
  }
}

/** Runs that failed are in the report; whoever reads the status alone must hear of them too. */
function checkFailures({ failures }: Comparison): number {
  const [first] = failures;
  if (first === undefined) return 0;
  throw new OptiProxyError('ORACLE_FAILED', {
    what: `${failures.length} runs failed, the first being ${first.method} on ${first.task} with seed ${first.seed}: ${first.message}`,
    hint: 'the report has the others; the same command tries the failed ones again',
  });
}

/** The command that was given, as a shell takes it. */
function commandLine(): string {
  const quoted = process.argv.slice(2).map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replace(/'/g, "'\\''")}'`)); // prettier-ignore
  return ['optiproxy', ...quoted].join(' ');
}
