// The addon with the CUDA backend, through CMake: for a GPU, which needs nvcc of CUDA 13, or (`--emulated`, for tests) with
// its kernels on host fibers.  The one for a GPU becomes the addon that is loaded from now on.
import { copyFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { addonOf, build } from './cmake.mjs';
import { die, root } from './process.mjs';

const emulated = process.argv.includes('--emulated');
const way = emulated ? 'native' : 'cuda';
if (!build(way, 'optiproxy')) die('build:cuda: failed (hint: the output above says why)');
if (!emulated) {
  // Beside it, then in its place: a process that has the old one loaded keeps it whole.
  const loaded = path.join(root, 'build', 'Release', 'optiproxy.node');
  copyFileSync(addonOf(way), `${loaded}.new`);
  renameSync(`${loaded}.new`, loaded);
}
