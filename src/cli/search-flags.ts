import type { Command } from 'commander';
import { deviceNames, methodNames, presetNames, proxyNames } from '../search/methods.js';
import { MAX_BATCH, MAX_SCAN } from '../study/options.js';
import { collect, dashed, seconds, wholeNumber } from './flags.js';
import { search } from './search.js';
import { readSettings } from './settings.js';
import { taskOptions } from './task-flags.js';

/** As commander spells them. */
type SearchFlags = Readonly<Record<string, unknown>>;

/** Adds `optiproxy search`. */
export function registerSearch(program: Command, finish: (status: number) => void): void {
  const searched = program
    .command('search')
    .description('search a space with a budget of queries')
    .argument('[config]', 'YAML or JSON file with the options below as keys; flags win over it');
  taskOptions(
    searched,
    'table:FILE (CSV, NDJSON, JSON, Parquet), module:FILE (default export), process:COMMAND (JSON lines) or http:URL',
  )
    .option(
      '--fidelity <epochs/full[:metric]>',
      'screen with trainings of so many of the full number of epochs, like 12/200:val_acc_12ep',
    )
    .option('--fidelity-table <file>', "table that has the fidelity's metric, if not the oracle's")
    .option(
      '--reference <metric=x>',
      'with several objectives: from where on one counts, like latency_ms=20; may be repeated',
      collect,
    )
    .option(
      '--unit <metric=unit>',
      'what a metric is measured in, for messages and reports, like latency_ms=ms; may be repeated',
      collect,
    )
    .option('--epochs <n>', 'budget in epochs, screenings included, instead of --queries', wholeNumber('--epochs', 1))
    .option('--init <n>', 'architectures before anything is learnt', wholeNumber('--init', 1, MAX_BATCH))
    .option('--batch <n>', 'architectures a round', wholeNumber('--batch', 1, MAX_BATCH))
    .option('--scan <n>', 'random architectures that a round scores as well', wholeNumber('--scan', 1, MAX_SCAN))
    .option('--seed <n>', 'master seed; the same seed gives the same search', wholeNumber('--seed', 0))
    .option('--method <name>', `search method: ${methodNames.join(', ')}`)
    .option('--preset <name>', `settings of the optiproxy method: ${presetNames.join(', ')}`)
    .option('--proxy <name>', `network that optiproxy, paper or bananas learns with: ${proxyNames.join(', ')}`)
    .option(
      '--concurrency <n>',
      'queries in flight at once; as many a round, unless --batch is given',
      wholeNumber('--concurrency', 1, MAX_BATCH),
    )
    .option(
      '--threads <n>',
      'threads of the native core; results do not depend on it',
      wholeNumber('--threads', 1, 256),
    )
    .option(
      '--device <name>',
      `where graph networks are computed: ${deviceNames.join(', ')}; auto is a GPU if there is one`,
    )
    .option('--async', 'ask whenever a query can begin; what is asked then depends on how long queries take')
    .option('--timeout <seconds>', 'longest time for an attempt at a query', seconds('--timeout'))
    .option('--heartbeat <seconds>', 'longest time without a sign of life of an attempt', seconds('--heartbeat'))
    .option('--retries <n>', 'further attempts at a query that fails', wholeNumber('--retries', 0, 1000))
    .option(
      '--max-failures <n>',
      'queries that fail one after another and end the search (3; by a table 1)',
      wholeNumber('--max-failures', 1),
    )
    .option('--storage <file>', 'keep the search in a SQLite file, and go on with what is in it')
    .option(
      '--warm-start <file>',
      'take over what was measured: a table with the objective, or the file of another study; it counts as queries',
    )
    .option('--retry-failed', 'query first what failed, or was given up, in the file of --storage')
    .option('--enqueue <file>', 'query these first: a text file with one architecture a line, or a table')
    .option('--out <file>', 'write the JSON result to a file as well')
    .option('--export <file>', 'write the graph networks that the search learnt as an ONNX model')
    .option('--json', 'print one JSON object on stdout instead of the summary')
    .option('--quiet', 'no progress on stderr')
    .addHelpText(
      'after',
      `
Examples:
  optiproxy search --space digits201 --queries 60 --seed 1
  optiproxy search --space nasbench201 --oracle table:nasbench201.csv --objective cifar10_valid_val --report cifar10_test --queries 100
  optiproxy search --space nasbench101 --oracle table:nasbench101.csv.gz --key adjacency_upper,ops --objective val_108ep --pool table --queries 100
  optiproxy search --space nasbench201 --oracle table:nasbench201.csv --objective cifar100_val --metric cifar100_edgegpu_latency=table:latency.csv --constraint 'cifar100_edgegpu_latency<=4' --queries 100
  optiproxy search --space digits201 --fidelity 1/12:val_acc_1ep --epochs 720
  optiproxy search --space my-space.yaml --oracle module:./train.mjs --objective accuracy --queries 200 --concurrency 4 --out result.json
  optiproxy search --space nasbench201 --oracle 'process:python train.py' --objective accuracy --queries 200 --concurrency 4 --timeout 7200 --retries 1 --storage study.db
  optiproxy search search.yaml --seed 2`,
    )
    .action(async (config: string | undefined, flags: SearchFlags) => {
      const given = Object.fromEntries(Object.entries(flags).map(([name, value]) => [dashed(name), value]));
      finish(await search({ ...(config === undefined ? {} : readSettings(config)), ...given }));
    });
}
