// Small helpers of the scripts: run a command, compare file times.  Only Node's built-ins, since nothing may be installed yet.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Runs a command in the root with its output shown; returns whether it succeeded. */
export function run(command, args, env = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  if (error) console.error(`${command}: ${error.message}`);
  return status === 0;
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
