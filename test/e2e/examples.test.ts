import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';

const root = path.join(__dirname, '..', '..');
const cli = path.join(root, 'dist', 'cli', 'main.js');
let folder: string;

// A project that has the package installed and the examples copied.
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'optiproxy-examples-'));
  mkdirSync(path.join(folder, 'node_modules'));
  symlinkSync(root, path.join(folder, 'node_modules', 'optiproxy'));
  cpSync(path.join(root, 'examples'), path.join(folder, 'examples'), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]): string => execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });

/** How each example is run, and what its output must hold. */
const examples: Record<string, () => void> = {
  'ask-tell.mjs': () =>
    expect(run('examples/ask-tell.mjs')).toMatch(/^30 queries, best val_acc 9[67]\.\d+ at query \d+\n\|/),
  'mobile-space.mjs': () => {
    const [first, second] = run('examples/mobile-space.mjs').split('\n');
    const [, best] = /^40 of 14043456 queried, best accuracy (\d+\.\d)$/.exec(first!)!;
    // Eight of eight seeds find 94.6; the best of 40 at random was 87.4 to 91.2.
    expect(Number(best)).toBeGreaterThan(93);
    expect(second).toMatch(/^resolution=\d+ width=\S+ early\.depth=\d /);
  },
  'mobile-space.yaml': () => {
    const shown = run(cli, 'spaces', 'show', 'examples/mobile-space.yaml');
    expect(shown).toMatch(/^mobile: a MobileNet-like network/);
    expect(shown).toMatch(/^encodings +14043456$/m);
    expect(shown).toContain('at most three large kernels');
  },
  'module-oracle.mjs': () => {
    const args = [
      '--space',
      'nasbench201',
      '--oracle',
      'module:examples/module-oracle.mjs',
      '--objective',
      'score',
      '--queries',
      '40',
    ];
    const { best } = JSON.parse(run(cli, 'search', ...args, '--seed', '1', '--json', '--quiet')) as {
      best: { metrics: { score: number } };
    };
    // All six edges nor_conv_3x3 give 22.5; 40 of 15,625 architectures at random give about 18.
    expect(best.metrics.score).toBeGreaterThan(21);
  },
  'train.mts': () => {
    // As a Node.js that knows types would run it.
    const { outputText } = ts.transpileModule(readFileSync(path.join(folder, 'examples', 'train.mts'), 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
    });
    writeFileSync(path.join(folder, 'train.mjs'), outputText);
    const oracle = `process:"${process.execPath}" train.mjs`;
    const args = ['--space', 'nasbench201', '--oracle', oracle, '--objective', 'score', '--queries', '40', '--concurrency', '2']; // prettier-ignore
    const { best } = JSON.parse(run(cli, 'search', ...args, '--seed', '1', '--json', '--quiet')) as {
      best: { metrics: { score: number } };
    };
    expect(best.metrics.score).toBeGreaterThan(21); // as of the module
  },
  'train.py': () => {
    const example = path.join(folder, 'examples', 'train.py');
    execFileSync('python3', ['-m', 'py_compile', example]);
    const python = ['python3', '/usr/bin/python3'].find((one) => spawnSync(one, ['-c', 'import torch, sklearn']).status === 0); // prettier-ignore
    if (python === undefined) {
      console.warn('skipped: no PyTorch with scikit-learn');
      return;
    }
    const cells = ['nor_conv_3x3', 'none'].map((op) => `|${op}~0|+|${op}~0|${op}~1|+|${op}~0|${op}~1|${op}~2|`);
    const accuracies = cells.map((architecture) => {
      const request = { id: 3, trial: 1, attempt: 1, architecture, seed: 2 ** 52 + 1, budget: 0.15 };
      const input = `${JSON.stringify(request)}\n`;
      const lines = execFileSync(python, [example], { input, encoding: 'utf8' }).trimEnd().split('\n');
      expect(lines).toHaveLength(4);
      return (JSON.parse(lines[3]!) as { metrics: { val_acc: number } }).metrics.val_acc;
    });
    expect(accuracies[0]).toBeGreaterThan(50);
    expect(accuracies[1]).toBeLessThan(20);
  },
  'search.yaml': () => {
    const result = JSON.parse(run(cli, 'search', 'examples/search.yaml', '--json', '--quiet')) as {
      queries: number;
      seed: number;
    };
    expect(result).toMatchObject({ queries: 40, seed: 3 });
  },
};

test('every example is run', () => {
  expect(readdirSync(path.join(root, 'examples')).sort()).toEqual(Object.keys(examples).sort());
});

test.each(Object.entries(examples))('%s', (_name, check) => check());
