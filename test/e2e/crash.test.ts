import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { SearchResult } from '../../src/report/result.js';
import { cli } from '../support/cli.js';
import { scratchFolder } from '../support/files.js';

const folder = scratchFolder();

/** A search with a result of 4 MB, so that writing it takes a while. */
const large = ['search', '--space', 'digits201', '--isomorphism', 'encoding', '--method', 'random', '--queries', '15625', '--batch', '9000', '--json', '--quiet']; // prettier-ignore

test('killed while it searches: the result of an earlier search is untouched', async () => {
  const out = path.join(folder.path, 'earlier.json');
  writeFileSync(out, 'the earlier one');
  const oracle = folder.write(
    'slow.mjs',
    `export default async () => { process.stderr.write('asked\\n'); await new Promise((go) => setTimeout(go, 50)); return { acc: 1 }; };`,
  );
  const search = ['search', '--space', 'nasbench201', '--oracle', `module:${oracle}`, '--objective', 'acc'];
  let asked = 0;
  const during = (child: ChildProcess): void =>
    void child.stderr!.on('data', () => {
      if (++asked === 3) child.kill('SIGKILL');
    });
  const { signal, stdout } = await cli([...search, '--queries', '10000', '--json', '--quiet', '--out', out], {
    during,
  });
  expect({ signal, stdout }).toEqual({ signal: 'SIGKILL', stdout: '' });
  expect(readFileSync(out, 'utf8')).toBe('the earlier one');
});

test.each(['absent', 'present'])(
  'killed while it writes, the file before being %s: all of it or nothing',
  async (before) => {
    let partials = 0;
    for (let attempt = 0; attempt < 6; ++attempt) {
      const place = path.join(folder.path, `${before}-${attempt}`);
      const out = path.join(place, 'result.json');
      mkdirSync(place);
      if (before === 'present') writeFileSync(out, 'the earlier one');
      // The folder changes when the writing begins.
      const during = (child: ChildProcess): void => {
        const watcher = watch(place, () => {
          watcher.close();
          setTimeout(() => child.kill('SIGKILL'), attempt);
        });
        child.once('close', () => watcher.close());
      };
      await cli([...large, '--out', out], { during });
      partials += readdirSync(place).filter((name) => name !== 'result.json').length;
      const text = existsSync(out) ? readFileSync(out, 'utf8') : undefined;
      if (text === undefined) expect(before).toBe('absent');
      else if (text !== 'the earlier one') expect((JSON.parse(text) as SearchResult).trace).toHaveLength(15_625);
      // What was left half-written is in nobody's way.
      const again = await cli(['search', '--space', 'digits201', '--queries', '3', '--quiet', '--out', out]);
      expect(again.status).toBe(0);
      expect((JSON.parse(readFileSync(out, 'utf8')) as SearchResult).queries).toBe(3);
    }
    // Otherwise no kill ever met a half-written file, and the test has shown nothing.
    expect(partials).toBeGreaterThan(0);
  },
  180_000,
);

test('a search that ends well leaves the result alone in its folder', async () => {
  const place = path.join(folder.path, 'alone', 'deeper');
  const { status } = await cli([...large, '--out', path.join(place, 'result.json')]);
  expect(status).toBe(0);
  expect(readdirSync(place)).toEqual(['result.json']);
});
