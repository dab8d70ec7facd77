// What does a step up the frozen proxy cost, of all restarts together?
import assert from 'node:assert/strict';
import { climbPlan, finish, native, newProxy, SLICE_MS, smallSpace } from './fixtures.mjs';

export const title = 'Climb step, all restarts: Gumbel-softmax, forward, gradient to the logits, AdamW; hidden 144';

function open(restarts, steps) {
  const space = smallSpace();
  const proxy = newProxy(space, { hidden: 144 });
  let round = 0;
  const begin = () => proxy.beginClimb({ ...climbPlan, restarts, steps, round: ++round });
  return {
    units: steps,
    async run() {
      begin();
      assert.equal(await finish(() => proxy.climb(SLICE_MS)), 1);
    },
    async check() {
      // Every restart has a distribution to draw from: draws of all of them stay within the space and differ.
      const pool = new (native().Pool)(space.program);
      const drawn = pool.addClimbed(proxy, { draws: 50, sharpness: 1, noise: 0.3, seed: 1, round });
      assert.ok(drawn > 1 && drawn <= 50 * restarts, `${drawn} candidates drawn`);
      pool.close();
      begin();
      const done = await proxy.climb(0);
      assert.ok(done > 0 && done < 1, `a slice of no time did ${done} of the climb`);
    },
    close: () => proxy.close(),
  };
}

export function cases({ quick }) {
  return [5, 50].map((restarts) => ({
    name: `${restarts} restarts`,
    unit: 'ms',
    open: () => open(restarts, quick ? 10 : 100),
  }));
}
