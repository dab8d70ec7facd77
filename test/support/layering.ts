/** The house plan as data, and a pure check of source texts against it. */

/** Files as path → text, paths relative to the root with forward slashes. */
export type Sources = ReadonlyMap<string, string>;

/** Who may be imported: a lower number, or one's own folder. */
const levels: Record<string, number> = {
  cli: 6,
  compare: 5,
  report: 4,
  study: 4,
  search: 3,
  store: 3,
  proxy: 2,
  baselines: 2,
  space: 1,
  oracle: 1,
  latency: 3,
  onnx: 2,
  metric: 1,
  native: 0,
  'native-types': 0,
  yaml: 0,
  random: 0,
  errors: 0,
  files: 0,
  metadata: 0,
  packages: 0,
  peers: 0,
  statistics: 0,
};

/** Imports within a level, or upwards, that the plan allows. */
const allowed = new Set([
  'src/oracle/embedded.ts → src/space/index.ts',
  'src/native.ts → src/errors.ts',
  'src/native.ts → src/native-types.ts',
  'src/yaml.ts → src/errors.ts',
  'src/random.ts → src/native.ts',
]);

/** The same, but `import type` only: types that a lower layer states for the upper one. */
const allowedTypes = new Set([
  'src/report/result.ts → src/study/types.ts',
  'src/oracle/table.ts → src/space/types.ts',
  'src/oracle/known.ts → src/space/types.ts',
  'src/oracle/architectures.ts → src/space/types.ts',
  'src/metric/metric.ts → src/space/types.ts',
  'src/native-types.ts → src/errors.ts',
  'src/native-types.ts → src/space/types.ts',
]);

function resolve(from: string, target: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of target.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** (importer, imported, whether types only) of every relative import of src. */
export function importsOf(sources: Sources): [string, string, boolean][] {
  const found: [string, string, boolean][] = [];
  for (const [file, text] of sources) {
    if (!file.startsWith('src/')) continue;
    const pattern = /(\b(?:import|export)\s+type\s[\w{}*,\s]*)?(?:\bfrom|\bimport|\brequire)\s*\(?\s*'(\.[^']*)'/g;
    for (const match of text.matchAll(pattern)) {
      found.push([file, resolve(file, match[2]!).replace(/\.js$/, '.ts'), match[1] !== undefined]);
    }
  }
  return found;
}

function folder(file: string): string {
  return file.split('/')[1]!.replace(/\.ts$/, '');
}

function checkTypeScript(sources: Sources): string[] {
  const problems: string[] = [];
  for (const [from, to, typesOnly] of importsOf(sources)) {
    if (!sources.has(to)) problems.push(`${from} imports ${to}, which does not exist`);
    const own = folder(from);
    const other = folder(to);
    const edge = `${from} → ${to}`;
    if (own === other || allowed.has(edge) || (typesOnly && allowedTypes.has(edge))) continue;
    if (own === 'index') {
      if (other === 'cli') problems.push(`${from} imports ${to}: the command line is no part of the library`);
    } else if (levels[own] === undefined || levels[other] === undefined) {
      problems.push(`${from} imports ${to}: no such layer`);
    } else if (levels[other] >= levels[own]) {
      problems.push(`${from} imports ${to}: ${own} may only import what is below it`);
    }
  }
  return problems;
}

/** Import cycles of src, each as a path; type imports count. */
function findCycles(sources: Sources): string[] {
  const graph = new Map<string, string[]>();
  for (const [from, to] of importsOf(sources)) graph.set(from, [...(graph.get(from) ?? []), to]);
  const problems: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (file: string, path: string[]): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      problems.push(`import cycle: ${[...path.slice(path.indexOf(file)), file].join(' → ')}`);
      return;
    }
    state.set(file, 'open');
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of graph.keys()) visit(file, []);
  return problems;
}

/** native: node → {cpu, cuda} → core; cpu and cuda never see each other. */
const mayInclude: Record<string, readonly string[]> = {
  core: ['core'],
  cpu: ['cpu', 'core'],
  cuda: ['cuda', 'core'],
  node: ['node', 'cpu', 'cuda', 'core'],
  test: ['test', 'cpu', 'cuda', 'core'],
  bench: ['bench', 'cpu', 'cuda', 'core'],
};

/** What is compiled with an ISA's flags. */
const isIsaFile = (file: string): boolean =>
  /^native\/(cpu\/(kernels_\w+\.(cpp|inl)|kernels\.h|vec(_\w+)?\.h)|core\/kernel_values\.h)$/.test(file);
const cHeaders = ['math.h', 'stdint.h', 'string.h', 'immintrin.h', 'arm_neon.h'];

function checkNative(sources: Sources): string[] {
  const problems: string[] = [];
  for (const [file, text] of sources) {
    if (!file.startsWith('native/')) continue;
    const own = file.split('/')[1]!;
    for (const [, quote, name] of text.matchAll(/^\s*#\s*include\s*([<"])([^>"]+)[>"]/gm)) {
      const target = quote === '"' ? resolve(file, name!) : `<${name!}>`;
      if (target === '<napi.h>' && own !== 'node') problems.push(`${file} includes <napi.h>: only native/node may`);
      if (quote === '"') {
        if (!sources.has(target)) problems.push(`${file} includes ${target}, which does not exist`);
        if (!mayInclude[own]!.includes(target.split('/')[1]!))
          problems.push(`${file} includes ${target}: ${own} may not`);
      }
      if (isIsaFile(file) && !(quote === '"' ? isIsaFile(target) : cHeaders.includes(name!))) {
        problems.push(`${file} includes ${target}: ISA units hold kernels and C headers only`);
      }
    }
  }
  return problems;
}

/** Longest file, in lines. */
const MAX_LINES = 300;

/** Everything that breaks the house plan, in words; empty if nothing does. */
export function findProblems(sources: Sources): string[] {
  const long = [...sources]
    .filter(([, text]) => text.split('\n').length - 1 > MAX_LINES)
    .map(([file]) => `${file} is longer than ${MAX_LINES} lines`);
  return [...checkTypeScript(sources), ...findCycles(sources), ...checkNative(sources), ...long];
}

/** The .cpp and .cu files that a build file names, sorted. */
export function sourcesNamed(buildFile: string): string[] {
  return [...new Set([...buildFile.matchAll(/native\/[\w/]+\.(?:cpp|cu)/g)].map(([file]) => file))].sort();
}
