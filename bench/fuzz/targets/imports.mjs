// Public files of benchmarks: pickles and TFRecords.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { chance, mutateBytes, mutateTree, oddTexts, pick } from '../mutate.mjs';
import { built, fromTests, insist } from '../support.mjs';

/** Instructions that few changes of bytes would find their way to. */
const words = [[0x2e], [0x28], [0x7d], [0x5d], [0x29], [0x85], [0x86], [0x61], [0x65], [0x73], [0x75], [0x4e], [0x52], [0x62], [0x94], [0x93], [0x68, 0], [0x71, 0], [0x6a, 0, 0, 0, 0x7f], [0x72, 0xff, 0xff, 0xff, 0xff], [0x8a, 255], [0x8d, 255, 255, 255, 255, 255, 255, 255, 127], [0x96, 0, 0, 0, 0, 0, 0, 0, 128], [0x95, 1, 0, 0, 0, 0, 0, 0, 0], [0x58, 255, 255, 255, 255]]; // prettier-ignore

const globals = [['numpy', 'dtype'], ['numpy', 'ndarray'], ['numpy._core.multiarray', 'scalar'], ['numpy._core.multiarray', '_reconstruct'], ['numpy.core.numeric', '_frombuffer'], ['collections', 'OrderedDict'], ['_codecs', 'encode'], ['os', 'system'], ['__proto__', 'constructor']]; // prettier-ignore

export function open(folder) {
  const { importBenchmark } = built('oracle/import/benchmark');
  const { csvText } = built('oracle/import/csv-text');
  const { cells, hwPickles, nasbench201Pickles, op, pickleOf } = fromTests('pickles');
  const { modelMetrics, tfRecords, training } = fromTests('tfrecords');
  const pickles = [...Object.values(hwPickles), ...Object.values(nasbench201Pickles)];
  const metrics = modelMetrics(123_456, [100, 0.9, 0.8]);
  const record = ['00005c142e6f48ac74fdcf73e3439874', 108, '0100001000100000', 'input,conv3x3-bn-relu,maxpool3x3,output', metrics]; // prettier-ignore
  const records = tfRecords(training(...record));
  const others = [...pickles, records];

  /** Any instruction, with operands that may be. */
  const instruction = (draws) => {
    const plain = ['mark', 'dict', 'list', 'emptyTuple', 'tuple1', 'append', 'appends', 'setItem', 'setItems', 'none', 'reduce', 'build', 'memoize', 'stackGlobal']; // prettier-ignore
    return pick(draws, [
      () => op[pick(draws, plain)],
      () => op[pick(draws, plain)],
      () => op[pick(draws, ['get', 'put', 'int'])](draws.below(4)),
      () => op.text(pick(draws, [...cells, 'cifar10', 'nasbench201', 'config', 'f8', 'latin1', ...globals.flat(), ''])),
      () => op.global(...pick(draws, globals)),
    ])();
  };
  const assembled = (draws) => pickleOf(op.proto, ...(chance(draws, 0.5) ? [op.dict] : []), ...Array.from({ length: 1 + draws.below(40) }, () => instruction(draws)), op.stop); // prettier-ignore

  /** Records with sound checksums around junk. */
  const recorded = (draws) => {
    const one = () => {
      const changed = chance(draws, 0.5) ? mutateBytes(draws, metrics) : metrics;
      const [hash, ...rest] = chance(draws, 0.3) ? record : [pick(draws, [record[0], ...oddTexts.slice(0, 6)]), ...record.slice(1)]; // prettier-ignore
      const fields = [hash, ...rest.slice(0, -1), changed.toString('base64')];
      const text = JSON.stringify(chance(draws, 0.5) ? mutateTree(draws, fields) : fields);
      return chance(draws, 0.2) ? mutateBytes(draws, Buffer.from(text)) : text;
    };
    return tfRecords(...Array.from({ length: 1 + draws.below(4) }, one));
  };

  const make = (draws) => {
    const input = pick(draws, [
      () => mutateBytes(draws, pick(draws, pickles), { others, words }),
      () => assembled(draws),
      () => recorded(draws),
      () => mutateBytes(draws, records, { others, words }),
    ])();
    return chance(draws, 0.1) ? Buffer.concat([Buffer.from('gz\n'), gzipSync(input, { level: 1 })]) : Buffer.concat([Buffer.from('\n'), input]); // prettier-ignore
  };

  const attempt = async (input) => {
    const at = input.indexOf('\n');
    const file = path.join(folder, at === 0 ? 'benchmark' : 'benchmark.gz');
    writeFileSync(file, input.subarray(at + 1));
    const { columns, rows } = await importBenchmark(file);
    insist(rows.length > 0 && rows.every((row) => row.length === columns.length), 'rows of other columns');
    insist([...csvText({ columns, rows })].join('').split('\n').length === rows.length + 2, 'a table of other lines');
  };
  return { make, attempt, codes: ['INVALID_TABLE'] };
}
