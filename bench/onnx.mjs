// What ONNX models as metrics cost: architectures checked a second, fresh and known ones, and how late the event loop is
// during a search with two of them.  node bench/onnx.mjs MODEL.onnx [SPACE] (npm run build first; onnxruntime-node is needed).
import { Buffer } from 'node:buffer';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { digits201Oracle, onnxMetric, sampleSpace, spaceByName, Study } from '../dist/index.js';

const [file, id = 'nasbench201'] = process.argv.slice(2);
const ROUNDS = 5;
const AT_ONCE = 4096; // as a search asks
const space = spaceByName(id);
const width = space.program.genes.length;
const drawn = sampleSpace(space, 100 * AT_ONCE, 1);
const genes = Buffer.concat([...new Set(drawn)].map((architecture) => space.parse(architecture)));

async function checked(metric) {
  const start = performance.now();
  for (let at = 0; at < genes.length; at += AT_ONCE * width)
    await metric.evaluate(genes.subarray(at, at + AT_ONCE * width));
  return (1000 * genes.length) / width / (performance.now() - start);
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const count = (value) => Math.round(value).toLocaleString('en-US');
for (const threads of [1, 2]) {
  const fresh = [];
  const known = [];
  for (let round = 0; round < ROUNDS; ++round) {
    const metric = await onnxMetric(file, { space, threads });
    fresh.push(await checked(metric));
    known.push(await checked(metric));
    await metric.close();
  }
  console.log(
    `${threads} threads, ${count(genes.length / width)} architectures of ${space.id}: ` +
      `${count(median(fresh))} /s at first, ${count(median(known))} /s again`,
  );
}

if (width === 6) {
  const digits = spaceByName('digits201');
  const metrics = { a: await onnxMetric(file, { space: digits }), b: await onnxMetric(file, { space: digits }) };
  const values = await metrics.a.evaluate(genes);
  const constraints = [
    { metric: 'a', max: median(values) },
    { metric: 'b', min: Math.min(...values) },
  ];
  const objectives = [{ metric: 'val_acc', goal: 'maximize' }];
  const oracle = await digits201Oracle();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const study = await Study.open({ space: digits, objectives, metrics, constraints, seed: 1, threads: 1 });
  delay.enable();
  const start = performance.now();
  await study.run({ oracle, queries: 100 });
  delay.disable();
  const [mean, p99, most] = [delay.mean, delay.percentile(99), delay.max].map((ns) => (ns / 1e6).toFixed(1));
  console.log(
    `search of ${study.queries} queries under two models, ${((performance.now() - start) / 1000).toFixed(2)} s: ` +
      `event loop late by ${mean} ms in the mean, ${p99} ms at the 99th percentile, ${most} ms at most`,
  );
  study.close();
}
