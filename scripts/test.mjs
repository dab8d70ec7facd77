// Every check there is, on a fresh clone too; goes on after a failure and ends with one line of counts.
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build, programOf } from './cmake.mjs';
import { nativeTests, runsOf } from './native-tests.mjs';
import { allOf, available, hear, root, run } from './process.mjs';
import { setup } from './setup.mjs';

let passed = 0;
let failed = 0;

function count(name, ok, numbers = { passed: ok ? 1 : 0, failed: ok ? 0 : 1 }) {
  // A process that crashes after it has counted still failed.
  const failures = ok ? numbers.failed : Math.max(1, numbers.failed);
  passed += numbers.passed;
  failed += failures;
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${numbers.passed} passed, ${failures} failed)`);
}

/** A check that passes if the command succeeds. */
async function check(name, command, args) {
  const { ok, said } = await hear(command, args);
  console.log(`\n> ${name}\n${said}`);
  count(name, ok);
}

/** A check that says its counts.  What a machine cannot do it says, and counts nothing. */
async function counted(name, command, args = [], environment = {}) {
  const { ok, said } = await hear(command, args, environment);
  console.log(`\n> ${name}\n${said}`);
  const counts = [...said.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1);
  if (counts === undefined) return count(name, false);
  count(name, ok, { passed: Number(counts[1]), failed: Number(counts[2]) });
}

/** All that CMake builds; with nvcc also the addon for a GPU: test/e2e/cuda.test.ts runs it and the one on host fibers. */
function builds() {
  console.log('\n> native programs');
  const targets = [nativeTests, 'optiproxy_native_bench', 'optiproxy_cuda_bench', 'optiproxy'];
  count('native programs', build('native', ...targets));
  if (!available('nvcc')) return;
  console.log('\n> addon for a GPU');
  count('addon for a GPU', build('cuda', 'optiproxy', 'optiproxy_cuda_bench'));
}

/** Native tests, each run a check. */
function nativeRuns() {
  const program = programOf('native', nativeTests);
  const runs = runsOf(program);
  if (runs.length === 0) count('native tests', false);
  return runs.map(
    ({ name, environment }) =>
      () =>
        counted(`native tests, ${name}`, program, [], environment),
  );
}

function jest() {
  console.log('\n> jest');
  const report = path.join(root, 'build', 'jest.json');
  rmSync(report, { force: true });
  const ok = run('npx', ['jest', '--json', `--outputFile=${report}`], { CI: 'true' });
  try {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(report, 'utf8'));
    count('jest', ok, { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites });
  } catch {
    count('jest', false);
  }
}

await setup();
builds();
const script = (file, ...args) => [process.execPath, [file, ...args]];
// Each of these keeps one processor busy; the longest go first.
await allOf([
  async () => {
    // One after another: both look into one folder of CMake for what there is to build.
    await counted('instructions of the hot path', ...script('scripts/instructions.mjs'));
    await check('bench of the CUDA backend, on host fibers', ...script('bench/cuda/run.mjs', '--emulated'));
  },
  ...nativeRuns().reverse(),
  () => check('lint', 'npx', ['eslint', '--max-warnings', '0', '.']),
  () => check('types', 'npx', ['tsc', '-p', 'tsconfig.json']),
  () => check('format, TypeScript', 'npx', ['prettier', '--check', '--log-level', 'warn', '.']),
  () => check('format, C++', ...script('scripts/format-cpp.mjs', '--check')),
  () => counted('kernels for a GPU, as nvcc sees them', ...script('scripts/cuda-kernels.mjs')),
  () => check('package', 'npx', ['publint', '--strict']),
]);
jest();
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
