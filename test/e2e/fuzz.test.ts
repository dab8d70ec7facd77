import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cli, root, type Finished } from '../support/cli.js';
import { scratchFolder } from '../support/files.js';

interface Result {
  target: string;
  seconds: number;
  executions: number;
  outcomes: Record<string, number>;
  crashes: Record<string, { count: number; file: string }>;
}

const folder = scratchFolder();
const planted = path.join(root, 'test', 'support', 'planted.mjs');
const run = (...args: string[]): Promise<Finished> =>
  cli(['--out', folder.path, ...args], { script: path.join(root, 'bench', 'fuzz', 'run.mjs') });

async function fuzz(...args: string[]): Promise<{ status: number | null; result: Omit<Result, 'seconds'> }> {
  const { status, stdout, stderr } = await run('--json', ...args);
  expect(stderr).toBe('');
  const { seconds, ...result } = JSON.parse(stdout) as Result;
  expect(seconds).toBeGreaterThan(0);
  return { status, result };
}

test.each([
  ['spaces', 300],
  ['tables', 200],
  ['imports', 500],
  ['native', 200],
  ['storage', 25],
  ['onnx', 25],
  ['lines', 150],
])('%s: %d inputs are taken or properly refused', async (target, count) => {
  const { status, result } = await fuzz('--target', target, '--count', String(count));
  expect(result).toMatchObject({ target, executions: count, crashes: {} });
  expect(status).toBe(0);
  const { accepted = 0, ...refused } = result.outcomes;
  expect(accepted).toBeGreaterThan(0);
  expect(Object.values(refused).reduce((a, b) => a + b, accepted)).toBe(count);
  expect(accepted).toBeLessThan(count);
});

test('the same seed makes the same inputs, another others', async () => {
  const outcomes = async (seed: string): Promise<unknown> =>
    (await fuzz('--target', 'spaces', '--count', '200', '--seed', seed)).result.outcomes;
  const first = await outcomes('5');
  expect(await outcomes('5')).toEqual(first);
  expect(await outcomes('6')).not.toEqual(first);
});

describe('planted crashes', () => {
  const count = 13;
  let found: Result['crashes'];

  test('each is seen, and the fuzzing goes on behind it', async () => {
    const { status, result } = await fuzz('--target', planted, '--count', `${2 * count}`, '--bound', '2', '--memory', '300'); // prettier-ignore
    expect(status).toBe(1);
    expect({ ...result, crashes: undefined }).toMatchObject({
      executions: 2 * count,
      outcomes: { accepted: 2, INVALID_TABLE: 2 },
    });
    found = result.crashes;
    expect(Object.values(found).reduce((sum, { count }) => sum + count, 0)).toBe(2 * (count - 2));
    const kinds = Object.keys(found).join('\n');
    for (const kind of [
      /^OptiProxyError INTERNAL: input/m,
      /^OptiProxyError BUSY: input/m,
      /^TypeError: Cannot read properties of undefined/m,
      /^undefined: undefined/m,
      /^behind its back: RangeError: nobody waits/m,
      /^a message that is no line: OptiProxyError INVALID_TABLE/m,
      /^memory beyond the bound/m,
      /^death by SIGSEGV/m,
      /^status 7/m,
      /^a hang/m,
    ])
      expect(kinds).toMatch(kind);
    expect(Object.keys(found)).toHaveLength(10);
    expect(found['a hang']!.count).toBe(4);
    expect(Object.values(found).every(({ file }) => existsSync(file))).toBe(true);
  });

  test('each can be tried again, a changed one too', async () => {
    const { file } = found['death by SIGSEGV']!;
    expect(await run('--replay', file)).toMatchObject({ status: 1, stdout: 'ended with death by SIGSEGV\n' });
    const exception = Object.entries(found).find(([kind]) => kind.startsWith('TypeError'))![1].file;
    const again = await run('--replay', exception);
    expect(again.status).toBe(1);
    expect(again.stdout).toMatch(/^crash: TypeError: Cannot read properties of undefined/);
    const [header] = readFileSync(exception, 'utf8').split('\n');
    writeFileSync(exception, `${header}\nfine`);
    expect(await run('--replay', exception)).toMatchObject({ status: 0, stdout: 'accepted\n' });
    writeFileSync(exception, `${header}\nrefused`);
    expect(await run('--replay', exception)).toMatchObject({ status: 0, stdout: 'INVALID_TABLE\n' });
  });

  test('a person reads what was found', async () => {
    const { status, stdout } = await run('--target', planted, '--count', '5');
    expect(status).toBe(1);
    expect(stdout).toMatch(/planted\.mjs: 5 inputs in \d+ s: 1 accepted, 1 refused \(INVALID_TABLE 1\), 3 crashes of 3 kinds\n/); // prettier-ignore
    expect(stdout.match(/^ {4}node bench\/fuzz\/run\.mjs --replay \/.*planted\.mjs-1-\d+$/gm)).toHaveLength(3);
  });
});

test('a target that fails itself is no crash of what it tries', async () => {
  const broken = folder.write('broken.mjs', 'export const open = () => ({ make() { throw new Error("mine"); }, codes: [] });\n'); // prettier-ignore
  const { status, stdout, stderr } = await run('--target', broken, '--count', '1');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/the harness failed: Error: mine/);
});
