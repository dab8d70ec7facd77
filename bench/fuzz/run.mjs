// Throws junk at everything that reads what others wrote: each target in a process of its own, so that one that dies is
// seen, and the input that it died of is kept.
//
//   node bench/fuzz/run.mjs [--target NAME]... [--minutes N | --count N] [--seed S] [--json]
//   node bench/fuzz/run.mjs --replay FILE
//
// What counts as a crash: death by a signal, an exception that is no OptiProxyError or not one that the target may give
// (INTERNAL never is), a message of more than one line, no end within --bound seconds, more than --memory MiB for one
// input.  Inputs are a function of seed and number.  Ends with status 1 after a crash.
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './support.mjs';

const here = path.join(root, 'bench', 'fuzz');
const all = readdirSync(path.join(here, 'targets')).map((file) => path.basename(file, '.mjs'));
const options = {
  target: { type: 'string', multiple: true, default: all },
  minutes: { type: 'string' },
  count: { type: 'string' },
  seed: { type: 'string', default: '1' },
  bound: { type: 'string', default: '20' },
  memory: { type: 'string', default: '1024' },
  out: { type: 'string', default: path.join(root, 'runs', 'fuzz') },
  replay: { type: 'string' },
  json: { type: 'boolean', default: false },
};

/** Status of a child that failed itself. */
const BROKEN = 3;

/** Header of a file of an input. */
function headerOf(file) {
  const whole = readFileSync(file);
  return JSON.parse(whole.subarray(0, whole.indexOf('\n')).toString());
}

/** Resident MiB of a process; 0 where that cannot be told. */
function resident(pid) {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
  } catch {
    return 0;
  }
}

/** Runs a child to its end; resolves to how it ended, or why it was ended. */
function runChild(settings, { bound, memory }, current, stdio) {
  const script = path.join(here, 'child.mjs');
  const child = spawn(process.execPath, ['--expose-gc', script, JSON.stringify(settings)], { stdio });
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text) => (words = (words + text).slice(-4000)));
  return new Promise((resolve, reject) => {
    let killed;
    const kill = (why) => {
      killed ??= why;
      child.kill('SIGKILL');
    };
    const watch = setInterval(() => {
      if (existsSync(current) && Date.now() - statSync(current).mtimeMs > bound * 1000) kill('a hang');
      if (resident(child.pid) > 3 * memory) kill('memory beyond the bound');
    }, 100);
    child.on('error', reject);
    child.on('close', (status, signal) => {
      clearInterval(watch);
      resolve({ status, why: killed ?? (signal === null ? `status ${status}` : `death by ${signal}`), words });
    });
  });
}

/** One target until its time is over or its inputs are done. */
async function fuzz(target, { seed, minutes, count, out, ...bounds }) {
  const work = mkdtempSync(path.join(tmpdir(), 'optiproxy-fuzz-'));
  const current = path.join(work, 'current');
  const start = Date.now();
  const ends = start + minutes * 60_000;
  let state = { number: 0, tally: { executions: 0, outcomes: {}, crashes: {} } };
  while (state.number < count && Date.now() < ends) {
    rmSync(current, { force: true });
    const settings = { target, seed, from: state.number, to: count, ends, memory: bounds.memory, work, out, tally: state.tally }; // prettier-ignore
    const { status, why, words } = await runChild(settings, bounds, current, ['ignore', 'ignore', 'pipe']);
    if (!existsSync(current) || status === BROKEN) throw new Error(`${target}: the harness failed: ${words}`);
    state = headerOf(current);
    if (status === 0) continue;
    // The input at hand is the one; the next child goes on behind it.
    const blame = state.foreign === undefined ? '' : `inside ${state.foreign}: `;
    const crash =
      `${blame}${why} ${words.split('\n').findLast((line) => /assert|terminate|what\(\)|FATAL|Error/.test(line)) ?? ''}`.trim();
    const { tally } = state;
    ++tally.executions;
    const found = (tally.crashes[crash] ??= { count: 0, file: path.join(out, `${path.basename(target)}-${seed}-${state.number}`) }); // prettier-ignore
    if (++found.count === 1) copyFileSync(current, found.file);
    ++state.number;
  }
  rmSync(work, { recursive: true, force: true });
  return { target, seconds: (Date.now() - start) / 1000, ...state.tally };
}

function text({ target, seconds, executions, outcomes, crashes }) {
  const { accepted = 0, ...refused } = outcomes;
  const sum = Object.values(refused).reduce((a, b) => a + b, 0);
  const codes = Object.entries(refused).map(([code, n]) => `${code} ${n}`);
  const found = Object.entries(crashes);
  const lines = found.map(([crash, { count, file }]) => `  crash ×${count}: ${crash}\n    node bench/fuzz/run.mjs --replay ${file}\n`); // prettier-ignore
  const head = `${target}: ${executions} inputs in ${seconds.toFixed(0)} s: ${accepted} accepted, ${sum} refused (${codes.join(', ') || 'none'}), ${found.reduce((a, [, { count }]) => a + count, 0)} crashes of ${found.length} kinds`; // prettier-ignore
  return `${head}\n${lines.join('')}`;
}

const { values } = parseArgs({ options });
const numbers = Object.fromEntries(['seed', 'bound', 'memory'].map((name) => [name, Number(values[name])]));
const out = path.resolve(values.out);
mkdirSync(out, { recursive: true });
if (values.replay !== undefined) {
  const work = mkdtempSync(path.join(tmpdir(), 'optiproxy-fuzz-'));
  const settings = {
    ...numbers,
    target: headerOf(values.replay).target,
    replay: path.resolve(values.replay),
    work,
    out,
  };
  const { status, why } = await runChild(settings, { bound: Infinity, memory: numbers.memory }, '', 'inherit');
  rmSync(work, { recursive: true, force: true });
  if (status !== 0) process.stdout.write(`ended with ${why}\n`);
  process.exitCode = status === 0 ? 0 : 1;
} else {
  const count = values.count === undefined ? Number.MAX_SAFE_INTEGER : Number(values.count);
  const minutes = values.minutes === undefined ? (values.count === undefined ? 1 : 1e6) : Number(values.minutes);
  for (const target of values.target) {
    const result = await fuzz(target, { ...numbers, minutes, count, out });
    process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : text(result));
    if (Object.keys(result.crashes).length > 0) process.exitCode = 1;
  }
}
