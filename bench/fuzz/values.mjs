// Arguments that JSON cannot hold, described by plain data: an input says `{ $: 'ref', name: 'pool' }`, and a call is given
// the pool.  Descriptions travel by node:v8, which holds NaN, undefined, big integers and typed arrays as they are.
import { pick } from './mutate.mjs';

const views = { Uint8Array, Int8Array, Uint8ClampedArray, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array, BigInt64Array, DataView }; // prettier-ignore
const acts = ['throw', 'close', 'detach', 'score', 'fit', 'collect'];

/** What a getter of an input throws: it must come out as it is. */
export class Thrown extends Error {}

/** Something that hardly any argument may be. */
export function oddArgument(draws, names) {
  const number = [NaN, Infinity, -Infinity, -0, 1e300, 2 ** 53, 2 ** 31, -1, 0, 0.5, 1, 3, 255, 256];
  return pick(draws, [
    () => pick(draws, number),
    () => pick(draws, [undefined, null, true, false, '', 'gcn', 'x', 10n, [], {}, [[[]]]]),
    () => ({ $: pick(draws, ['symbol', 'function', 'class', 'thrower', 'revoked', 'sparse']) }),
    () => ({ $: 'forged', name: pick(draws, ['Proxy', 'Pool', 'Belief', 'Space']) }),
    () => ({ $: 'ref', name: pick(draws, names) }),
    () => ({ $: 'view', of: pick(draws, Object.keys(views)), length: pick(draws, [0, 1, 2, 3, 6, 12, 1000]), fill: pick(draws, [0, 1, 255, NaN]), how: oddBuffer(draws) }), // prettier-ignore
  ])();
}

const oddBuffer = (draws) => pick(draws, ['plain', 'offset', 'detached', 'shared', 'resizable', 'shrunk']);

/** The same argument, but that its memory, or a getter of it, is not as it looks. */
export function slyArgument(draws, value) {
  if (ArrayBuffer.isView(value)) return { $: 'copy', value, how: oddBuffer(draws) };
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0)
    return { $: 'proxied', value: Object(value) };
  return { $: 'sly', value, key: pick(draws, Object.keys(value)), act: pick(draws, acts) };
}

/** A number that was not changed into something else. */
const amount = (value) => (typeof value === 'number' && value >= 0 ? Math.floor(value) : 0);

/** A view of some memory: detached, shared, or of a buffer that has shrunk or may. */
function viewOf(View, data, how) {
  const bytes = data.byteLength;
  const memory =
    how === 'shared' ? new SharedArrayBuffer(bytes + 8) : how === 'resizable' || how === 'shrunk' ? new ArrayBuffer(bytes + 8, { maxByteLength: bytes + 64 }) : new ArrayBuffer(bytes + 8); // prettier-ignore
  new Uint8Array(memory).set(new Uint8Array(data.buffer, data.byteOffset, bytes), 8);
  const size = View.BYTES_PER_ELEMENT ?? 1;
  const view = new View(memory, 8, Math.floor(bytes / size));
  if (how === 'detached') structuredClone(memory, { transfer: [memory] });
  if (how === 'shrunk') memory.resize(8 + Math.floor(bytes / 2));
  return view;
}

/** Genes of an architecture of a pool. */
const widthOf = (world, pool) => world[pool === 'pool' ? 'space' : 'otherSpace'].enumerate(0, 1).length;

/** What fits the state that an object is in; nothing of one that is busy or closed. */
function ofWorld(read) {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** The value that is described; `act` does what a getter is to do beside giving its value. */
export function revive(given, world, act) {
  if (typeof given !== 'object' || given === null) return given;
  if (ArrayBuffer.isView(given)) return new given.constructor(given); // of memory of its own, which may be taken away
  if (Array.isArray(given)) return given.map((one) => revive(one, world, act));
  const inner = () => revive(given.value, world, act);
  switch (given.$) {
    case undefined:
      return Object.fromEntries(Object.entries(given).map(([key, one]) => [key, revive(one, world, act)]));
    case 'ref':
      return world[given.name];
    case 'parameters':
      return ofWorld(() => world[given.name].parameters());
    case 'scores':
      return ofWorld(() => new Float32Array(world[given.name].size).fill(0.5));
    case 'verdicts':
      return ofWorld(() => new Uint8Array(world[given.name].unjudged().length / widthOf(world, given.name)).fill(1, 1));
    case 'symbol':
      return Symbol('s');
    case 'function':
      return () => 1;
    case 'thrower':
      return class {
        constructor() {
          throw new Thrown('by a constructor');
        }
      };
    case 'class':
      return class {};
    case 'sparse':
      return new Array(2 ** 32 - 1);
    case 'forged':
      return Object.create(world.addon[given.name]?.prototype ?? null);
    case 'revoked': {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    }
    case 'proxied':
      return new Proxy(Object(inner()), { get: (of, key) => act('throw', of[key]) });
    case 'sly': {
      const value = inner();
      if (typeof value !== 'object' || value === null) return value;
      const { [given.key]: real } = value;
      return Object.defineProperty(value, given.key, { configurable: true, get: () => act(given.act, real) });
    }
    case 'copy':
      return ArrayBuffer.isView(given.value) ? viewOf(given.value.constructor, given.value, given.how) : inner();
    case 'view': {
      const View = views[given.of] ?? Uint8Array;
      const length = Math.min(1e4, amount(given.length));
      const data = View === DataView ? new Uint8Array(length) : new View(length);
      if (View !== DataView && View !== BigInt64Array) data.fill(amount(given.fill));
      return viewOf(View, data, given.how);
    }
    default:
      return {};
  }
}
