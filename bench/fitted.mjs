// A limit on a latency that a fitted model predicts: how many queries it spends on what is over the limit, and how often the
// best under it is found.  NAS-Bench-201, CIFAR-100, HW-NAS-Bench's latencies; a model is fitted to 900 random measurements.
// node bench/fitted.mjs TABLES [seeds] (npm run build first; onnxruntime-node is needed).
import { Buffer } from 'node:buffer';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fitLatency, onnxMetric, spaces, Study, tabularOracle } from '../dist/index.js';

const [folder = '.', seeds = '5'] = process.argv.slice(2);
const [QUERIES, MEASURED] = [100, 900];
const MARGINS = [0, 1.645, 2.5];
// Which cells EdgeTPU's compiler refuses is no latency, and it is left out.
const limits = { edgegpu: [2.02, 4.02, 6.02], raspi4: [7.35, 21.86, 26.09], pixel3: [7.63, 14.44, 21.47], eyeriss: [4.08], fpga: [3.83] }; // prettier-ignore

const space = spaces.nasbench201({ isomorphism: 'encoding' });
const accuracy = await tabularOracle(path.join(folder, 'nasbench201.csv'), space, { metrics: ['cifar100_val'] });
const genes = accuracy.architectures();
const width = space.program.genes.length;
const best = accuracy.values('cifar100_val');
const scratch = mkdtempSync(path.join(tmpdir(), 'optiproxy-bench-'));
const objectives = [{ metric: 'cifar100_val', goal: 'maximize' }];

/** Places of so many random cells, a function of the seed. */
function drawn(count, seed) {
  const places = new Set();
  for (let state = seed + 1; places.size < count;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    places.add(Math.floor((state / 2 ** 32) * (genes.length / width)));
  }
  return [...places];
}

console.log(`${QUERIES} queries, ${seeds} seeds: share over the limit, and seeds that find the best under it`);
const totals = new Map(MARGINS.map((margin) => [margin, []]));
for (const [device, all] of Object.entries(limits)) {
  const metric = `cifar100_${device}_latency`;
  const table = await tabularOracle(path.join(folder, 'nasbench201_hw.csv.gz'), space, { metrics: [metric] });
  const latency = table.metric(metric).evaluate(genes);
  const oracle = async (architecture) => ({ ...(await accuracy(architecture)), ...(await table(architecture)) });
  for (const limit of all) {
    const optimum = best.filter((_, i) => latency[i] <= limit).reduce((a, b) => Math.max(a, b));
    const found = MARGINS.map(() => ({ over: 0, queries: 0, reached: 0 }));
    for (let seed = 1; seed <= Number(seeds); ++seed) {
      const places = drawn(MEASURED, seed);
      const architectures = Buffer.concat(places.map((at) => genes.subarray(at * width, (at + 1) * width)));
      const measurements = { architectures: new Uint8Array(architectures), values: places.map((at) => latency[at]) };
      const { bytes } = await fitLatency({ space, measurements, metric: 'ms', seed });
      const file = path.join(scratch, 'model.onnx');
      writeFileSync(file, bytes);
      for (const [m, margin] of MARGINS.entries()) {
        const model = await onnxMetric(file, { space, margin });
        const constraints = [{ metric, max: limit }];
        const study = await Study.open({ space, objectives, metrics: { [metric]: model }, constraints, seed });
        await study.run({ oracle, queries: QUERIES });
        const count = found[m];
        count.over += study.trials.filter(({ broken }) => broken !== undefined).length;
        count.queries += study.queries;
        count.reached += study.best?.metrics.cifar100_val === optimum ? 1 : 0;
        study.close();
        await model.close();
      }
    }
    const texts = found.map(({ over, queries, reached }, m) => {
      totals.get(MARGINS[m]).push(over / queries);
      return `+${MARGINS[m]}: ${((100 * over) / queries).toFixed(1)} %, ${reached}`;
    });
    console.log(`${device.padEnd(8)} ${String(limit).padEnd(6)} ${texts.join('   ')}`);
  }
}
for (const [margin, shares] of totals)
  console.log(
    `+${margin}: mean ${((100 * shares.reduce((a, b) => a + b)) / shares.length).toFixed(1)} % over the limit`,
  );
rmSync(scratch, { recursive: true });
