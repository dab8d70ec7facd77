import type { ChildProcess } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { cli, errorLine } from '../support/cli.js';
import { scratchFolder } from '../support/files.js';
import { runScript, script } from '../support/script.js';

const folder = scratchFolder();
const fresh = (name: string): string => path.join(folder.path, name);
const measure = (out: string, ...flags: string[]): string[] => ['latency', 'measure', '--space', 'digits201', '--out', out, ...flags]; // prettier-ignore
const quick = ['--count', '4', '--budget-ms', '25'];
const rowsOf = (file: string): string[] => readFileSync(file, 'utf8').trimEnd().split('\n').slice(1);
const row = /^(?:\|(?:[a-z_0-9]+~\d\|)+\+?){3},\d+\.\d+,\d+(?:\.\d+)?(?:e-\d+)?,\d+$/;

/** The environment in which a module is loaded before everything else, in the process and its children. */
const preloading = (name: string, source: string): NodeJS.ProcessEnv => ({ NODE_OPTIONS: `--require ${folder.write(name, source)}` }); // prettier-ignore

/** What onnxruntime-node is to be is the body of a function of it. */
const withRuntime = (name: string, body: string): NodeJS.ProcessEnv =>
  preloading(
    name,
    `const { Module } = require('node:module');
     const load = Module._load;
     Module._load = function (request, ...rest) {
       const loaded = (request === 'onnxruntime-node') && load.call(this, request, ...rest);
       if (!loaded) return load.call(this, request, ...rest);
       return ((runtime) => {${body}})(loaded);
     };`,
  );

test('real networks, a table that a search can be constrained by', async () => {
  const out = fresh('new/latency.csv');
  const { status, stdout, stderr } = await cli(measure(out, ...quick));
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  expect(stderr).toMatch(new RegExp(`optiproxy: wrote ${out} \\(4 architectures\\) and ${out}\\.json\\n$`));
  const rows = rowsOf(out);
  expect(rows).toHaveLength(4);
  for (const line of rows) expect(line).toMatch(row);
  const { settings } = JSON.parse(readFileSync(`${out}.json`, 'utf8')) as { settings: object };
  expect(settings).toMatchObject({ threads: 1, seed: 0, runtime: expect.stringMatching(/^onnxruntime-node \d+\.\d+/) as string }); // prettier-ignore
  const search = ['search', '--space', 'digits201', '--queries', '4', '--json', '--quiet', '--metric', `latency_ms=table:${out}`, '--constraint', 'latency_ms<=1000']; // prettier-ignore
  const found = await cli(search);
  expect(JSON.parse(found.stdout)).toMatchObject({ queries: 4, best: { metrics: { latency_ms: expect.any(Number) as number } } }); // prettier-ignore
});

test('larger networks take longer', async () => {
  const list = folder.write('two.txt', '|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|\n\n|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|\n'); // prettier-ignore
  const out = fresh('two.csv');
  const { status, stderr } = await cli(measure(out, '--architectures', list, '--channels', '16', '--resolution', '16', '--threads', '2', '--budget-ms', '75', '--quiet')); // prettier-ignore
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: `optiproxy: wrote ${out} (2 architectures) and ${out}.json\n`,
  });
  const [convolutions, skips] = rowsOf(out).sort((a, b) => b.length - a.length).map((line) => Number(line.split(',')[1])); // prettier-ignore
  expect(convolutions).toBeGreaterThan(2 * skips!);
});

describe('what ends it loses nothing', () => {
  const flags = ['--count', '30', '--budget-ms', '50'];

  /** Sends a signal once the first visits are kept. */
  const ended = (out: string, signal: NodeJS.Signals) => (child: ChildProcess) => {
    const timer = setInterval(() => {
      // The file is there before the first line is.
      if (!existsSync(`${out}.visits`) || !readFileSync(`${out}.visits`, 'utf8').includes('\n')) return;
      clearInterval(timer);
      child.kill(signal);
    }, 10);
  };

  test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('%s', async (signal) => {
    const out = fresh(`${signal}.csv`);
    const first = await cli(measure(out, ...flags), { during: ended(out, signal) });
    if (signal === 'SIGKILL') expect(first.signal).toBe(signal);
    else {
      expect(first.status).toBe(130);
      expect(first.stderr).toMatch(/optiproxy: interrupted; what was measured is kept with .*: the same command goes on from there\n$/); // prettier-ignore
    }
    const kept = readFileSync(`${out}.visits`, 'utf8').split('\n').length - 1;
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(60);
    appendFileSync(`${out}.visits`, '["|none~0|');
    const second = await cli(measure(out, ...flags));
    expect(second.status).toBe(0);
    expect(second.stderr).toContain(`optiproxy: ${kept} of 60 visits to networks are kept with ${out} already\n`);
    const rows = rowsOf(out);
    expect([rows.length, new Set(rows.map((line) => line.split(',')[0])).size]).toEqual([30, 30]);
    for (const line of rows) expect(line).toMatch(row);
    expect(existsSync(`${out}.visits`)).toBe(false);
  });
});

describe('networks that cannot be measured', () => {
  test('a runtime that refuses one, and dies of another', async () => {
    const env = withRuntime(
      'faults.cjs',
      `const create = runtime.InferenceSession.create;
       runtime.InferenceSession.create = (model, options) => {
         const text = Buffer.from(model).toString('latin1');
         if (text.includes('|none~0|+|none~0|none~1|+|nor_conv_1x1~0')) return Promise.reject(new Error('no such\\nkernel'));
         if (text.includes('|none~0|+|none~0|none~1|+|avg_pool_3x3~0')) process.abort();
         return create.call(runtime.InferenceSession, model, options);
       };
       return runtime;`,
    );
    const cell = (operation: string): string => `|none~0|+|none~0|none~1|+|${operation}~0|none~1|none~2|`;
    const list = folder.write('faults.txt', ['nor_conv_1x1', 'avg_pool_3x3', 'nor_conv_3x3'].map(cell).join('\n'));
    const out = fresh('faults.csv');
    const { status, stderr } = await cli(measure(out, '--architectures', list, '--budget-ms', '25', '--quiet'), { env }); // prettier-ignore
    expect(status).toBe(0);
    expect(stderr).toMatch(/^optiproxy: 2 could not be measured and have no latency, the first being \|none~0\|.*: (no such kernel|the process that ran it ended twice \(SIGABRT\))\noptiproxy: wrote .*\(3 architectures\)/); // prettier-ignore
    expect(rowsOf(out).sort()).toEqual([`${cell('avg_pool_3x3')},,,0`, `${cell('nor_conv_1x1')},,,0`, expect.stringMatching(row)]); // prettier-ignore
    expect((JSON.parse(readFileSync(`${out}.json`, 'utf8')) as { failures: object[] }).failures).toHaveLength(2);
  });
});

test('without onnxruntime-node: one line that says how to get it', async () => {
  const env = withRuntime('missing.cjs', `throw Object.assign(new Error("Cannot find module 'onnxruntime-node'"), { code: 'MODULE_NOT_FOUND' });`); // prettier-ignore
  const out = fresh('missing.csv');
  const line = errorLine(await cli(measure(out, ...quick), { env }), { status: 1 });
  expect(line).toBe(`onnxruntime-node: expected the package, which runs ONNX models, given "Cannot find module 'onnxruntime-node'" (hint: ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node)`); // prettier-ignore
  expect(existsSync(out)).toBe(false);
});

describe('wrong use: status 2 and one line', () => {
  test.each<[string, string[], RegExp]>([
    ['no command', ['latency'], /^expected a command/],
    ['no space', ['latency', 'measure', '--out', 'x.csv'], /^--space: expected a value, given "none" \(hint: like digits201\)$/], // prettier-ignore
    ['no file', ['latency', 'measure', '--space', 'digits201'], /^--out: expected a value, given "none"/],
    ['a space of another cell', ['latency', 'measure', '--space', 'nasbench101', '--out', fresh('x.csv')], /^space: expected one cell of 4 vertices with none, .*, given "nasbench101"/], // prettier-ignore
    ['a name that is no table', measure(fresh('x.json')), /^--out: expected a name that ends in \.csv/],
    ['too many threads', measure(fresh('x.csv'), '--threads', '257'), /^--threads: expected a whole number from 1 to 256, given "257"$/], // prettier-ignore
    ['no budget', measure(fresh('x.csv'), '--budget-ms', '0'), /^--budget-ms: expected a whole number from 1 to/],
    ['an odd resolution', measure(fresh('x.csv'), '--resolution', '9'), /^resolution: expected a multiple of 2, as each stage but the first halves it, given 9$/], // prettier-ignore
    ['more than there are', measure(fresh('x.csv'), '--count', '4931'), /^--count: expected a whole number from 1 to 4930/], // prettier-ignore
    ['a list that is not there', measure(fresh('x.csv'), '--architectures', 'no.txt'), /^no\.txt: expected a readable list of architectures/], // prettier-ignore
    ['an unknown flag', measure(fresh('x.csv'), '--warmup', '5'), /^unknown option '--warmup'/],
  ])('%s', async (_name, args, message) => {
    expect(errorLine(await cli(args), { status: 2 })).toMatch(message);
    expect(existsSync(fresh('x.csv'))).toBe(false);
  });

  test('a table of other settings', async () => {
    const out = fresh('other.csv');
    expect((await cli(measure(out, '--count', '1', '--budget-ms', '25'))).status).toBe(0);
    const line = errorLine(await cli(measure(out, '--count', '1', '--budget-ms', '50')), { status: 2 });
    expect(line).toMatch(
      /^budgetMs of .*other\.csv: expected 25, as it was measured with, given 50 \(hint: another file/,
    );
  });
});

test('as a function', async () => {
  const file = folder.write(
    'library.cjs',
    script(`
      const { measureLatency } = require(${JSON.stringify(process.cwd())});
      const stop = new AbortController();
      const told = [];
      const space = spaces.digits201();
      const { rows } = await measureLatency({ space, count: 2, budgetMs: 25, onProgress: (p) => told.push(p) });
      const aborted = await measureLatency({ space, count: 500, signal: stop.signal, onProgress: () => setTimeout(() => stop.abort(), 300) }).catch((error) => error.code);
      console.log(JSON.stringify({ rows, told, aborted }));
    `),
  );
  const { rows, told, aborted } = await runScript<{ rows: object[]; told: object[]; aborted: string }>(file);
  const one = { architecture: expect.any(String) as string, latencyMs: expect.any(Number) as number, spreadMs: expect.any(Number) as number, runs: expect.any(Number) as number }; // prettier-ignore
  expect(rows).toEqual([one, one]);
  expect(told).toEqual([{ done: 0, total: 2, resumed: 0 }, { done: 2, total: 2, resumed: 0 }]); // prettier-ignore
  expect(aborted).toBe('ABORTED');
});
