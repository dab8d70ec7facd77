import { execFile, type ExecFileException } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import manifest from '../../package.json';
import { root } from '../support/cli.js';
import { scratchFolder } from '../support/files.js';
import { sourcesNamed } from '../support/layering.js';

const folder = scratchFolder();
const project = path.join(folder.path, 'project');
const installed = path.join(project, 'node_modules', 'optiproxy');
const bin = path.join(project, 'node_modules', '.bin', 'optiproxy');
let packed: { filename: string; size: number; files: { path: string }[] };

/** Runs a program and returns its stdout; fails the test with everything that it said. */
async function run(program: string, args: readonly string[], cwd = project): Promise<string> {
  try {
    return (await promisify(execFile)(program, args, { cwd, maxBuffer: 1 << 26 })).stdout;
  } catch (error) {
    const { message, stdout } = error as ExecFileException;
    throw new Error(`${message}\n${stdout}`, { cause: error });
  }
}

/** The first sample of the README: an ES module. */
function sample(): string {
  const found = /```ts\n([\s\S]*?)```/.exec(readFileSync(path.join(root, 'README.md'), 'utf8'));
  if (found === null) throw new Error('README.md: expected a sample in a ts fence');
  return found[1]!;
}

const imports = /^import (\{.*\}) from 'optiproxy';$/m;

/** The sample as CommonJS, which has no top-level await. */
function commonJs(importer: (names: string) => string): string {
  const found = imports.exec(sample());
  if (found === null) throw new Error("README.md: expected the sample to import { ... } from 'optiproxy'");
  return `${importer(found[1]!)}\nasync function main() {\n${sample().replace(imports, '')}\n}\nvoid main();\n`;
}

function write(name: string, content: string): string {
  const file = path.join(project, name);
  writeFileSync(file, content);
  return file;
}

// The package as a user gets it: packed, and installed into an empty project, which compiles the addon.
beforeAll(async () => {
  mkdirSync(project);
  // Without scripts: dist is built, and building it anew would pull it away under the other tests.
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder.path];
  packed = (JSON.parse(await run('npm', pack, root)) as (typeof packed)[])[0]!;
  write('package.json', '{ "private": true }');
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', path.join(folder.path, packed.filename)]);
}, 300_000);

describe('the tarball', () => {
  test('holds what is needed', () => {
    const files = packed.files.map((file) => file.path);
    const sources = sourcesNamed(readFileSync(path.join(root, 'binding.gyp'), 'utf8'));
    expect(sources.length).toBeGreaterThan(10);
    const compiled = ['index.js', 'index.mjs', 'index.d.ts', 'index.d.mts', 'cli/main.js'].map(
      (file) => `dist/${file}`,
    );
    for (const file of [
      ...[
        'package.json',
        'README.md',
        'LICENSE',
        'CHANGELOG.md',
        'SECURITY.md',
        'binding.gyp',
        'data/digits201.csv.gz',
        'data/spaces/nasbench101.yaml',
        'bench/run.mjs',
        'bench/harness.mjs',
        'bench/peers/optuna_ask.py',
      ],
      ...compiled,
      ...sources,
    ]) {
      expect(files).toContain(file);
    }
  });

  test('holds nothing else', () => {
    const wanted = [
      /^(package\.json|binding\.gyp|LICENSE|(README|CHANGELOG|SECURITY)\.md)$/,
      /^data\/(digits201\.csv\.gz|README\.md|spaces\/[\w-]+\.yaml)$/,
      /^bench\/(\w+\.mjs|peers\/optuna_ask\.py)$/,
      /^dist\/[\w/-]+\.(js|d\.ts)$/,
      /^dist\/index\.(mjs|d\.mts)$/,
      /^native\/(core|cpu|node)\/\w+\.(cpp|h|inl)$/,
    ];
    expect(packed.files.map((file) => file.path).filter((file) => !wanted.some((w) => w.test(file)))).toEqual([]);
  });

  test('is small', () => {
    expect(statSync(path.join(folder.path, packed.filename)).size).toBe(packed.size);
    expect(packed.size).toBeLessThan(2_000_000);
  });

  test('does not name the place where it was packed', () => {
    const texts = packed.files.map((file) => file.path).filter((file) => !file.endsWith('.gz'));
    const naming = texts.filter((file) => readFileSync(path.join(installed, file), 'utf8').includes(root));
    expect(naming).toEqual([]);
  });
});

describe('the README’s sample', () => {
  const architecture = /^\|\w+~0\|\+\|\w+~0\|\w+~1\|\+\|\w+~0\|\w+~1\|\w+~2\| \{[^}]*val_acc: 9[67]\.\d+/;

  test('runs as an ES module, as CommonJS and in a worker thread, with one result', async () => {
    const esm = await run(process.execPath, [write('sample.mjs', sample())]);
    expect(esm).toMatch(architecture);
    const cjs = write(
      'sample.cjs',
      commonJs((names) => `const ${names} = require('optiproxy');`),
    );
    expect(await run(process.execPath, [cjs])).toBe(esm);
    const worker = write(
      'worker.cjs',
      `const { Worker } = require('node:worker_threads');
       for (const file of ['./sample.mjs', './sample.cjs']) new Worker(require.resolve(file));`,
    );
    expect(await run(process.execPath, [worker])).toBe(esm + esm);
  }, 180_000);

  test('has types, for both kinds of module, without skipLibCheck', async () => {
    const sources = [write('typed.mts', sample()), write('typed.cts', commonJs((names) => `import ${names} from 'optiproxy';`))]; // prettier-ignore
    const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'node20', '--skipLibCheck', 'false', '--types', 'node', '--typeRoots', path.join(root, 'node_modules', '@types')]; // prettier-ignore
    const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    expect(await run(process.execPath, [tsc, ...options, ...sources])).toBe('');
    // The check can fail: a type that is not there, in each kind.
    for (const kind of ['mts', 'cts']) {
      const wrong = write(`wrong.${kind}`, "import { Study, Nothing } from 'optiproxy';\nStudy.open({ seed: '1' });\n");
      const said = await run(process.execPath, [tsc, ...options, wrong]).catch((error: Error) => error.message);
      expect(said).toMatch(/TS2305.*Nothing/);
      expect(said).toMatch(/TS2322.*'string'.*'number'/);
    }
  }, 180_000);
});

test('ES modules and CommonJS share one instance', async () => {
  const file = write(
    'both.mjs',
    `import * as esm from 'optiproxy';
     import { createRequire } from 'node:module';
     const cjs = createRequire(import.meta.url)('optiproxy');
     const names = Object.keys(cjs).sort();
     console.log(JSON.stringify({ names, esm: Object.keys(esm).sort(), same: names.every((name) => cjs[name] === esm[name]) }));`,
  );
  const { names, esm, same } = JSON.parse(await run(process.execPath, [file])) as Record<string, unknown>;
  expect(names).toEqual([
    'OptiProxyError',
    'Study',
    'defineSpace',
    'digits201Oracle',
    'exampleOf',
    'faultOf',
    'fitLatency',
    'httpOracle',
    'hypervolume',
    'loadSpace',
    'measureLatency',
    'measurementsOf',
    'mutate',
    'nasbench101Hash',
    'neighboursOf',
    'onnxMetric',
    'parseSpace',
    'predictLatency',
    'processOracle',
    'readLatencyModel',
    'sampleSpace',
    'spaceByName',
    'spaces',
    'tabularOracle',
    'variablesOf',
  ]);
  expect(esm).toEqual(names);
  expect(same).toBe(true);
});

test('only what is promised can be imported', async () => {
  const file = write(
    'deep.cjs',
    `console.log(require('optiproxy/package.json').version);
     try { require('optiproxy/dist/native.js'); } catch (error) { console.log(error.code); }`,
  );
  expect(await run(process.execPath, [file])).toBe(`${manifest.version}\nERR_PACKAGE_PATH_NOT_EXPORTED\n`);
});

test('the command is installed and works', async () => {
  expect(await run(bin, ['--version'])).toBe(`${manifest.version}\n`);
  const doctor = JSON.parse(await run(bin, ['doctor', '--json'])) as { addon: { path: string; loaded: boolean } };
  expect(doctor.addon).toMatchObject({ loaded: true });
  expect(doctor.addon.path).toContain(path.join('project', 'node_modules', 'optiproxy', 'build'));
  const bench = JSON.parse(await run(bin, ['bench', '--quick', '--json', '--only', 'call,search'])) as object;
  expect(bench).toMatchObject({ version: manifest.version, cases: expect.any(Array) as object[] });
  expect(bench).not.toHaveProperty('commit');
  const search = ['search', '--space', 'digits201', '--queries', '25', '--json', '--quiet'];
  expect(JSON.parse(await run(bin, search))).toMatchObject({ queries: 25, version: manifest.version });
}, 120_000);
