// What inputs are made of: changes to bytes, to lines and words of a text, and to trees of plain data.  Each is a function
// of the stream that it draws from.

export const pick = (draws, list) => list[draws.below(list.length)];
export const chance = (draws, probability) => draws.uniform() < probability;

/** 1 mostly, now and then many: one change finds what guards a place, many what lies behind it. */
const several = (draws) => {
  let count = 1;
  while (count < 64 && chance(draws, 0.55)) ++count;
  return count;
};

/** A place, and a length that is short more often than not. */
function range(draws, length) {
  const at = draws.below(length + 1);
  const most = chance(draws, 0.8) ? 8 : length;
  return [at, Math.min(length, at + 1 + draws.below(most + 1))];
}

const edges = [0, 1, -1, 127, 128, 255, 256, 32767, 65535, 65536, 2 ** 31 - 1, -(2 ** 31), 2 ** 32 - 1];

/** One of the numbers that lengths and counts go wrong at, in 1, 2, 4 or 8 bytes of either order. */
function edgeBytes(draws) {
  const bytes = Buffer.alloc(8);
  const size = pick(draws, [1, 2, 4, 8]);
  bytes.writeBigInt64LE(BigInt(pick(draws, edges)));
  const some = bytes.subarray(0, size);
  return chance(draws, 0.3) ? Buffer.from(some).reverse() : some;
}

const randomBytes = (draws, length) => Buffer.from(Array.from({ length }, () => draws.below(256)));

const overwrite = (bytes, at, piece) => {
  const changed = Buffer.from(bytes);
  piece.copy(changed, at);
  return changed;
};
const replace = (bytes, from, to, piece) => Buffer.concat([bytes.subarray(0, from), piece, bytes.subarray(to)]);

const byteChanges = [
  (draws, bytes) => {
    const changed = Buffer.from(bytes);
    if (bytes.length > 0) changed[draws.below(bytes.length)] ^= 1 << draws.below(8);
    return changed;
  },
  (draws, bytes) => overwrite(bytes, draws.below(bytes.length + 1), edgeBytes(draws)),
  (draws, bytes) => overwrite(bytes, draws.below(bytes.length + 1), randomBytes(draws, 1 + draws.below(4))),
  (draws, bytes) => replace(bytes, ...range(draws, bytes.length), Buffer.alloc(0)),
  (draws, bytes) => {
    const at = draws.below(bytes.length + 1);
    return replace(bytes, at, at, bytes.subarray(...range(draws, bytes.length)));
  },
  (draws, bytes) => {
    const at = draws.below(bytes.length + 1);
    return replace(bytes, at, at, randomBytes(draws, 1 + draws.below(8)));
  },
  (draws, bytes, { others }) => {
    const other = pick(draws, others);
    return replace(bytes, ...range(draws, bytes.length), other.subarray(...range(draws, other.length)));
  },
  (draws, bytes, { words }) => {
    const at = draws.below(bytes.length + 1);
    return replace(bytes, at, chance(draws, 0.5) ? at : range(draws, bytes.length)[1], pick(draws, words));
  },
];

/** Bytes with a few changes; `others` are pieced in, and so are `words` that mean something to who reads them. */
export function mutateBytes(draws, input, { others = [input], words = [] } = {}) {
  let bytes = input;
  const known = words.map((word) => Buffer.from(word));
  const changes = known.length === 0 ? byteChanges.slice(0, -1) : byteChanges;
  for (let i = several(draws); i > 0; --i) bytes = pick(draws, changes)(draws, bytes, { others, words: known });
  return chance(draws, 0.05) ? bytes.subarray(0, draws.below(bytes.length + 1)) : bytes;
}

export const oddTexts = ['', ' ', '\0', '\n', '__proto__', 'constructor', 'toString', 'a'.repeat(5000), '\ud800', '💥', '\u202e', '../x', '*', 'null', '0x10', '1e999', '-0', 'NaN']; // prettier-ignore
export const oddNumbers = [0, -0, 1, -1, 0.5, 2, 7, 63, 64, 65, 255, 256, 257, 4096, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 1e300, -1e300, 5e-324]; // prettier-ignore

/** Lines and words moved, doubled, left out, and odd ones instead. */
export function mutateText(draws, input, words) {
  let text = input;
  for (let i = several(draws); i > 0; --i) {
    const between = chance(draws, 0.5) ? '\n' : /(?<=\W)|(?=\W)/;
    const parts = text.split(between);
    const at = draws.below(parts.length);
    const odd = [() => pick(draws, words), () => pick(draws, oddTexts), () => String(pick(draws, oddNumbers)), () => pick(draws, parts)]; // prettier-ignore
    const change = draws.below(5);
    if (change === 0) parts.splice(at, 1);
    else if (change === 1) parts.splice(draws.below(parts.length), 0, parts[at]);
    else if (change === 2) parts.splice(at, 1 + draws.below(4));
    else parts[at] = pick(draws, odd)();
    text = parts.join(between === '\n' ? '\n' : '');
    if (text.length > 1e6) break;
  }
  return text;
}

/** Every place in a tree where something can be put: [object, key]. */
function placesOf(tree, places = []) {
  if (typeof tree !== 'object' || tree === null || ArrayBuffer.isView(tree)) return places;
  for (const key of Object.keys(tree)) {
    places.push([tree, key]);
    placesOf(tree[key], places);
  }
  return places;
}

function nested(depth, inner) {
  let value = inner;
  for (let i = 0; i < depth; ++i) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}

/** A value that hardly anybody expects. */
export function oddValue(draws, words = []) {
  return pick(draws, [
    () => pick(draws, oddNumbers),
    () => pick(draws, oddNumbers),
    () => pick(draws, oddTexts),
    () => pick(draws, words.length === 0 ? oddTexts : words),
    () => pick(draws, [null, true, false, [], {}]),
    () => nested(1 + draws.below(200), pick(draws, oddNumbers)),
    () => Array.from({ length: draws.below(400) }, (_, i) => i),
  ])();
}

/** A copy of plain data with a few changes. */
export function mutateTree(draws, input, words = []) {
  const root = { tree: structuredClone(input) };
  for (let i = several(draws); i > 0; --i) {
    const places = placesOf(root);
    if (places.length === 0 || places.length > 50_000) break; // all is gone, or it doubles and doubles
    const [holder, key] = pick(draws, places);
    const [from, other] = pick(draws, places);
    const value = from[other];
    const name = () =>
      chance(draws, 0.5) && words.length > 0 ? pick(draws, words) : pick(draws, [...oddTexts, other]);
    const put = (at, what) => Object.defineProperty(holder, at, { value: what, enumerable: true, configurable: true, writable: true }); // prettier-ignore
    pick(draws, [
      () => put(key, oddValue(draws, words)),
      () => put(key, structuredClone(value)),
      () => (Array.isArray(holder) ? holder.splice(Number(key), 1) : delete holder[key]),
      () => (Array.isArray(holder) ? holder.push(structuredClone(value)) : put(name(), structuredClone(value))),
      () => {
        if (typeof holder[key] === 'number') put(key, holder[key] + pick(draws, [1, -1, 0.5, 255]));
        else if (Array.isArray(holder[key])) put(key, [...holder[key]].reverse());
      },
    ])();
  }
  return root.tree ?? null;
}
