import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { SearchResult } from '../../src/report/result.js';
import { cli, main, root } from '../support/cli.js';
import { scratchFolder } from '../support/files.js';

const folder = scratchFolder();
const bench = (oracle: string): string[] => ['search', '--space', 'nasbench201', '--oracle', `module:${oracle}`, '--objective', 'acc']; // prettier-ignore

test('progress in plain lines where stderr is no terminal', async () => {
  const oracle = folder.write('slow.mjs', 'export default () => new Promise((go) => setTimeout(go, 250, { acc: 5 }));');
  const { status, stdout, stderr } = await cli([...bench(oracle), '--queries', '20', '--method', 'random', '--json']);
  expect(status).toBe(0);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  expect(JSON.parse(stdout)).toMatchObject({ queries: 20 });
  const lines = stderr.trimEnd().split('\n');
  expect(lines.length).toBeGreaterThanOrEqual(2);
  for (const line of lines)
    expect(line).toMatch(/^\d+\/20 queries, best acc (5\.0000|-), query, (\d+ s|\d+ min|\?) left$/);
}, 60_000);

describe('an oracle that fails in the middle: status 1, one line, and what was paid for is kept', () => {
  test.each<[string, string, RegExp]>([
    [
      'throws',
      'throw new Error("no\\n disk");',
      /^optiproxy: oracle failed on trial 5 \(\|.*\): no disk \(hint: [^\n]*\n$/,
    ],
    ['nan', 'return { acc: NaN };', /^optiproxy: trial 5 \(\|.*\), metric acc: expected a finite number, given NaN\n$/],
    ['infinite', 'return { acc: Infinity };', /^optiproxy: trial 5 .*, metric acc: .*given Infinity\n$/],
    ['nothing', 'return;', /^optiproxy: trial 5 \(\|.*\): expected metrics like \{ acc: 91\.6 \}\n$/],
    ['odd', 'throw { code: 7 };', /^optiproxy: oracle failed on trial 5 \(\|.*\): \{"code":7\} \(hint: [^\n]*\n$/],
  ])('%s', async (name, what, message) => {
    const oracle = folder.write(`${name}.mjs`, `let n = 0; export default async () => { if (++n === 5) { ${what} } return { acc: n }; };`); // prettier-ignore
    const out = path.join(folder.path, name, 'result.json');
    const args = [...bench(oracle), '--queries', '9', '--max-failures', '1', '--json', '--quiet', '--out', out];
    const { status, stdout, stderr } = await cli(args);
    expect(status).toBe(1);
    expect(stderr.replace(`optiproxy: wrote ${out}\n`, '')).toMatch(message);
    const result = JSON.parse(stdout) as SearchResult;
    expect(result).toMatchObject({ stopped: 'failed', queries: 5, best: { metrics: { acc: 4 }, query: 4 } });
    expect(result.trace.map(({ metrics }) => metrics['acc'])).toEqual([1, 2, 3, 4, undefined]);
    expect(result.trace.map(({ best }) => best)).toEqual([1, 2, 3, 4, 4]);
    expect(result.trace.map(({ error }) => error !== undefined)).toEqual([false, false, false, false, true]);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual(result);
  });
});

test('a result that cannot be written after all is still printed: status 1', async () => {
  const out = path.join(folder.path, 'taken', 'result.json');
  const oracle = folder.write(
    'taking.mjs',
    `import { mkdirSync } from 'node:fs';
     export default () => { mkdirSync(${JSON.stringify(out)}, { recursive: true }); return { acc: 1 }; };`,
  );
  const { status, stdout, stderr } = await cli([...bench(oracle), '--queries', '3', '--json', '--quiet', '--out', out]);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^optiproxy: [^\n]*result\.json[^\n]*\n$/);
  expect(JSON.parse(stdout)).toMatchObject({ queries: 3, stopped: 'budget' });
  expect(readdirSync(path.dirname(out))).toEqual(['result.json']);
});

test('every field of the JSON has its type', async () => {
  const { stdout } = await cli([
    'search',
    '--space',
    'digits201',
    '--queries',
    '26',
    '--seed',
    '3',
    '--preset',
    'networks',
    '--json',
    '--quiet',
  ]);
  const result = JSON.parse(stdout) as SearchResult;
  const number = expect.any(Number) as number;
  const text = expect.any(String) as string;
  expect(result).toEqual({
    schema: 1,
    space: 'digits201',
    method: 'optiproxy',
    preset: 'networks',
    proxy: 'gcn',
    seed: 3,
    queries: 26,
    stopped: 'budget',
    best: { architecture: text, metrics: { val_acc: number, test_acc: number }, query: number },
    trace: expect.any(Array) as unknown,
    units: { val_acc: '%', test_acc: '%' },
    rounds: expect.any(Array) as unknown,
    warnings: [],
    timings: { fitMs: number, climbMs: number, acquireMs: number, oracleMs: number, totalMs: number },
    peakRssMb: number,
    device: 'cpu',
    isa: text,
    version: text,
  });
  for (const [i, entry] of result.trace.entries()) {
    const { query, predicted, interval, round } = entry;
    const metrics = { val_acc: number, test_acc: number };
    expect(entry).toEqual({ query, architecture: text, metrics, best: number, predicted, interval, round });
    expect(query).toBe(i + 1);
    if (round === 0) expect([predicted, interval]).toEqual([null, null]);
    else expect([predicted, interval]).toEqual([number, [number, number]]);
  }
  const quality = (answers: number): unknown => ({ answers, tau: number, coverage: number, bias: number });
  expect(result.rounds).toHaveLength(6);
  for (const [i, round] of result.rounds.entries()) {
    const size = i < 5 ? 3 : 1;
    expect(round).toEqual({
      round: i + 1,
      first: 11 + 3 * i,
      size,
      climb: { alphaEntropy: number, betaEntropy: null, draws: 1000, duplicates: number, invalid: 0, picked: number },
      neighbours: number,
      scored: number,
      batch: size === 3 ? quality(3) : { ...(quality(1) as object), tau: null },
      recent: quality(Math.min(20, 3 * i + size)),
      overall: quality(3 * i + size),
    });
  }
  const { fitMs, climbMs, acquireMs, oracleMs, totalMs } = result.timings;
  for (const ms of [fitMs, climbMs, acquireMs, oracleMs]) expect(ms).toBeGreaterThan(0);
  expect(fitMs + climbMs + acquireMs + oracleMs).toBeLessThanOrEqual(totalMs + 1);
  expect(result.peakRssMb).toBeGreaterThan(30);
  expect(result.peakRssMb).toBeLessThan(1000);
});

describe('a pipe that is closed early', () => {
  /** Runs a shell line with `$OPTIPROXY` as the command; the shell must end well. */
  function shell(line: string): Promise<{ stdout: string; stderr: string }> {
    const command = line.replaceAll('$OPTIPROXY', `"${process.execPath}" "${main}"`);
    return promisify(execFile)('sh', ['-c', command], { cwd: root, maxBuffer: 1 << 26 });
  }

  test.each<[string, string]>([
    ['the spaces', '$OPTIPROXY spaces | head -n 1'],
    ['a summary', '$OPTIPROXY search --space digits201 --method random --queries 50 --quiet | head -n 1'],
    ['help', '$OPTIPROXY search --help | head -n 1'],
    ['nothing at all', '$OPTIPROXY doctor | true'],
  ])('%s', async (_name, line) => {
    const { stdout, stderr } = await shell(line);
    expect(stderr).toBe('');
    if (!line.endsWith('true')) expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  });

  test('of a result that is larger than any pipe', async () => {
    const search =
      '$OPTIPROXY search --space digits201 --isomorphism encoding --method random --queries 15625 --batch 9000 --json --quiet';
    const { stdout, stderr } = await shell(`${search} | head -c 20`);
    expect(stdout).toBe('{"schema":1,"space":');
    expect(stderr).toBe('');
    const out = path.join(folder.path, 'whole.json');
    await shell(`${search} --out "${out}" | true`);
    expect((JSON.parse(readFileSync(out, 'utf8')) as SearchResult).trace).toHaveLength(15_625);
    const whole = await shell(`${search} | cat`);
    expect((JSON.parse(whole.stdout) as SearchResult).trace).toHaveLength(15_625);
  });
});

test('doctor says it too when the forced instruction set is none', async () => {
  const { status, stdout, stderr } = await cli(['doctor', '--json'], { env: { OPTIPROXY_ISA: 'nonsense' } });
  expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
  const { addon } = JSON.parse(stdout) as { addon: { loaded: boolean; error: string } };
  expect(addon.loaded).toBe(false);
  expect(addon.error).toMatch(/OPTIPROXY_ISA.*baseline.*nonsense/);
  const { status: baseline, stdout: text } = await cli(['doctor'], { env: { OPTIPROXY_ISA: 'baseline' } });
  expect(baseline).toBe(0);
  expect(text).toMatch(/^isa +baseline \(/m);
});
