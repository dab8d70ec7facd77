// How fast are candidates drawn, and those that are known or drawn twice dropped?
import assert from 'node:assert/strict';
import { builtInSpace, climbPlan, finish, native, newProxy, SLICE_MS, smallSpace } from './fixtures.mjs';

export const title = 'Sample: draw and drop duplicates';

/** Counted in draws: a climbed distribution repeats itself. */
async function openClimbed(draws) {
  const space = smallSpace();
  const members = 5;
  const restarts = 5;
  const proxy = newProxy(space, { hidden: 48, members });
  proxy.beginClimb({ ...climbPlan, restarts, steps: 50, round: 1 });
  await finish(() => proxy.climb(SLICE_MS));
  const pool = new (native().Pool)(space.program);
  const units = draws * members * restarts;
  let round = 0;
  let added = 0;
  return {
    units,
    sync: true,
    run() {
      pool.clear();
      added = pool.addClimbed(proxy, { draws, sharpness: 1, noise: 0.3, seed: 1, round: ++round });
    },
    check() {
      assert.ok(round > 0 && added > restarts && added <= units, `${added} new of ${units} draws`);
      assert.equal(pool.size, added);
    },
    close() {
      pool.close();
      proxy.close();
    },
  };
}

/** Counted in distinct candidates, as they are asked for. */
function openUniform(count) {
  const pool = new (native().Pool)(smallSpace().program);
  let round = 0;
  let added = 0;
  return {
    units: count,
    sync: true,
    run() {
      pool.clear();
      added = pool.addUniform(count, 1, ++round);
    },
    check() {
      assert.equal(added, count);
      assert.equal(pool.size, count);
    },
    close: () => pool.close(),
  };
}

/** What every candidate goes through before it is scored, in batches that stay near the processor. */
function openPipeline(id, count) {
  const space = builtInSpace(id);
  const core = new (native().Space)(space.program);
  const genes = space.program.genes.length;
  const batch = 256;
  let round = 0;
  let distinct = 0;
  return {
    units: count,
    sync: true,
    run() {
      const keys = new Set();
      for (let done = 0; done < count; done += batch) {
        const drawn = core.draw(Math.min(batch, count - done), 1, ++round).genes; // valid ones
        assert.equal(drawn.length, Math.min(batch, count - done) * genes);
        const first = core.keys(drawn)[0];
        const { x } = core.encode(drawn);
        keys.add(first + x.length);
      }
      distinct = keys.size;
    },
    check() {
      assert.ok(round > 0 && distinct > 0);
    },
    close() {},
  };
}

export function cases({ quick }) {
  const pipelines = ['nasbench201', 'nasbench101', 'nasbench301'].map((id) => ({
    name: `draw, check, key and encode, ${id}`,
    unit: '/s',
    open: () => openPipeline(id, quick ? 512 : 51_200),
  }));
  return [
    ...pipelines,
    { name: 'climbed distributions', unit: '/s', open: () => openClimbed(quick ? 20 : 400) },
    { name: 'uniform', unit: '/s', open: () => openUniform(quick ? 500 : 10_000) },
  ];
}
