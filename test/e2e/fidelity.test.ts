import { cli, searchJson } from '../support/cli.js';
import { scratchFolder } from '../support/files.js';

const folder = scratchFolder();
const digits = ['search', '--space', 'digits201'];
const early = ['--fidelity', '1/12:val_acc_1ep'];

test('JSON: what was screened, by what, and the epochs of it', async () => {
  const result = await searchJson(['--space', 'digits201', ...early, '--queries', '15', '--seed', '2']);
  expect(Object.keys(result).slice(5, 10)).toEqual(['seed', 'queries', 'fidelity', 'screened', 'epochs']);
  const { queries, screened, epochs, trace, best } = result;
  expect(result.fidelity).toEqual({ epochs: 1, fullEpochs: 12, metric: 'val_acc_1ep' });
  expect(trace).toHaveLength(queries + screened!);
  expect(epochs).toBe(12 * queries + screened!);
  expect(epochs).toBeGreaterThan(14 * 12);
  expect(epochs).toBeLessThanOrEqual(15 * 12);
  expect(trace.at(-1)!.epochs).toBe(epochs);
  for (const { fidelity, metrics, predicted } of trace) {
    expect(Object.keys(metrics)).toEqual(fidelity === undefined ? ['val_acc', 'test_acc', 'val_acc_1ep'] : ['val_acc_1ep']); // prettier-ignore
    if (fidelity !== undefined) expect([fidelity, predicted]).toEqual([1 / 12, null]);
  }
  expect(trace[best!.query - 1]!.fidelity).toBeUndefined();
});

test('a budget in epochs, said by flags or in a file, and the words of the summary', async () => {
  const flags = await cli([...digits, ...early, '--epochs', '120', '--seed', '2', '--quiet']);
  expect(flags.status).toBe(0);
  expect(flags.stdout).toMatch(/^digits201: optiproxy \(default\), seed 2, \d queries and \d\d screenings, 1[12]\d epochs\n\nBest, found at trial \d+:/); // prettier-ignore
  const config = folder.write('early.yaml', 'space: digits201\nfidelity: 1/12:val_acc_1ep\nepochs: 120\nseed: 2\n');
  const file = await cli(['search', config, '--quiet']);
  const facts = (text: string): string => text.slice(0, text.indexOf('Time'));
  expect(facts(file.stdout)).toBe(facts(flags.stdout));
});

test('what a screening measures may stand in another table', async () => {
  // The worth of an architecture is how often it has a convolution; the other table says so of half of its edges.
  const cells = [0, 1, 2].flatMap((a) => [0, 1, 2].flatMap((b) => [0, 1, 2].map((c) => [a, b, c])));
  const names = ['a', 'b', 'c'];
  const rows = (values: (cell: number[]) => number): string =>
    cells
      .map((cell) => `|${names[cell[0]!]}~0|+|${names[cell[1]!]}~0|${names[cell[2]!]}~1|,${values(cell)}\n`)
      .join('');
  const full = folder.write('full.csv', `arch,acc\n${rows(([a, b, c]) => 10 * a! + 3 * b! + c!)}`);
  const low = folder.write('low.csv', `arch,early\n${rows(([a, b]) => 10 * a! + 3 * b!)}`);
  const operations = names.map((name) => `'${name}'`).join(', ');
  const text = '|{0-1}~0|+|{0-2}~0|{1-2}~1|';
  const space = folder.write(
    'space.yaml',
    `schema: 1\nid: three\ndescription: three edges\ncells:\n  cell: { on: edges, vertices: 3, operations: [${operations}] }\ntext: '${text}'\n`,
  );
  const result = await searchJson(['--space', space, '--oracle', `table:${full}`, '--objective', 'acc', '--fidelity', '5/100:early', '--fidelity-table', low, '--queries', '8', '--init', '6']); // prettier-ignore
  expect(result.best!.metrics).toEqual({ acc: 28 });
  expect(result.trace.slice(0, 6).map(({ metrics }) => Object.keys(metrics))).toEqual(Array(6).fill(['early']));
});

test('a training gets its part of a full one to do', async () => {
  const module = folder.write('train.mjs', "export default (a, { budget }) => ({ acc: a.split('nor_conv_3x3').length * budget, budget });"); // prettier-ignore
  const result = await searchJson(['--space', 'nasbench201', '--oracle', `module:${module}`, '--objective', 'acc', '--fidelity', '12/200', '--queries', '6']); // prettier-ignore
  expect(result.trace.map(({ metrics }) => metrics['budget'])).toEqual(result.trace.map(({ fidelity }) => fidelity ?? 1)); // prettier-ignore
  expect(result.trace[0]!.fidelity).toBe(0.06);
});

describe('one line, status 2, for', () => {
  const table = ['--oracle', 'table:x.csv', '--objective', 'acc'];
  test.each<[string, string[], RegExp]>([
    [
      'a fidelity of words',
      ['--fidelity', 'early'],
      /^optiproxy: --fidelity: expected EPOCHS\/FULL or .*given "early" \(hint: like 12\/200/,
    ],
    ['a fidelity of one number', ['--fidelity', '12'], /^optiproxy: --fidelity: expected EPOCHS\/FULL/],
    [
      'one as long as a training',
      ['--fidelity', '12/12:val_acc_1ep'],
      /fidelity\.epochs: expected a whole number from 1 to 4, given 12/,
    ],
    ['a metric that is none', ['--fidelity', '1/12:val_acc_2ep'], /expected a column of numbers, given "val_acc_2ep"/],
    [
      'a method without',
      [...early, '--method', 'random'],
      /^optiproxy: fidelity: expected the method optiproxy.*given "the method random"/,
    ],
    [
      'epochs without a fidelity',
      ['--epochs', '12'],
      /^optiproxy: --epochs: expected either --queries or|^optiproxy: --epochs: expected a --fidelity/,
    ],
    [
      'a table that would answer with the full training',
      ['--fidelity', '1/12'],
      /^optiproxy: --fidelity: expected a column of its own that it measures, .*given "1\/12" \(hint: like --fidelity 1\/12:METRIC/,
    ],
    [
      'both budgets',
      [...early, '--epochs', '120'],
      /^optiproxy: --epochs: expected either --queries or --epochs, given "120"/,
    ],
    [
      'a table without a metric',
      ['--fidelity', '1/12', '--fidelity-table', 'x.csv'],
      /^optiproxy: --fidelity-table: expected .*a fidelity with a metric/,
    ],
  ])('%s', async (_name, flags, message) => {
    const { status, stdout, stderr } = await cli([...digits, '--queries', '5', ...flags]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr.trimEnd()).toMatch(message);
    expect(stderr.trimEnd()).not.toContain('\n');
  });

  test('another table that is not there', async () => {
    const flags = ['--fidelity', '1/12:early', '--fidelity-table', 'gone.csv', '--queries', '5'];
    const { status, stderr } = await cli([...digits, ...flags]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^optiproxy: gone\.csv: expected a readable CSV file/);
    expect((await cli(['search', '--space', 'nasbench201', ...table, ...flags])).status).toBe(2);
  });
});
