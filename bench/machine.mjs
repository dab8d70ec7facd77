// Where the bench runs: what the numbers depend on, and processes that are pinned to one core.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');

/** The last processor that this process may use (the first is where interrupts like to go), or undefined without taskset. */
export function pinnedCore() {
  try {
    const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1];
    const core = /(\d+)$/.exec(allowed)[1];
    return spawnSync('taskset', ['-c', core, 'true']).status === 0 ? Number(core) : undefined;
  } catch {
    return undefined;
  }
}

/** Short commit of the repository that this is the root of, `-dirty` where files differ; undefined in an installation. */
function commit() {
  const git = (...args) =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    if (git('rev-parse', '--show-prefix') !== '') return undefined; // inside someone else's repository
    return git('describe', '--always', '--dirty', '--exclude', '*');
  } catch {
    return undefined;
  }
}

export const load = () => loadavg().map((value) => Math.round(value * 100) / 100);

/** What a result says of its origin. */
export function describe(isa) {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  return {
    version,
    commit: commit(),
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    isa,
  };
}

let running;

/** Ends what is being measured and this process, with the status of an interruption. */
export function stopOnSignals() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
      running?.kill('SIGKILL');
      process.stderr.write('optiproxy: interrupted\n');
      process.exit(130);
    });
  }
}

/** Runs a program, pinned where a core is given, and returns its stdout; rejects with the last line that it said. */
export function output(program, args, { core, env = {} } = {}) {
  const command = core === undefined ? [program, ...args] : ['taskset', '-c', String(core), program, ...args];
  return new Promise((resolve, reject) => {
    const child = spawn(command[0], command.slice(1), {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running = child;
    let out = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (errors = (errors + text).slice(-10_000)));
    child.on('error', reject);
    child.on('close', (status, signal) => {
      running = undefined;
      if (status === 0) return resolve(out);
      const lines = errors.split('\n').map((line) => line.trim());
      const line =
        lines.find((text) => /^\w*(Error|Exception)\b.*:/.test(text)) ?? lines.findLast((text) => text !== '');
      reject(new Error(line ?? `ended with ${signal ?? `status ${status}`}`));
    });
  });
}
