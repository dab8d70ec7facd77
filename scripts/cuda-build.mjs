// The addon with the CUDA backend, through CMake: for a GPU, which needs nvcc of CUDA 13, or (`--emulated`, for tests) with
// its kernels on host fibers.  Run directly it makes the one for a GPU the addon that is loaded from now on.
import { copyFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { available, die, root, run } from './process.mjs';

/** Path of the addon, or undefined after a message. */
export function buildCuda(kind) {
  if (kind === 'on' && !available('nvcc')) {
    console.error('build:cuda: expected nvcc (CUDA 13) on the PATH, given none');
    return undefined;
  }
  const folder = path.join('build', kind === 'on' ? 'cuda' : 'emulated');
  if (!run('npx', ['cmake-js', 'compile', '--out', folder, `--CDOPTIPROXY_CUDA=${kind}`])) return undefined;
  return path.join(root, folder, 'Release', 'optiproxy.node');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const emulated = process.argv.includes('--emulated');
  const addon = buildCuda(emulated ? 'emulated' : 'on');
  if (addon === undefined) die('build:cuda: failed (hint: the output above says why)');
  if (!emulated) {
    // Beside it, then in its place: a process that has the old one loaded keeps it whole.
    const loaded = path.join(root, 'build', 'Release', 'optiproxy.node');
    copyFileSync(addon, `${loaded}.new`);
    renameSync(`${loaded}.new`, loaded);
  }
}
