import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { findProblems, sourcesNamed } from '../support/layering.js';

const root = path.join(__dirname, '..', '..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

function sourcesOf(folder: string, endings: RegExp): [string, string][] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file.split(path.sep).join('/')}`)
    .filter((file) => endings.test(file))
    .map((file) => [file, read(file)]);
}

const sources = new Map([...sourcesOf('src', /\.ts$/), ...sourcesOf('native', /\.(cpp|h|inl|cu|cuh)$/)]);
const withFile = (file: string, text: string): Map<string, string> => new Map([...sources, [file, text]]);
const withLine = (file: string, line: string): Map<string, string> => withFile(file, `${line}\n${sources.get(file)!}`);

test('the sources keep the house plan', () => {
  expect(sources.size).toBeGreaterThan(50);
  expect(findProblems(sources)).toEqual([]);
});

describe('the check itself sees', () => {
  test.each([
    ['an import upwards', 'src/space/space.ts', "import { Study } from '../study/study.js';"],
    ['a type import upwards', 'src/proxy/labels.ts', "import type { Trial } from '../study/types.js';"],
    ['an import across a level', 'src/baselines/random.ts', "import { Ensemble } from '../proxy/ensemble.js';"],
    ['the command line in the library', 'src/index.ts', "import { search } from './cli/search.js';"],
    ['a value through a gap for types', 'src/report/result.ts', "import { x } from '../study/types.js';"],
    ['a value beside a type', 'src/report/result.ts', "import { type X, y } from '../study/types.js';"],
    ['the core including a backend', 'native/core/graph.cpp', '#include "../cpu/gcn.h"'],
    ['a backend including the binding', 'native/cpu/gcn.cpp', '#include "../node/task.h"'],
    ['napi outside the binding', 'native/core/model.cpp', '#include <napi.h>'],
    ['the STL in an ISA unit', 'native/cpu/kernels_avx2.cpp', '#include <vector>'],
    ['a core header in an ISA unit', 'native/cpu/kernels_rows.inl', '#include "../core/random.h"'],
  ])('%s', (_name, file, line) => {
    expect(sources.has(file)).toBe(true);
    expect(findProblems(withLine(file, line))).not.toEqual([]);
  });

  test('a cycle, even where the layers allow every step', () => {
    expect(findProblems(withLine('src/oracle/csv.ts', "import { tabularOracle } from './table.js';"))).toEqual([
      expect.stringMatching(/^import cycle: .*csv\.ts.*table\.ts|^import cycle: .*table\.ts.*csv\.ts/),
    ]);
  });

  test('cpu and cuda seeing each other', () => {
    expect(findProblems(withFile('native/cuda/a.cu', '#include "../cpu/gcn.h"\n'))).toHaveLength(1);
  });

  test('a file that is too long', () => {
    expect(findProblems(withFile('src/space/long.ts', '//\n'.repeat(301)))).toEqual([
      expect.stringMatching(/longer than 300/),
    ]);
  });
});

describe('build files', () => {
  const onDisk = [...sources.keys()].filter((file) => /^native\/(core|cpu|node)\/.*\.cpp$/.test(file)).sort();
  /** What CMake alone builds: tests, the bench program, and kernels for a GPU. */
  const isExtra = (file: string): boolean => /^native\/(test|bench|cuda)\/.*\.(cpp|cu)$/.test(file);
  const extrasOnDisk = [...sources.keys()].filter(isExtra).sort();

  test('binding.gyp and CMakeLists.txt name the same sources: all there are', () => {
    const kernels = [...read('CMakeLists.txt').matchAll(/add_kernels\((kernels_\w+)/g)].map(
      ([, name]) => `native/cpu/${name}.cpp`,
    );
    const named = sourcesNamed(read('CMakeLists.txt')).filter((file) => !isExtra(file));
    const cmake = [...new Set([...named, ...kernels])].sort();
    expect(sourcesNamed(read('binding.gyp'))).toEqual(onDisk);
    expect(cmake).toEqual(onDisk);
  });

  test('CMakeLists.txt names every native test, bench and kernel', () => {
    const named = sourcesNamed(read('CMakeLists.txt')).filter(isExtra);
    expect(named).toEqual(extrasOnDisk);
  });

  test('no file is compiled for the machine it is built on', () => {
    expect(read('binding.gyp') + read('CMakeLists.txt')).not.toMatch(/-march=native|-flto/);
  });
});

test('ISA units leave no symbol that another unit could share', () => {
  const folder = path.join(root, 'build', 'Release');
  const archives = existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => /kernels_\w+\.(a|o)$/.test(file))
    : [];
  if (archives.length === 0 || spawnSync('nm', ['--version']).error !== undefined) {
    console.log('skipped: no nm, or no ISA archives in build/Release');
    return;
  }
  for (const archive of archives) {
    const symbols = execFileSync('nm', ['-C', path.join(folder, archive)], { encoding: 'utf8' });
    expect(symbols.split('\n').filter((line) => / [WVu] /.test(line))).toEqual([]);
    expect(symbols).toMatch(/ T optiproxy::cpu::kernels_\w+\(\)/);
  }
});
