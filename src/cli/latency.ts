import type { Command } from 'commander';
import { isomorphisms } from '../space/types.js';
import { spaceNames } from '../space/index.js';
import { collect, finite, wholeNumber } from './flags.js';
import { fit, type FitFlags } from './latency-fit.js';
import { addMeasure } from './latency-measure.js';
import { predict, type PredictFlags } from './latency-predict.js';

const spaceText = `search space: ${spaceNames.join(', ')}, or a space file`;
const keyText = 'column of the architecture in a table (arch), or several with commas between';

/** Adds `optiproxy latency` and its commands, one function each. */
export function registerLatency(program: Command, finish: (status: number) => void): void {
  const group = program
    .command('latency')
    .description('latency models: measure this machine, fit networks to measurements, predict with them')
    .helpCommand(false);
  addMeasure(group, finish);
  registerFit(group, finish);
  registerPredict(group, finish);
}

function registerFit(group: Command, finish: (status: number) => void): void {
  group
    .command('fit')
    .description('fit graph networks to measurements and write them as an ONNX model, with a card of their quality')
    .argument('<table>', 'measurements: CSV, NDJSON, JSON or Parquet (docs/tables.md)')
    .option('--space <id|file>', spaceText)
    .option('--isomorphism <name>', `what counts as the same architecture: ${isomorphisms.join(', ')}`)
    .option('--metric <column>', 'column of the measurements, and name of the output of the model')
    .option('--unit <text>', 'unit of the measurements, like ms; the card and the model state it')
    .option('--key <columns>', keyText)
    .option('--missing <what>', 'rows without a measurement: refuse (default) or skip')
    .option(
      '--unmeasured <value>',
      'number that stands for no measurement, like -1: rows with it are left out',
      finite('--unmeasured'),
    ) // prettier-ignore
    .option('--repeated <what>', 'rows with the same architecture: refuse (default) or mean')
    .option('--out <file>', 'model to write, .onnx')
    .option('--card <file>', 'write the card as JSON to a file as well')
    .option(
      '--from <file:columns>',
      'measurements of other devices, of which ten or twenty of the new one make a model; may be repeated',
      collect,
    ) // prettier-ignore
    .option('--seed <n>', 'master seed; the same seed gives the same file', wholeNumber('--seed', 0))
    .option(
      '--threads <n>',
      'threads of the native core; results do not depend on it',
      wholeNumber('--threads', 1, 256),
    ) // prettier-ignore
    .option('--json', 'print one JSON object on stdout instead of the card as a table')
    .option('--quiet', 'no progress on stderr')
    .addHelpText(
      'after',
      `
Examples:
  optiproxy latency fit latency.csv --space nasbench201 --metric pixel3 --unit ms --out pixel3.onnx
  optiproxy latency fit hw.csv.gz --space nasbench201 --metric cifar10_edgetpu_latency --unmeasured -1 --out edgetpu.onnx
  optiproxy latency fit twenty.csv --space nasbench201 --metric ms --from latency.csv:pixel3,raspi4,gold_6240 --out new.onnx

Inputs and outputs of the model: docs/latency.md.`,
    )
    .action(async (table: string, flags: FitFlags) => finish(await fit(table, flags)));
}

function registerPredict(group: Command, finish: (status: number) => void): void {
  group
    .command('predict')
    .description('predict architectures by a model that `latency fit` wrote: CSV with 90 % intervals on stdout')
    .argument('<model>', 'file of the model, .onnx')
    .argument('[architectures...]', 'architectures of the space')
    .option('--space <id|file>', spaceText)
    .option('--table <file>', 'predict the architectures of a table, or of a text file with one a line')
    .option('--key <columns>', keyText)
    .option('--json', 'print one JSON object on stdout instead of CSV')
    .addHelpText(
      'after',
      `
Examples:
  optiproxy latency predict pixel3.onnx --space nasbench201 '|nor_conv_3x3~0|+|none~0|none~1|+|none~0|none~1|skip_connect~2|'
  optiproxy latency predict pixel3.onnx --space nasbench201 --table cells.csv > predictions.csv`,
    )
    .action(async (model: string, architectures: string[], flags: PredictFlags) =>
      finish(await predict(model, architectures, flags)),
    );
}
