import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { tabularOracle } from '../../../src/oracle/table.js';
import { errorOf } from '../../support/errors.js';
import { scratchFolder } from '../../support/files.js';
import { tinySpace } from '../../support/spaces.js';

const space = tinySpace();
const folder = scratchFolder();
const good = 'arch,acc\n|a~0|+|a~0|a~1|,1\n|b~0|+|a~0|a~1|,2\n';
const row = (value: string): string => `${good}|b~0|+|b~0|a~1|,${value}\n`;

describe('a table that is none is refused, naming file, line and column', () => {
  test.each<[string, string | Uint8Array, RegExp]>([
    ['empty.csv', '', /empty\.csv: expected a header and rows, given "an empty file"/],
    ['newlines.csv', '\n\n\n', /newlines\.csv: expected a header and rows/],
    ['header.csv', 'arch,acc\n', /header\.csv: expected rows below the header/],
    ['nokey.csv', 'cell,acc\n1,2\n', /nokey\.csv header: expected a column arch .*\(hint: the columns are cell, acc\)/],
    [
      'twice.csv',
      'arch,acc,acc\n|a~0|+|a~0|a~1|,1,2\n',
      /twice\.csv header: expected distinct columns, given "acc twice"/,
    ],
    [
      'same.csv',
      `${good}\n|a~0|+|a~0|a~1|,1\n`,
      /same\.csv line 5, column arch: expected each architecture once, given .* \(hint: it stands on line 2 already\)/,
    ],
    ['quoted-twice.csv', `${good}"|a~0|+|a~0|a~1|",1\n`, /line 4, column arch: expected each architecture once/],
    ['text.csv', row('good'), /text\.csv line 4, column acc: expected a finite number, given "good"/],
    ['nan.csv', row('NaN'), /nan\.csv line 4, column acc: expected a finite number, given "NaN"/],
    ['inf.csv', row('-Infinity'), /line 4, column acc: expected a finite number, given "-Infinity"/],
    ['huge.csv', row('1e999'), /line 4, column acc: expected a finite number, given "1e999"/],
    ['hex.csv', row('0x10'), /line 4, column acc: expected a finite number, given "0x10"/],
    ['blank.csv', row(''), /line 4, column acc: expected a finite number, given ""/],
    ['comma.csv', row('"1,5"'), /line 4, column acc: expected a finite number, given "1,5"/],
    [
      'short.csv',
      `${good}|b~0|+|b~0|a~1|\n`,
      /short\.csv line 4: expected 2 fields, as the header has, given 1 \(hint: is the line cut off/,
    ],
    ['cut.csv', good.slice(0, -6), /cut\.csv line 3: expected 2 fields, as the header has, given 1/],
    ['long.csv', row('1,2'), /line 4: expected 2 fields, as the header has, given 3/],
    ['quote.csv', row('"1'), /quote\.csv line \d+: expected a closed quote/],
    [
      'arch.csv',
      `${good}|c~0|+|b~0|a~1|,1\n`,
      /arch\.csv line 4, column arch: tiny architecture, .*: expected one of a, b, given "c"/,
    ],
    ['noarch.csv', `${good},1\n`, /line 4, column arch: tiny architecture.*: expected .*, given ""/],
    ['plain.csv.gz', good, /plain\.csv\.gz: expected an intact gzip file, given "incorrect header check"/],
    [
      'cut.csv.gz',
      gzipSync(good).subarray(0, -12),
      /cut\.csv\.gz: expected an intact gzip file, given "unexpected end of file"/,
    ],
    ['empty.csv.gz', '', /empty\.csv\.gz: expected an intact gzip file/],
    ['packed.csv', gzipSync(good.repeat(9)), /packed\.csv (line \d+|header): expected/],
  ])('%s', async (name, content, message) => {
    const file = folder.write(name, content);
    const error = await errorOf('INVALID_TABLE', () => tabularOracle(file, space, { metrics: ['acc'] }));
    expect(error.message).toContain(file);
    expect(error.message).toMatch(message);
  });

  test('missing', async () => {
    const error = await errorOf('INVALID_TABLE', () => tabularOracle(path.join(folder.path, 'no.csv'), space));
    expect(error.message).toMatch(/no\.csv: expected a readable CSV file, given "no such file"/);
  });

  test('a folder', async () => {
    const error = await errorOf('INVALID_TABLE', () => tabularOracle(folder.path, space));
    expect(error.message).toMatch(/expected a CSV file, given "a folder"/);
  });

  test('a metric that is no column', async () => {
    const file = folder.write('metric.csv', good);
    for (const metric of ['val', 'arch', 'toString']) {
      const error = await errorOf('UNKNOWN_NAME', () => tabularOracle(file, space, { metrics: [metric] }));
      expect(error.message).toMatch(new RegExp(`given "${metric}" \\(hint: the columns are arch, acc\\)`));
    }
  });
});

test('a header of control characters and thousands of columns makes a short, harmless message', async () => {
  const header = Array.from({ length: 5000 }, (_, i) => `\u001b[31m${i}`).join(',');
  const error = await errorOf('INVALID_TABLE', () => tabularOracle(folder.write('wild.csv', `${header}\n`), space));
  expect(error.message).not.toContain('\u001b');
  expect(error.message).toMatch(/\.\.\. \(5000\)/);
  expect(error.message.length).toBeLessThan(2500);
});

describe('junk of a hundred megabytes is refused at once, in bounded memory', () => {
  async function junk(name: string, piece: string): Promise<string> {
    const file = path.join(folder.path, name);
    const stream = createWriteStream(file);
    const chunk = Buffer.from(piece.repeat(Math.ceil(1_000_000 / piece.length)));
    for (let i = 0; i < 100; ++i) if (!stream.write(chunk)) await once(stream, 'drain');
    stream.end();
    await finished(stream);
    return file;
  }

  test.each<[string, string, RegExp]>([
    ['lines.csv', 'what is this, then\n', /expected a column arch/],
    ['line.csv', 'x', /line 1: expected lines of at most 65536 characters/],
    ['fields.csv', 'x,', /line 1: expected lines of at most 65536 characters|distinct columns/],
    ['quoted.csv', '"', /line 1|expected/],
  ])('%s', async (name, piece, message) => {
    const file = await junk(name, piece);
    const before = process.memoryUsage().rss;
    const start = performance.now();
    const error = await errorOf('INVALID_TABLE', () => tabularOracle(file, space));
    expect(error.message).toMatch(message);
    expect(error.message.length).toBeLessThan(600);
    expect(performance.now() - start).toBeLessThan(2000);
    expect(process.memoryUsage().rss - before).toBeLessThan(64e6);
  });

  test('a zip bomb of one line', async () => {
    const file = folder.write('bomb.csv.gz', gzipSync(Buffer.alloc(200e6, 'x')));
    const error = await errorOf('INVALID_TABLE', () => tabularOracle(file, space));
    expect(error.message).toMatch(/expected lines of at most 65536 characters/);
  });
});
