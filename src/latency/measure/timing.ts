import { fork } from 'node:child_process';
import path from 'node:path';
import { abortError } from '../../errors.js';
import { loadRuntime } from '../../onnx/runtime.js';

/** What a child process is told: networks of one shape, which it visits one after the other. */
export interface Chunk {
  /** ONNX models. */
  readonly models: readonly Uint8Array[];
  /** Of the input that all have. */
  readonly input: { readonly name: string; readonly shape: readonly number[] };
  readonly threads: number;
  /** Milliseconds of a visit, and runs that it has at least. */
  readonly visitMs: number;
  readonly visitRuns: number;
}

/** What a network was seen to take in one visit. */
export interface Visit {
  /** Milliseconds that the first eighth of the runs took, the second and so on: the median of each eighth, ascending. */
  readonly eighths: readonly number[];
  readonly runs: number;
}

/** A visit, or why there was none. */
export type Outcome = Visit | { readonly failure: string };

/** A process that ended before it had answered; `died` says how. */
export interface Died {
  readonly died: string;
}

/** What times networks. */
export interface Stopwatch {
  /** Name and version of the runtime. */
  readonly runtime: string;
  /** An outcome for each model.  Rejects with `ABORTED` once the signal fires. */
  time(chunk: Chunk, signal: AbortSignal | undefined): Promise<readonly Outcome[] | Died>;
}

/**
 * Times by onnxruntime-node, each chunk in a process of its own: sessions leave memory behind, and what crashes there ends
 * nothing here.  Throws `RUNTIME_MISSING`.
 */
export function onnxStopwatch(): Stopwatch {
  return { runtime: `onnxruntime-node ${loadRuntime().env.versions.node}`, time: timeInChild };
}

async function timeInChild(chunk: Chunk, signal: AbortSignal | undefined): Promise<readonly Outcome[] | Died> {
  const child = fork(path.join(__dirname, 'child.js'), [], {
    execArgv: ['--expose-gc'],
    serialization: 'advanced', // models are bytes
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  if (signal?.aborted) kill();
  signal?.addEventListener('abort', kill, { once: true });
  try {
    let outcomes: readonly Outcome[] | undefined;
    child.on('message', (message) => (outcomes = message as readonly Outcome[]));
    child.send(chunk, () => {}); // where the child is gone how it ended says more
    const died = await new Promise<string>((ended) => {
      child.once('close', (status, killed) => ended(killed ?? `status ${status}`));
      child.once('error', ({ message }) => ended(message)); // it could not be started
    });
    if (signal?.aborted) throw abortError('measureLatency', signal);
    return outcomes ?? { died };
  } finally {
    signal?.removeEventListener('abort', kill);
  }
}
