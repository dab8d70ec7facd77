import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../support/cli.js';
import { scratchFolder } from '../../support/files.js';

/*
 * A copy of the scripts in a folder of its own, where nothing is built or counted: `npx` and `cmake` do nothing, and
 * `valgrind` writes what a run of so many steps would, 1,000 instructions to start and 50 a step.
 */
const folder = scratchFolder();
const copy = path.join(folder.path, 'root');
const limitsFile = path.join(copy, 'bench', 'instructions.json');
const tools = path.join(folder.path, 'tools');
const noTools = path.join(folder.path, 'no-tools');

function tool(name: string, source: string): void {
  const file = path.join(tools, name);
  writeFileSync(file, `#!${process.execPath}\n${source}`);
  chmodSync(file, 0o755);
}

beforeAll(() => {
  for (const name of [copy, path.join(copy, 'bench'), tools, noTools]) mkdirSync(name, { recursive: true });
  cpSync(path.join(root, 'scripts'), path.join(copy, 'scripts'), { recursive: true });
  for (const name of ['npx', 'cmake']) tool(name, '');
  tool(
    'valgrind',
    `const [kind, out, program, workload, steps] = process.argv.slice(2);
if (kind !== '--version') {
  if (workload === 'crashes') { console.error('no such workload'); process.exit(3); }
  if (kind !== '--tool=callgrind' || !program.endsWith('optiproxy_native_bench')) process.exit(4);
  if (process.env.OPTIPROXY_ISA !== 'avx2') process.exit(5);
  const line = workload === 'totals' ? 'totals: ' : 'summary: ';
  require('node:fs').writeFileSync(out.split('=')[1], 'events: Ir\\n' + line + (1000 + 50 * Number(steps)) + '\\n');
}
`,
  );
});

interface Limit {
  steps: number;
  limit: number;
}

function count(limits: Record<string, Limit>, { args = [] as string[], on = tools } = {}) {
  writeFileSync(limitsFile, JSON.stringify(limits));
  const script = path.join(copy, 'scripts', 'instructions.mjs');
  return spawnSync(process.execPath, [script, ...args], { encoding: 'utf8', env: { PATH: on } });
}

const onX64 = process.arch === 'x64' && process.platform !== 'win32' ? describe : describe.skip;

onX64('counting instructions', () => {
  test('limits of 1 fail, naming workload, count and limit', () => {
    const { status, stdout } = count({ train: { steps: 4, limit: 1 }, totals: { steps: 2, limit: 1 } });
    expect(stdout.split('\n')).toEqual([
      'FAILED train: 50 instructions a step, limit 1',
      'FAILED totals: 50 instructions a step, limit 1',
      '0 passed, 2 failed',
      '',
    ]);
    expect(status).toBe(1);
  });

  test('a limit that is met is none too few, one that is missed fails among others that are met', () => {
    const met = count({ train: { steps: 4, limit: 50 } });
    expect([met.status, met.stdout]).toEqual([
      0,
      'ok     train: 50 instructions a step, limit 50\n1 passed, 0 failed\n',
    ]);
    const missed = count({ a: { steps: 1, limit: 50 }, b: { steps: 1, limit: 49 }, c: { steps: 1, limit: 51 } });
    expect(missed.stdout).toMatch(/^ok {5}a: .*\nFAILED b: 50 .* 49\nok {5}c: /);
    expect(missed.status).toBe(1);
  });

  test('a limit far above what is counted is told, and fails nothing', () => {
    const { status, stdout } = count({ train: { steps: 4, limit: 60 } });
    expect(stdout).toMatch(/^ok {5}train: .* limit 60 \(hint: .*--update lowers it\)\n1 passed, 0 failed\n$/);
    expect(status).toBe(0);
  });

  test('--update writes what is counted and a margin, and fails nothing', () => {
    const { status } = count({ train: { steps: 4, limit: 1 } }, { args: ['--update'] });
    expect(JSON.parse(readFileSync(limitsFile, 'utf8'))).toEqual({ train: { steps: 4, limit: 53 } });
    expect(status).toBe(0);
  });

  test('a run that fails is an error, with what it said', () => {
    const { status, stderr } = count({ crashes: { steps: 1, limit: 100 } });
    expect(stderr).toMatch(/callgrind on crashes: expected status 0, given 3: no such workload/);
    expect(status).toBe(1);
  });

  test('without valgrind it says so and fails nothing', () => {
    const { status, stdout, stderr } = count({ train: { steps: 4, limit: 1 } }, { on: noTools });
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: 'skipped: no valgrind (on Debian, apt-get install valgrind)\n0 passed, 0 failed\n',
      stderr: '',
    });
  });
});
