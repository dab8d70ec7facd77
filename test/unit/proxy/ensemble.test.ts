import { native, type NativePool } from '../../../src/native.js';
import { Ensemble } from '../../../src/proxy/ensemble.js';
import { scanPool, scorePool } from '../../../src/proxy/slices.js';
import { config } from '../../support/native.js';
import { errorOf } from '../../support/errors.js';
import { largeSpace } from '../../support/spaces.js';

const space = largeSpace();
const scan = { count: 20_000, keep: 20, seed: 1, round: 1 };

let ensemble: Ensemble;
let pool: NativePool;
beforeEach(() => {
  ensemble = new Ensemble(space, config);
  ensemble.initialise(1, 0);
  pool = new (native().Pool)(space.program);
});
afterEach(() => {
  jest.restoreAllMocks();
  ensemble.close();
  pool.close();
});

/** The pool, with the limits of its slices noted, on a clock by which each slice takes `spent(slice)` milliseconds. */
function clocked(spent: (slice: number) => number): { pool: NativePool; limits: number[] } {
  let now = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => now);
  const limits: number[] = [];
  const noted = async (slice: Promise<number>, limit: number): Promise<number> => {
    const done = await slice;
    now += spent(limits.length);
    limits.push(limit);
    return done;
  };
  const wrapper = {
    beginScan: pool.beginScan.bind(pool),
    score: (...args: Parameters<NativePool['score']>) => noted(pool.score(...args), args[1]),
    scan: (...args: Parameters<NativePool['scan']>) => noted(pool.scan(...args), args[1]),
  };
  return { pool: wrapper as unknown as NativePool, limits };
}

const speeds: [string, (slice: number) => number, number[]][] = [
  ['fast', () => 0, [1024, 2048, 4096, 8192]],
  ['right', () => 10, Array<number>(14).fill(1024)],
  ['hardly fast enough to leave alone', () => 5, Array<number>(14).fill(1024)],
  ['hardly slow enough to leave alone', () => 20, Array<number>(14).fill(1024)],
  ['changing', (slice) => (slice % 3 === 2 ? 50 : 1), [1024, 2048, 4096, 2048, 4096, 8192]],
];

test.each(speeds)('scores are the same where slices are %s', async (_name, spent, expected) => {
  pool.addUniform(14_000, 1, 1);
  await scorePool(pool, ensemble.scorer, {});
  const wanted = pool.pick(14_000, 'mean', 1, 1);
  pool.clear();
  pool.addUniform(14_000, 1, 1);
  const { pool: paced, limits } = clocked(spent);
  await scorePool(paced, ensemble.scorer, {});
  expect(limits).toEqual(expected);
  expect(pool.pick(14_000, 'mean', 1, 1)).toEqual(wanted);
});

test('slow slices shrink, to 64 candidates at least, and grow again', async () => {
  const { pool: paced, limits } = clocked((slice) => (slice < 10 ? 1000 : 0));
  pool.addUniform(14_000, 1, 1);
  await scorePool(paced, ensemble.scorer, {});
  const grown = [128, 256, 512, 1024, 2048, 4096, 8192];
  expect(limits).toEqual([1024, 512, 256, 128, ...Array<number>(7).fill(64), ...grown]);
});

test.each(speeds)('a scan is the same where slices are %s', async (_name, spent) => {
  const scanned = async (through: NativePool): Promise<Uint8Array> => {
    pool.clear();
    await scanPool(through, ensemble.scorer, scan, {});
    return pool.candidates();
  };
  const wanted = await scanned(pool);
  expect(wanted.length).toBeGreaterThanOrEqual(20 * 10);
  const { pool: paced, limits } = clocked(spent);
  expect(await scanned(paced)).toEqual(wanted);
  expect(limits.length).toBeGreaterThan(4);
});

test('progress rises to 1, the work is looked at between slices', async () => {
  const seen: number[] = [];
  await scanPool(pool, ensemble.scorer, scan, { onProgress: (fraction) => seen.push(fraction) });
  expect(seen.at(-1)).toBe(1);
  expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
  const size = pool.size;

  const controller = new AbortController();
  const abort = { signal: controller.signal, onProgress: () => controller.abort() };
  expect((await errorOf('ABORTED', () => scanPool(pool, ensemble.scorer, scan, abort))).message).toBe(
    'scan was aborted',
  );
  pool.addUniform(5000, 2, 2);
  const again = new AbortController();
  const late = { signal: again.signal, onProgress: () => again.abort() };
  expect((await errorOf('ABORTED', () => scorePool(pool, ensemble.scorer, late))).message).toBe('scoring was aborted');
  expect(pool.size).toBeGreaterThan(size);
  await scorePool(pool, ensemble.scorer, {});
  expect(pool.pick(10, 'mean', 1, 1).means).toHaveLength(10);
});

test('nothing to score is done at once', async () => {
  await scorePool(pool, ensemble.scorer, {});
  expect(pool.pick(3, 'mean', 1, 1).genes).toHaveLength(0);
});
