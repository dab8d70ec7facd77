import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { SearchResult } from '../../src/report/result.js';

export const root = path.join(__dirname, '..', '..');
export const main = path.join(root, 'dist', 'cli', 'main.js');

export interface Finished {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Another copy of dist/cli/main.js. */
  script?: string;
  /** Called with the running process. */
  during?: (child: ChildProcess) => void;
}

/** Runs the built command line to its end. */
export async function cli(args: readonly string[], options: CliOptions = {}): Promise<Finished> {
  const script = options.script ?? main;
  if (!existsSync(script)) throw new Error(`${script} is missing: npm run build`);
  const child = spawn(process.execPath, [script, ...args], {
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const finished: Finished = { status: null, signal: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (finished.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (finished.stderr += text));
  options.during?.(child);
  const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { ...finished, status, signal };
}

/** Runs `search ... --json --quiet`, which must succeed without a word on stderr, and returns the object. */
export async function searchJson(args: readonly string[], options: CliOptions = {}): Promise<SearchResult> {
  const { status, stdout, stderr } = await cli(['search', ...args, '--json', '--quiet'], options);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  return JSON.parse(stdout) as SearchResult;
}

/** Checks that a run failed with exactly one line on stderr, and returns the line without the program's name. */
export function errorLine({ status, stdout, stderr }: Finished, expected: { status: number; stdout?: string }): string {
  expect({ status, start: stderr.slice(0, 11), lines: stderr.split('\n').length - 1 }).toEqual({
    status: expected.status,
    start: 'optiproxy: ',
    lines: 1,
  });
  expect(stdout).toBe(expected.stdout ?? '');
  return stderr.slice('optiproxy: '.length, -1);
}
