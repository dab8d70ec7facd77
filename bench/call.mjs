// What does it cost to cross the border between JavaScript and the addon?
import assert from 'node:assert/strict';
import { native, newProxy, smallSpace } from './fixtures.mjs';

export const title = 'Native call: there and back, with next to nothing to do';

/** Calls in one run, so that the timer's own loop weighs little. */
const CALLS = 100;

function open(kind) {
  const space = smallSpace();
  const addon = native();
  const pool = new addon.Pool(space.program);
  const proxy = newProxy(space, { hidden: 8 });
  assert.equal(pool.addUniform(7, 1, 0), 7);
  let last;
  const runs = {
    getter() {
      for (let i = 0; i < CALLS; ++i) last = pool.size;
    },
    call() {
      for (let i = 0; i < CALLS; ++i) last = addon.deriveSeed(1, 2, i);
    },
    async slice() {
      for (let i = 0; i < CALLS; ++i) last = await pool.score(proxy, 1);
    },
  };
  if (kind === 'slice') pool.clear(); // nothing to score: the round trip alone
  return {
    units: CALLS,
    sync: kind !== 'slice',
    run: runs[kind],
    check: () => assert.equal(last, { getter: 7, call: addon.deriveSeed(1, 2, CALLS - 1), slice: 1 }[kind]),
    close() {
      pool.close();
      proxy.close();
    },
  };
}

export function cases() {
  return [
    { name: 'getter', unit: 'ns', open: () => open('getter') },
    { name: 'call with three numbers', unit: 'ns', open: () => open('call') },
    { name: 'promise of a slice', unit: 'us', open: () => open('slice') },
  ];
}
