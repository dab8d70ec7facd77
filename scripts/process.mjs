// Small helpers of the scripts: run a command, compare file times.  Only Node's built-ins, since nothing may be installed yet.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Runs a command in the root with its output shown; returns whether it succeeded. */
export function run(command, args, env = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  if (error) console.error(`${command}: ${error.message}`);
  return status === 0;
}

/** Runs a command in the root beside others; resolves to whether it succeeded and what it said. */
export function hear(command, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => (said += text));
    }
    child.on('error', (error) => resolve({ ok: false, said: `${command}: ${error.message}\n` }));
    child.on('close', (status) => resolve({ ok: status === 0, said }));
  });
}

/** Calls functions in their order, as many at once as there are processors, and waits for all. */
export async function allOf(functions) {
  const left = [...functions];
  const work = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await next();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
}

/** Whether a command can be started at all. */
export function available(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** Prints one line and ends the script. */
export function die(message) {
  console.error(message);
  process.exit(1);
}

/** Time of the newest file under the given files and folders, in milliseconds; 0 if there is none. */
export function newest(...entries) {
  let latest = 0;
  for (const entry of entries) {
    const full = path.resolve(root, entry);
    if (!existsSync(full)) continue;
    const found = statSync(full);
    if (found.isDirectory())
      latest = Math.max(latest, newest(...readdirSync(full).map((name) => path.join(full, name))));
    else latest = Math.max(latest, found.mtimeMs);
  }
  return latest;
}
