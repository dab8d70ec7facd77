// Searches under a latency limit that only a query tells: how many of the queries broke it, and how many searches found the
// best there is, on NAS-Bench-201 and the latencies of HW-NAS-Bench.
// node bench/limits.mjs TABLES [seeds] [methods] [devices] (npm run build first).
import path from 'node:path';
import { spaces, Study, tabularOracle } from '../dist/index.js';

const [folder = '.', seeds = '10', methods = 'optiproxy,bananas,tpe,evolution,local-search,random', devices] = process.argv.slice(2); // prettier-ignore
const QUERIES = 100;
/** Those of bench/suites/hardware.yaml. */
const LIMITS = { edgegpu: [2.02, 4.02, 6.02], pixel3: [7.63, 14.44, 21.47] };
// Latency was measured for each architecture as it is written.
const space = spaces.nasbench201({ isomorphism: 'encoding' });
const objective = { metric: 'cifar100_val', goal: 'maximize' };
const accuracy = await tabularOracle(path.join(folder, 'nasbench201.csv'), space, { metrics: [objective.metric] });
const all = accuracy.architectures();
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

console.log(`NAS-Bench-201, CIFAR-100, ${QUERIES} queries, ${seeds} seeds: searches that found the best, mean of what was found, share of infeasible queries`); // prettier-ignore
for (const device of devices === undefined ? Object.keys(LIMITS) : devices.split(',')) {
  const metric = `cifar100_${device}_latency`;
  const latency = await tabularOracle(path.join(folder, 'nasbench201_hw.csv.gz'), space, { metrics: [metric] });
  const slow = latency.metric(metric).evaluate(all);
  const oracle = async (one) => ({ ...(await accuracy(one)), ...(await latency(one)) });
  for (const max of LIMITS[device]) {
    const best = accuracy.metric(objective.metric).evaluate(all).reduce((most, value, i) => (slow[i] <= max ? Math.max(most, value) : most), 0); // prettier-ignore
    for (const method of methods.split(',')) {
      const runs = [];
      for (let seed = 1; seed <= Number(seeds); ++seed) {
        const constraints = [{ metric, max }];
        const study = await Study.open({ space, objectives: [objective], seed, method, threads: 1, constraints });
        await study.run({ oracle, queries: QUERIES });
        const found = study.best?.metrics[objective.metric] ?? 0;
        runs.push({ found, broken: study.trials.filter((trial) => trial.broken !== undefined).length / QUERIES });
        study.close();
      }
      const hits = runs.filter(({ found }) => found === best).length;
      console.log(`${`${device} ${max}`.padEnd(14)} ${method.padEnd(13)} ${String(hits).padStart(3)} ${mean(runs.map(({ found }) => found)).toFixed(2)} of ${best.toFixed(2)} ${mean(runs.map(({ broken }) => broken)).toFixed(2)}`); // prettier-ignore
    }
  }
}
