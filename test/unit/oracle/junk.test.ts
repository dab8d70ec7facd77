import { closeSync, createWriteStream, existsSync, ftruncateSync, openSync, readdirSync, readlinkSync, realpathSync, statSync, writeSync } from 'node:fs'; // prettier-ignore
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import { tabularOracle } from '../../../src/oracle/table.js';
import { errorOf } from '../../support/errors.js';
import { scratchFolder } from '../../support/files.js';
import { tinySpace } from '../../support/spaces.js';

const space = tinySpace();
const folder = scratchFolder();
const good = 'arch,acc\n|a~0|+|a~0|a~1|,1\n';

/** A file that starts with a text and goes on with zeros up to a size, of which it takes no room on disk. */
function sparse(name: string, start: string, bytes: number): string {
  const file = path.join(folder.path, name);
  const descriptor = openSync(file, 'w');
  writeSync(descriptor, start);
  ftruncateSync(descriptor, bytes);
  closeSync(descriptor);
  expect(statSync(file).size).toBe(bytes);
  return file;
}

/** Largest growth of resident memory, in bytes, while work goes on, and its milliseconds. */
async function cost(work: () => Promise<unknown>): Promise<{ memory: number; ms: number }> {
  const before = process.memoryUsage().rss;
  let memory = 0;
  const watch = setInterval(() => (memory = Math.max(memory, process.memoryUsage().rss - before)), 5);
  const start = performance.now();
  try {
    await work();
  } finally {
    clearInterval(watch);
  }
  return { memory: Math.max(memory, process.memoryUsage().rss - before), ms: performance.now() - start };
}

async function refused(file: string, message: RegExp): Promise<void> {
  const { memory, ms } = await cost(async () => {
    const error = await errorOf('INVALID_TABLE', () => tabularOracle(file, space));
    expect(error.message).toContain(file);
    expect(error.message).toMatch(message);
    expect(error.message.length).toBeLessThan(600);
  });
  expect(memory).toBeLessThan(100e6);
  expect(ms).toBeLessThan(3000);
}

test.each([
  ['a gigabyte of zeros', '', 1e9, /line 1: expected lines of at most 65536 characters/],
  ['one line of 200 MB', 'arch,acc', 200e6, /line 1: expected lines of at most 65536 characters/],
  ['a table that turns into zeros', good, 1e9, /line 3: expected lines of at most 65536 characters/],
  [
    'a cell that turns into zeros',
    `${good}|b~0|+|a~0|a~1|,9`,
    1e9,
    /line 3: expected lines of at most 65536 characters/,
  ],
  ['an open quote before zeros', `${good}"`, 1e9, /expected (lines of at most 65536 characters|a closed quote)/],
])('%s', async (name, start, bytes, message) => {
  await refused(sparse(`${name.replaceAll(' ', '-')}.csv`, start, bytes), message);
});

test('a gzip bomb: 300 MB of zeros in 300 kB', async () => {
  const file = path.join(folder.path, 'bomb.csv.gz');
  const zeros = Readable.from((function* () { for (let i = 0; i < 300; ++i) yield Buffer.alloc(1e6); })()); // prettier-ignore
  await pipeline(zeros, createGzip(), createWriteStream(file));
  expect(statSync(file).size).toBeLessThan(1e6);
  await refused(file, /expected lines of at most 65536 characters/);
});

test('a gzip bomb of blank lines ends as an empty file, in bounded memory', async () => {
  const file = path.join(folder.path, 'blank.csv.gz');
  const lines = Readable.from((function* () { for (let i = 0; i < 5; ++i) yield Buffer.alloc(1e6, '\n'); })()); // prettier-ignore
  await pipeline(lines, createGzip(), createWriteStream(file));
  const { memory } = await cost(() => errorOf('INVALID_TABLE', () => tabularOracle(file, space)));
  expect(memory).toBeLessThan(150e6);
});

test('the file is closed again after a failure', async () => {
  const descriptors = '/proc/self/fd';
  if (!existsSync(descriptors)) return console.log('skipped: no list of open files');
  const wrong = folder.write('wrong.csv', `${good}|a~0|+|a~0|a~1|,2\n${'x,1\n'.repeat(100_000)}`);
  const holdsIt = (fd: string): boolean => {
    try {
      return readlinkSync(path.join(descriptors, fd)) === realpathSync(wrong);
    } catch {
      return false; // closed between the two looks
    }
  };
  for (let i = 0; i < 5; ++i) await errorOf('INVALID_TABLE', () => tabularOracle(wrong, space));
  for (let wait = 0; wait < 100 && readdirSync(descriptors).some(holdsIt); ++wait) await sleep(20);
  expect(readdirSync(descriptors).filter(holdsIt)).toEqual([]);
});
