// How much of the true front of accuracy and latency a search finds: hypervolume of its front over that of the table's,
// from no accuracy at all and the slowest cell, on NAS-Bench-201 and the latencies of HW-NAS-Bench.
// node bench/front.mjs TABLES [seeds] [methods] [told] (npm run build first); `told`: only a query tells the latency, and each
// encoding is a query of its own, as it was measured.
import path from 'node:path';
import { hypervolume, spaces, Study, tabularOracle } from '../dist/index.js';

const [folder = '.', seeds = '10', names = 'optiproxy,tpe,evolution,local-search,random', told] = process.argv.slice(2);
const QUERIES = 100;
const space = spaces.nasbench201(told === undefined ? {} : { isomorphism: 'encoding' });
const accuracy = await tabularOracle(path.join(folder, 'nasbench201.csv'), space, { metrics: ['cifar100_val'] });

console.log(`NAS-Bench-201, CIFAR-100, ${QUERIES} queries, ${seeds} seeds: mean share of the hypervolume, least`);
for (const device of ['edgegpu', 'raspi4', 'pixel3', 'fpga']) {
  const metric = `cifar100_${device}_latency`;
  const latency = await tabularOracle(path.join(folder, 'nasbench201_hw.csv.gz'), space, { metrics: [metric] });
  const objectives = [
    { metric: 'cifar100_val', goal: 'maximize' },
    { metric, goal: 'minimize' },
  ];
  const known = latency.metric(metric);
  const both = async (one) => ({ ...(await accuracy(one)), ...(await latency(one)) });
  const slow = known.evaluate(accuracy.architectures());
  const all = [...accuracy.values('cifar100_val')].map((value, i) => ({ cifar100_val: value, [metric]: slow[i] }));
  const reference = { cifar100_val: 0, [metric]: slow.reduce((a, b) => Math.max(a, b)) };
  const whole = hypervolume(all, objectives, reference);
  for (const method of names.split(',')) {
    const shares = [];
    for (let seed = 1; seed <= Number(seeds); ++seed) {
      const metrics = told === undefined ? { [metric]: known } : {};
      const study = await Study.open({ space, objectives, seed, method, threads: 1, metrics });
      await study.run({ oracle: told === undefined ? accuracy : both, queries: QUERIES });
      shares.push(study.hypervolume(reference) / whole);
      study.close();
    }
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    console.log(`${device.padEnd(8)} ${method.padEnd(13)} ${mean.toFixed(4)} ${Math.min(...shares).toFixed(4)}`);
  }
}
