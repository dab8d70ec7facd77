import packageJson from '../../../package.json';
import { searchResult } from '../../../src/report/result.js';
import { cells, reported, round, trace } from '../../support/reported.js';

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

test('units are in it where there are any', () => {
  const units = { val_acc: '%' };
  expect(searchResult({ ...reported, units }, 'budget').units).toEqual(units);
});

test('memory is in MiB', () => {
  const { peakRssMb } = searchResult(reported, 'budget');
  expect(peakRssMb).toBeGreaterThan(process.memoryUsage().rss / 2 ** 20 / 4);
  expect(peakRssMb).toBeLessThan(16_384);
});

test('without a complete query there is no best', () => {
  expect(searchResult({ ...reported, best: undefined }, 'aborted')).toMatchObject({ best: null, stopped: 'aborted' });
});
