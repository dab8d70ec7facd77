import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { version } from '../../package.json';
import { cli, errorLine } from '../support/cli.js';
import { scratchFolder } from '../support/files.js';

const folder = scratchFolder();
const search = ['search', '--space', 'digits201', '--queries', '5'];
const bench = ['search', '--space', 'nasbench201', '--queries', '5'];

describe('wrong use: status 2 and one line', () => {
  test.each<[string, string[], RegExp]>([
    ['nothing', [], /^expected a command \(hint: optiproxy --help\)$/],
    ['an unknown command', ['serach'], /^unknown command 'serach'.*search/],
    ['an unknown flag', [...search, '--querys', '5'], /^unknown option '--querys'.*--queries/],
    ['a flag of a later version', [...search, '--islands'], /^unknown option '--islands'/],
    ['a flag without its value', ['search', '--queries'], /^option '--queries <n>' argument missing/],
    ['too many arguments', ['spaces', 'x'], /^too many arguments for 'spaces'/],
    [
      'a space to show that is none',
      ['spaces', 'show', 'nb201'],
      /^space: expected one of digits201, .*given "nb201"$/,
    ],
    ['no space to show', ['spaces', 'show'], /^missing required argument 'space'/],
    ['a space file that is not there', ['spaces', 'show', 'no.yaml'], /^space file: expected a readable YAML file/],
    [
      'a rule that is none',
      [...search, '--isomorphism', 'same'],
      /^isomorphism: expected one of encoding, .*, computation, given "same"$/,
    ],
    [
      'a rule that the space has nothing for',
      ['spaces', 'show', 'nasbench101', '--isomorphism', 'zeros'],
      /nasbench101\.yaml line \d+, isomorphism: expected one of encoding, graph for this space, given "zeros"$/,
    ],
    ['a key without a table', [...search, '--key', 'a'], /^--key: expected an oracle that is a table, given "none"/],
    [
      'skipping without a table',
      [...bench, '--objective', 'acc', '--oracle', 'module:x.mjs', '--missing', 'skip'],
      /^--missing: expected an oracle that is a table, given "module:x\.mjs"/,
    ],
    ['means without a table', [...search, '--repeated', 'mean'], /^--repeated: expected an oracle that is a table/],
    [
      'skipping what is no word for it',
      [...bench, '--objective', 'acc', '--oracle', 'table:no.csv', '--missing', 'ignore'],
      /^--missing: expected one of refuse, skip, given "ignore"$/,
    ],
    [
      'repeating what is no word for it',
      [...bench, '--objective', 'acc', '--oracle', 'table:no.csv', '--repeated', 'first'],
      /^--repeated: expected one of refuse, mean, given "first"$/,
    ],
    [
      'a pool that is not there',
      [...search, '--pool', 'no.txt'],
      /^no\.txt: expected a readable list of architectures, given "no such file"/,
    ],
    ['no space', ['search', '--queries', '5'], /^--space: expected a value.*given "none"/],
    [
      'an unknown space',
      ['search', '--space', 'nb201', '--queries', '5'],
      /^--space: expected one of digits201, nasbench201, nasbench101, .*, given "nb201"$/,
    ],
    ['no budget', ['search', '--space', 'digits201'], /^--queries: expected a value.*given "none"/],
    ['a budget of 0', [...search, '--queries', '0'], /^--queries: expected a whole number of at least 1, given "0"/],
    [
      'a budget of text',
      [...search, '--queries', 'ten'],
      /^--queries: expected a whole number of at least 1, given "ten"/,
    ],
    ['a negative budget', [...search, '--queries=-5'], /^--queries: expected a whole number of at least 1, given "-5"/],
    ['a fractional budget', [...search, '--queries', '1.5'], /^--queries: .*given "1\.5"/],
    ['a budget in hex', [...search, '--queries', '0x10'], /^--queries: .*given "0x10"/],
    [
      'a budget beyond counting',
      [...search, '--queries', '99999999999999999999'],
      /^--queries: .*given "99999999999999999999"/,
    ],
    ['a negative seed', [...search, '--seed=-1'], /^--seed: expected a whole number of at least 0, given "-1"/],
    ['0 threads', [...search, '--threads', '0'], /^--threads: expected a whole number from 1 to 256, given "0"/],
    ['257 threads', [...search, '--threads', '257'], /^--threads: expected a whole number from 1 to 256, given "257"/],
    ['too large a batch', [...search, '--batch', '100001'], /^--batch: expected a whole number from 1 to 100000/],
    [
      'an unknown method',
      [...search, '--method', 'sgd'],
      /^(--)?method: expected one of optiproxy, paper, bananas.*random, given "sgd"/,
    ],
    [
      'an unknown preset',
      [...search, '--preset', 'fast'],
      /^(--)?preset: expected one of default, networks, .*given "fast"/,
    ],
    ['an unknown proxy', [...search, '--proxy', 'GCN'], /^(--)?proxy: expected one of gcn, mlp.*, given "GCN"/],
    [
      'an unknown metric',
      [...search, '--objective', 'accuracy'],
      /digits201\.csv\.gz: expected a column of numbers, given "accuracy" \(hint: the columns are arch, val_acc/,
    ],
    ['an unknown report', [...search, '--report', 'lat'], /expected a column of numbers, given "lat"/],
    [
      'a goal that is none',
      [...search, '--objective', 'val_acc:up'],
      /^--objective: expected METRIC, METRIC:max or METRIC:min, given "val_acc:up"/,
    ],
    ['no objective', [...bench, '--oracle', 'table:x.csv'], /^--objective: expected a value.*\(hint: .*latency:min\)/],
    [
      'no oracle',
      [...bench, '--objective', 'acc'],
      /^--oracle: expected a value.*\(hint: table:FILE, module:FILE, process:COMMAND or http:URL\)/,
    ],
    [
      'an oracle of no kind',
      [...bench, '--objective', 'acc', '--oracle', 'x.csv'],
      /^--oracle: expected table:FILE or module:FILE or process:COMMAND or http:URL, given "x\.csv"/,
    ],
    [
      'an oracle of a later version',
      [...bench, '--objective', 'acc', '--oracle', 'queue:redis'],
      /^--oracle: expected table:FILE or module:FILE or process:COMMAND or http:URL, given "queue:redis"/,
    ],
    [
      'a table without a name',
      [...bench, '--objective', 'acc', '--oracle', 'table:'],
      /^--oracle: expected table:FILE/,
    ],
    [
      'a table that is not there',
      [...bench, '--objective', 'acc', '--oracle', 'table:no.csv'],
      /^no\.csv: expected a readable CSV file, given "no such file"/,
    ],
    [
      'a module that is not there',
      [...bench, '--objective', 'acc', '--oracle', 'module:no.mjs'],
      /^oracle module: expected a JavaScript file, given "no such file no\.mjs"/,
    ],
    ['a config that is not there', ['search', 'no.yaml'], /^config file: expected a readable YAML file/],
  ])('%s', async (_name, args, message) => {
    expect(errorLine(await cli(args, { cwd: folder.path }), { status: 2 })).toMatch(message);
  });

  test('a config with a misspelt key: file, line, key', async () => {
    const file = folder.write('wrong.yaml', 'space: digits201\nquerys: 5\n');
    const line = errorLine(await cli(['search', file]), { status: 2 });
    expect(line).toMatch(new RegExp(`^${file} line 2, querys: expected one of space, `));
  });

  test('a table with a bad cell: file, line, column', async () => {
    const file = folder.write('bad.csv', 'arch,acc\n|none~0|+|none~0|none~1|+|none~0|none~1|none~2|,n/a\n');
    const line = errorLine(await cli([...bench, '--objective', 'acc', '--oracle', `table:${file}`]), { status: 2 });
    expect(line).toMatch(/bad\.csv line 2, column acc: expected a finite number, given "n\/a"/);
  });

  test('a pool of the table where the oracle is none', async () => {
    folder.write('one.mjs', 'export default () => ({ acc: 1 });');
    const args = [...bench, '--objective', 'acc', '--oracle', 'module:one.mjs', '--pool', 'table'];
    const line = errorLine(await cli(args, { cwd: folder.path }), { status: 2 });
    expect(line).toMatch(/^--pool: expected a file, as the oracle is no table, given "table"/);
  });

  test('--out that is a folder, before any query is spent', async () => {
    mkdirSync(path.join(folder.path, 'taken'));
    const line = errorLine(await cli([...search, '--out', 'taken'], { cwd: folder.path }), { status: 2 });
    expect(line).toMatch(/^--out: expected a file that can be written, given "taken" \(hint: it is a folder\)/);
  });

  test('--out below a file', async () => {
    folder.write('file', '');
    const line = errorLine(await cli([...search, '--out', 'file/result.json'], { cwd: folder.path }), { status: 2 });
    expect(line).toMatch(/^--out: expected a file that can be written, given "file\/result\.json"/);
  });

  test('an instruction set that is none', async () => {
    const line = errorLine(await cli(search, { env: { OPTIPROXY_ISA: 'mmx' } }), { status: 2 });
    expect(line).toMatch(/OPTIPROXY_ISA.*mmx/);
  });
});

test('--debug adds the stack, before or after the command', async () => {
  for (const args of [
    ['--debug', ...search, '--method', 'x'],
    [...search, '--method', 'x', '--debug'],
  ]) {
    const { status, stderr } = await cli(args);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^optiproxy: .*method: expected one of.*\nOptiProxyError: .*\n +at /);
  }
});

test('--version', async () => {
  for (const flag of ['--version', '-V'])
    expect(await cli([flag])).toMatchObject({ status: 0, stdout: `${version}\n` });
});

test('--help has examples on every command', async () => {
  for (const command of [[], ['search'], ['import'], ['spaces'], ['spaces', 'show'], ['doctor'], ['bench']]) {
    const { status, stdout, stderr } = await cli([...command, '--help']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: optiproxy /);
    expect(stdout).toMatch(/Examples?:\n {2}optiproxy /);
  }
});

test('every flag of search is in its help', async () => {
  const { stdout } = await cli(['search', '--help']);
  for (const flag of [
    'space',
    'isomorphism',
    'oracle',
    'key',
    'missing',
    'repeated',
    'pool',
    'objective',
    'report',
    'queries',
    'epochs',
    'fidelity',
    'fidelity-table',
    'reference',
    'init',
    'batch',
    'seed',
    'method',
    'preset',
    'proxy',
    'concurrency',
    'threads',
    'out',
    'json',
    'quiet',
  ])
    // prettier-ignore
    expect(stdout).toContain(`--${flag}`);
});

test('spaces lists what there is', async () => {
  const { status, stdout } = await cli(['spaces']);
  expect(status).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(9);
  for (const line of lines) expect(line).toMatch(/^[\w-]+ +\d[\d.e]* {2}\S.{30}/);
  expect(lines[0]).toMatch(/^digits201 +15625 {2}NAS-Bench-201 cells /);
  expect(lines[3]).toMatch(/^nasbench301 +1\.08e18 {2}/);
  const json = JSON.parse((await cli(['spaces', '--json'])).stdout) as { schema: 1; spaces: { id: string }[] };
  expect(json.schema).toBe(1);
  expect(json.spaces.map(({ id }) => id)).toEqual(lines.map((line) => line.split(' ')[0]));
  for (const space of json.spaces)
    expect(Object.keys(space)).toEqual(['id', 'size', 'description', 'isomorphism', 'source', 'variables', 'example']);
  expect(json.spaces[2]).toMatchObject({ id: 'nasbench101', size: 509_607_936, isomorphism: 'graph' });
  expect(json.spaces[1]).toMatchObject({
    variables: Array.from({ length: 6 }, () => ({ values: expect.arrayContaining(['none']) as string[] })),
    example: '|none~0|+|none~0|none~1|+|none~0|none~1|none~2|',
  });
});
