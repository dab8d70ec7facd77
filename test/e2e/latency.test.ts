import type { ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { dependencies, version } from '../../package.json';
import type { QualityCard } from '../../src/latency/card.js';
import { cli, errorLine, root, type CliOptions, type Finished } from '../support/cli.js';
import { scratchFolder } from '../support/files.js';

const folder = scratchFolder();
const at = (name: string): string => path.join(folder.path, name);
const shipped = path.join(root, 'data', 'digits201.csv.gz');
const [header, ...rows] = gunzipSync(readFileSync(shipped)).toString().trimEnd().split('\n');
/** Every so many-th row of the table that ships. */
const part = (step: number, first = 0): string[] => rows.filter((_, i) => i % step === first);
const write = (name: string, lines: readonly string[]): string =>
  folder.write(name, `${[header, ...lines].join('\n')}\n`);

const table = write('some.csv', part(80, 7));
const flags = ['--space', 'digits201', '--metric', 'train_seconds'];
const fit = (file: string, ...args: string[]): Promise<Finished> => cli(['latency', 'fit', file, ...flags, ...args]);
const predict = (args: readonly string[], options: CliOptions = {}): Promise<Finished> =>
  cli(['latency', 'predict', ...args], options);

const model = at('seconds.onnx');
let said: Finished;
beforeAll(async () => {
  said = await fit(table, '--unit', 's', '--out', model, '--card', at('card.json'));
});

test('fit: a card on stdout, the model and the card as files, nothing else', () => {
  expect(said).toMatchObject({
    status: 0,
    stderr: expect.stringContaining(`optiproxy: wrote ${model} and `) as string,
  });
  expect(said.stdout).toMatch(/^metric +train_seconds \(s\) of digits201\nmeasurements +196, \d+ distinct\nspread /);
  expect(said.stdout).toMatch(/\nSpearman's rho +0\.9\d\d\n/);
  expect(said.stdout).toMatch(/\n90 % interval +holds \d\d\.\d %, typically ±[\d.]+ %\n/);
  expect(said.stdout).toMatch(/\nonnxruntime +agrees within \d\.\de-\d\n$/);
  const card = JSON.parse(readFileSync(at('card.json'), 'utf8')) as QualityCard;
  expect(card).toMatchObject({ schema: 1, metric: 'train_seconds', unit: 's', measurements: 196, seed: 0, version });
  expect(readdirSync(folder.path).filter((name) => /^(seconds|card)/.test(name)).sort()).toEqual(['card.json', 'seconds.onnx']); // prettier-ignore
});

test('predict: CSV of architectures, with intervals that hold what was measured', async () => {
  const others = write('others.csv', part(80, 33));
  const { status, stdout, stderr } = await predict([model, '--space', 'digits201', '--table', others]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  expect(lines.shift()).toEqual(['architecture', 'train_seconds', 'low', 'high']);
  const measured = part(80, 33).map((row) => row.split(','));
  expect(lines.map(([architecture]) => architecture)).toEqual(measured.map(([architecture]) => architecture));
  const column = header!.split(',').indexOf('train_seconds');
  const inside = lines.filter(([, , low, high], i) => {
    const value = Number(measured[i]![column]);
    return Number(low) <= value && value <= Number(high);
  });
  expect(inside.length / lines.length).toBeGreaterThan(0.8);
});

test('predict: architectures as arguments, one JSON object', async () => {
  const [first, second] = part(80, 33).map((row) => row.split(',')[0]!);
  const { status, stdout } = await predict([model, first!, second!, '--space', 'digits201', '--json']);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    schema: 1,
    metric: 'train_seconds',
    unit: 's',
    predictions: [first, second].map((architecture) => ({
      architecture,
      value: expect.any(Number) as number,
      interval: [expect.any(Number), expect.any(Number)] as number[],
    })),
  });
});

test('fit --json: exactly one object; few measurements and other columns as sources', async () => {
  const few = write('few.csv', part(1000, 3));
  const from = ['--from', `${table}:flops,params`, '--from', `${shipped}:val_acc`];
  const { status, stdout, stderr } = await fit(few, ...from, '--out', at('few.onnx'), '--json', '--quiet');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.split('\n')).toHaveLength(2);
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 1,
    model: at('few.onnx'),
    checked: expect.any(Number) as number,
    card: {
      measurements: 16,
      sources: ['flops', 'params', 'val_acc'],
      validation: { folds: expect.any(Number) as number },
    },
  });
});

test('rows without a measurement, and rows of one architecture', async () => {
  const [first, ...others] = part(800, 3);
  const odd = write('odd.csv', [first!, first!, ...others.slice(1), others[0]!.replace(/[^,]+,(\d+)$/, '-1,$1')]);
  const { status, stdout } = await fit(odd, '--unmeasured', '-1', '--repeated', 'mean', '--out', at('odd.onnx'));
  expect(status).toBe(0);
  expect(stdout).toMatch(/^measurements +19, (\d+ distinct, )?1 repeated rows in means, 1 rows left out$/m);
});

describe('wrong use: status 2, one line, and no file', () => {
  const ok = ['--out', at('no.onnx')];
  const csv = (name: string, lines: readonly string[]): string => write(name, lines);
  const nine = csv('nine.csv', part(1000, 1).slice(0, 9));
  const nan = csv('nan.csv', part(1000, 1).map((row, i) => (i === 4 ? row.replace(/[^,]+,(\d+)$/, 'nan,$1') : row))); // prettier-ignore
  const text = folder.write('text.onnx', 'not a model');
  const bare = folder.write('bare.onnx', Uint8Array.of(8, 8));
  test.each<[string, string[], RegExp]>([
    ['no space', ['fit', table, '--metric', 'train_seconds', ...ok], /^--space: expected a value/],
    ['no metric', ['fit', table, '--space', 'digits201', ...ok], /^--metric: expected a value/],
    ['no file', ['fit', table, ...flags], /^--out: expected a value/],
    ['another ending', ['fit', table, ...flags, '--out', at('no.bin')], /^--out: expected a name that ends in \.onnx/],
    [
      'a folder',
      ['fit', table, ...flags, '--out', path.join(table, 'no.onnx')],
      /^--out: expected a file that can be written/,
    ],
    [
      'a card that cannot be',
      ['fit', table, ...flags, ...ok, '--card', path.join(table, 'card')],
      /^--card: expected a file/,
    ],
    ['no table', ['fit', at('none.csv'), ...flags, ...ok], /none\.csv: expected a readable CSV file, given/],
    ['no such column', ['fit', table, '--space', 'digits201', '--metric', 'ms', ...ok], /expected a column of numbers/],
    ['nine rows', ['fit', nine, ...flags, ...ok], /^measurements: expected at least 10 architectures, given 9$/],
    ['NaN', ['fit', nan, ...flags, ...ok], /nan\.csv line 6, column train_seconds: expected a finite number/],
    ['a source without a column', ['fit', table, ...flags, ...ok, '--from', 'x.csv'], /^--from: expected FILE:COLUMN/],
    ['a word for a number', ['fit', table, ...flags, ...ok, '--unmeasured', 'no'], /^--unmeasured: expected a number/],
    ['half a thread', ['fit', table, ...flags, ...ok, '--threads', '0.5'], /^--threads: expected a whole number/],
    ['the name of an input', ['fit', folder.write('sizes.csv', `${header!.replace('train_seconds', 'sizes')}\n${part(500).join('\n')}\n`), '--space', 'digits201', '--metric', 'sizes', ...ok], /^metric: expected another name/], // prettier-ignore
    ['no model', ['predict', at('none.onnx'), '--space', 'digits201', 'x'], /none\.onnx: expected a model .*given "ENOENT"/], // prettier-ignore
    ['a text', ['predict', text, '--space', 'digits201', 'x'], /text\.onnx: expected /],
    [
      'another model',
      ['predict', bare, '--space', 'digits201', 'x'],
      /bare\.onnx: expected .*given "one without a card"/,
    ],
    ['another space', ['predict', model, '--space', 'transnasbench101-micro', '64-41414-1_02_333'], /^space of the model: expected digits201/], // prettier-ignore
    [
      'no architectures',
      ['predict', model, '--space', 'digits201'],
      /^architectures: expected some of them, or --table/,
    ],
    ['both', ['predict', model, '--space', 'digits201', 'x', '--table', table], /^architectures: .*given "both"/],
    ['a key without a table', ['predict', model, 'x', '--space', 'digits201', '--key', 'arch'], /^--key: expected a --table/], // prettier-ignore
    ['no architecture', ['predict', model, '--space', 'digits201', 'x'], /^digits201 architecture.*expected/],
    ['no command', [], /^expected a command/],
  ])('%s', async (_name, args, message) => {
    expect(errorLine(await cli(['latency', ...args]), { status: 2 })).toMatch(message);
    expect(readdirSync(folder.path).filter((name) => /^no\.|tmp/.test(name))).toEqual([]);
  });
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s: status 130, what was there stays', async (signal) => {
  const out = folder.write('kept.onnx', 'the model of before');
  let sent = false;
  const during = (child: ChildProcess): void => {
    child.stderr!.on('data', () => {
      sent = true;
      child.kill(signal);
    });
  };
  const finished = await cli(['latency', 'fit', shipped, ...flags, '--out', out], { during });
  expect(sent).toBe(true);
  expect(finished).toMatchObject({ status: 130, stdout: '' });
  expect(readFileSync(out, 'utf8')).toBe('the model of before');
  expect(readdirSync(folder.path).filter((name) => name.includes('tmp'))).toEqual([]);
});

test('without onnxruntime-node: fit says that it has not checked, predict how to install it', async () => {
  const home = at('without');
  for (const name of ['dist', 'data', 'package.json'])
    cpSync(path.join(root, name), path.join(home, name), { recursive: true });
  symlinkSync(path.join(root, 'build'), path.join(home, 'build'));
  mkdirSync(path.join(home, 'node_modules'));
  for (const name of Object.keys(dependencies))
    symlinkSync(path.join(root, 'node_modules', name), path.join(home, 'node_modules', name));
  const options = { script: path.join(home, 'dist', 'cli', 'main.js'), cwd: home };
  const out = path.join(home, 'few.onnx');
  const fitted = await cli(['latency', 'fit', table, ...flags, '--out', out, '--quiet'], options);
  expect(fitted.status).toBe(0);
  expect(fitted.stdout).toMatch(/\nonnxruntime +not checked\n$/);
  expect(errorLine({ ...fitted, stdout: '' }, { status: 0 })).toMatch(/was not checked.*npm install onnxruntime-node/);
  expect(readFileSync(out).length).toBeGreaterThan(5_000);
  const refused = await predict([out, '--space', 'digits201', '--table', table], options);
  expect(errorLine(refused, { status: 1 })).toMatch(
    /^onnxruntime-node: expected the package, which runs ONNX models, given "Cannot find module 'onnxruntime-node'" \(hint: ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node\)$/,
  );
});
