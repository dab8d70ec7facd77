// Command line of the bench: what can be said, and one clear line where it is wrong.
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

/** One file a question, in the order they are asked. */
export const questions = ['train', 'climb', 'score', 'threads', 'sample', 'search', 'overhead', 'memory', 'call'];

export const help = `Usage: optiproxy bench [options]

Times this installation: each case in a fresh process, one after the other, again and again; medians and spread.

Options:
  --only <a,b>    questions: ${questions.join(', ')}
  --rounds <n>    times that every case is measured (default 5; 1 with --quick)
  --table <file>  also search this NAS-Bench-201 CSV, for cifar10_valid_val
  --isa <name>    instruction set of the kernels (doctor lists them)
  --torch <file>  script that times the same steps in PyTorch, run between ours
  --quick         tiny cases that only show that all works; no peers unless --torch
  --json          print one JSON object on stdout instead of the table
  --out <file>    write the JSON object to a file as well
  -h, --help      show this

Examples:
  optiproxy bench --only train,score
  optiproxy bench --rounds 9 --json --out bench.json

Takes about ten minutes in full.  From the repository: npm run bench -- --only train
`;

/** Wrong use: the message is one line, the exit status 2. */
export class WrongUse extends Error {}

const flags = {
  only: { type: 'string' },
  rounds: { type: 'string' },
  table: { type: 'string' },
  isa: { type: 'string' },
  torch: { type: 'string' },
  out: { type: 'string' },
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
};

function parse(args) {
  try {
    return parseArgs({ args, options: flags }).values;
  } catch (error) {
    const said = error.message.split(/\. |\n/)[0].replace(/\.$/, '');
    throw new WrongUse(`${said} (hint: optiproxy bench --help)`, { cause: error });
  }
}

const wrong = (flag, expected, given) =>
  new WrongUse(`--${flag}: expected ${expected}, given ${JSON.stringify(given)}`);

function chosen(text) {
  const names = text.split(',');
  for (const name of names) if (!questions.includes(name)) throw wrong('only', `some of ${questions.join(', ')}`, text);
  return questions.filter((name) => names.includes(name));
}

/** Absolute path of a file that can be read. */
function readable(flag, file) {
  try {
    accessSync(file, constants.R_OK);
    if (statSync(file).isFile()) return path.resolve(file);
  } catch {
    // said below
  }
  throw wrong(flag, 'a file that can be read', file);
}

/** Absolute path of a file that can be written, before the work is done. */
function writable(flag, file) {
  const full = path.resolve(file);
  try {
    accessSync(path.dirname(full), constants.W_OK);
    if (!(statSync(full, { throwIfNoEntry: false })?.isDirectory() ?? false)) return full;
  } catch {
    // said below
  }
  throw wrong(flag, 'a file that can be written', file);
}

/** Checked settings.  Throws WrongUse. */
export function readOptions(args) {
  const values = parse(args);
  const { quick, json, help, isa } = values;
  if (values.rounds !== undefined && !/^[1-9]\d{0,3}$/.test(values.rounds)) {
    throw wrong('rounds', 'a whole number from 1 to 9999', values.rounds);
  }
  return {
    ...{ quick, json, help, isa },
    only: values.only === undefined ? questions : chosen(values.only),
    rounds: Number(values.rounds ?? (quick ? 1 : 5)),
    table: values.table === undefined ? undefined : readable('table', values.table),
    torch: values.torch === undefined ? undefined : readable('torch', values.torch),
    out: values.out === undefined ? undefined : writable('out', values.out),
  };
}
