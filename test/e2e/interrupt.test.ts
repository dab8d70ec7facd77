import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { SearchResult } from '../../src/report/result.js';
import { cli, type Finished } from '../support/cli.js';
import { scratchFolder } from '../support/files.js';

const folder = scratchFolder();

/** Oracles that say on stderr how many queries they were asked. */
const modules = {
  /** Answers after 20 ms. */
  slow: `export default async (a) => { process.stderr.write('asked\\n'); await new Promise((go) => setTimeout(go, 20)); return { acc: a.length }; };`,
  /** Answers three queries, then never again, and does not listen to the signal. */
  deaf: `let n = 0; export default (a) => { process.stderr.write('asked\\n'); return ++n <= 3 ? { acc: n } : new Promise((go) => setTimeout(go, 600000)); };`,
  /** Rejects as soon as the signal fires. */
  polite: `let n = 0; export default (a, { signal }) => { process.stderr.write('asked\\n'); const timer = setInterval(() => {}, 1000); return ++n <= 3 ? (clearInterval(timer), { acc: n }) : new Promise((_, no) => signal.addEventListener('abort', () => (clearInterval(timer), no(new Error('stopped'))))); };`,
};

/** Runs a search and sends a signal when the oracle has been asked for the `nth` time. */
async function interrupted(
  oracle: keyof typeof modules,
  nth: number,
  signal: NodeJS.Signals,
  ...args: string[]
): Promise<Finished & { seconds: number }> {
  // prettier-ignore
  const file = folder.write(`${oracle}.mjs`, modules[oracle]);
  let sent = 0;
  const during = (child: ChildProcess): void => {
    let asked = 0;
    child.stderr!.on('data', (text: string) => {
      asked += text.split('asked').length - 1;
      if (asked >= nth && sent === 0) {
        sent = performance.now();
        child.kill(signal);
      }
    });
  };
  const search = ['search', '--space', 'nasbench201', '--oracle', `module:${file}`, '--objective', 'acc'];
  const finished = await cli([...search, '--method', 'random', '--queries', '10000', '--quiet', ...args], { during });
  expect(sent).toBeGreaterThan(0);
  return { ...finished, seconds: (performance.now() - sent) / 1000 };
}

test.each(['SIGINT', 'SIGTERM'] as const)('%s: status 130, and the JSON of the finished queries', async (signal) => {
  const out = path.join(folder.path, `${signal}.json`);
  const { status, stdout, seconds } = await interrupted('slow', 8, signal, '--json', '--out', out);
  expect(status).toBe(130);
  expect(seconds).toBeLessThan(5);
  const result = JSON.parse(stdout) as SearchResult;
  expect(result).toMatchObject({ schema: 1, stopped: 'aborted' });
  expect(result.queries).toBeGreaterThanOrEqual(7);
  expect(result.trace).toHaveLength(result.queries);
  expect(result.best).not.toBeNull();
  expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual(result);
});

test.each(['deaf', 'polite'] as const)('an oracle that is %s does not keep the process', async (oracle) => {
  const { status, stdout, stderr, seconds } = await interrupted(oracle, 4, 'SIGINT', '--json');
  expect(status).toBe(130);
  expect(seconds).toBeLessThan(5);
  expect(JSON.parse(stdout)).toMatchObject({ stopped: 'aborted', queries: 3, best: { metrics: { acc: 3 } } });
  expect(stderr.replace(/asked\n/g, '')).toBe('');
});

test('an oracle that can never answer any more is an error, not a quiet success', async () => {
  const file = folder.write(
    'lost.mjs',
    'let n = 0; export default () => (++n <= 2 ? { acc: n } : new Promise(() => {}));',
  );
  const search = [
    'search',
    '--space',
    'nasbench201',
    '--oracle',
    `module:${file}`,
    '--objective',
    'acc',
    '--queries',
    '9',
  ];
  const { status, stdout, stderr } = await cli([...search, '--method', 'random', '--json', '--quiet']);
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^optiproxy: oracle: expected an answer, given "a promise that nothing is left to settle"[^\n]*\n$/,
  );
  expect(JSON.parse(stdout)).toMatchObject({ stopped: 'failed', queries: 2 });
});

test('without --json, the summary says so', async () => {
  const { status, stdout } = await interrupted('slow', 3, 'SIGINT');
  expect(status).toBe(130);
  expect(stdout).toMatch(/stopped by you after \d+ quer/);
});

test('during a fit, too', async () => {
  let sent = 0;
  const during = (child: ChildProcess): void => void setTimeout(() => ((sent = performance.now()), child.kill('SIGINT')), 1500); // prettier-ignore
  const search = ['search', '--space', 'digits201', '--queries', '15000', '--json', '--quiet'];
  const { status, stdout } = await cli(search, { during });
  expect(status).toBe(130);
  expect(performance.now() - sent).toBeLessThan(3000);
  expect(JSON.parse(stdout)).toMatchObject({ stopped: 'aborted' });
});

describe('a reader that leaves', () => {
  test('of stdout: no stack, no complaint', async () => {
    for (const args of [
      ['spaces'],
      ['search', '--space', 'digits201', '--method', 'random', '--queries', '3000', '--json', '--quiet'],
    ]) {
      // prettier-ignore
      const { status, signal, stderr } = await cli(args, { during: (child) => child.stdout!.destroy() });
      expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
    }
  });

  test('of stderr: the search goes on', async () => {
    const search = ['search', '--space', 'digits201', '--queries', '20000', '--method', 'random', '--batch', '9000', '--json']; // prettier-ignore
    const { status, stdout } = await cli(search, { during: (child) => child.stderr!.destroy() });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ queries: 4930, stopped: 'exhausted' });
  });
});
