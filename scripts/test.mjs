// Every check there is, on a fresh clone too; goes on after a failure and ends with one line of counts.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { buildNativeTests, runsOf } from './native-tests.mjs';
import { buildCuda } from './cuda-build.mjs';
import { checkCudaKernels } from './cuda-kernels.mjs';
import { checkInstructions } from './instructions.mjs';
import { available, root, run } from './process.mjs';
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

function check(name, command, args) {
  console.log(`\n> ${name}`);
  count(name, run(command, args));
}

function nativeTests() {
  console.log('\n> native tests');
  const program = buildNativeTests('build/native-tests');
  if (program === undefined) return count('native tests', false);
  const runs = runsOf(program);
  if (runs.length === 0) return count('native tests', false);
  for (const { name, environment } of runs) {
    const { status, stdout, stderr } = spawnSync(program, [], {
      encoding: 'utf8',
      env: { ...process.env, ...environment },
      maxBuffer: 1 << 28,
    });
    process.stdout.write(stdout + stderr);
    const counts = /(\d+) passed, (\d+) failed\s*$/.exec(stdout);
    const numbers = counts === null ? undefined : { passed: Number(counts[1]), failed: Number(counts[2]) };
    count(`native tests, ${name}`, status === 0 && numbers !== undefined, numbers ?? { passed: 0, failed: 1 });
  }
}

/** A check that counts by itself.  What a machine cannot do it says, and that is no failure. */
async function counted(name, title, measure) {
  console.log(`\n> ${title}`);
  let counts = { passed: 0, failed: 1 };
  try {
    counts = (await measure()) ?? { passed: 0, failed: 0 };
  } catch (error) {
    console.error(error.message);
  }
  count(name, counts.failed === 0, counts);
}

/** The addon with its CUDA kernels on the host, and where there is nvcc that for a GPU: test/e2e/cuda.test.ts runs them. */
function cudaAddons() {
  for (const kind of available('nvcc') ? ['emulated', 'on'] : ['emulated']) {
    console.log(`\n> addon with CUDA, ${kind}`);
    count(`addon with CUDA, ${kind}`, buildCuda(kind) !== undefined);
  }
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
check('format, TypeScript', 'npx', ['prettier', '--check', '--log-level', 'warn', '.']);
check('format, C++', process.execPath, ['scripts/format-cpp.mjs', '--check']);
check('lint', 'npx', ['eslint', '--max-warnings', '0', '.']);
check('types', 'npx', ['tsc', '-p', 'tsconfig.json']);
nativeTests();
await counted('instructions', 'instructions of the hot path', checkInstructions);
await counted('CUDA kernels', 'kernels for a GPU, as nvcc sees them', checkCudaKernels);
cudaAddons();
check('bench of the CUDA backend, on host fibers', process.execPath, ['bench/cuda/run.mjs', '--emulated']);
jest();
check('package', 'npx', ['publint', '--strict']);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
