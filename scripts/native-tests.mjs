// Builds the native test program, and runs it once for each ISA of this machine and on host fibers; `--sanitize`: under
// ASan and UBSan; with `--cuda` on a GPU, the tests of what every backend promises.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build, programOf } from './cmake.mjs';
import { run } from './process.mjs';

export const nativeTests = 'optiproxy_native_tests';

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

/** Builds and runs; whether all passed. */
function test(way, runs) {
  if (!build(way, nativeTests)) return false;
  const program = programOf(way, nativeTests);
  const results = runs(program).map(({ environment }) =>
    run(program, [], { ...environment, UBSAN_OPTIONS: 'print_stacktrace=1' }),
  );
  return results.length > 0 && !results.includes(false);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const way = process.argv.includes('--sanitize') ? 'native-sanitized' : 'native';
  const passed = process.argv.includes('--cuda')
    ? test('cuda', () => [{ environment: { OPTIPROXY_BACKEND: 'cuda' } }])
    : test(way, runsOf);
  process.exitCode = passed ? 0 : 1;
}
