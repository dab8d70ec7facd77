// What does a trial of the history hold, and how high does memory rise while many candidates are scored?
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { built, finish, largeSpace, native, newProxy, SLICE_CANDIDATES } from './fixtures.mjs';

export const title = 'Memory';

function held() {
  for (let i = 0; i < 3; ++i) globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}

/** Bytes of JavaScript's heap and buffers a trial; resident memory, which counts what is native too, beside it. */
async function history(from, to) {
  const { Study } = built('index');
  const objectives = [{ metric: 'y', goal: 'maximize' }];
  const study = await Study.open({ space: largeSpace(), objectives, seed: 1, method: 'random', threads: 1 });
  const grow = async (length) => {
    while (study.queries < length) {
      const count = Math.min(1000, length - study.queries);
      for (const { id } of await study.ask(count)) await study.tell(id, { y: id / 7 });
    }
  };
  await grow(from);
  const before = held();
  await grow(to);
  const after = held();
  assert.equal(study.queries, to);
  assert.ok(after.heap > before.heap, 'a longer history holds no more memory');
  study.close();
  const trials = to - from;
  return { value: (after.heap - before.heap) / trials, extra: { resident_bytes: (after.rss - before.rss) / trials } };
}

/** Highest resident memory of this process, in bytes; a child's own in /proc, since rusage starts at its parent's. */
function peak() {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

/** The best few of `count` random candidates, which are never all in memory. */
async function scan(count) {
  const space = largeSpace();
  const proxy = newProxy(space, { hidden: 48 });
  const pool = new (native().Pool)(space.program);
  const before = peak();
  pool.beginScan(proxy, { count, keep: 10, seed: 1, round: 1 });
  const start = performance.now();
  await finish(() => pool.scan(proxy, SLICE_CANDIDATES));
  const seconds = (performance.now() - start) / 1000;
  assert.ok(pool.size >= 10 && pool.size <= 20, `a scan kept ${pool.size}`);
  const after = peak();
  pool.close();
  proxy.close();
  return { value: after / 2 ** 20, extra: { before_mib: before / 2 ** 20, candidates_per_s: count / seconds } };
}

export function cases({ quick }) {
  const [from, to] = quick ? [2000, 6000] : [10_000, 100_000];
  const counts = quick ? [5000] : [100_000, 10_000_000];
  return [
    { name: 'a trial of the history', unit: 'bytes', open: () => ({ measure: () => history(from, to) }) },
    ...counts.map((count) => ({
      name: `peak, ${count} random candidates scanned, hidden 48`,
      unit: 'MiB',
      open: () => ({ measure: () => scan(count) }),
    })),
  ];
}
