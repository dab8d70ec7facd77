/** @jest-environment <rootDir>/test/support/package-environment.js */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { tabularOracle } from '../../../src/oracle/table.js';
import { errorOf } from '../../support/errors.js';
import { scratchFolder } from '../../support/files.js';
import { loadMetadataWriter, loadParquetWriter } from '../../support/packages.js';
import { allGenes, tinySpace } from '../../support/spaces.js';

jest.mock('../../../src/packages.js', () => {
  const { nodePackages } = jest.requireActual<typeof import('../../support/packages.js')>('../../support/packages.js');
  return nodePackages;
});

const space = tinySpace();
const cells = allGenes(space).map((genes) => space.format(genes));
const folder = scratchFolder();

type Options = Omit<Parameters<Awaited<ReturnType<typeof loadParquetWriter>>['parquetWriteBuffer']>[0], 'columnData'>;
type Column = { name: string; data: unknown[]; type?: string; nullable?: boolean; encoding?: string };

async function write(name: string, columns: readonly Column[], options: Options = {}): Promise<string> {
  const { parquetWriteBuffer } = await loadParquetWriter();
  const columnData = columns as Parameters<typeof parquetWriteBuffer>[0]['columnData'];
  return folder.write(name, new Uint8Array(parquetWriteBuffer({ columnData, ...options })));
}

const columns: Column[] = [
  { name: 'note', data: cells.map((_, i) => `row ${i}`), type: 'STRING' },
  { name: 'acc', data: cells.map((_, i) => 90 + i / 4), type: 'DOUBLE' },
  { name: 'arch', data: cells, type: 'STRING' },
  { name: 'curve', data: cells.map((_, i) => [i, i + 1]), type: 'JSON' },
  { name: 'params', data: cells.map((_, i) => BigInt(i) * 1_000_000n), type: 'INT64' },
  { name: 'rounded', data: cells.map((_, i) => i / 2), type: 'FLOAT' },
];

const compressors: Record<string, (bytes: Uint8Array) => Uint8Array> = {
  GZIP: (bytes) => gzipSync(bytes),
  BROTLI: (bytes) => brotliCompressSync(bytes),
};

test.each<[string, Options]>([
  ['snappy.parquet', {}],
  ['plain.parquet', { codec: 'UNCOMPRESSED' }],
  ['groups.PARQUET', { rowGroupSize: 3 }],
  ['small-pages.parquet', { pageSize: 20 }],
  ['gzip.parquet', { codec: 'GZIP', compressors }],
  ['brotli.parquet', { codec: 'BROTLI', compressors }],
])('%s reads as a table', async (name, options) => {
  const oracle = await tabularOracle(await write(name, columns, options), space);
  expect(oracle.metrics).toEqual(['acc', 'params', 'rounded']);
  expect(oracle.rows).toBe(8);
  for (const [i, cell] of cells.entries())
    expect(await oracle(cell)).toEqual({ acc: 90 + i / 4, params: i * 1e6, rounded: i / 2 });
});

/** The same columns as pyarrow writes them. */
const byArrow = {
  'pages of the first version, snappy':
    'UEFSMRUEFbACFY4BTBUQFQASAACYASQPAAAAfGF+MHwrBQYMYX4xfAUTAGJGEwAJJgEZOiYAMhMACSYBBgBiRkwAFRMBIAArBTkVEzRifjB8K3xifjB8Yn4xfBUAFRYVGiwVEBUQFQYVBhwAAAALKAIAAAAQAQMDiMb6FQQVgAEVWEwVEBUAEgAAQAAAAQEIgFZAAQcEAJANCACgDQgAsA0IAMANCADQDQgo4FZAAAAAAADwVkAVABUWFRosFRAVEBUGFQYcAAAACygCAAAAEAEDA4jG+hUEGTw1ABgGc2NoZW1hFQQAFQwlAhgEYXJjaCUATBwAAAAVCiUCGANhY2MAFhAZHBksJgAcFQwZNQAGEBkYBGFyY2gVAhYQFowDFu4BJrYBJggpLBUEFQAVAgAVABUQFQIAPBbwARkGGSYAEAAAACYAHBUKGTUABhAZGANhY2MVAhYQFtoBFrYBJuwCJvYBKSwVBBUAFQIAFQAVEBUCADwpBhkmABAAAAAW5gQWECYIFqQDACggcGFycXVldC1jcHAtYXJyb3cgdmVyc2lvbiAyNS4wLjEZLBwAABwAAADfAAAAUEFSMQ==',
  'pages of the second version, zstd':
    'UEFSMRUEFbACFX5MFRAVABIAACi1L/0gmLUBAPgPAAAAfGF+MHwrYX4xfA8AAAB8YmFiYmFiYmJifjF8CgDAE/DuCc7ADLQMeAL4QMtsek9bkBUGFQ4VDlwVEBUAFRAVEBUEFQASHAAAABABAwOIxvoVBBWAARViTBUQFQASAAAotS/9IEBFAQDIAAAAAACAVkAAkKCwwNDgVkAAAAAAAPBWQAYAIAvIBzIDWVbyWuAIFQYVDhUOXBUQFQAVEBUQFQQVABIcAAAAEAEDA4jG+hUEGTw1ABgGc2NoZW1hFQQAFQwlAhgEYXJjaCUATBwAAAAVCiUCGANhY2MAFhAZHBksJgAcFQwZNQAGEBkYBGFyY2gVDBYQFowDFtoBJqQBJggpLBUEFQAVAgAVABUQFQIAPBbwARkGGSYAEAAAACYAHBUKGTUABhAZGANhY2MVDBYQFtwBFr4BJuICJuIBKSwVBBUAFQIAFQAVEBUCADwpBhkmABAAAAAW6AQWECYIFpgDACggcGFycXVldC1jcHAtYXJyb3cgdmVyc2lvbiAyNS4wLjEZLBwAABwAAADfAAAAUEFSMQ==',
};

test.each(Object.entries(byArrow))('pyarrow: %s', async (name, base64) => {
  const file = folder.write(`${name.replaceAll(/[, ]+/g, '-')}.parquet`, Buffer.from(base64, 'base64'));
  const oracle = await tabularOracle(file, space);
  expect(cells.map((cell) => oracle.value(cell, 'acc'))).toEqual(cells.map((_, i) => 90 + i / 4));
});

test('rows without a value are missing ones', async () => {
  const acc = [1, null, 3, undefined, NaN, 6, 7, 8];
  const file = await write('gaps.parquet', [columns[2]!, { name: 'acc', data: acc, type: 'DOUBLE', nullable: true }]);
  const error = await errorOf('INVALID_TABLE', () => tabularOracle(file, space));
  expect(error.message).toMatch(/gaps\.parquet row 2, column acc: expected a finite number, given "none"/);
  const oracle = await tabularOracle(file, space, { missing: 'skip' });
  expect([oracle.rows, oracle.skipped]).toEqual([5, 3]);
  expect(oracle.value(cells[5]!, 'acc')).toBe(6);
});

test('names row and column', async () => {
  const file = await write('wrong.parquet', [{ name: 'arch', data: [...cells, cells[1]], type: 'STRING' }, { name: 'acc', data: [...cells, ''].map(() => 1), type: 'DOUBLE' }], { rowGroupSize: 4 }); // prettier-ignore
  const error = await errorOf('INVALID_TABLE', () => tabularOracle(file, space));
  expect(error.message).toMatch(/wrong\.parquet row 9, column arch: .*it stands on row 2 already/);
  const unknown = await errorOf('UNKNOWN_NAME', () => tabularOracle(file, space, { metrics: ['val'] }));
  expect(unknown.hint).toBe('the columns are arch, acc');
});

describe('what is damaged is refused, never hangs', () => {
  test.each<[string, (bytes: Buffer) => Uint8Array, RegExp]>([
    ['empty', () => Buffer.alloc(0), /expected a Parquet file, given "0 bytes"/],
    ['text', () => Buffer.from('arch,acc\nx,1\n'), /expected PAR1 at the end/],
    ['cut', (bytes) => bytes.subarray(0, -100), /expected PAR1 at the end/],
    ['footer', (bytes) => (bytes.writeUInt32LE(0x7fffffff, bytes.length - 8), bytes), /expected a footer of at most/],
    ['no-data', (bytes) => Buffer.concat([Buffer.from('PAR1'), bytes.subarray(-8 - bytes.readUInt32LE(bytes.length - 8))]), /parquet.*expected/], // prettier-ignore
  ])('%s', async (name, damage, message) => {
    const whole = readFileSync(await write('whole.parquet', columns));
    const file = folder.write(`${name}.parquet`, damage(whole));
    const error = await errorOf('INVALID_TABLE', () => tabularOracle(file, space));
    expect(error.message).toContain(file);
    expect(error.message).toMatch(message);
  });

  test('any byte changed: a table of the same rows, or one line', async () => {
    const whole = readFileSync(await write('bytes.parquet', columns, { codec: 'UNCOMPRESSED', rowGroupSize: 4 }));
    const file = path.join(folder.path, 'changed.parquet');
    let read = 0;
    for (let at = 0; at < whole.length; ++at) {
      const copy = Buffer.from(whole);
      copy[at]! ^= 1 << (at % 8);
      if (at % 3 === 0) copy[at] = 0xff;
      writeFileSync(file, copy);
      try {
        const oracle = await tabularOracle(file, space);
        expect(oracle.rows).toBeLessThanOrEqual(8);
        ++read;
      } catch (error) {
        expect((error as { code?: string }).code).toMatch(/^(INVALID_TABLE|UNKNOWN_NAME)$/);
        expect((error as Error).message).not.toMatch(/\n/);
      }
    }
    expect(read).toBeGreaterThan(10);
    expect(read).toBeLessThan(whole.length);
  });

  /** A file of one column whose only page is made by hand: what it claims, and its bytes. */
  async function handMade(name: string, values: number, page: Uint8Array, encoding: 'PLAIN' | 'RLE_DICTIONARY') {
    const { ByteWriter } = await loadParquetWriter();
    const { writeMetadata } = await loadMetadataWriter();
    const writer = new ByteWriter();
    writer.appendBytes(Buffer.from('PAR1'));
    // Page header in Thrift's compact protocol: type 0, sizes, data page header { values, encoding, levels, levels }.
    const zigzag = (n: number): number[] => {
      const out: number[] = [];
      for (let rest = n * 2; ; rest = Math.floor(rest / 128)) {
        if (rest < 128) return [...out, rest];
        out.push((rest % 128) | 0x80);
      }
    };
    const code = encoding === 'PLAIN' ? 0 : 8;
    const header = [0x15, 0, 0x15, ...zigzag(page.length), 0x15, ...zigzag(page.length), 0x2c, 0x15, ...zigzag(values), 0x15, ...zigzag(code), 0x15, 6, 0x15, 6, 0, 0]; // prettier-ignore
    writer.appendBytes(Uint8Array.from(header));
    writer.appendBytes(page);
    const bytes = BigInt(header.length + page.length);
    writeMetadata(writer, {
      version: 2,
      created_by: 'test',
      metadata_length: 0,
      schema: [
        { name: 'root', num_children: 1 },
        { name: 'arch', type: 'INT32', repetition_type: 'REQUIRED' },
      ],
      num_rows: BigInt(values),
      row_groups: [
        {
          columns: [
            {
              file_offset: 4n,
              meta_data: {
                type: 'INT32',
                encodings: [encoding],
                path_in_schema: ['arch'],
                codec: 'UNCOMPRESSED',
                num_values: BigInt(values),
                total_uncompressed_size: bytes,
                total_compressed_size: bytes,
                data_page_offset: 4n,
              },
            },
          ],
          total_byte_size: bytes,
          num_rows: BigInt(values),
        },
      ],
    });
    writer.appendBytes(Buffer.from('PAR1'));
    return folder.write(name, new Uint8Array(writer.getBuffer()));
  }

  test.each<[string, number, number[], RegExp]>([
    ['two billion rows', 2 ** 31 - 1, [1, 2, 0], /expected row groups of at most 4194304 rows/],
    ['a run of a billion', 8, [1, 0xfe, 0xff, 0xff, 0xff, 0x07, 0], /expected 8 values a page, given "a longer run"/],
    ['a bit-packed run of billions without bits', 8, [0, 0xff, 0xff, 0xff, 0xff, 0x07], /./],
    ['a run whose length does not end', 8, [1, ...Array<number>(20).fill(0xff)], /expected a run within its page/],
    ['indices of 200 bits', 8, [200, 3, 0], /expected indices of at most 32 bits/],
  ])('%s', async (name, values, page, message) => {
    const file = await handMade(
      `${name.replaceAll(' ', '-')}.parquet`,
      values,
      Uint8Array.from(page),
      'RLE_DICTIONARY',
    );
    const start = performance.now();
    const error = await errorOf('INVALID_TABLE', () => tabularOracle(file, space));
    expect(error.message).toMatch(message);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
