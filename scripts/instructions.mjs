// Gate on the number of instructions that a step of the hot path takes, which unlike its time is the same on a busy
// machine: the AVX2 kernels under callgrind (which knows no AVX-512).  Fails where a step takes more than its limit in
// bench/instructions.json; `--update` writes that file anew from what is counted, plus a margin for other compilers.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build, programOf } from './cmake.mjs';
import { available, root } from './process.mjs';

const bench = 'optiproxy_native_bench';
const limitsFile = path.join(root, 'bench', 'instructions.json');
/** Other versions of the compiler schedule and unroll differently; a lost optimisation costs far more. */
const MARGIN = 1.05;

/** Instructions of one whole run of `steps` steps. */
function countRun(program, workload, steps) {
  const folder = mkdtempSync(path.join(tmpdir(), 'optiproxy-callgrind-'));
  try {
    const out = path.join(folder, 'out');
    const args = ['--tool=callgrind', `--callgrind-out-file=${out}`, program, workload, String(steps)];
    const { status, stderr, error } = spawnSync('valgrind', args, {
      encoding: 'utf8',
      env: { ...process.env, OPTIPROXY_ISA: 'avx2' },
    });
    if (status !== 0)
      throw new Error(`callgrind on ${workload}: expected status 0, given ${status}: ${error ?? stderr}`);
    return Number(/^(?:summary|totals): (\d+)/m.exec(readFileSync(out, 'utf8'))[1]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Instructions a step: the difference of two runs, so that starting up does not count. */
function countStep(program, workload, steps) {
  return Math.round((countRun(program, workload, 2 * steps) - countRun(program, workload, steps)) / steps);
}

/** Counts every workload against its limit. */
function checkInstructions(update) {
  if (!build('native', bench)) return { passed: 0, failed: 1 };
  const limits = JSON.parse(readFileSync(limitsFile, 'utf8'));
  const counts = { passed: 0, failed: 0 };
  for (const [workload, entry] of Object.entries(limits)) {
    const counted = countStep(programOf('native', bench), workload, entry.steps);
    const ok = counted <= entry.limit;
    counts[ok ? 'passed' : 'failed'] += 1;
    console.log(
      `${ok || update ? 'ok    ' : 'FAILED'} ${workload}: ${counted} instructions a step, limit ${entry.limit}` +
        (ok && counted < 0.9 * entry.limit ? ' (hint: npm run bench:instructions -- --update lowers it)' : ''),
    );
    if (update) limits[workload] = { steps: entry.steps, limit: Math.ceil(counted * MARGIN) };
  }
  if (!update) return counts;
  writeFileSync(limitsFile, `${JSON.stringify(limits, null, 2)}\n`);
  return { passed: counts.passed + counts.failed, failed: 0 };
}

if (process.arch !== 'x64' || !available('valgrind')) {
  const why = process.arch === 'x64' ? 'no valgrind (on Debian, apt-get install valgrind)' : 'not x86-64';
  console.log(`skipped: ${why}\n0 passed, 0 failed`);
} else {
  const { passed, failed } = checkInstructions(process.argv.includes('--update'));
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
