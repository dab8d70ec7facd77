// How good latency models are: `fitLatency` on NAS-Bench-201's tables, predictions of all cells that were not measured.
//   devices    900 random measurements of each device
//   transfer   10 and 20 of a device, alone and from all others
//   published  the same from seven devices to six, as HELP (Lee et al. 2021) splits them
//   speed      the model in onnxruntime
// node bench/latency.mjs TABLES [parts] [seeds] (npm run build first; onnxruntime-node installed).
import path from 'node:path';
import { fitLatency, measurementsOf, predictLatency, spaces, tabularOracle } from '../dist/index.js';
import { describe } from './machine.mjs';

const [folder = '.', parts = 'devices,transfer,published,speed', seeds = '3'] = process.argv.slice(2);
const space = spaces.nasbench201();
const width = space.program.genes.length;
/** Of the shared architectures of other devices. */
const SHARED = 900;

const tables = new Map();
for (const [file, wanted] of [
  ['nasbench201_latency.csv.gz', (name) => name !== 'index'],
  ['nasbench201_hw.csv.gz', (name) => /^cifar100?_.*latency$/.test(name)],
]) {
  const table = await tabularOracle(path.join(folder, file), space);
  for (const name of table.metrics.filter(wanted)) tables.set(name, measurementsOf(table, space, name, -1));
}

/** A random order of 0..n-1, a function of the seed (mulberry32). */
function shuffled(n, seed) {
  let state = seed;
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; --i) {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), 1 | state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    const j = Math.floor((((word ^ (word >>> 14)) >>> 0) / 2 ** 32) * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

const pick = ({ architectures, values }, places) => ({
  architectures: Uint8Array.from(places.flatMap((at) => [...architectures.subarray(at * width, (at + 1) * width)])),
  values: places.map((at) => values[at]),
});

/** Ranks; ties share their middle. */
function ranks(values) {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
  const found = new Float64Array(values.length);
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && values[order[to]] === values[order[from]]) ++to;
    for (let i = from; i < to; ++i) found[order[i]] = (from + to - 1) / 2;
  }
  return found;
}

function correlation(a, b) {
  const mean = (a.length - 1) / 2;
  const product = (x, y) => x.reduce((sum, v, i) => sum + (v - mean) * (y[i] - mean), 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

/** Fits some measurements of a device and holds the model against all others. */
async function judge(name, count, seed, sources = []) {
  const all = tables.get(name);
  const order = shuffled(all.values.length, seed);
  const start = performance.now();
  const model = await fitLatency({
    space,
    measurements: pick(all, order.slice(0, count)),
    metric: 'ms',
    seed,
    sources,
  });
  const seconds = (performance.now() - start) / 1000;
  const rest = pick(all, order.slice(count));
  const texts = rest.values.map((_, i) => space.format(rest.architectures.slice(i * width, (i + 1) * width)));
  const predictions = await predictLatency(model, space, texts);
  const share = (test) => predictions.filter((one, i) => test(one, rest.values[i])).length / predictions.length;
  return {
    rho: correlation(ranks(predictions.map(({ value }) => value)), ranks(rest.values)),
    within5: share(({ value }, truth) => Math.abs(value - truth) <= 0.05 * truth),
    within10: share(({ value }, truth) => Math.abs(value - truth) <= 0.1 * truth),
    coverage: share(({ interval: [low, high] }, truth) => low <= truth && truth <= high),
    seconds,
    checked: model.checked,
    card: model.card.validation,
    transferred: model.card.sources.length,
  };
}

/** Others' measurements of the same random architectures. */
function sourcesOf(names) {
  const places = shuffled(tables.get(names[0]).values.length, 99).slice(0, SHARED);
  return names.map((name) => ({ name, ...pick(tables.get(name), places) }));
}

const mean = (all, of) => all.reduce((sum, one) => sum + of(one), 0) / all.length;
function row(name, all) {
  const figures = ['rho', 'within5', 'within10', 'coverage', 'seconds'].map((key) =>
    mean(all, (one) => one[key]).toFixed(3),
  );
  const least = Math.min(...all.map(({ rho }) => rho)).toFixed(3);
  console.log(`| ${name} | ${[...figures, least].join(' | ')} |`);
  return all;
}
function head(what) {
  console.log(
    `\n${what}\n\n| device | Spearman | ±5 % | ±10 % | coverage | seconds | least Spearman |\n| --- | --- | --- | --- | --- | --- | --- |`,
  );
}

async function devices() {
  head('900 random measurements, the other cells predicted');
  const all = [];
  for (const name of tables.keys()) all.push(...row(name, [await judge(name, 900, 1)]));
  row('mean', all);
  console.log(`\nlargest difference between onnxruntime and native: ${Math.max(...all.map(({ checked }) => checked))}`);
  for (const key of ['spearman', 'within10', 'coverage'])
    console.log(`mean ${key} that the cards state: ${mean(all, ({ card }) => card[key]).toFixed(3)}`);
}

async function transfers(targets, sourcesFor, what) {
  for (const count of [10, 20, 100]) {
    for (const from of ['others', 'nothing']) {
      head(`${count} measurements, from ${from === 'others' ? what : 'nothing'}, ${seeds} seeds`);
      const all = [];
      for (const name of targets) {
        const own = [];
        const sources = from === 'others' ? sourcesOf(sourcesFor(name)) : [];
        for (let seed = 1; seed <= Number(seeds); ++seed) own.push(await judge(name, count, seed, sources));
        all.push(...row(name, own));
      }
      row('mean', all);
    }
  }
}

async function speed() {
  const { createRequire } = await import('node:module');
  const { InferenceSession, Tensor } = createRequire(import.meta.url)('onnxruntime-node');
  const model = await fitLatency({
    space,
    measurements: pick(tables.get('raspi4'), shuffled(15_625, 1).slice(0, 200)),
    metric: 'ms',
  });
  const { nodes, features } = space.program;
  const batch = 1024;
  // The time does not depend on what is in the tensors.
  const feeds = {
    adjacency: new Tensor('float32', new Float32Array(batch * nodes * nodes).fill(1), [batch, nodes, nodes]),
    operations: new Tensor('float32', new Float32Array(batch * nodes * features), [batch, nodes, features]),
    sizes: new Tensor('int64', new BigInt64Array(batch).fill(BigInt(nodes)), [batch]),
  };
  for (const threads of [1, 2]) {
    const session = await InferenceSession.create(model.bytes, { intraOpNumThreads: threads });
    const times = [];
    for (let i = 0; i < 300; ++i) {
      const start = performance.now();
      await session.run(feeds);
      times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    const rate = (ms) => Math.round((batch / ms) * 1000);
    console.log(
      `\nonnxruntime, batch ${batch}, ${threads} threads: ${rate(times[150])} architectures/s by the median run, ${rate(times[0])} by the best`,
    );
    await session.release();
  }
}

const seven = '1080ti_1,1080ti_32,1080ti_256,silver_4114,samsung_a50,pixel3,essential_ph_1'.split(',');
const unseen = 'titan_rtx_32,gold_6240,fpga,pixel2,raspi4,eyeriss'.split(',');
const names = [...tables.keys()].filter((name) => !name.startsWith('cifar'));
console.log(JSON.stringify(describe()));
for (const part of parts.split(',')) {
  if (part === 'devices') await devices();
  else if (part === 'transfer')
    await transfers(names, (name) => names.filter((other) => other !== name), 'the other 22 devices');
  else if (part === 'published') await transfers(unseen, () => seven, 'seven devices');
  else if (part === 'speed') await speed();
  else throw new Error(`no part ${part}`);
}
