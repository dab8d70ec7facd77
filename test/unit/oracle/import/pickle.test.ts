import fc from 'fast-check';
import { OptiProxyError } from '../../../../src/errors.js';
import { refusalsOf } from '../../../../src/oracle/import/failure.js';
import { Ndarray } from '../../../../src/oracle/import/numpy.js';
import { parsePickle } from '../../../../src/oracle/import/pickle.js';
import { errorOf } from '../../../support/errors.js';
import { hwPickles, nasbench201Pickles, op, pickleOf } from '../../../support/pickles.js';

const refuse = refusalsOf('x.pickle');
const parse = (bytes: Buffer): Promise<unknown> => parsePickle(bytes, refuse);

async function refused(bytes: Buffer, message: RegExp): Promise<void> {
  const start = performance.now();
  const before = process.memoryUsage().rss;
  const error = await errorOf('INVALID_TABLE', () => parse(bytes));
  expect(error.message).toMatch(/^x\.pickle/);
  expect(error.message).toMatch(message);
  expect(error.message.length).toBeLessThan(400);
  expect(performance.now() - start).toBeLessThan(20_000);
  expect(process.memoryUsage().rss - before).toBeLessThan(1e9);
}

describe('values', () => {
  test.each<[string, number[][], unknown]>([
    ['none', [op.none], null],
    ['true', [[0x88]], true],
    ['a byte', [op.int(255)], 255],
    ['two bytes', [[0x4d, 0xff, 0xff]], 65_535],
    ['a negative number', [[0x4a, 0xff, 0xff, 0xff, 0xff]], -1],
    ['a long number', [[0x8a, 6, 0, 0, 0, 0, 0, 1]], 2 ** 40],
    ['a long negative number', [[0x8a, 5, 0, 0, 0, 0, 0xff]], -(2 ** 32)],
    ['nothing as a long number', [[0x8a, 0]], 0],
    ['a float', [[0x47, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0]], 0.5],
    ['text', [op.text('|a~0|é')], '|a~0|é'],
    ['a tuple', [op.mark, op.int(1), op.int(2), [0x74]], [1, 2]],
    ['a list', [op.list, op.mark, op.int(1), op.int(2), op.appends, op.int(3), op.append], [1, 2, 3]],
    ['a kept value', [op.text('a'), op.put(7), op.get(7), [0x86]], ['a', 'a']],
    ['a dictionary', [op.dict, op.text('__proto__'), op.dict, op.setItem], new Map([['__proto__', new Map()]])],
    ['bytes', [[0x43, 2, 1, 2]], Uint8Array.of(1, 2)],
  ])('%s', async (_name, instructions, value) => {
    expect(await parse(pickleOf(op.proto, ...instructions, op.stop))).toEqual(value);
  });

  test.each([2, 3, 4, 5])('numpy numbers and arrays as Python writes them, protocol %d', async (protocol) => {
    const data = (await parse(hwPickles[protocol]!)) as Map<string, Map<string, Map<string, unknown>>>;
    const lists = data.get('nasbench201')!.get('cifar10')!;
    expect(lists.get('edgegpu_latency')).toEqual([5.5, 2.25]);
    expect(lists.get('cells')).toEqual([7, -3]);
    const array = lists.get('fpga_latency') as Ndarray;
    expect([array.length, array.at(0), array.at(1)]).toEqual([2, 1.5, -1]);
  });
});

describe('nothing that a pickle names is run', () => {
  test.each<[string, number[][], RegExp]>([
    [
      'os.system',
      [op.global('os', 'system'), op.text('touch /tmp/x'), op.tuple1, op.reduce],
      /given "os\.system" .*run any program/,
    ],
    ['posix.system', [op.text('posix'), op.text('system'), op.stackGlobal], /given "posix\.system"/],
    ['builtins.eval', [op.global('builtins', 'eval'), op.text('1'), op.tuple1, op.reduce], /given "builtins\.eval"/],
    ['getattr', [op.global('builtins', 'getattr')], /given "builtins\.getattr"/],
    ['numpy.load', [op.global('numpy', 'load')], /given "numpy\.load"/],
    ['a property of an object', [op.global('numpy', 'constructor')], /given "numpy\.constructor"/],
    [
      'a class that is allowed but not called',
      [op.global('numpy', 'ndarray'), op.emptyTuple, op.reduce],
      /given "numpy\.ndarray"/,
    ],
    ['a name that is no text', [op.list, op.text('x'), op.stackGlobal], /given "no name"/],
    [
      'a call of a text',
      [op.text('x'), op.emptyTuple, op.reduce],
      /expected calls that make numpy numbers, given "a string"/,
    ],
    ['arguments that are none', [op.global('numpy', 'dtype'), op.dict, op.reduce], /given "numpy\.dtype"/],
    [
      '__proto__ as the state of a dictionary',
      [op.dict, op.dict, op.text('__proto__'), op.dict, op.setItem, op.build],
      /expected states of numpy numbers/,
    ],
    ['a state of a list', [op.list, op.list, op.build], /expected states of numpy numbers/],
    ['a state of a class', [op.global('numpy', 'ndarray'), op.dict, op.build], /expected states of numpy numbers/],
    [
      'new objects',
      [op.global('numpy', 'ndarray'), op.emptyTuple, [0x81]],
      /expected instructions that make plain data, given "0x81"/,
    ],
    ['instances', [op.mark, [0x69], [...Buffer.from('os\nsystem\n')]], /given "0x69"/],
    ['objects', [op.mark, [0x6f]], /given "0x6f"/],
    ['persistent ids', [op.text('x'), [0x51]], /given "0x51"/],
    ['persistent ids in text', [[0x50, 0x31, 0x0a]], /given "0x50"/],
    ['extension codes', [[0x82, 1]], /given "0x82"/],
    ['buffers outside', [[0x97]], /given "0x97"/],
    ['protocol 0', [[0x49, 0x31, 0x0a]], /given "a pickle of protocol 0 or 1" \(hint: save it again/],
    ['an unknown instruction', [[0xff]], /given "0xff"/],
    ['a later protocol', [[0x80, 6]], /expected protocol 2 to 5/],
  ])('%s', async (_name, instructions, message) => {
    const polluted = Object.keys(Object.prototype);
    await refused(pickleOf(op.proto, ...instructions, op.stop), message);
    expect(Object.keys(Object.prototype)).toEqual(polluted);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('dictionaries may have any key, and none reaches an object', async () => {
    const keys = ['__proto__', 'constructor', 'prototype', 'toString', '__setstate__'];
    const items = keys.flatMap((key) => [
      op.text(key),
      op.dict,
      op.text('polluted'),
      op.int(1),
      op.setItem,
      op.setItem,
    ]);
    const data = (await parse(pickleOf(op.proto, op.dict, ...items, op.stop))) as Map<string, unknown>;
    expect([...data.keys()]).toEqual(keys);
    expect(Object.getPrototypeOf(data)).toBe(Map.prototype);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('damage', () => {
  test.each<[string, number[][], RegExp]>([
    ['nothing on the stack', [], /byte 3, expected a value, given "none"|byte 3: expected a value/],
    ['a list without a list', [op.int(1), op.int(2), op.append], /expected a list/],
    ['an item without a dictionary', [op.list, op.int(1), op.int(2), op.setItem], /expected a dictionary/],
    ['a key without a value', [op.dict, op.mark, op.int(1), op.setItems], /expected a dictionary/],
    ['no mark', [op.list, op.appends], /expected a mark/],
    ['below a mark', [op.list, op.mark, op.int(1), op.append], /expected a value/],
    ['too few values', [op.int(1), [0x87]], /expected 3 values, given "fewer"/],
    ['a value that was not kept', [op.get(3)], /expected a value that was kept/],
    [
      'a huge number',
      [[0x8a, 8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
      /expected whole numbers below 2\^53/,
    ],
    [
      'a number without end',
      [[0x8a, 200, ...Array<number>(200).fill(1)]],
      /whole numbers of at most 8 bytes, given 200/,
    ],
    ['bytes of four billion', [[0x42, 0xff, 0xff, 0xff, 0xff]], /expected 4294967295 more bytes.*cut off/],
    [
      'bytes beyond any memory',
      [[0x8e, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
      /more bytes.*the end of the file/,
    ],
    ['text of four billion', [[0x58, 0xff, 0xff, 0xff, 0xff]], /texts of at most 1048576 bytes/],
    ['a module without end', [[0x63, ...Array<number>(400).fill(0x61)]], /expected the name of a module/],
    [
      'a dtype of objects',
      [op.global('numpy', 'dtype'), op.text('O8'), op.tuple1, op.reduce],
      /expected one of f4, f8.*given "O8"/,
    ],
    [
      'a scalar of the wrong size',
      [
        op.global('numpy.core.multiarray', 'scalar'),
        op.global('numpy', 'dtype'),
        op.text('f8'),
        op.tuple1,
        op.reduce,
        [0x43, 1, 0],
        [0x86],
        op.reduce,
      ],
      /a numpy number: expected|, a numpy number/,
    ],
  ])('%s', async (_name, instructions, message) => {
    await refused(pickleOf(op.proto, ...instructions, op.stop), message);
  });

  test('cut anywhere', async () => {
    const whole = nasbench201Pickles[4]!;
    for (let end = 0; end < whole.length; ++end) {
      const error = await errorOf('INVALID_TABLE', () => parse(whole.subarray(0, end)));
      expect(error.message).toMatch(/more bytes|the name of a module/);
    }
  });

  test('random bytes, and real pickles with a byte changed, are read or refused on one line', async () => {
    const attempt = async (bytes: Uint8Array): Promise<void> => {
      try {
        await parse(Buffer.from(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(OptiProxyError);
        expect((error as Error).message).not.toMatch(/\n|\p{Cc}/u);
      }
    };
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), (bytes) => attempt(Uint8Array.of(0x80, 4, ...bytes))),
      { numRuns: 2000 },
    );
    const place = fc.tuple(
      fc.constantFrom(hwPickles[2]!, hwPickles[5]!, nasbench201Pickles[4]!),
      fc.nat(),
      fc.nat(255),
    );
    await fc.assert(
      fc.asyncProperty(place, ([whole, at, byte]) => {
        const copy = Uint8Array.from(whole);
        copy[at % copy.length] = byte;
        return attempt(copy);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('bombs end early, in bounded memory', () => {
  const big = (head: number[][], fill: number | Buffer, bytes: number): Buffer =>
    Buffer.concat([pickleOf(op.proto, ...head), Buffer.alloc(bytes, fill)]);

  test.each<[string, Buffer, RegExp]>([
    ['dictionaries', big([], 0x7d, 9e6), /expected at most 4000000 objects/],
    ['lists', big([], 0x5d, 9e6), /expected at most 4000000 objects/],
    ['marks', big([], 0x28, 9e6), /expected at most 4000000 objects/],
    ['nothings', big([], 0x4e, 20e6), /expected at most 16000000 small values|expected lists of at most 16000000/],
    ['references', big([op.list, op.put(0)], Buffer.of(0x68, 0), 40e6), /small values|lists of at most/],
    ['nested tuples', big([op.emptyTuple], 0x85, 9e6), /expected at most 4000000 objects/],
    [
      'doublings',
      big([op.list, op.put(0)], Buffer.of(0x68, 0, 0x68, 0, 0x86, 0x71, 0), 40e6),
      /expected at most 4000000 objects/,
    ],
    ['kept values', big([op.none], 0x94, 9e6), /expected at most 4000000 kept values/],
    ['empty texts', big([], Buffer.of(0x8c, 0), 12e6), /expected at most 4000000 objects/],
    [
      'long texts again and again',
      big([], Buffer.concat([Buffer.of(0x58, 0, 0, 8, 0), Buffer.alloc(1 << 19, 0x61)]), 300e6),
      /bytes of text in all/,
    ],
    [
      'floats that wait',
      big([], Buffer.of(0x47, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0), 160e6),
      /lists of at most 16000000 values/,
    ],
    ['states again and again', big([op.list, op.put(0)], Buffer.of(0x68, 0, 0x62), 9e6), /states of numpy numbers/],
  ])('%s', async (_name, bytes, message) => refused(bytes, message));

  test('a list that holds itself, and a billion laughs, are read without being written out', async () => {
    const self = pickleOf(op.proto, op.list, op.put(0), op.get(0), op.append, op.stop);
    expect(await parse(self)).toHaveLength(1);
    const laughs = Array.from({ length: 60 }, () => [op.get(0), op.get(0), [0x86], op.put(0)]).flat();
    expect(await parse(pickleOf(op.proto, op.text('ha'), op.put(0), ...laughs, op.stop))).toHaveLength(2);
  });

  test('the user may stop it', async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 1);
    const bytes = big([op.list, op.mark], Buffer.of(0x4b, 1), 25e6);
    await errorOf('ABORTED', () => parsePickle(bytes, refuse, abort.signal));
  });
});
