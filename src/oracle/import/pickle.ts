import { setImmediate } from 'node:timers/promises';
import { throwIfAborted } from '../../errors.js';
import type { Refuse } from './failure.js';
import { call, Dtype, lookUp, Ndarray } from './numpy.js';
import { PickleBytes } from './pickle-bytes.js';

/** Lists, dictionaries, tuples and objects: each costs up to two hundred bytes, and may be written as one. */
const MAX_OBJECTS = 4_000_000;
/** Values of less than nine bytes in the file; a float has nine, so that the file's size bounds those. */
const MAX_SMALL_VALUES = 16_000_000;
/** Values that wait to be put into a list; Python writes a thousand at a time. */
const MAX_WAITING = 16_000_000;
const MAX_TEXT_BYTES = 1 << 20;
const MAX_TEXT_BYTES_IN_ALL = 256 * 1024 ** 2;
/** Between two looks at whether the user wants to stop. */
const OPCODES_A_SLICE = 2_000_000;

/** Opcodes that are data, but of protocols or kinds that no benchmark needs; all others run code or refer outside. */
const notRead = new Map<number, string>([
  ...[...'ILFSVpgld01'].map((c) => [c.charCodeAt(0), 'a pickle of protocol 0 or 1'] as const),
  ...[0x8f, 0x90, 0x91].map((code) => [code, 'a set'] as const),
]);

/**
 * The value of a pickle, read by a machine that has no instruction to run anything: dictionaries become Maps, lists and
 * tuples arrays, numpy numbers numbers.  Time and memory are linear in the bytes: every instruction touches only what came
 * from the file once, sizes are checked before they are believed, and values that are written shorter than they are held
 * are counted.
 */
export async function parsePickle(bytes: Buffer, refuse: Refuse, signal?: AbortSignal): Promise<unknown> {
  const machine = new Machine(bytes, refuse);
  while (!machine.run(OPCODES_A_SLICE)) {
    await setImmediate();
    throwIfAborted('import', signal);
  }
  return machine.result;
}

class Machine {
  result: unknown;
  readonly #bytes: PickleBytes;
  readonly #refuse: Refuse;
  readonly #stack: unknown[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, unknown>();
  #objects = 0;
  #smallValues = 0;
  #textBytes = 0;

  constructor(bytes: Buffer, refuse: Refuse) {
    this.#bytes = new PickleBytes(bytes, refuse);
    this.#refuse = refuse;
  }

  /** Runs some instructions; true when the pickle has ended. */
  run(instructions: number): boolean {
    for (let i = 0; i < instructions; ++i) {
      const code = this.#bytes.uint8();
      if (code === 0x2e) {
        this.result = this.#pop();
        return true;
      }
      if (!this.#scalar(code) && !this.#container(code) && !this.#reference(code)) this.#unknown(code);
    }
    return false;
  }

  #scalar(code: number): boolean {
    const bytes = this.#bytes;
    switch (code) {
      case 0x47: // BINFLOAT
        return this.#push(bytes.float64());
      case 0x4b: // BININT1
        return this.#small(bytes.uint8());
      case 0x4d: // BININT2
        return this.#small(bytes.uint16());
      case 0x4a: // BININT
        return this.#small(bytes.int32());
      case 0x8a: // LONG1
        return this.#small(bytes.long(bytes.uint8()));
      case 0x4e: // NONE
        return this.#small(null);
      case 0x88: // NEWTRUE
        return this.#small(true);
      case 0x89: // NEWFALSE
        return this.#small(false);
      case 0x8c: // SHORT_BINUNICODE
      case 0x55: // SHORT_BINSTRING
        return this.#text(bytes.uint8());
      case 0x58: // BINUNICODE
      case 0x54: // BINSTRING
        return this.#text(bytes.uint32());
      case 0x8d: // BINUNICODE8
        return this.#text(bytes.length8());
      case 0x43: // SHORT_BINBYTES
        return this.#raw(bytes.uint8());
      case 0x42: // BINBYTES
        return this.#raw(bytes.uint32());
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        return this.#raw(bytes.length8());
      default:
        return false;
    }
  }

  #container(code: number): boolean {
    switch (code) {
      case 0x7d: // EMPTY_DICT
        return this.#object(new Map());
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        return this.#object([]);
      case 0x28: // MARK
        this.#countObject();
        this.#marks.push(this.#stack.length);
        return true;
      case 0x74: // TUPLE
        return this.#object(this.#popMarked());
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        return this.#object(this.#popLast(code - 0x84));
      case 0x61: // APPEND
        return this.#append(this.#popLast(1));
      case 0x65: // APPENDS
        return this.#append(this.#popMarked());
      case 0x73: // SETITEM
        return this.#set(this.#popLast(2));
      case 0x75: // SETITEMS
        return this.#set(this.#popMarked());
      default:
        return false;
    }
  }

  #reference(code: number): boolean {
    const bytes = this.#bytes;
    switch (code) {
      case 0x80: // PROTO
        if (bytes.uint8() > 5) this.#fail('protocol 2 to 5', 'a later one');
        return true;
      case 0x95: // FRAME
        bytes.take(8);
        return true;
      case 0x71: // BINPUT
        return this.#put(bytes.uint8());
      case 0x72: // LONG_BINPUT
        return this.#put(bytes.uint32());
      case 0x94: // MEMOIZE
        return this.#put(this.#memo.size);
      case 0x68: // BINGET
        return this.#get(bytes.uint8());
      case 0x6a: // LONG_BINGET
        return this.#get(bytes.uint32());
      case 0x63: // GLOBAL
        return this.#object(lookUp(bytes.line(), bytes.line(), this.#refuse));
      case 0x93: {
        // STACK_GLOBAL
        const [module, name] = this.#popLast(2);
        return this.#object(lookUp(module, name, this.#refuse));
      }
      case 0x52: {
        // REDUCE
        const [callee, args] = this.#popLast(2);
        return this.#object(call(callee, args, this.#refuse));
      }
      case 0x62: {
        // BUILD
        const state = this.#pop();
        const target = this.#top();
        if (target instanceof Dtype || target instanceof Ndarray) target.setState(state, this.#refuse);
        else this.#fail('states of numpy numbers', 'the state of another object');
        return true;
      }
      default:
        return false;
    }
  }

  #unknown(code: number): never {
    const hint = 'save it again with protocol 4';
    const known = notRead.get(code);
    if (known !== undefined) return this.#fail('a pickle of protocol 2 to 5', known, hint);
    return this.#fail('instructions that make plain data', `0x${code.toString(16).padStart(2, '0')}`);
  }

  #fail(expected: string, given: string | number, hint?: string): never {
    return this.#bytes.fail(expected, given, hint);
  }

  #small(value: unknown): true {
    if (++this.#smallValues > MAX_SMALL_VALUES) this.#fail(`at most ${MAX_SMALL_VALUES} small values`, 'more');
    return this.#push(value);
  }

  #push(value: unknown): true {
    if (this.#stack.length >= MAX_WAITING) this.#fail(`lists of at most ${MAX_WAITING} values`, 'more');
    this.#stack.push(value);
    return true;
  }

  #text(length: number): true {
    this.#textBytes += length;
    if (length > MAX_TEXT_BYTES) this.#fail(`texts of at most ${MAX_TEXT_BYTES} bytes`, length);
    if (this.#textBytes > MAX_TEXT_BYTES_IN_ALL) this.#fail(`${MAX_TEXT_BYTES_IN_ALL} bytes of text in all`, 'more');
    return this.#object(this.#bytes.text(length));
  }

  #raw(length: number): true {
    return this.#object(this.#bytes.raw(length));
  }

  #countObject(): void {
    if (++this.#objects > MAX_OBJECTS) this.#fail(`at most ${MAX_OBJECTS} objects`, 'more');
  }

  #object(value: unknown): true {
    this.#countObject();
    return this.#push(value);
  }

  /** Instructions reach down to the last mark only. */
  get #floor(): number {
    return this.#marks.at(-1) ?? 0;
  }

  #top(): unknown {
    if (this.#stack.length <= this.#floor) this.#fail('a value', 'none');
    return this.#stack.at(-1);
  }

  #pop(): unknown {
    this.#top();
    return this.#stack.pop();
  }

  #popLast(count: number): unknown[] {
    if (this.#stack.length - this.#floor < count) this.#fail(`${count} values`, 'fewer');
    return this.#stack.splice(this.#stack.length - count);
  }

  #popMarked(): unknown[] {
    const mark = this.#marks.pop();
    if (mark === undefined) return this.#fail('a mark', 'none');
    return this.#stack.splice(mark);
  }

  #append(items: readonly unknown[]): true {
    const list = this.#top();
    if (!Array.isArray(list)) return this.#fail('a list', 'another value');
    for (const item of items) list.push(item);
    return true;
  }

  #set(items: readonly unknown[]): true {
    const dictionary = this.#top();
    if (!(dictionary instanceof Map) || items.length % 2 !== 0) return this.#fail('a dictionary', 'another value');
    for (let i = 0; i < items.length; i += 2) dictionary.set(items[i], items[i + 1]);
    return true;
  }

  #put(slot: number): true {
    this.#memo.set(slot, this.#top());
    if (this.#memo.size > MAX_OBJECTS) this.#fail(`at most ${MAX_OBJECTS} kept values`, 'more');
    return true;
  }

  #get(slot: number): true {
    if (!this.#memo.has(slot)) this.#fail('a value that was kept', 'none');
    return this.#small(this.#memo.get(slot));
  }
}
