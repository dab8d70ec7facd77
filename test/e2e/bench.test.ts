import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { version } from '../../package.json';
import { spaces } from '../../src/space/index.js';
import { cli, errorLine, root, type CliOptions } from '../support/cli.js';
import { scratchFolder } from '../support/files.js';
import { allGenes } from '../support/spaces.js';

interface Summary {
  median: number;
  min: number;
  max: number;
  values: number[];
}
interface Row extends Summary {
  question: string;
  name: string;
  unit: string;
}
interface Result {
  isa: string;
  commit?: string;
  cases: (Row & { threads: number; extra?: Record<string, Summary> })[];
  peers: (Row & { peer: string; version: string; ratio?: Summary })[];
  skipped: string[];
}

const questions = ['train', 'climb', 'score', 'threads', 'sample', 'search', 'overhead', 'memory', 'call'];
const folder = scratchFolder();

/** Runs the tiny bench, which must print exactly one JSON object. */
async function quick(args: readonly string[], options: CliOptions = {}): Promise<{ result: Result; stderr: string }> {
  const { status, stdout, stderr } = await cli(['bench', '--quick', '--json', ...args], options);
  expect({ status, lines: stdout.split('\n').length }).toEqual({ status: 0, lines: 2 });
  return { result: JSON.parse(stdout) as Result, stderr };
}

test('every question is answered, each case by a positive number', async () => {
  const { result, stderr } = await quick([]);
  expect(result).toMatchObject({ schema: 1, version, node: process.version, rounds: 1, quick: true, peers: [] });
  expect([...new Set(result.cases.map(({ question }) => question))]).toEqual(questions);
  expect(result.cases.length).toBeGreaterThan(20);
  for (const { name, unit, median, extra = {} } of result.cases) {
    expect({ name, unit, positive: median > 0 && Number.isFinite(median) }).toMatchObject({ positive: true });
    for (const [key, { median: beside }] of Object.entries(extra))
      expect({ name, key, finite: Number.isFinite(beside) }).toMatchObject({ finite: true });
  }
  expect(result.cases.filter(({ threads }) => threads === 2).length).toBe(2);
  expect(result.skipped).toEqual(['PyTorch: --quick', 'Optuna TPE: --quick']);
  for (const line of result.skipped) expect(stderr).toContain(`skipped: ${line}\n`);
});

test('rounds, --only, --isa, the text and --out', async () => {
  const file = path.join(folder.path, 'bench.json');
  const args = ['bench', '--quick', '--only', 'call', '--rounds', '3', '--isa', 'baseline', '--out', file];
  const { status, stdout, stderr } = await cli(args);
  expect(status).toBe(0);
  expect(stderr.match(/^round [123] of 3, call: promise of a slice [\d.]+ µs$/gm)).toHaveLength(3);
  const result = JSON.parse(readFileSync(file, 'utf8')) as Result;
  expect(result.isa).toBe('baseline');
  expect(result.cases.map(({ question }) => question)).toEqual(['call', 'call', 'call']);
  for (const { name, median, min, max, values } of result.cases) {
    expect(values).toHaveLength(3);
    expect([...values].sort((a, b) => a - b)).toEqual([min, median, max]);
    expect(stdout).toMatch(new RegExp(`^  ${name} .* spread [\\d.]+ %$`, 'm'));
  }
  expect(stdout).toContain(`OptiProxy ${version}`);
});

test('--table adds the searches of a NAS-Bench-201 table', async () => {
  const space = spaces.nasbench201();
  const rows = allGenes(space).map((genes, i) => `${space.format(genes)},${(i * 7919) % 15_625}`);
  const table = folder.write('table.csv', `arch,cifar10_valid_val\n${rows.join('\n')}\n`);
  const { result } = await quick(['--only', 'search', '--table', table]);
  expect(result.cases.map(({ name }) => name.replace(/, \d+ queries$/, ''))).toEqual([
    'digits201, default',
    'digits201, paper',
    'nasbench201, default',
    'nasbench201, paper',
  ]);
});

describe('PyTorch beside us', () => {
  // A stand-in: what is tested is that its numbers come between ours and turn into ratios the right way round.
  const env = { PYTHONPATH: folder.path };
  const times = { train_ms: { 7: 1000, 20: 1000 }, search_ms: { 5: 1e-6, 50: 1e-6 }, score_per_second: 1 };
  beforeAll(() => void folder.write('torch.py', ''));

  test('gives a ratio for each step, above 1 where we are faster', async () => {
    const script = folder.write('peer.py', `print('${JSON.stringify({ torch: '0.0.1', ...times })}')`);
    const { result } = await quick(['--only', 'train,climb,score', '--rounds', '2', '--torch', script], { env });
    expect(result.skipped).toEqual([]);
    const faster = result.peers.map(({ peer, version: release, question, name, values, ratio }) => {
      expect({ peer, release, rounds: values.length }).toEqual({ peer: 'PyTorch', release: '0.0.1', rounds: 2 });
      return `${question}, ${name}: ${ratio!.min > 1 ? 'faster' : 'slower'}`;
    });
    expect(faster).toEqual([
      'train, batch 7, hidden 144: faster',
      'train, batch 20, hidden 144: faster',
      'climb, 5 restarts: slower',
      'climb, 50 restarts: slower',
      'score, hidden 144: faster',
    ]);
  });

  test('that fails is said, and the rest is measured', async () => {
    const script = folder.write('broken.py', "raise ValueError('no weights')");
    const { result, stderr } = await quick(['--only', 'climb', '--torch', script], { env });
    expect(result.peers).toEqual([]);
    expect(result.skipped).toEqual(['PyTorch: ValueError: no weights']);
    expect(stderr).toContain('skipped: PyTorch: ValueError: no weights\n');
    expect(result.cases).toHaveLength(2);
  });
});

test.each([
  ['an unknown flag', ['--fast'], /^Unknown option '--fast' \(hint: optiproxy bench --help\)$/],
  ['an argument', ['train'], /^Unexpected argument 'train'/],
  ['an unknown question', ['--only', 'train,speed'], /^--only: expected some of train, .*, given "train,speed"$/],
  ['no rounds', ['--rounds', '0'], /^--rounds: expected a whole number from 1 to 9999, given "0"$/],
  ['an unknown instruction set', ['--isa', 'mmx'], /^OPTIPROXY_ISA: expected one of .*given "mmx"/],
  ['a table that is not there', ['--table', 'no.csv'], /^--table: expected a file that can be read, given "no\.csv"$/],
  ['a script that is not there', ['--torch', 'no.py'], /^--torch: expected a file that can be read, given "no\.py"$/],
  ['--out that is a folder', ['--out', '.'], /^--out: expected a file that can be written, given "\."$/],
])('%s: one line and status 2', async (_name, args, message) => {
  expect(errorLine(await cli(['bench', ...args]), { status: 2 })).toMatch(message);
});

test('an interrupted bench ends at once, with a line and status 130', async () => {
  const { status, stdout, stderr } = await cli(['bench', '--quick', '--only', 'search', '--rounds', '999'], {
    during: (child) => {
      child.stderr!.on('data', (text: string) => text.includes('round 1 ') && child.kill('SIGINT'));
    },
  });
  expect({ status, stdout }).toEqual({ status: 130, stdout: '' });
  expect(stderr).toMatch(/optiproxy: interrupted\n$/);
});

test('only the harness knows benchmark.js', () => {
  const bench = path.join(root, 'bench');
  const files = readdirSync(bench).filter((file) => file.endsWith('.mjs'));
  expect(files.length).toBeGreaterThan(10);
  const texts = files.map((file) => [file, readFileSync(path.join(bench, file), 'utf8')] as const);
  expect(texts.filter(([, text]) => /from 'benchmark'/.test(text)).map(([file]) => file)).toEqual(['harness.mjs']);
  expect(texts.filter(([, text]) => text.split('\n').length > 300)).toEqual([]);
});

describe('the README’s table', () => {
  const table = path.join(root, 'bench', 'table.mjs');

  test('is what the committed result gives', () => {
    execFileSync(process.execPath, [table, '--check']);
  });

  test('that says anything else is noticed, and written anew', () => {
    const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
    const changed = folder.write(
      'README.md',
      readme.replace(/(?<=\| training step: [^|]*\| )\d/, (digit) => String((Number(digit) + 1) % 10)),
    );
    expect(readFileSync(changed, 'utf8') === readme).toBe(false);
    const { status, stderr } = spawnSync(process.execPath, [table, '--check', '--readme', changed], {
      encoding: 'utf8',
    });
    expect({ status, lines: stderr.split('\n').length - 1 }).toEqual({ status: 1, lines: 1 });
    execFileSync(process.execPath, [table, '--readme', changed]);
    expect(readFileSync(changed, 'utf8') === readme).toBe(true);
  });
});
