#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { OptiProxyError, type ErrorCode } from '../errors.js';
import { version } from '../metadata.js';
import { hwDatasets } from '../oracle/import/hw-nas-bench.js';
import { benchmarkKinds } from '../oracle/import/imported.js';
import { methodNames } from '../search/methods.js';
import { isomorphisms } from '../space/types.js';
import { bench } from './bench.js';
import { compare } from './compare.js';
import { doctor } from './doctor.js';
import { finite, inFlags, wholeNumber } from './flags.js';
import { importTable, type ImportFlags } from './import.js';
import { INTERRUPTED } from './interrupt.js';
import { registerLatency } from './latency.js';
import { printLine, tolerateClosedPipe } from './output.js';
import { MAX_SEEDS } from './plan.js';
import { registerSearch } from './search-flags.js';
import { readCompareSettings, type CompareSettings } from './settings.js';
import { listSpaces, showSpace, type ShowFlags } from './spaces.js';
import { registerStudies } from './studies.js';
import { taskOptions } from './task-flags.js';

/** Errors that mean the command was used wrongly (exit status 2); everything else is status 1. */
const wrongUse: readonly ErrorCode[] = [
  'INVALID_ARGUMENT',
  'STUDY_MISMATCH',
  'INVALID_ARCHITECTURE',
  'INVALID_TABLE',
  'INVALID_MODEL',
  'UNKNOWN_NAME',
];

/** Flags as commander spells them. */
type CompareFlags = Omit<CompareSettings, 'methods' | 'first-seed' | 'tasks'> & {
  methods?: string;
  firstSeed?: number;
};

function build(finish: (status: number) => void): Command {
  const program = new Command('optiproxy')
    .description('Neural architecture search by an optimisation proxy.')
    .version(version, '-V, --version', 'print the version')
    .option('--debug', 'add the stack to an error')
    .helpCommand(false)
    .configureOutput({ writeErr: () => {} }) // errors are printed below, on one line
    .exitOverride()
    .addHelpText(
      'after',
      `
Examples:
  optiproxy search --space digits201 --queries 60
  optiproxy search --space nasbench201 --oracle table:nasbench201.csv --objective cifar10_valid_val --queries 100 --json
  optiproxy compare --space digits201 --methods optiproxy,random --seeds 20 --queries 100
  optiproxy import nasbench_only108.tfrecord --out nasbench101.csv.gz
  optiproxy latency fit latency.csv --space nasbench201 --metric pixel3 --out pixel3.onnx
  optiproxy spaces show nasbench201
  optiproxy doctor
  optiproxy bench --only train,score

Exit status: 0 done, 2 wrong use, 3 no feasible architecture found, 1 anything else, 130 interrupted.`,
    );
  registerSearch(program, finish);
  const compared = program
    .command('compare')
    .description('compare search methods on tables, over seeds, with intervals, ranks and tests')
    .argument('[suite]', 'YAML or JSON file with the options below as keys, and a list of tasks; flags win over it');
  taskOptions(compared, 'table:FILE (CSV, NDJSON, JSON, Parquet)')
    .option(
      '--methods <names>',
      `methods with commas between, the first being the reference, each NAME or NAME@PRESET: ${methodNames.join(', ')}`,
    )
    .option('--seeds <n>', 'runs of each method on each task (20)', wholeNumber('--seeds', 1, MAX_SEEDS))
    .option('--first-seed <n>', 'seed of the first run (1)', wholeNumber('--first-seed', 0))
    .option(
      '--target <value>',
      'objective that counts as success; the best that can be queried otherwise',
      finite('--target'),
    )
    .option('--tables <folder>', "where the tables of the suite's tasks are")
    .option('--workers <n>', 'runs at once; as many as processors otherwise', wholeNumber('--workers', 1, 256))
    .option(
      '--out <folder>',
      'write the reports there, and keep every finished run: the same command goes on from them',
    )
    .option('--json', 'print one JSON object on stdout instead of the report')
    .option('--quiet', 'no progress on stderr')
    .addHelpText(
      'after',
      `
Examples:
  optiproxy compare --space digits201 --methods optiproxy,random,local-search --seeds 20 --queries 100 --out runs/digits
  optiproxy compare --space nasbench201 --oracle table:nasbench201.csv --objective cifar10_valid_val --queries 100 --methods optiproxy,optiproxy@paper
  optiproxy compare suite.yaml --tables tables --out runs/suite`,
    )
    .action(async (suite: string | undefined, { firstSeed, methods, ...flags }: CompareFlags) => {
      const given = {
        ...flags,
        ...(methods === undefined ? {} : { methods: [methods] }),
        ...(firstSeed === undefined ? {} : { 'first-seed': firstSeed }),
      };
      finish(await compare(suite === undefined ? {} : readCompareSettings(suite), given));
    });
  program
    .command('import')
    .description("turn a benchmark's public file into a table")
    .argument('<file>', 'nb201_all.pickle, HW-NAS-Bench-v1_0.pickle or nasbench_only108.tfrecord; may be a .gz')
    .option('--out <table>', 'table to write, .csv or .csv.gz; its provenance is written beside it')
    .option('--kind <name>', `what the file is: ${benchmarkKinds.join(', ')}; guessed from its content otherwise`)
    .option('--dataset <name>', `of hw-nas-bench: ${hwDatasets.join(', ')}; cifar10 otherwise`)
    .option('--quiet', 'no progress on stderr')
    .addHelpText(
      'after',
      `
Examples:
  optiproxy import nasbench_only108.tfrecord --out nasbench101.csv.gz
  optiproxy import HW-NAS-Bench-v1_0.pickle --out latency.csv --dataset cifar100

The file is read as data: nothing that a pickle names is run.`,
    )
    .action(async (file: string, flags: ImportFlags) => finish(await importTable(file, flags)));
  registerLatency(program, finish);
  registerStudies(program, finish);
  const spaces = program
    .command('spaces')
    .description('list the built-in search spaces')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExamples:\n  optiproxy spaces --json\n  optiproxy spaces show nasbench101')
    .action(({ json = false }: { json?: boolean }) => finish(listSpaces(json)));
  spaces
    .command('show')
    .description('show what a search space is made of, with an example drawn')
    .argument('<space>', 'id of a built-in space, or a space file')
    .option('--json', 'print one JSON object')
    .option('--isomorphism <name>', `what counts as the same architecture: ${isomorphisms.join(', ')}`)
    .addHelpText(
      'after',
      '\nExamples:\n  optiproxy spaces show nasbench201 --isomorphism zeros\n  optiproxy spaces show my-space.yaml',
    )
    .action((space: string, _flags: ShowFlags, command: Command) =>
      finish(showSpace(space, command.optsWithGlobals<ShowFlags>())),
    );
  program
    .command('doctor')
    .description('show what this installation is made of and can run')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  optiproxy doctor')
    .action(({ json = false }: { json?: boolean }) => finish(doctor(json)));
  program
    .command('bench')
    .description('time this installation (bench --help lists the options)')
    .argument('[options...]')
    .helpOption(false) // the bench has its own options and help
    .allowUnknownOption()
    .action(async (flags: string[]) => finish(await bench(flags)));
  return program;
}

async function main(): Promise<void> {
  tolerateClosedPipe();
  const program = build((status) => (process.exitCode = status));
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = report(error, flagsOf(program), program.opts<{ debug?: boolean }>().debug === true);
  }
  // Who interrupts wants to leave now, whatever an oracle that does not listen still holds open.
  if (process.exitCode === INTERRUPTED) process.stdout.write('', () => process.exit());
}

/** All long flags of a command and those below it. */
function flagsOf({ options, commands }: Command): Set<string> {
  return new Set([...options.map(({ long }) => long ?? ''), ...commands.flatMap((one) => [...flagsOf(one)])]);
}

/** Prints an error as one line and returns the exit status. */
function report(error: unknown, flags: ReadonlySet<string>, debug: boolean): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0; // --help, --version
    printLine(
      process.stderr,
      error.code === 'commander.help'
        ? 'expected a command (hint: optiproxy --help)'
        : error.message.replace(/^error: /, ''),
    );
    return 2;
  }
  printLine(process.stderr, inFlags(error instanceof Error ? error.message : String(error), flags));
  if (debug && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return error instanceof OptiProxyError && wrongUse.includes(error.code) ? 2 : 1;
}

void main();
