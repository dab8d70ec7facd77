// How long does a whole search take beside its queries, which a table answers here?
import assert from 'node:assert/strict';
import { built } from './fixtures.mjs';

export const title = 'Whole search, table lookups included';

async function open({ space, metric, preset, queries, oracle: openOracle }) {
  const { spaces, Study } = built('index');
  const oracle = await openOracle(metric);
  const state = {};
  return {
    units: 1,
    once: true,
    async run() {
      const objectives = [{ metric, goal: 'maximize' }];
      const study = await Study.open({ space: spaces[space](), objectives, seed: 1, preset, threads: 1 });
      await study.run({ oracle, queries });
      study.close();
      state.study = study;
    },
    check() {
      const { study } = state;
      assert.equal(study.queries, queries);
      assert.equal(new Set(study.trials.map(({ architecture }) => architecture)).size, queries);
      assert.ok(Number.isFinite(study.best.metrics[metric]));
      const { fitMs, climbMs, acquireMs } = study.timings;
      assert.ok(fitMs > 0 && acquireMs > 0);
      assert.equal(climbMs > 0, preset === 'paper'); // the default climbs after many answers
    },
    extra() {
      const { fitMs, climbMs, acquireMs } = state.study.timings;
      return { fit_s: fitMs / 1000, climb_s: climbMs / 1000, acquire_s: acquireMs / 1000 };
    },
    close() {},
  };
}

export function cases({ quick, table }) {
  const queries = quick ? 13 : 100;
  const { digits201Oracle, spaces, tabularOracle } = built('index');
  const tables = [
    { space: 'digits201', metric: 'val_acc', oracle: (metric) => digits201Oracle({ metrics: [metric] }) },
  ];
  if (table !== undefined) {
    tables.push({
      space: 'nasbench201',
      metric: 'cifar10_valid_val',
      oracle: (metric) => tabularOracle(table, spaces.nasbench201(), { metrics: [metric] }),
    });
  }
  return tables.flatMap((from) =>
    ['default', 'paper'].map((preset) => ({
      name: `${from.space}, ${preset}, ${queries} queries`,
      unit: 's',
      open: () => open({ ...from, preset, queries }),
    })),
  );
}
