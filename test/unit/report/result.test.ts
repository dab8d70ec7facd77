import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import packageJson from '../../../package.json';
import { searchResult, writeJsonFile } from '../../../src/report/result.js';
import { scratchFolder } from '../../support/files.js';
import { cells, reported, round, trace } from '../../support/reported.js';

const folder = scratchFolder();

test('the JSON object of a search, key by key', () => {
  const result = searchResult(reported, 'budget');
  expect(result).toEqual({
    schema: 1,
    space: 'digits201',
    method: 'optiproxy',
    preset: 'default',
    proxy: 'gcn',
    seed: 4,
    queries: 3,
    stopped: 'budget',
    best: { architecture: cells[1], metrics: { val_acc: 95.5, params: 1200 }, query: 2 },
    trace,
    rounds: [round],
    warnings: [],
    timings: { fitMs: 500.123, climbMs: 250, acquireMs: 100, oracleMs: 50, totalMs: 1000 },
    peakRssMb: expect.any(Number) as number,
    device: 'cpu',
    isa: 'avx2',
    version: packageJson.version,
  });
  expect(JSON.parse(JSON.stringify(result))).toEqual(result);
});

test('memory is in MiB', () => {
  const { peakRssMb } = searchResult(reported, 'budget');
  expect(peakRssMb).toBeGreaterThan(process.memoryUsage().rss / 2 ** 20 / 4);
  expect(peakRssMb).toBeLessThan(16_384);
});

test('without a complete query there is no best', () => {
  expect(searchResult({ ...reported, best: undefined }, 'aborted')).toMatchObject({ best: null, stopped: 'aborted' });
});

describe('writeJsonFile', () => {
  test('makes missing folders, replaces an older file, leaves nothing else', async () => {
    const file = path.join(folder.path, 'a', 'b', 'result.json');
    await writeJsonFile(file, { a: 1 });
    await writeJsonFile(file, { a: 2 });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ a: 2 });
    expect(readdirSync(path.dirname(file))).toEqual(['result.json']);
  });

  test('a failure keeps the older file and cleans up', async () => {
    const inner = path.join(folder.path, 'c');
    mkdirSync(inner);
    const file = path.join(inner, 'old.json');
    writeFileSync(file, '1');
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    await expect(writeJsonFile(file, cycle)).rejects.toThrow(/circular/);
    mkdirSync(path.join(inner, 'taken'));
    await expect(writeJsonFile(path.join(inner, 'taken'), 2)).rejects.toThrow();
    expect(readFileSync(file, 'utf8')).toBe('1');
    expect(readdirSync(inner).sort()).toEqual(['old.json', 'taken']);
  });
});
