import type { ChildProcess } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
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

/** Resolves when a process has written to a study, or has ended. */
async function written(file: string, child: ChildProcess): Promise<void> {
  const sizeOf = (): number => statSync(path.join(folder, `${file}-wal`), { throwIfNoEntry: false })?.size ?? 0;
  for (const before = sizeOf(); [0, before].includes(sizeOf()) && child.exitCode === null;) await setTimeout(5);
}

/** Runs until it is done, killed again and again; how often it was. */
async function runKilled(
  args: readonly string[],
  file: string,
  draws: Draws,
): Promise<{ result: SearchResult; kills: number }> {
  for (let kills = 0; ; ++kills) {
    const { status, signal, stdout, stderr } = await cli(['search', ...search, ...args, '--storage', file, '--json'], {
      cwd: folder,
      // From its first write on: how long it takes to start is the machine's affair.
      during: (child) => void written(file, child).then(() => setTimeout(draws.below(500)).then(() => child.kill('SIGKILL'))), // prettier-ignore
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

describe('optiproxy studies', () => {
  const file = (name: string): string => path.join(folder, 'kept', name);
  const studies = (...args: string[]): ReturnType<typeof cli> => cli(['studies', ...args]);
  beforeAll(async () => {
    mkdirSync(path.join(folder, 'kept'));
    const search = ['--space', 'digits201', '--seed', '1', '--objective', 'val_acc', '--constraint', 'params<=9000'];
    await searchJson([...search, '--queries', '20', '--storage', file('one.db')]);
    await searchJson(['--space', 'digits201', '--method', 'random', '--queries', '5', '--storage', file('two.db')]);
    writeFileSync(file('notes.txt'), 'no study');
    writeFileSync(file('text.db'), 'no database, though its name says so\n'.repeat(200));
  });

  test('list: what a folder has, and what in it cannot be read', async () => {
    const { status, stdout, stderr } = await studies('list', path.join(folder, 'kept'));
    expect({ status, stdout: stdout.replaceAll(folder, '') }).toEqual({
      status: 0,
      stdout:
        '/kept/one.db  digits201, optiproxy: 20 complete, 0 failed, 0 open\n/kept/two.db  digits201, random: 5 complete, 0 failed, 0 open\n',
    });
    expect(stderr).toMatch(/^optiproxy: storage .*text\.db: file is not a database.*\n$/);
    const json = JSON.parse((await studies('list', path.join(folder, 'kept'), '--json')).stdout) as { studies: { file: string; complete: number }[] }; // prettier-ignore
    expect(json.studies.map(({ complete }) => complete)).toEqual([20, 5]);
    const absent = await studies('list', path.join(folder, 'absent'));
    expect(errorLine(absent, { status: 2 })).toMatch(
      /^folder: expected one that can be read, given ".*absent" \(hint: ENOENT/,
    );
  });

  test('show: the best that meets the constraints, as the search says', async () => {
    const shown = JSON.parse((await studies('show', file('one.db'), '--json')).stdout) as {
      definition: Record<string, unknown>;
      best: { architecture: string; metrics: Record<string, number> };
    };
    const search = ['--space', 'digits201', '--seed', '1', '--objective', 'val_acc', '--constraint', 'params<=9000'];
    const { best } = await searchJson([...search, '--queries', '20', '--storage', file('one.db')]);
    expect(shown.best.architecture).toBe(best!.architecture);
    expect(shown.best.metrics).toMatchObject(best!.metrics);
    expect(shown.definition).toMatchObject({ space: 'digits201', seed: 1, method: 'optiproxy' });
    const { stdout } = await studies('show', file('one.db'));
    expect(stdout).toMatch(/^space +digits201\nmethod +optiproxy\n[^]*best +\|.*\n[^]*val_acc +\d/);
  });

  test('export: a table that a search reads, or lines', async () => {
    const table = path.join(folder, 'one.csv');
    expect((await studies('export', file('one.db'), '--out', table)).stderr).toMatch(/wrote 20 trials to .*one\.csv/);
    const again = await searchJson(['--space', 'digits201', '--oracle', `table:${table}`, '--pool', 'table', '--objective', 'val_acc', '--queries', '20']); // prettier-ignore
    expect(again.trace).toHaveLength(20);
    const { stdout } = await studies('export', file('two.db'));
    const lines = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
    expect(lines.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5]);
    expect(lines[0]).toMatchObject({ state: 'complete', kind: 'query', round: 0, attempts: 1, error: null });
    expect(typeof lines[0]!['arch']).toBe('string');
    // Each is read back as the same.
    for (const end of ['csv', 'ndjson', 'parquet']) {
      const name = path.join(folder, `two.${end}`);
      expect((await studies('export', file('two.db'), '--out', name)).status).toBe(0);
      const { trace } = await searchJson(['--space', 'digits201', '--objective', 'val_acc', '--queries', '5', '--warm-start', name]); // prettier-ignore
      expect(trace.map(({ architecture, metrics }) => ({ arch: architecture, val_acc: metrics['val_acc'] }))).toEqual(lines.map(({ arch, val_acc }) => ({ arch, val_acc }))); // prettier-ignore
    }
    const bad = await studies('export', file('two.db'), '--out', 'two.txt');
    expect(errorLine(bad, { status: 2 })).toMatch(/^--out: expected a name that ends in \.csv, \.ndjson or \.parquet/);
  });

  test('rm: a study with its files, nothing else, and none that is written', async () => {
    const copy = file('copy.db');
    copyFileSync(file('two.db'), copy);
    const lock = new Sqlite(`${copy}.lock`);
    lock.exec('BEGIN EXCLUSIVE');
    expect(errorLine(await studies('rm', copy), { status: 1 })).toMatch(/expected one process that writes to it/);
    lock.close();
    symlinkSync(copy, file('copy-link.db'));
    expect((await studies('rm', file('copy-link.db'))).status).toBe(0);
    expect(readdirSync(path.join(folder, 'kept')).filter((name) => name.startsWith('copy'))).toEqual([]);
    expect(errorLine(await studies('rm', file('text.db')), { status: 1 })).toMatch(/file is not a database/);
    expect(errorLine(await studies('rm', file('absent.db')), { status: 1 })).toMatch(/absent\.db/);
    expect(existsSync(file('text.db'))).toBe(true);
    expect(existsSync(file('absent.db'))).toBe(false);
  });
});

test('--warm-start and --enqueue: a study, its table, a list; given again they change nothing', async () => {
  const at = (name: string): string => path.join(folder, name);
  const search = ['--space', 'digits201', '--objective', 'val_acc', '--seed', '6'];
  const first = await searchJson([...search, '--queries', '12', '--storage', at('first.db')]);
  await cli(['studies', 'export', at('first.db'), '--out', at('first.csv')]);
  const known = first.trace.map(({ architecture }) => architecture);
  const wanted = ['|none~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|none~1|nor_conv_3x3~2|', known[3]!];
  writeFileSync(at('wanted.txt'), wanted.join('\n'));
  const args = [...search, '--seed', '7', '--queries', '20'];
  const enqueue = ['--enqueue', at('wanted.txt')];
  const { stderr, stdout } = await cli(['search', ...args, ...enqueue, '--warm-start', at('first.db'), '--storage', at('second.db'), '--json']); // prettier-ignore
  expect(stderr).toMatch(/^.*--warm-start: took over 12 architectures of .*first\.db\n.*--enqueue: 1 architectures of .*wanted\.txt come first$/m); // prettier-ignore
  const { trace } = JSON.parse(stdout) as SearchResult;
  expect(trace.map(({ architecture }) => architecture).slice(0, 13)).toEqual([...known, wanted[0]]);
  expect(trace).toHaveLength(20);
  expect(trace[13]!.predicted).not.toBeNull();
  const outlineOf = (result: SearchResult): unknown => result.trace.map(({ architecture, predicted }) => [architecture, predicted]); // prettier-ignore
  const table = await searchJson([...args, ...enqueue, '--warm-start', at('first.csv')]);
  expect(outlineOf(table)).toEqual(outlineOf(JSON.parse(stdout) as SearchResult));
  expect(outlineOf(await searchJson([...args, ...enqueue, '--warm-start', at('first.csv'), '--storage', at('second.db')]))).toEqual(outlineOf(table)); // prettier-ignore
  const other = await cli(['search', '--space', 'nasbench201', '--oracle', `table:${at('first.csv')}`, '--objective', 'val_acc', '--queries', '3', '--warm-start', at('first.db')]); // prettier-ignore
  expect(errorLine(other, { status: 2 })).toMatch(/^--warm-start .*first\.db: expected a study of the space nasbench201, given "digits201"/); // prettier-ignore
}, 60_000);
