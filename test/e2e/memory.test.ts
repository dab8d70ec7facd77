import path from 'node:path';
import { root } from '../support/cli.js';
import { scratchFolder } from '../support/files.js';
import { runScript, script } from '../support/script.js';

const folder = scratchFolder();

/**
 * MiB that resident memory may grow by: the allocator and V8 account for 2, a leak of 10 KiB a round for 8, and studies that
 * are not freed for hundreds.
 */
const GROWTH_MB = 6;

/**
 * One heap for all threads: with one for each, which thread works when moves the resident memory by 15 MiB.  What is freed
 * goes back to the system at once: else the 14 MiB of a closed study stay, or not, by what happens to lie above them.  And a
 * nursery that stays small: V8 doubles it, up to 16 MiB a half, whenever enough happens to survive, and never gives it back.
 */
const env = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '65536',
  MALLOC_TRIM_THRESHOLD_: '65536',
  NODE_OPTIONS: '--max-semi-space-size=1',
};

/** MiB of resident memory, after whatever is garbage was collected. */
const resident = `
require('v8').setFlagsFromString('--expose-gc');
const gc = require('vm').runInNewContext('gc');
const resident = () => { gc(); return process.memoryUsage.rss() / 2 ** 20; };
`;

test.each(['random', 'optiproxy', 'evolution', 'tpe'])(
  '1,000 rounds of %s: memory does not grow after the first 200',
  async (method) => {
    // Every round climbs and gathers; one in twenty is told, so that the history, and the time a fit takes, stays short.
    const file = folder.write(
      `rounds-${method}.cjs`,
      script(`${resident}
    const oracle = await digits201Oracle({ metrics: ['val_acc'] });
    const study = await open({ method: '${method}', seed: 1, threads: 2, init: 10 });
    const marks = {};
    for (let round = 1; round <= 1000; ++round) {
      const [trial] = await study.ask(1);
      if (round <= 20 || round % 20 === 0) await study.tell(trial.id, await oracle(trial.architecture));
      else await study.fail(trial.id, 'not needed');
      if (round === 200 || round === 1000) marks[round] = resident();
    }
    study.close();
    console.log(JSON.stringify({ early: marks[200], late: marks[1000], queries: study.queries }));`),
    );
    const { early, late, queries } = await runScript<{ early: number; late: number; queries: number }>(file, { env });
    expect(queries).toBe(1000);
    expect(early).toBeGreaterThan(20);
    expect(late - early).toBeLessThan(GROWTH_MB);
  },
  180_000,
);

test('200 studies opened, used and closed: memory does not grow after the first 40', async () => {
  const file = folder.write(
    'studies.cjs',
    script(`${resident}
    const oracle = await digits201Oracle({ metrics: ['val_acc'] });
    let early, late;
    for (let seed = 1; seed <= 200; ++seed) {
      const study = await open({ seed, threads: 2, init: 4 });
      if (seed % 2 === 0) await study.run({ oracle, queries: 5 });
      study.close();
      // Collected often, or V8 makes its nursery larger and never gives it back.
      if (seed % 10 === 0) late = resident();
      if (seed === 40) early = late;
    }
    console.log(JSON.stringify({ early, late }));`),
  );
  const { early, late } = await runScript<{ early: number; late: number }>(file, { env });
  expect(late - early).toBeLessThan(GROWTH_MB);
}, 120_000);

test('200 studies that are dropped without close are collected', async () => {
  const file = folder.write(
    'dropped.cjs',
    script(`${resident}
    let early;
    for (let seed = 1; seed <= 200; ++seed) {
      const study = await open({ seed, threads: 2, init: 4 });
      await study.ask(4);
      if (seed % 10 === 0) await new Promise(setImmediate), gc();
      if (seed === 40) early = resident();
    }
    await new Promise(setImmediate);
    console.log(JSON.stringify({ early, late: resident() }));`),
  );
  const { early, late } = await runScript<{ early: number; late: number }>(file, { env });
  expect(late - early).toBeLessThan(2 * GROWTH_MB);
}, 120_000);

/** Bytes a trial may take; it takes about 360, of which 150 are the architecture's text. */
const TRIAL_BYTES = 512;

test('a trial of a long history takes little memory', async () => {
  const file = folder.write(
    'trials.cjs',
    script(`${resident}
    const { defineSpace } = require(${JSON.stringify(path.join(root, 'dist', 'index.js'))});
    const operations = ['none', 'skip_connect', 'nor_conv_1x1', 'nor_conv_3x3', 'avg_pool_3x3', 'max_pool_3x3'];
    const cell = { on: 'edges', vertices: 5, operations };
    const text = [1, 2, 3, 4].map((to) => '|' + [0, 1, 2, 3].slice(0, to).map((from) => '{' + from + '-' + to + '}~' + from + '|').join('')).join('+');
    const space = defineSpace({ schema: 1, id: 'large', description: 'ten edges', cells: { cell }, text });
    const study = await open({ space, method: 'random' });
    const used = () => { gc(); const { heapUsed, external } = process.memoryUsage(); return heapUsed + external; };
    const grow = async (queries) => {
      while (study.queries < queries)
        for (const { id } of await study.ask(500)) await study.tell(id, { val_acc: id / 7 });
      return used();
    };
    const early = await grow(10_000);
    console.log(JSON.stringify(((await grow(100_000)) - early) / 90_000));`),
  );
  const bytes = await runScript<number>(file, { env });
  expect(bytes).toBeGreaterThan(100);
  expect(bytes).toBeLessThan(TRIAL_BYTES);
}, 120_000);
