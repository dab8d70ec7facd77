import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readWholeLines, writeJsonFile } from '../../src/files.js';
import { scratchFolder } from '../support/files.js';

const folder = scratchFolder();

describe('writeJsonFile', () => {
  test('makes missing folders, replaces an older file, leaves nothing else', async () => {
    const file = path.join(folder.path, 'a', 'b', 'result.json');
    await writeJsonFile(file, { a: 1 });
    await writeJsonFile(file, { a: 2 });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ a: 2 });
    expect(readdirSync(path.dirname(file))).toEqual(['result.json']);
  });

  test('a failure keeps the older file and cleans up', async () => {
    const inner = path.join(folder.path, 'c');
    mkdirSync(inner);
    const file = path.join(inner, 'old.json');
    writeFileSync(file, '1');
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    await expect(writeJsonFile(file, cycle)).rejects.toThrow(/circular/);
    mkdirSync(path.join(inner, 'taken'));
    await expect(writeJsonFile(path.join(inner, 'taken'), 2)).rejects.toThrow();
    expect(readFileSync(file, 'utf8')).toBe('1');
    expect(readdirSync(inner).sort()).toEqual(['old.json', 'taken']);
  });
});

test('a line that was not finished is taken off, and the next one stands alone', async () => {
  expect(await readWholeLines(path.join(folder.path, 'none.csv'))).toBe('');
  const file = folder.write('lines.csv', 'é,1\nü,2\nhal');
  expect(await readWholeLines(file)).toBe('é,1\nü,2\n');
  const latin = folder.write('latin.csv', Uint8Array.of(0xe9, 10, 0xe9, 0xe9));
  await readWholeLines(latin);
  expect([...readFileSync(latin)]).toEqual([0xe9, 10]);
  appendFileSync(file, 'b,3\n');
  expect(readFileSync(file, 'utf8')).toBe('é,1\nü,2\nb,3\n');
});
