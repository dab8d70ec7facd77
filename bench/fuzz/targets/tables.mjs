// Tables of measurements in every format that is read, whole, packed, and with their own structure kept.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { chance, mutateBytes, mutateText, mutateTree, pick } from '../mutate.mjs';
import { built, fromTests, insist } from '../support.mjs';

const words = ['arch', 'acc', ',', '"', '""', '\r\n', '\r', '\ufeff', '|a~0|+|a~0|b~1|', 'NaN', 'Infinity', '{', '}', '[', ']', '\\u0000', ':', 'null', 'PAR1']; // prettier-ignore

function parquets(rows) {
  const columnData = [
    { name: 'arch', data: rows.map(({ arch }) => arch), type: 'STRING' },
    { name: 'acc', data: rows.map(({ acc }) => acc), type: 'DOUBLE' },
    { name: 'curve', data: rows.map(({ acc }) => [acc, acc + 1]), type: 'JSON' },
    { name: 'params', data: rows.map((_, i) => BigInt(i)), type: 'INT64' },
    { name: 'rounded', data: rows.map((_, i) => i / 2), type: 'FLOAT' },
  ];
  const compressors = { GZIP: (bytes) => gzipSync(bytes), BROTLI: (bytes) => brotliCompressSync(bytes) };
  const options = [{}, { codec: 'UNCOMPRESSED' }, { rowGroupSize: 3 }, { pageSize: 20 }, { codec: 'GZIP', compressors }, { codec: 'BROTLI', compressors }]; // prettier-ignore
  return options.map((option) => Buffer.from(parquetWriteBuffer({ columnData, ...option })));
}

export function open(folder) {
  const { tabularOracle } = built('index');
  const { allGenes, tinySpace } = fromTests('spaces');
  const space = tinySpace();
  const rows = allGenes(space).map((genes, i) => ({ arch: space.format(genes), acc: 90 + i / 4, note: `row ${i}` }));
  const csv = `arch,acc,note\n${rows.map(({ arch, acc, note }) => `${arch},${acc},"${note}"\n`).join('')}`;
  const ndjson = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const texts = { csv, ndjson, json: JSON.stringify(rows) };
  const others = parquets(rows);

  const parquet = (draws) => {
    const file = pick(draws, others);
    if (chance(draws, 0.5)) return mutateBytes(draws, file, { others, words });
    // The footer alone: what it says of the rest is believed by whoever does not check.
    const footer = file.length - 8 - file.readUInt32LE(file.length - 8);
    const changed = mutateBytes(draws, file.subarray(footer, -8), { words });
    const tail = Buffer.from(file.subarray(-8));
    tail.writeUInt32LE(changed.length);
    return Buffer.concat([file.subarray(0, footer), changed, tail]);
  };
  const plain = (draws, format) => {
    if (chance(draws, 0.3)) return mutateBytes(draws, Buffer.from(texts[format]), { words });
    if (format === 'csv' || chance(draws, 0.3)) return Buffer.from(mutateText(draws, texts[format], words));
    const tree = mutateTree(draws, rows, words);
    if (format === 'json' || !Array.isArray(tree)) return Buffer.from(JSON.stringify(tree));
    return Buffer.from(tree.map((row) => JSON.stringify(row)).join('\n'));
  };
  /** The ending of a file's name, a line break, and what is in the file. */
  const make = (draws) => {
    const format = pick(draws, ['csv', 'ndjson', 'json', 'parquet', 'parquet']);
    const content = format === 'parquet' ? parquet(draws) : plain(draws, format);
    if (format === 'parquet' || chance(draws, 0.7)) return Buffer.concat([Buffer.from(`${format}\n`), content]);
    const packed = gzipSync(content, { level: 1 });
    const junk = chance(draws, 0.3) ? mutateBytes(draws, packed, { words: [packed] }) : packed;
    return Buffer.concat([Buffer.from(`${format}.gz\n`), junk]);
  };

  const attempt = async (input) => {
    const at = input.indexOf('\n');
    const file = path.join(folder, `table.${input.subarray(0, at)}`);
    writeFileSync(file, input.subarray(at + 1));
    const oracle = await tabularOracle(file, space, { missing: input.length % 2 === 0 ? 'skip' : 'refuse' });
    insist(oracle.rows >= 1 && oracle.rows <= space.size, `${oracle.rows} rows`);
    for (const metric of oracle.metrics)
      insist(oracle.values(metric).length === oracle.rows && oracle.values(metric).every(Number.isFinite), `${metric} is no metric`); // prettier-ignore
    const first = space.format(oracle.architectures().slice(0, space.program.genes.length));
    insist(Object.keys(await oracle(first)).length === oracle.metrics.length, 'an answer of other metrics');
  };
  return { make, attempt, codes: ['INVALID_TABLE'] };
}
