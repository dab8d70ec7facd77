// What is built through CMake, in a folder for each way to build: what its targets have in common is compiled once.
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { available, root, run } from './process.mjs';

/** Under build/, with options of CMakeLists.txt.  Lint, the C++ one, makes every warning an error. */
const ways = {
  native: { OPTIPROXY_CUDA: 'emulated', OPTIPROXY_LINT: 'ON' },
  'native-sanitized': { OPTIPROXY_CUDA: 'emulated', OPTIPROXY_LINT: 'ON', OPTIPROXY_SANITIZE: 'ON' },
  cuda: { OPTIPROXY_CUDA: 'on' },
};

/** Builds targets; false after a message. */
export function build(way, ...targets) {
  for (const [tool, needed] of Object.entries({ cmake: true, nvcc: way === 'cuda' })) {
    if (!needed || available(tool)) continue;
    const hint = tool === 'cmake' ? 'on Debian, apt-get install cmake' : 'it is part of CUDA 13';
    console.error(`build/${way}: expected ${tool} on the PATH, given none (hint: ${hint})`);
    return false;
  }
  const folder = path.join('build', way);
  const options = Object.entries(ways[way]).map(([name, value]) => `--CD${name}=${value}`);
  // cmake-js says where the headers of Node are; it builds one target at a time, and CMake all of them together.
  return (
    run('npx', ['cmake-js', 'configure', '--log-level', 'warn', '--out', folder, ...options]) &&
    run('cmake', ['--build', folder, '--parallel', String(availableParallelism()), '--target', ...targets])
  );
}

/** Where a target is once it is built. */
export const programOf = (way, target) => path.join(root, 'build', way, target);
export const addonOf = (way) => path.join(root, 'build', way, 'Release', 'optiproxy.node');
