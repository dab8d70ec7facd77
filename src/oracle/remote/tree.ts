import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The variable by which the processes that a program has started are known: they inherit it, whoever their parent is by then. */
export const MARK = 'OPTIPROXY_PROCESS';

/** Milliseconds between two looks whether processes have ended. */
const LOOK = 20;
/** Rounds of kills after which what still is there is left: a process in a system call that never ends. */
const ROUNDS = 250;

/**
 * Ends a program with all that it has started: those of its process group, and on Linux also whatever left that but carries
 * its mark.  They are asked to (SIGTERM), and after `graceMs` made to.
 */
export async function endTree(pid: number, mark: string, graceMs: number): Promise<void> {
  const deadline = performance.now() + graceMs;
  signalTree(pid, mark, 'SIGTERM');
  while (performance.now() < deadline) {
    if (!isAlive(pid, mark)) return;
    await sleep(LOOK);
  }
  // What is killed may just have started another.
  for (let round = 0; round < ROUNDS && isAlive(pid, mark); ++round) {
    signalTree(pid, mark, 'SIGKILL');
    await sleep(LOOK);
  }
}

/** Sends a signal to all of them, at once. */
export function signalTree(pid: number, mark: string, signal: NodeJS.Signals): void {
  if (process.platform === 'win32') {
    try {
      execFileSync('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore' });
    } catch {
      // It has ended.
    }
    return;
  }
  for (const target of [-pid, ...treeOf(pid, mark)]) {
    try {
      process.kill(target, signal);
    } catch {
      // It has ended.
    }
  }
}

function isAlive(pid: number, mark: string): boolean {
  if (process.platform === 'linux') return treeOf(pid, mark).length > 0;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Processes of a group, and those that carry a mark; on Linux only, as others do not show them. */
function treeOf(pid: number, mark: string): number[] {
  if (process.platform !== 'linux') return [];
  const wanted = `${MARK}=${mark}\0`;
  const belongs = (name: string): boolean =>
    read(`/proc/${name}/environ`).includes(wanted) || groupOf(read(`/proc/${name}/stat`)) === pid;
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && belongs(name)).map(Number); // prettier-ignore
}

/** The process group by a line of /proc/PID/stat; none of a process that has ended and waits for its parent (Z). */
function groupOf(stat: string): number | undefined {
  const [, state, group] = /^.*\) (\S) \d+ (\d+) /s.exec(stat) ?? [];
  return state === undefined || state === 'Z' ? undefined : Number(group);
}

/** Empty of a process that has ended, or is another user's. */
function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
