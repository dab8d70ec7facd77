import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import type { SearchResult } from '../../src/report/result.js';
import { Draws } from '../../src/random.js';
import { cli, errorLine, searchJson } from '../support/cli.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'optiproxy-'));
  // What is measured depends on the seed of the trial too; a training takes a few milliseconds.
  writeFileSync(
    path.join(folder, 'train.mjs'),
    `import { setTimeout } from 'node:timers/promises';
     export default async (architecture, { seed }) => {
       await setTimeout(3 + (seed % 5));
       const weight = { skip_connect: 2, nor_conv_3x3: 3 };
       const acc = [...architecture.matchAll(/([a-z0-9_]+)~/g)].reduce((sum, [, name]) => sum + (weight[name] ?? name.length / 9), 0);
       return { acc: acc + (seed % 1000) / 1e4 };
     };`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const search = ['--space', 'nasbench201', '--oracle', 'module:./train.mjs', '--objective', 'acc', '--seed', '5'];

/** Runs until it is done, killed again and again; how often it was. */
async function runKilled(
  args: readonly string[],
  file: string,
  draws: Draws,
): Promise<{ result: SearchResult; kills: number }> {
  for (let kills = 0; ; ++kills) {
    const { status, signal, stdout, stderr } = await cli(['search', ...search, ...args, '--storage', file, '--json'], {
      cwd: folder,
      during: (child) => void setTimeout(250 + draws.below(900)).then(() => child.kill('SIGKILL')),
    });
    if (status === 0) return { result: JSON.parse(stdout) as SearchResult, kills };
    expect({
      signal,
      said: stderr.split('\n').filter((line) => line.startsWith('optiproxy:') && !line.includes('goes on after')),
    }).toEqual({
      signal: 'SIGKILL',
      said: [],
    });
  }
}

test.each([
  ['the default', ['--queries', '120']],
  ['several at once', ['--queries', '100', '--concurrency', '3', '--batch', '3', '--preset', 'networks']],
])(
  'killed at any time, a search goes on as if nothing had happened: %s',
  async (name, args) => {
    const whole = await searchJson([...search, ...args], { cwd: folder });
    const { result, kills } = await runKilled(args, `${name}.db`, new Draws(11));
    const order = ({ trace }: SearchResult): unknown =>
    name === 'the default' ? trace : trace.map(({ architecture, metrics, predicted, round }) => ({ architecture, metrics, predicted, round })).sort((a, b) => (a.architecture < b.architecture ? -1 : 1)); // prettier-ignore
    expect(order(result)).toEqual(order(whole));
    expect(result.best!.architecture).toBe(whole.best!.architecture);
    expect(kills).toBeGreaterThan(1);
  },
  120_000,
);

test('more queries go on with the same file; what it says', async () => {
  const file = path.join(folder, 'more.db');
  const short = ['--space', 'digits201', '--seed', '2', '--storage', file];
  const first = await searchJson([...short, '--queries', '15']);
  const { stderr, stdout } = await cli(['search', ...short, '--queries', '25', '--json']);
  expect(stderr).toMatch(/^.*more\.db: goes on after 15 queries$/m);
  const { trace } = JSON.parse(stdout) as SearchResult;
  expect(trace.slice(0, 15)).toEqual(first.trace);
  expect(trace).toEqual((await searchJson(['--space', 'digits201', '--seed', '2', '--queries', '25'])).trace);

  const other = await cli(['search', ...short, '--seed', '3', '--queries', '25']);
  expect(errorLine(other, { status: 2 })).toMatch(
    /^storage .*more\.db, seed: expected 2, given "?3"? \(hint: the file is of another study/,
  );
  const bad = await cli(['search', ...short.slice(0, -1), path.join(folder, 'no', 'folder.db'), '--queries', '5']);
  expect(errorLine(bad, { status: 1 })).toMatch(/^storage .*folder\.db/);
}, 60_000);

test('told results are on the disk before the next query begins', async () => {
  const file = path.join(folder, 'told.db');
  writeFileSync(
    path.join(folder, 'witness.mjs'),
    `import { createRequire } from 'node:module';
     const Sqlite = createRequire(process.env.OPTIPROXY_ROOT + '/package.json')('better-sqlite3');
     let asked = 0;
     export default () => {
       const reader = new Sqlite('${file}', { readonly: true });
       const told = reader.prepare("SELECT count(*) FROM trials WHERE state = 'complete'").pluck().get();
       reader.close();
       if (told !== asked++) throw new Error(told + ' of ' + (asked - 1) + ' are on the disk');
       return { acc: asked };
     };`,
  );
  const args = ['--space', 'digits201', '--oracle', 'module:./witness.mjs', '--objective', 'acc', '--queries', '20'];
  const env = { OPTIPROXY_ROOT: path.join(__dirname, '..', '..') };
  await searchJson([...args, '--storage', file], { cwd: folder, env });
  const db = new Sqlite(file, { readonly: true });
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  db.close();
}, 60_000);

test('without better-sqlite3: one line that says how to get it; files that would overwrite each other', async () => {
  const missing = path.join(folder, 'missing.cjs');
  writeFileSync(
    missing,
    `const Module = require('node:module');
     const load = Module._load;
     Module._load = function (request, ...rest) {
       if (request === 'better-sqlite3') throw Object.assign(new Error("Cannot find module 'better-sqlite3'"), { code: 'MODULE_NOT_FOUND' });
       return load.call(this, request, ...rest);
     };`,
  );
  const args = ['search', '--space', 'digits201', '--queries', '3', '--storage', path.join(folder, 'none.db')];
  const env = { NODE_OPTIONS: `--require ${missing}` };
  expect(errorLine(await cli(args, { env }), { status: 1 })).toBe(
    `better-sqlite3: expected the package, which keeps studies in files, given "Cannot find module 'better-sqlite3'" (hint: npm install better-sqlite3@12, or npm rebuild better-sqlite3 after another Node.js was installed)`,
  );
  const out = [...args, '--out', path.join(folder, 'none.db')];
  expect(errorLine(await cli(out), { status: 2 })).toMatch(/^--storage: expected another file than --out and --export/);
});
