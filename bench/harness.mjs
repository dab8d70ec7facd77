// Measures one case in this process, which bench/run.mjs starts afresh for it, and prints one JSON line.  The only file
// that knows benchmark.js, which is unmaintained: another timer changes nothing outside.
//
//   node --expose-gc bench/harness.mjs QUESTION NUMBER '{"quick":false}'
//
// A case is { name, unit, threads, pinned, open }; open() gives one of
//   { run, units, check, close }      run() does `units` of work and is timed by benchmark.js; `sync`: run returns no
//                                     promise; `once`: one run is long enough, and the first is what a user meets
//   { sample, units, check, close }   sample() does as much and returns the seconds of the part that counts
//   { measure }                       returns { value, extra } in the case's unit, checking its own work
// `extra` holds further numbers under names that end in their unit.
import assert from 'node:assert/strict';
import Benchmark from 'benchmark';
import { isRate, median } from './stats.mjs';

const perSecond = { s: 1, ms: 1e3, us: 1e6, ns: 1e9 };

const inUnit = (seconds, unit) => (isRate(unit) ? 1 / seconds : seconds * perSecond[unit]);

/** Seconds a call of `run`, several samples of it. */
function timed({ run, sync = false, once = false }, budget) {
  return new Promise((resolve, reject) => {
    const benchmark = new Benchmark({
      fn: sync ? run : (deferred) => void run().then(() => deferred.resolve(), reject),
      defer: !sync,
      async: true,
      minSamples: once ? 1 : 3,
      minTime: once ? 1e-9 : budget / 20,
      maxTime: once ? 0 : budget,
      onComplete: () => resolve(benchmark.stats.sample),
      onError: () => reject(benchmark.error),
    });
    benchmark.run({ async: true });
  });
}

async function sampled({ sample }, budget) {
  const seconds = [];
  for (const end = performance.now() + budget * 1000; seconds.length < 3 || performance.now() < end;) {
    seconds.push(await sample());
  }
  return seconds;
}

async function measure({ unit, open }, { quick }) {
  const work = await open();
  if (work.measure !== undefined) return await work.measure();
  const budget = quick ? 0.02 : 1;
  const collect = work.sample === undefined ? timed : sampled;
  if (work.once !== true) await (work.sample ?? work.run)(); // caches and compiled code are warm from here
  const seconds = await collect(work, budget);
  assert.ok(seconds.length > 0 && seconds.every((s) => s > 0 && Number.isFinite(s)), 'no time was measured');
  await work.check();
  const extra = work.extra?.();
  work.close();
  return { value: inUnit(median(seconds) / work.units, unit), ...(extra === undefined ? {} : { extra }) };
}

const [question, number, options] = process.argv.slice(2);
const { cases } = await import(`./${question}.mjs`);
const settings = JSON.parse(options);
const result = await measure(cases(settings)[Number(number)], settings);
assert.ok(Number.isFinite(result.value) && result.value > 0, `measured ${result.value}`);
process.stdout.write(`${JSON.stringify(result)}\n`);
