// Gate on what nvcc says of the kernels, for every architecture that is supported: warnings are errors, nothing may spill
// to local memory, products load 16 bytes at a time, and with the version of nvcc that the committed table is of, registers and shared memory are what it
// says (native/cuda/resources.json; `--update` writes it anew).
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { available, root } from './process.mjs';

const folder = path.join(root, 'native', 'cuda');
/** What `npm run bench:cuda` runs. */
const bench = path.join(root, 'native', 'bench', 'cuda_steps.cu');
const tableFile = path.join(folder, 'resources.json');
/** Turing to Hopper. */
const architectures = ['sm_75', 'sm_80', 'sm_86', 'sm_89', 'sm_90'];

/** Runs a tool; throws what it said if it fails. */
function tool(command, args, input) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', input, maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${command}: expected status 0, given ${status}: ${error ?? stderr}`);
  return stdout + stderr;
}

/** Names as the source has them; nvcc's for what is in an anonymous namespace has a number of the file in it. */
const demangle = (name) =>
  tool('c++filt', [], name.replace(/\d+_GLOBAL__N__\w+?_cu_[0-9a-f]{8}/, '12_GLOBAL__N_1'))
    .trim()
    .replace(/^(?:void )?(?:optiproxy::cuda::)?/, '')
    .replaceAll('optiproxy::cuda::', '')
    .replaceAll('(anonymous namespace)::', '')
    .replace(/\([A-Z]\w*(?:, \w+)*\)$/, '');

/** What ptxas says of each kernel of a file on each architecture. */
async function resourcesOf(file) {
  const out = path.join(root, 'build', 'cuda', `${path.basename(file, '.cu')}.o`);
  mkdirSync(path.dirname(out), { recursive: true });
  const targets = architectures.flatMap((sm) => ['-gencode', `arch=${sm.replace('sm', 'compute')},code=${sm}`]);
  const options = ['-std=c++20', '-O3', '-Werror', 'all-warnings', '-Xptxas', '-v,-warn-spills'];
  const { stdout, stderr } = await promisify(execFile)('nvcc', [...options, ...targets, '-c', file, '-o', out], {
    maxBuffer: 1 << 28,
  });
  const kernels = [
    ...(stdout + stderr).matchAll(/Compiling entry function '(\w+)' for '(\w+)'([^]*?)Used (\d+) registers(.*)/g),
  ];
  return kernels.map(([, name, sm, properties, registers, rest]) => ({
    kernel: demangle(name),
    sm,
    registers: Number(registers),
    shared: Number(/(\d+) bytes smem/.exec(rest)?.[1] ?? 0),
    spilled: [...properties.matchAll(/(\d+) bytes spill/g)].reduce((sum, [, bytes]) => sum + Number(bytes), 0),
    local: Number(/(\d+) bytes stack frame/.exec(properties)?.[1] ?? 0),
  }));
}

/** Product kernels for whole fours that do not read both matrices, and what the block shares of them, 16 bytes at a time, in the PTX. */
function productsWithoutFours() {
  const out = path.join(root, 'build', 'cuda', 'product.ptx');
  tool('nvcc', ['-std=c++20', '-O3', '-ptx', '-arch=compute_80', path.join(folder, 'product.cu'), '-o', out]);
  const ptx = readFileSync(out, 'utf8');
  const entries = ptx
    .split('.entry ')
    .slice(1)
    .map((text) => ({ text, kernel: demangle(/^\w+/.exec(text)[0]) }));
  const count = (text, words) => text.split(words).length - 1;
  const whole = entries.filter(({ kernel }) => kernel.includes('true>'));
  if (whole.length !== 4) throw new Error(`product.cu: expected 4 kernels for whole fours, given ${whole.length}`);
  return whole
    .filter(({ text }) => count(text, 'ld.global.v4') < 2 || count(text, 'ld.shared.v4') < 2)
    .map(({ kernel }) => kernel);
}

/** resourcesOf all files, as many at once as there are processors. */
async function resourcesOfAll(files) {
  const found = [];
  const left = [...files.entries()];
  const work = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      found[next[0]] = await resourcesOf(next[1]);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return found.flat();
}

/** Compiles every kernel; undefined, after a message, where there is no nvcc. */
export async function checkCudaKernels({ update = false } = {}) {
  if (!available('nvcc') || !available('c++filt')) {
    console.log('skipped: no nvcc (CUDA 13), or no c++filt');
    return undefined;
  }
  const compiler = /release ([\d.]+)/.exec(tool('nvcc', ['--version']))[1];
  const files = readdirSync(folder).filter((file) => file.endsWith('.cu')).sort(); // prettier-ignore
  const found = await resourcesOfAll([...files.map((file) => path.join(folder, file)), bench]);
  const table = {};
  for (const { kernel, sm, registers, shared } of found) (table[kernel] ??= {})[sm] = { registers, shared };
  if (update) writeFileSync(tableFile, `${JSON.stringify({ compiler, kernels: table }, null, 2)}\n`);
  const committed = JSON.parse(readFileSync(tableFile, 'utf8'));
  const counts = { passed: 0, failed: 0 };
  for (const { kernel, sm, registers, shared, spilled, local } of found) {
    const wanted = committed.kernels[kernel]?.[sm];
    const same = committed.compiler !== compiler || (wanted?.registers === registers && wanted?.shared === shared);
    const ok = same && wanted !== undefined && spilled === 0 && local === 0;
    counts[ok ? 'passed' : 'failed'] += 1;
    if (!ok)
      console.log(`FAILED ${kernel}, ${sm}: ${registers} registers, ${shared} bytes shared, ${spilled} spilled, ${local} local; committed ${JSON.stringify(wanted)}`); // prettier-ignore
  }
  for (const kernel of productsWithoutFours()) {
    counts.failed += 1;
    console.log(`FAILED ${kernel}: expected loads of 16 bytes from global and from shared memory`);
  }
  console.log(
    `nvcc ${compiler}: ${found.length} kernels of ${files.length + 1} files, ${counts.failed} not as committed`,
  );
  return counts;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const counts = await checkCudaKernels({ update: process.argv.includes('--update') });
  process.exitCode = counts === undefined || counts.failed === 0 ? 0 : 1;
}
