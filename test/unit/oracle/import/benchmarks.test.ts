/** @jest-environment <rootDir>/test/support/package-environment.js */
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  importBenchmark,
  type BenchmarkOptions,
  type ImportedBenchmark,
} from '../../../../src/oracle/import/benchmark.js';
import { crc32c } from '../../../../src/oracle/import/crc32c.js';
import { csvText } from '../../../../src/oracle/import/csv-text.js';
import { tabularOracle } from '../../../../src/oracle/table.js';
import { spaces } from '../../../../src/space/index.js';
import type { SearchSpace } from '../../../../src/space/types.js';
import { errorOf } from '../../../support/errors.js';
import { scratchFolder } from '../../../support/files.js';
import { cells, hwPickles, nasbench201Pickles, op, pickleOf } from '../../../support/pickles.js';
import { modelMetrics, tfRecords, training } from '../../../support/tfrecords.js';

jest.mock('../../../../src/packages.js', () => {
  const { nodePackages } =
    jest.requireActual<typeof import('../../../support/packages.js')>('../../../support/packages.js');
  return nodePackages;
});

const folder = scratchFolder();
const csvOf = (table: ImportedBenchmark): string => [...csvText(table)].join('');

async function refused(
  name: string,
  content: Uint8Array,
  message: RegExp,
  options: BenchmarkOptions = {},
): Promise<void> {
  const file = folder.write(name, content);
  const error = await errorOf('INVALID_TABLE', () => importBenchmark(file, options));
  expect(error.message).toContain(name);
  expect(error.message).toMatch(message);
  expect(error.message.length).toBeLessThan(500);
}

describe('NAS-Bench-201', () => {
  test.each([2, 3, 4, 5])('protocol %d: last epochs and costs, and the table answers', async (protocol) => {
    const table = await importBenchmark(folder.write('nb.pickle', nasbench201Pickles[protocol]!));
    expect(table.kind).toBe('nasbench201');
    const text = csvOf(table);
    expect(text).toBe(
      'arch,cifar10_valid_train_loss,cifar10_valid_eval_acc,cifar10_valid_flops,cifar10_valid_params,cifar10_valid_latency,cifar100_eval_acc\n' +
        `${cells[0]},0.5,90.25,15.5,0.25,0.125,70.5\n${cells[1]},1.5,89.25,15.5,0.25,0.125,70.5\n`,
    );
    const oracle = await tabularOracle(folder.write('nb.csv', text), spaces.nasbench201());
    expect(await oracle(cells[1])).toMatchObject({ cifar10_valid_eval_acc: 89.25, cifar100_eval_acc: 70.5 });
  });

  const floats = (value: number): number[] => [0x47, ...Buffer.from(new Float64Array([value]).buffer).reverse()];
  const entry = (cell: string, metrics: number[][]): number[][] => [op.text(cell), op.dict, op.text('cifar10'), op.dict, ...metrics, op.setItem, op.setItem]; // prettier-ignore
  const metric = (name: string, ...value: number[][]): number[][] => [op.text(name), ...value, op.setItem];
  const file = (...entries: number[][][]): Buffer => pickleOf(op.proto, op.dict, ...entries.flat(), op.stop);

  test('what was not measured is an empty cell, which a table may skip', async () => {
    const bytes = file(entry(cells[0], metric('acc', op.int(5))), entry(cells[1], metric('acc', floats(NaN))));
    const text = csvOf(await importBenchmark(folder.write('gap.pickle', bytes)));
    expect(text).toBe(`arch,cifar10_acc\n${cells[0]},5\n${cells[1]},\n`);
    const oracle = await tabularOracle(folder.write('gap.csv', text), spaces.nasbench201(), { missing: 'skip' });
    expect([oracle.rows, oracle.skipped]).toEqual([1, 1]);
  });

  test('texts are no metrics', async () => {
    const bytes = file(entry(cells[0], [...metric('note', op.text('x')), ...metric('acc', op.int(5))]));
    expect((await importBenchmark(folder.write('note.pickle', bytes))).columns).toEqual(['arch', 'cifar10_acc']);
  });

  test.each<[string, Buffer, RegExp]>([
    ['empty', file(), /expected architectures with metrics, given "none"/],
    ['a list', pickleOf(op.proto, op.list, op.stop), /a dictionary, given "a list of 0"/],
    [
      'another key',
      file(entry('=HYPERLINK("x")', metric('acc', op.int(1)))),
      /architecture 1: expected an architecture string/,
    ],
    [
      'a number as key',
      pickleOf(op.proto, op.dict, op.int(1), op.dict, op.setItem, op.stop),
      /architecture 1: expected an architecture string, given "1"/,
    ],
    [
      'a list of datasets',
      pickleOf(op.proto, op.dict, op.text(cells[0]), op.list, op.setItem, op.stop),
      /architecture 1: expected a dictionary, given "a list of 0"/,
    ],
    ['a name with a comma', file(entry(cells[0], metric('a,b', op.int(1)))), /metrics named by letters/],
    [
      'an empty curve',
      file(entry(cells[0], metric('acc', op.list))),
      /architecture 1: expected a number, or a list of one an epoch/,
    ],
    ['a curve of dictionaries', file(entry(cells[0], metric('acc', op.list, op.dict, op.append))), /given "a map"/],
    [
      'a metric less',
      file(entry(cells[0], metric('acc', op.int(1))), entry(cells[1], metric('loss', op.int(1)))),
      /architecture 2: expected a value of cifar10_acc/,
    ],
    [
      'a metric more',
      file(
        entry(cells[0], metric('acc', op.int(1))),
        entry(cells[1], [...metric('acc', op.int(1)), ...metric('loss', op.int(1))]),
      ),
      /architecture 2: expected 1 values, as the first has, given 2/,
    ],
  ])('%s is refused', async (name, bytes, message) => refused(`${name.replaceAll(' ', '-')}.pickle`, bytes, message));
});

describe('HW-NAS-Bench', () => {
  test.each([2, 3, 4, 5])('protocol %d: a column for each device, and the table answers', async (protocol) => {
    const table = await importBenchmark(folder.write('hw.pickle', hwPickles[protocol]!));
    expect([table.kind, table.dataset]).toEqual(['hw-nas-bench', 'cifar10']);
    const text = csvOf(table);
    expect(text).toBe(
      `arch,cifar10_edgegpu_latency,cifar10_fpga_latency,cifar10_cells\n${cells[0]},5.5,1.5,7\n${cells[1]},2.25,-1,-3\n`,
    );
    const oracle = await tabularOracle(folder.write('hw.csv', text), spaces.nasbench201());
    expect(oracle.value(cells[1], 'cifar10_edgegpu_latency')).toBe(2.25);
  });

  test('packed, by its name', async () => {
    const file = folder.write('hw.pickle.gz', gzipSync(hwPickles[4]!));
    expect((await importBenchmark(file, { kind: 'hw-nas-bench', dataset: 'cifar10' })).rows).toHaveLength(2);
  });

  const shape = (...lists: number[][]): Buffer => pickleOf(op.proto, op.dict, op.text('nasbench201'), op.dict, op.text('cifar10'), op.dict, ...lists, op.setItem, op.setItem, op.stop); // prettier-ignore
  const config = [op.text('config'), op.list, op.dict, op.text('arch_str'), op.text(cells[0]), op.setItem, op.put(1), op.append, op.setItem]; // prettier-ignore

  test.each<[string, Buffer, RegExp]>([
    ['no architectures', shape(), /nasbench201\.cifar10\.config: expected a list, given "none"/],
    ['no devices', shape(...config), /nasbench201\.cifar10: expected a list for each device/],
    ['a list too short', shape(...config, op.text('x'), op.list, op.setItem), /cifar10_x: expected 1 values, given 0/],
    [
      'a list of texts',
      shape(...config, op.text('x'), op.list, op.text('y'), op.append, op.setItem),
      /cifar10_x\[0\]: expected a number, given "a string"/,
    ],
    [
      'an architecture twice',
      shape(
        op.text('config'),
        op.list,
        op.dict,
        op.text('arch_str'),
        op.text(cells[0]),
        op.setItem,
        op.put(1),
        op.append,
        op.get(1),
        op.append,
        op.setItem,
      ),
      /config\[1\]: expected each architecture once/,
    ],
  ])('%s is refused', async (name, bytes, message) => refused(`${name.replaceAll(' ', '-')}.pickle`, bytes, message));

  test('a dataset that the file lacks, or a kind that has none', async () => {
    await refused('hw.pickle', hwPickles[4]!, /nasbench201\.ImageNet16-120: expected a dictionary/, {
      dataset: 'ImageNet16-120',
    });
    await refused('hw.pickle', hwPickles[4]!, /expected a file of nasbench201, given "what looks like hw-nas-bench"/, {
      kind: 'nasbench201',
    });
    const file = folder.write('nb.pickle', nasbench201Pickles[4]!);
    await errorOf('INVALID_ARGUMENT', () => importBenchmark(file, { dataset: 'cifar10' }));
  });
});

describe('NAS-Bench-101', () => {
  const [first, second] = ['0'.repeat(32), 'f'.repeat(32)] as const;
  const three = ['010001000', 'input,conv3x3-bn-relu,output'] as const;
  const four = ['0111001000010000', 'input,conv1x1-bn-relu,maxpool3x3,output'] as const;
  const records = [
    training(first, 108, ...three, modelMetrics(227_274, [100, 0.5, 0.25])),
    training(second, 108, ...four, modelMetrics(8_555_530, [300, 0.75, 0.5])),
    training(first, 108, ...three, modelMetrics(227_274, [200, 0.75, 0.5])),
    training(first, 12, ...three, modelMetrics(227_274, [1, 0.125, 0.125])),
  ];

  test('the CRC of the check string', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  });

  test.each(['nb101.tfrecord', 'nb101.tfrecord.gz'])('%s: means over the trainings of a cell', async (name) => {
    const bytes = tfRecords(...records);
    const table = await importBenchmark(folder.write(name, name.endsWith('gz') ? gzipSync(bytes) : bytes));
    expect(table.kind).toBe('nasbench101');
    const text = csvOf(table);
    expect(text).toBe(
      'hash,num_vertices,adjacency_upper,ops,params,val_108ep,test_108ep,train_seconds_108ep\n' +
        `${first},3,101,c3,227274,0.625,0.375,150\n${second},4,111101,c1-mp,8555530,0.75,0.5,300\n`,
    );
    const space: SearchSpace = {
      ...spaces.nasbench201(),
      parse: (architecture) => Uint8Array.of(architecture === '101|c3' ? 1 : 2),
      keys: (genes) => Uint8Array.from({ length: genes.length * 16 }, (_, i) => genes[i >> 4]!),
    };
    const oracle = await tabularOracle(folder.write('nb101.csv', text), space, {
      key: ['adjacency_upper', 'ops'],
      metrics: ['val_108ep'],
    });
    expect(oracle.value('101|c3', 'val_108ep')).toBe(0.625);
  });

  test('records across the pieces of a large file', async () => {
    const many = Array.from({ length: 3000 }, (_, i) =>
      training(i.toString(16).padStart(32, '0'), 108, ...four, modelMetrics(i, [i, 0.5, 0.5])),
    );
    const table = await importBenchmark(folder.write('many.tfrecord', tfRecords(...many)));
    expect(table.rows.map((row) => row[7])).toEqual(many.map((_, i) => i));
  });

  const whole = tfRecords(...records);
  const changed = (at: number): Buffer => {
    const copy = Buffer.from(whole);
    copy[at]! ^= 1;
    return copy;
  };

  test('any byte changed, or cut anywhere, is refused', async () => {
    const file = path.join(folder.path, 'damaged.tfrecord');
    const length = 16 + records[0]!.length;
    for (let at = 0; at < length; at += 3) {
      folder.write('damaged.tfrecord', changed(at));
      await errorOf('INVALID_TABLE', () => importBenchmark(file));
      folder.write('damaged.tfrecord', whole.subarray(0, at));
      await errorOf('INVALID_TABLE', () => importBenchmark(file));
    }
  });

  const bad = (fields: unknown[]): Buffer => tfRecords(JSON.stringify(fields));
  const metrics = modelMetrics(1, [1, 0.5, 0.5]).toString('base64');
  const huge = Buffer.alloc(12);

  test.each<[string, Buffer, RegExp]>([
    ['a changed length', changed(whole.length - 20 - records[3]!.length), /record 3: .*checksum|record 4: .*checksum/],
    ['changed data', changed(40), /record 1: expected data that agrees with its checksum/],
    ['a cut record', whole.subarray(0, -5), /record 4: expected a whole record.*cut off/],
    ['a cut length', whole.subarray(0, -(16 + records[3]!.length) + 6), /record 4: expected a whole record/],
    ['no JSON', tfRecords('['), /record 1: expected a JSON array, given "Unexpected end/],
    ['another shape', bad([1, 2]), /record 1: expected a JSON array of five, given "a list of 2"/],
    ['no hash', bad(['x,y', 108, ...three, metrics]), /record 1: expected a hash of 32 digits/],
    ['no operations', bad([first, 108, three[0], 7, metrics]), /record 1, operations: expected a text/],
    [
      'unknown operations',
      bad([first, 108, three[0], 'input,conv9x9,output', metrics]),
      /operations: expected conv3x3-bn-relu.*given "conv9x9"/,
    ],
    [
      'too many vertices',
      bad([first, 108, '0'.repeat(64), 'input,,,,,,,output', metrics]),
      /expected 2 to 7 of them, given 8/,
    ],
    [
      'another order',
      bad([first, 108, three[0], 'output,conv3x3-bn-relu,input', metrics]),
      /input first and output last/,
    ],
    ['an adjacency of another size', bad([first, 108, '0101', three[1], metrics]), /adjacency: expected 9 digits/],
    ['an edge backwards', bad([first, 108, '010101000', three[1], metrics]), /adjacency: expected edges forwards only/],
    [
      'no message',
      bad([first, 108, ...three, Buffer.from('nonsense').toString('base64')]),
      /metrics: expected a ModelMetrics message/,
    ],
    [
      'a cut message',
      bad([first, 108, ...three, modelMetrics(1, [1, 0.5, 0.5]).subarray(0, -4).toString('base64')]),
      /metrics: expected a ModelMetrics message/,
    ],
    [
      'no evaluation',
      bad([first, 108, ...three, Buffer.of(16, 5).toString('base64')]),
      /metrics: expected a finite val_108ep/,
    ],
    [
      'an evaluation of nothing',
      bad([first, 108, ...three, modelMetrics(1, [1, NaN, 0.5]).toString('base64')]),
      /expected a finite val_108ep/,
    ],
    ['other budgets only', tfRecords(records[3]!), /expected trainings of 108 epochs, given "none"/],
    ['a record of two megabytes', tfRecords(Buffer.alloc(2 ** 21)), /record 1: expected at most 1048576 bytes/],
    ['nothing', Buffer.alloc(0), /an empty file/],
    ['zeros', huge, /expected a pickle of protocol 2 to 5, or a TFRecord file/],
    ['text', Buffer.from('arch,acc\n'), /expected a pickle of protocol 2 to 5, or a TFRecord file/],
  ])('%s is refused', async (name, bytes, message) => refused(`${name.replaceAll(' ', '-')}.tfrecord`, bytes, message));

  test('zip bombs', async () => {
    await refused('zeros.tfrecord.gz', gzipSync(Buffer.concat([whole, Buffer.alloc(100e6)])), /checksum|zip bomb/);
    const floats = Buffer.concat([pickleOf(op.proto, op.list, op.mark), Buffer.alloc(100e6, 0x47)]);
    await refused('floats.pickle.gz', gzipSync(floats), /expected at most 200 times its packed size.*a zip bomb/);
  });
});
