import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { OptiProxyError } from '../../src/errors.js';
import { tabularOracle, type TabularOracle } from '../../src/oracle/table.js';
import { scratchFolder } from '../support/files.js';
import { allGenes, tinySpace } from '../support/spaces.js';

const space = tinySpace();
const cells = allGenes(space).map((genes) => space.format(genes));
const folder = scratchFolder();

/** A table whose numbers are all finite, or an error of ours on one line. */
async function readsOrRefuses(name: string, content: string | Uint8Array): Promise<void> {
  let table: TabularOracle;
  try {
    table = await tabularOracle(folder.write(name, content), space);
  } catch (error) {
    expect(error).toBeInstanceOf(OptiProxyError);
    expect((error as Error).message).toContain(name);
    expect((error as Error).message).not.toMatch(/\n|\p{Cc}/u);
    return;
  }
  expect(table.rows).toBeGreaterThan(0);
  for (const cell of cells)
    for (const metric of table.metrics) expect(table.value(cell, metric) ?? 0).toEqual(expect.any(Number));
}

test('any table of finite numbers reads back exactly', async () => {
  const numbers = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 8, maxLength: 8 });
  const property = fc.asyncProperty(numbers, fc.boolean(), fc.constantFrom('\n', '\r\n'), async (values, zip, end) => {
    const text = ['arch,v', ...cells.map((cell, i) => `${cell},${values[i]}`), ''].join(end);
    const file = zip ? folder.write('t.csv.gz', gzipSync(text)) : folder.write('t.csv', text);
    const table = await tabularOracle(file, space);
    cells.forEach((cell, i) => expect(table.value(cell, 'v')).toBe(values[i]! + 0));
  });
  await fc.assert(property, { numRuns: 100 });
});

test('texts of CSV’s own pieces never crash the reader', async () => {
  const piece = fc.constantFrom(
    ',',
    '\n',
    '\r\n',
    '"',
    '""',
    'arch',
    'acc',
    cells[0]!,
    cells[7]!,
    '1',
    'NaN',
    '\u001b',
    '\0',
    'é',
  );
  const texts = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));
  await fc.assert(
    fc.asyncProperty(texts, (text) => readsOrRefuses('pieces.csv', text)),
    { numRuns: 300 },
  );
  await fc.assert(
    fc.asyncProperty(texts, (text) => readsOrRefuses('head.csv', `arch,acc\n${text}`)),
    { numRuns: 300 },
  );
});

test('random bytes never crash the reader, zipped or not', async () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  await fc.assert(
    fc.asyncProperty(bytes, (b) => readsOrRefuses('bytes.csv', b)),
    { numRuns: 150 },
  );
  await fc.assert(
    fc.asyncProperty(bytes, (b) => readsOrRefuses('bytes.csv.gz', b)),
    { numRuns: 150 },
  );
});

test('a valid gzip with one byte changed or cut short', async () => {
  const zipped = gzipSync(['arch,v', ...cells.map((cell, i) => `${cell},${i}`)].join('\n'));
  const damage = fc.tuple(fc.nat(zipped.length - 1), fc.nat(255), fc.boolean());
  const property = fc.asyncProperty(damage, async ([at, byte, cut]) => {
    const copy = Uint8Array.from(zipped);
    copy[at] = byte;
    await readsOrRefuses('damaged.csv.gz', cut ? copy.slice(0, at) : copy);
  });
  await fc.assert(property, { numRuns: 200 });
});
