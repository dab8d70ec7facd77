// Gate on what nvcc says of the kernels, in the very build that `npm run build:cuda` makes, for every architecture that is
// supported: warnings are errors, nothing may spill to local memory, products load 16 bytes at a time, and with the version
// of nvcc that the committed table is of, registers and shared memory are what it says (native/cuda/resources.json;
// `--update` writes it anew).
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from './cmake.mjs';
import { available, root } from './process.mjs';

const folder = path.join(root, 'native', 'cuda');
const tableFile = path.join(folder, 'resources.json');

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

/** What ptxas said of each kernel of a file on each architecture, when the file was compiled. */
function resourcesOf(target, file) {
  const object = path.join(root, 'build', 'cuda', 'CMakeFiles', `${target}.dir`, `${file}.o`);
  const said = readFileSync(`${object}.ptxas`, 'utf8');
  const kernels = [...said.matchAll(/Compiling entry function '(\w+)' for '(\w+)'([^]*?)Used (\d+) registers(.*)/g)];
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

/** Compiles every kernel, for the addon too, and counts those that are as they should be. */
function checkKernels(update) {
  if (!build('cuda', 'optiproxy_cuda', 'optiproxy_cuda_bench')) return { passed: 0, failed: 1 };
  const compiler = /release ([\d.]+)/.exec(tool('nvcc', ['--version']))[1];
  const files = readdirSync(folder).filter((file) => file.endsWith('.cu')).sort(); // prettier-ignore
  const found = [
    ...files.flatMap((file) => resourcesOf('optiproxy_cuda', `native/cuda/${file}`)),
    ...resourcesOf('optiproxy_cuda_bench', 'native/bench/cuda_steps.cu'),
  ];
  const table = {};
  for (const { kernel, sm, registers, shared } of found) (table[kernel] ??= {})[sm] = { registers, shared };
  if (update) writeFileSync(tableFile, `${JSON.stringify({ compiler, kernels: table }, null, 2)}\n`);
  const committed = JSON.parse(readFileSync(tableFile, 'utf8'));
  const counts = { passed: 0, failed: 0 };
  const fail = (words) => {
    counts.failed += 1;
    console.log(`FAILED ${words}`);
  };
  for (const { kernel, sm, registers, shared, spilled, local } of found) {
    const wanted = committed.kernels[kernel]?.[sm];
    const same = committed.compiler !== compiler || (wanted?.registers === registers && wanted?.shared === shared);
    if (same && wanted !== undefined && spilled === 0 && local === 0) counts.passed += 1;
    else
      fail(`${kernel}, ${sm}: ${registers} registers, ${shared} bytes shared, ${spilled} spilled, ${local} local; committed ${JSON.stringify(wanted)}`); // prettier-ignore
  }
  for (const [kernel, machines] of Object.entries(committed.kernels)) {
    for (const sm of Object.keys(machines))
      if (table[kernel]?.[sm] === undefined) fail(`${kernel}, ${sm}: expected this kernel, given none`);
  }
  for (const kernel of productsWithoutFours())
    fail(`${kernel}: expected loads of 16 bytes from global and from shared memory`);
  console.log(`nvcc ${compiler}: ${found.length} kernels of ${files.length + 1} files`);
  return counts;
}

if (!available('nvcc') || !available('c++filt')) {
  console.log('skipped: no nvcc (CUDA 13), or no c++filt\n0 passed, 0 failed');
} else {
  const { passed, failed } = checkKernels(process.argv.includes('--update'));
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
