import { gzipSync } from 'node:zlib';
import { tabularOracle } from '../../../src/oracle/table.js';
import { errorOf } from '../../support/errors.js';
import { scratchFolder } from '../../support/files.js';
import { allGenes, tinySpace } from '../../support/spaces.js';

const space = tinySpace();
const cells = allGenes(space).map((genes) => space.format(genes));
const folder = scratchFolder();
const csv = ['arch,acc,note,latency', ...cells.map((cell, i) => `${cell},${90 + i / 4},row ${i},${8 - i}e-1`)].join(
  '\n',
);

test('answers with every numeric column of a row', async () => {
  const oracle = await tabularOracle(folder.write('plain.csv', `${csv}\n`), space);
  expect(oracle.metrics).toEqual(['acc', 'latency']);
  expect(oracle.rows).toBe(8);
  expect(await oracle(cells[3]!)).toEqual({ acc: 90.75, latency: 0.5 });
});

test('loads only the metrics asked for, in that order', async () => {
  const oracle = await tabularOracle(folder.write('some.csv', csv), space, { metrics: ['latency'] });
  expect(oracle.metrics).toEqual(['latency']);
  expect(await oracle(cells[0]!)).toEqual({ latency: 0.8 });
  await errorOf('UNKNOWN_NAME', () => oracle.rank('acc', 'maximize', 0));
});

test.each<[string, string | Uint8Array]>([
  ['gzip.csv.gz', gzipSync(csv)],
  ['windows.csv', `\uFEFF${csv.replaceAll('\n', '\r\n')}\r\n`],
  ['quoted.csv', csv.replace(/^\|.*?(?=,)/gm, '"$&"')],
  ['blank-lines.csv', csv.replaceAll('\n', '\n\n')],
])('%s reads the same', async (name, content) => {
  const oracle = await tabularOracle(folder.write(name, content), space, { metrics: ['acc', 'latency'] });
  expect(oracle.rows).toBe(8);
  expect(await oracle(cells[7]!)).toEqual({ acc: 91.75, latency: 0.1 });
});

test('another key column', async () => {
  const file = folder.write('key.csv', csv.replace('arch', 'cell'));
  expect((await tabularOracle(file, space, { key: 'cell', metrics: ['acc'] })).rows).toBe(8);
  const error = await errorOf('INVALID_TABLE', () => tabularOracle(file, space));
  expect(error.message).toMatch(/key\.csv header: expected a column arch .*the columns are cell, acc, note, latency/);
});

test('best and rank, in both directions, with equals sharing the better rank', async () => {
  const lines = cells.map((cell, i) => `${cell},${[5, 3, 5, 1, 2, 4, 5, 0][i]}`);
  const oracle = await tabularOracle(folder.write('rank.csv', ['arch,v', ...lines].join('\n')), space);
  expect(oracle.best('v', 'maximize')).toBe(5);
  expect(oracle.best('v', 'minimize')).toBe(0);
  expect(oracle.rank('v', 'maximize', 5)).toBe(1);
  expect(oracle.rank('v', 'maximize', 4)).toBe(4);
  expect(oracle.rank('v', 'minimize', 0)).toBe(1);
  expect(oracle.rank('v', 'minimize', 5)).toBe(6);
  expect(oracle.rank('v', 'maximize', 4.5)).toBe(4);
});

test('values of a metric, in the order of the architectures; a copy', async () => {
  const lines = cells.map((cell, i) => `${cell},${i * 2}`).reverse();
  const oracle = await tabularOracle(folder.write('values.csv', ['arch,v', ...lines].join('\n')), space);
  const genes = oracle.architectures();
  const width = genes.length / 8;
  const values = oracle.values('v');
  values.forEach((value, i) => {
    expect(oracle.value(space.format(genes.slice(i * width, (i + 1) * width)), 'v')).toBe(value);
  });
  expect([...values]).toEqual([14, 12, 10, 8, 6, 4, 2, 0]);
  values.fill(0);
  expect(oracle.best('v', 'maximize')).toBe(14);
  await errorOf('UNKNOWN_NAME', () => oracle.values('w'));
});

test('value of one metric, undefined outside the table', async () => {
  const oracle = await tabularOracle(folder.write('part.csv', `arch,acc\n${cells[2]},7\n`), space);
  expect(oracle.value(cells[2]!, 'acc')).toBe(7);
  expect(oracle.value(cells[1]!, 'acc')).toBeUndefined();
});

test('a query outside the table rejects, naming file, architecture and coverage', async () => {
  const oracle = await tabularOracle(folder.write('part2.csv', `arch,acc\n${cells[2]},7\n`), space);
  const error = await errorOf('ORACLE_FAILED', () => oracle(cells[1]!));
  expect(error.message).toContain('part2.csv: expected a row for every architecture that is asked');
  expect(error.message).toContain(cells[1]);
  expect(error.hint).toMatch(
    /^the table has 1 of the 8 architectures of tiny; --pool table, .*oracle\.architectures\(\)/,
  );
  await errorOf('INVALID_ARCHITECTURE', () => oracle('nonsense'));
});

test('negative, signed, fractional and exponent numbers are numbers', async () => {
  const numbers = ['-1.5', '+2', '.5', '3.', '1e3', '-1E-3', '0', '  4'];
  const lines = cells.map((cell, i) => `${cell},${numbers[i]}`);
  const oracle = await tabularOracle(folder.write('numbers.csv', ['arch,v', ...lines].join('\n')), space);
  expect(cells.map((cell) => oracle.value(cell, 'v'))).toEqual([-1.5, 2, 0.5, 3, 1000, -0.001, 0, 4]);
});
