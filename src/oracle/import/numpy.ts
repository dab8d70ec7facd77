import { kindOf, type Refuse } from './failure.js';

/**
 * The few functions that a pickle of measurements names, as builders of plain data.  Nothing else that a pickle names is
 * looked up anywhere, so nothing it says can run.
 */

/** A function or class that a pickle names; it cannot be called, only recognised. */
export class GlobalName {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** What a pickle fills in after making it. */
export interface Stateful {
  setState(state: unknown, refuse: Refuse): void;
}

/** Numbers of a fixed size. */
export class Dtype implements Stateful {
  readonly code: string;
  littleEndian = true;

  constructor(code: string) {
    this.code = code;
  }

  get bytes(): number {
    return Number(this.code.slice(1));
  }

  /** (version, byte order, ...): the rest is for structures, which measurements have none of. */
  setState(state: unknown): void {
    if (Array.isArray(state)) this.littleEndian = state[1] !== '>';
  }

  /** The number at a place of raw bytes. */
  read(view: DataView, at: number): number {
    const little = this.littleEndian;
    switch (this.code) {
      case 'f4':
        return view.getFloat32(at, little);
      case 'f8':
        return view.getFloat64(at, little);
      case 'i1':
        return view.getInt8(at);
      case 'i2':
        return view.getInt16(at, little);
      case 'i4':
        return view.getInt32(at, little);
      case 'i8':
        return Number(view.getBigInt64(at, little));
      case 'u1':
      case 'b1':
        return view.getUint8(at);
      case 'u2':
        return view.getUint16(at, little);
      case 'u4':
        return view.getUint32(at, little);
      default:
        return Number(view.getBigUint64(at, little));
    }
  }
}

const codes = ['f4', 'f8', 'i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'u8', 'b1'];

/** An array, kept as raw bytes until it is read. */
export class Ndarray implements Stateful {
  #dtype = new Dtype('u1');
  #raw: Uint8Array = new Uint8Array();

  /** (version, shape, dtype, column order, raw bytes). */
  setState(state: unknown, refuse: Refuse): void {
    const [, , dtype, , raw] = Array.isArray(state) ? (state as unknown[]) : [];
    if (!(dtype instanceof Dtype) || !isBytes(raw)) refuse('an array', 'numbers', 'something else');
    else this.fill(dtype, raw, refuse);
  }

  fill(dtype: Dtype, raw: Uint8Array, refuse: Refuse): void {
    if (raw.length % dtype.bytes !== 0) refuse('an array', `a multiple of ${dtype.bytes} bytes`, raw.length);
    this.#dtype = dtype;
    this.#raw = raw;
  }

  get length(): number {
    return this.#raw.length / this.#dtype.bytes;
  }

  at(index: number): number {
    const view = new DataView(this.#raw.buffer, this.#raw.byteOffset, this.#raw.length);
    return this.#dtype.read(view, index * this.#dtype.bytes);
  }
}

function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value);
}

type Builder = (args: readonly unknown[], refuse: Refuse) => unknown;

const makeDtype: Builder = ([code], refuse) => {
  if (typeof code === 'string' && codes.includes(code)) return new Dtype(code);
  return refuse('a numpy dtype', `one of ${codes.join(', ')}`, typeof code === 'string' ? code : kindOf(code));
};

const makeScalar: Builder = ([dtype, raw], refuse) => {
  if (!(dtype instanceof Dtype) || !isBytes(raw) || raw.length !== dtype.bytes) {
    const hint = 'save the file again with Python 3';
    return refuse('a numpy number', 'a dtype and its bytes', `${kindOf(dtype)} and ${kindOf(raw)}`, hint);
  }
  return dtype.read(new DataView(raw.buffer, raw.byteOffset, raw.length), 0);
};

const makeFromBuffer: Builder = ([raw, dtype], refuse) => {
  if (!(dtype instanceof Dtype) || !isBytes(raw)) return refuse('an array', 'numbers', 'something else');
  const array = new Ndarray();
  array.fill(dtype, raw, refuse);
  return array;
};

/** How Python 3 writes bytes for the readers of Python 2. */
const encodeBytes: Builder = ([text, encoding], refuse) => {
  if (typeof text !== 'string' || encoding !== 'latin1') return refuse('bytes', 'latin1 text', kindOf(text));
  if (text.length > 4096) return refuse('bytes', 'at most 4096 of them', text.length, 'save the file with protocol 4');
  return Uint8Array.from(Buffer.from(text, 'latin1'));
};

const names = (modules: readonly string[], name: string, build: Builder): [string, Builder][] =>
  modules.map((module) => [`${module}.${name}`, build]);

/** Everything a pickle may name; `undefined` for what it may name but not call. */
const allowed = new Map<string, Builder | undefined>([
  ...names(['numpy'], 'dtype', makeDtype),
  ['numpy.ndarray', undefined],
  ...names(['numpy.core.multiarray', 'numpy._core.multiarray'], 'scalar', makeScalar),
  ...names(['numpy.core.multiarray', 'numpy._core.multiarray'], '_reconstruct', () => new Ndarray()),
  ...names(['numpy.core.numeric', 'numpy._core.numeric'], '_frombuffer', makeFromBuffer),
  ...names(['collections'], 'OrderedDict', () => new Map<unknown, unknown>()),
  ...names(['_codecs'], 'encode', encodeBytes),
]);

export function lookUp(module: unknown, name: unknown, refuse: Refuse): GlobalName {
  const full = typeof module === 'string' && typeof name === 'string' ? `${module}.${name}` : 'no name';
  if (allowed.has(full)) return new GlobalName(full);
  return refuse('', 'a pickle of plain data and numpy numbers', full, 'loading it in Python could run any program');
}

export function call(callee: unknown, args: unknown, refuse: Refuse): unknown {
  const build = callee instanceof GlobalName ? allowed.get(callee.name) : undefined;
  if (build === undefined || !Array.isArray(args)) {
    const given = callee instanceof GlobalName ? callee.name : kindOf(callee);
    return refuse('', 'calls that make numpy numbers', given);
  }
  return build(args, refuse);
}
