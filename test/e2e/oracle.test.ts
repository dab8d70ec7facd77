import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SearchResult } from '../../src/report/result.js';
import { cli, errorLine, root, searchJson } from '../support/cli.js';

let folder: string;
beforeAll(() => (folder = mkdtempSync(path.join(tmpdir(), 'optiproxy-'))));
afterAll(() => rmSync(folder, { recursive: true }));

const program = path.join(root, 'test', 'programs', 'trainer.mjs');
const source = (mode: string): string => `process:"${process.execPath}" "${program}" ${mode}`;
const search = (mode: string, queries = 14): string[] => ['--space', 'digits201', '--oracle', source(mode), '--objective', 'acc', '--queries', `${queries}`, '--seed', '3']; // prettier-ignore
const outlineOf = ({ trace }: SearchResult): unknown => trace.map(({ architecture, metrics }) => ({ architecture, metrics })); // prettier-ignore

test('a process: kept, or one a query, one or several at once: the same search', async () => {
  const kept = await searchJson([...search('good'), '--batch', '4']);
  expect(kept.trace).toHaveLength(14);
  for (const [mode, concurrency] of [['once', 1], ['slow', 2], ['slow', 4]] as const) // prettier-ignore
    expect(outlineOf(await searchJson([...search(mode), '--batch', '4', '--concurrency', `${concurrency}`]))).toEqual(outlineOf(kept)); // prettier-ignore
}, 60_000);

test('failures: tried again, counted, kept with their logs', async () => {
  expect((await searchJson([...search('flaky'), '--retries', '1'])).trace.every(({ error }) => error === undefined)).toBe(true); // prettier-ignore
  const file = path.join(folder, 'crash.db');
  const crashed = await cli(['search', ...search('crash'), '--max-failures', '2', '--storage', file, '--json', '--quiet']); // prettier-ignore
  expect(crashed.status).toBe(1);
  expect(crashed.stderr).toMatch(
    /^optiproxy: 2 queries in a row failed, all of them alike, the last on trial 2 \(.*\): the process ended with status 3 before it answered; its last words: "ValueError: shapes" \(hint: mend the oracle, then run again/,
  );
  expect((JSON.parse(crashed.stdout) as SearchResult).trace).toHaveLength(2);
  const shown = await cli(['studies', 'show', file, '--trial', '2']);
  expect(shown.stdout).toMatch(/^id +2\n[^]*state +failed\n[^]*attempts +1\n[^]*\nattempt 1\n {2}\| Traceback:\n {2}\| ValueError: shapes\n$/); // prettier-ignore
  expect(errorLine(await cli(['studies', 'show', file, '--trial', '99']), { status: 2 })).toMatch(/^--trial: expected from 1 to \d+, given "99"/); // prettier-ignore
  // The next goes on, and asks for neither of the two again.
  const mended = await searchJson([...search('good'), '--storage', file]);
  expect(mended.trace.map(({ error }) => error !== undefined)).toEqual([true, true, ...Array<boolean>(12).fill(false)]);
  const again = await cli(['search', ...search('good', 16), '--storage', file, '--retry-failed', '--json']);
  expect(again.stderr).toMatch(/^.*--retry-failed: 2 architectures come first$/m);
  const { trace } = JSON.parse(again.stdout) as SearchResult;
  expect(trace.slice(14).map(({ architecture }) => architecture)).toEqual(trace.slice(0, 2).map(({ architecture }) => architecture)); // prettier-ignore
  expect(trace[15]!.error).toBeUndefined();
  const infeasible = await cli(['search', ...search('infeasible', 5), '--json', '--quiet']);
  expect((JSON.parse(infeasible.stdout) as SearchResult).trace).toMatchObject(Array(5).fill({ infeasible: true, error: 'more than 24 GiB' })); // prettier-ignore
}, 60_000);

test('what takes too long, or says nothing, is ended with all that it has started', async () => {
  for (const [mode, flag] of [
    ['tree', '--timeout'],
    ['silent', '--heartbeat'],
  ] as const) {
    // prettier-ignore
    const file = path.join(folder, `${mode}.db`);
    const { status, stderr } = await cli(['search', ...search(mode), flag, '0.6', '--max-failures', '1', '--storage', file, '--json', '--quiet']); // prettier-ignore
    expect(status).toBe(1);
    expect(stderr).toMatch(/: no (answer|sign of life) within 0\.6 s \(hint/);
    if (mode !== 'tree') continue;
    const { stdout } = await cli(['studies', 'show', file, '--trial', '1', '--json']);
    const { attempts } = JSON.parse(stdout) as { attempts: { curve: { metrics: { pid: number } }[] }[] };
    const { pid } = attempts[0]!.curve[0]!.metrics;
    expect(stateOf(pid)).toBe('gone');
  }
}, 60_000);

test('interrupted: its processes end, and another search goes on', async () => {
  const file = path.join(folder, 'interrupted.db');
  const args = [...search('slow', 150), '--concurrency', '2', '--batch', '2', '--storage', file];
  const stopped = await cli(['search', ...args, '--json'], {
    during: (child) => void once(child.stderr!, 'data').then(() => setTimeout(() => child.kill('SIGINT'), 200)),
  });
  expect(stopped.status).toBe(130);
  const kept = (JSON.parse(stopped.stdout) as SearchResult).trace.length;
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThan(150);
  expect(readdirSync('/proc').filter((pid) => commandOf(pid).includes(`${program}\0slow`))).toEqual([]);
  const whole = await searchJson([...search('slow', 150), '--concurrency', '2', '--batch', '2']);
  const { stdout, stderr } = await cli(['search', ...args, '--json']);
  expect(stderr).toContain(`goes on after ${kept} queries`);
  expect(outlineOf(JSON.parse(stdout) as SearchResult)).toEqual(outlineOf(whole));
}, 90_000);

test('async, and a URL', async () => {
  const result = await searchJson([...search('slow', 30), '--concurrency', '3', '--async']);
  expect(new Set(result.trace.map(({ architecture }) => architecture)).size).toBe(30);
  const server = http.createServer((incoming, response) => {
    let body = '';
    incoming.on('data', (piece: Buffer) => (body += piece.toString()));
    incoming.on('end', () => {
      const { id, architecture } = JSON.parse(body) as { id: number; architecture: string };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ id, metrics: { acc: architecture.length } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  for (const oracle of [url, `http:${url}`])
    expect((await searchJson(['--space', 'digits201', '--oracle', oracle, '--objective', 'acc', '--queries', '8'])).trace).toHaveLength(8); // prettier-ignore
  server.close();
  server.closeAllConnections();
}, 60_000);

test.each<[string[], RegExp]>([
  [['--oracle', 'process:'], /^--oracle: expected table:FILE or module:FILE or process:COMMAND or http:URL/],
  [['--oracle', 'proces:x'], /^--oracle: expected table:FILE/],
  [['--timeout', '0'], /^--timeout: expected seconds from 0\.001/],
  [['--heartbeat', 'soon'], /^--heartbeat: expected a number/],
  [['--retries', '-1'], /^--retries: expected a whole number from 0 to 1000/],
  [['--max-failures', '0'], /^--max-failures: expected a whole number of at least 1/],
])('%p is refused', async (flags, message) => {
  expect(errorLine(await cli(['search', ...search('good'), ...flags]), { status: 2 })).toMatch(message);
});

/** The words that a process was started with; none of one that has ended. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** What Linux says of a process; one that has ended may wait for its parent. */
function stateOf(pid: number): 'gone' | 'alive' {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')) ? 'gone' : 'alive';
  } catch {
    return 'gone';
  }
}
