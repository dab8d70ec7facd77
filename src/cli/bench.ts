import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const script = path.join(__dirname, '..', '..', 'bench', 'run.mjs');
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs `optiproxy bench`: the package's own bench in a process of its own, which reads the flags; its exit status. */
export async function bench(flags: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [script, ...flags], { stdio: 'inherit' });
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  for (const signal of signals) process.on(signal, pass);
  try {
    const [status] = (await once(child, 'close')) as [number | null];
    return status ?? 1;
  } finally {
    for (const signal of signals) process.off(signal, pass);
  }
}
