// Builds the native test program with CMake, warnings being errors (the C++ lint); run directly, it builds and runs it (`--sanitize`: under ASan and UBSan) once
// for each ISA of this machine and on host fibers; with `--cuda` on a GPU, the tests of what every backend promises.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { available, root, run } from './process.mjs';

/** Path of a program that CMake builds, or undefined after a message. */
export function buildNative(folder, target, options = []) {
  if (!available('cmake')) {
    console.error('native programs: expected cmake on the PATH, given none (hint: on Debian, apt-get install cmake)');
    return undefined;
  }
  const built =
    run('cmake', ['-S', '.', '-B', folder, '-DCMAKE_BUILD_TYPE=Release', '-DOPTIPROXY_LINT=ON', ...options]) &&
    run('cmake', ['--build', folder, '--target', target, '--parallel', '2']);
  return built ? path.join(root, folder, target) : undefined;
}

export function buildNativeTests(folder, options = []) {
  return buildNative(folder, 'optiproxy_native_tests', options);
}

/** What the program is run on: every ISA of this machine with all tests, and the CUDA backend's kernels on host fibers, in both orders, with those that every backend must pass. */
export function runsOf(program) {
  const isas = isasOf(program);
  if (isas.length === 0) return [];
  return [
    ...isas.map((isa) => ({ name: isa, environment: { OPTIPROXY_ISA: isa } })),
    ...['cuda-emulated', 'cuda-emulated-reversed'].map((name) => ({ name, environment: { OPTIPROXY_BACKEND: name } })),
  ];
}

/** ISAs that the program can run on here; empty, after a message, if it cannot say. */
function isasOf(program) {
  const { status, stdout, stderr } = spawnSync(program, ['--isas'], { encoding: 'utf8' });
  const isas = status === 0 ? stdout.split('\n').filter((isa) => isa !== '') : [];
  if (isas.length === 0) console.error(`native tests: expected ISAs from --isas, given status ${status}: ${stderr}`);
  return isas;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sanitize = process.argv.includes('--sanitize');
  if (process.argv.includes('--cuda')) {
    const onGpu = buildNativeTests('build/native-tests-cuda', ['-DOPTIPROXY_CUDA=on']);
    process.exit(onGpu !== undefined && run(onGpu, [], { OPTIPROXY_BACKEND: 'cuda' }) ? 0 : 1);
  }
  const program = buildNativeTests(sanitize ? 'build/native-tests-sanitized' : 'build/native-tests', [
    `-DOPTIPROXY_SANITIZE=${sanitize ? 'ON' : 'OFF'}`,
  ]);
  if (program === undefined) process.exit(1);
  const runs = runsOf(program);
  const failures = runs.filter(
    ({ environment }) => !run(program, [], { ...environment, UBSAN_OPTIONS: 'print_stacktrace=1' }),
  );
  process.exitCode = runs.length > 0 && failures.length === 0 ? 0 : 1;
}
