import type { Command } from 'commander';
import { OptiProxyError } from '../errors.js';
import { LEAST } from '../latency/fit.js';
import {
  measureLatency,
  most,
  settingsFile,
  type LatencyFailure,
  type MeasureOptions,
} from '../latency/measure/index.js';
import { readArchitectures } from '../oracle/architectures.js';
import { textsOf } from '../space/explore.js';
import { spaceByName } from '../space/index.js';
import { wholeNumber } from './flags.js';
import { INTERRUPTED, interruptible } from './interrupt.js';
import { checkOut, fit } from './latency-fit.js';
import { printLine } from './output.js';
import { tallyView } from './progress.js';
import { checkWritable } from './search.js';
import { required } from './settings.js';

interface MeasureFlags extends Pick<
  MeasureOptions,
  'out' | 'count' | 'seed' | 'batch' | 'channels' | 'resolution' | 'cells' | 'threads' | 'budgetMs'
> {
  // prettier-ignore
  space?: string;
  architectures?: string;
  fit?: string;
  quiet?: boolean;
}

/** Adds `measure` to a group of commands. */
export function addMeasure(group: Command, finish: (status: number) => void): void {
  group
    .command('measure')
    .description('time the networks of architectures on this machine with onnxruntime-node')
    .option('--space <id|file>', 'digits201, nasbench201, or a space file with that cell')
    .option('--out <table>', 'CSV to write: arch, latency_ms, spread_ms, runs; the same command goes on from its rows')
    .option('--count <n>', 'architectures, no two of which compute the same (200)', wholeNumber('--count', 1))
    .option('--architectures <file>', 'those to measure instead: one a line, or a table')
    .option('--seed <n>', 'decides which are drawn, the weights and the order (0)', wholeNumber('--seed', 0))
    .option('--batch <n>', 'images of one run (1)', wholeNumber('--batch', 1, most.batch))
    .option(
      '--channels <n>',
      'channels of the first stage (digits201: 8, else 16)',
      wholeNumber('--channels', 1, most.channels),
    )
    .option(
      '--resolution <n>',
      'height and width of an image (digits201: 8, else 32)',
      wholeNumber('--resolution', 1, most.resolution),
    )
    .option('--cells <n>', 'cells of a stage (digits201: 1, else 5)', wholeNumber('--cells', 1, most.cells))
    .option('--threads <n>', 'threads of one run (1)', wholeNumber('--threads', 1, most.threads))
    .option(
      '--budget-ms <n>',
      'milliseconds of runs that a network has (200)',
      wholeNumber('--budget-ms', 1, most.budgetMs),
    )
    .option('--fit <model>', 'then fit a model to the table and write it, .onnx, as `latency fit` does')
    .option('--quiet', 'no progress on stderr')
    .addHelpText(
      'after',
      `
Examples:
  optiproxy latency measure --space digits201 --out latency.csv
  optiproxy latency measure --space digits201 --out latency.csv --fit latency.onnx
  optiproxy latency measure --space nasbench201 --channels 8 --cells 1 --count 500 --threads 2 --out latency.csv
  optiproxy latency measure --space nasbench201 --architectures chosen.txt --budget-ms 1000 --out chosen.csv

Needs onnxruntime-node, an optional package: ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node`,
    )
    .action(async (flags: MeasureFlags) => finish(await measure(flags)));
}

/** Runs `optiproxy latency measure`; resolves to the exit status. */
async function measure(given: MeasureFlags): Promise<number> {
  const { quiet = false, space: name, architectures: list, fit: model, ...flags } = given;
  const space = spaceByName(required(name, '--space', 'like digits201'), '--space');
  const out = required(flags.out, '--out', 'like latency.csv');
  const architectures = list === undefined ? undefined : textsOf(space, await readArchitectures(list, space));
  await checkWritable(out);
  if (model !== undefined) await checkWritable(checkOut(model, '--fit'), '--fit');
  const count = architectures?.length ?? flags.count ?? Infinity;
  if (model !== undefined && count < LEAST)
    throw new OptiProxyError('INVALID_ARGUMENT', { what: '--fit', expected: `at least ${LEAST} architectures to learn from`, given: `${count}` }); // prettier-ignore
  const status = await interruptible((signal) => time({ ...flags, space, architectures, signal }, quiet));
  if (status === INTERRUPTED)
    say(`interrupted; what was measured is kept with ${out}: the same command goes on from there`);
  if (status !== 0 || model === undefined) return status;
  const { seed } = flags;
  return fit(out, { space: name!, metric: 'latency_ms', unit: 'ms', missing: 'skip', out: model, quiet, ...(seed === undefined ? {} : { seed }) }); // prettier-ignore
}

const say = (text: string): void => printLine(process.stderr, text);

async function time(options: MeasureOptions, quiet: boolean): Promise<number> {
  const progress = tallyView(process.stderr, 'visits', quiet);
  const { out } = options;
  try {
    const { rows, failures } = await measureLatency({
      ...options,
      onProgress: (tally) => {
        if (tally.done === tally.resumed && tally.resumed > 0)
          say(`${tally.resumed} of ${tally.total} visits to networks are kept with ${out} already`);
        progress.update(tally);
      },
    });
    progress.stop();
    if (failures.length > 0) say(failureText(failures));
    say(`wrote ${out} (${rows.length} architectures) and ${settingsFile(out!)}`);
    return 0;
  } finally {
    progress.stop();
  }
}

function failureText(failures: readonly LatencyFailure[]): string {
  const [{ architecture, reason }] = failures as [LatencyFailure];
  const others = failures.length === 1 ? '' : `, the first being ${architecture}`;
  return `${failures.length} could not be measured and ${failures.length === 1 ? 'has' : 'have'} no latency${others || `: ${architecture}`}: ${reason}`;
}
