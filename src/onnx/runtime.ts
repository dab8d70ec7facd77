import type * as onnxruntime from 'onnxruntime-node';
import { OptiProxyError } from '../errors.js';
import { loadPeer } from '../peers.js';

const PACKAGE = 'onnxruntime-node';

/** The version of onnxruntime-node that would be used; undefined where there is none. */
export function runtimeVersion(): string | undefined {
  try {
    return (loadPeer(`${PACKAGE}/package.json`) as { version: string }).version;
  } catch {
    return undefined;
  }
}

/** onnxruntime-node, which only those need who run models: an optional peer.  Throws `RUNTIME_MISSING`. */
export function loadRuntime(): typeof onnxruntime {
  try {
    return loadPeer(PACKAGE) as typeof onnxruntime;
  } catch (cause) {
    throw new OptiProxyError('RUNTIME_MISSING', {
      what: PACKAGE,
      expected: 'the package, which runs ONNX models',
      given: (cause as Error).message.split('\n')[0],
      hint: `ONNXRUNTIME_NODE_INSTALL=skip npm install ${PACKAGE}`,
      cause,
    });
  }
}

/** Whether there is one that loads. */
export function runtimeLoads(): boolean {
  try {
    loadRuntime();
    return true;
  } catch {
    return false;
  }
}

/** How sessions are made here. */
export interface RuntimeOptions {
  /** Execution providers of onnxruntime, the first that can run a node has it. @default cpu */
  readonly providers?: readonly string[] | undefined;
  /** Threads of one run. @default 1 */
  readonly threads?: number | undefined;
}

/** The same for onnxruntime: threads that wait do so asleep, since a search needs the processor too. */
export function sessionOptions({
  providers,
  threads = 1,
}: RuntimeOptions): onnxruntime.InferenceSession.SessionOptions {
  return {
    executionProviders: [...(providers ?? ['cpu'])],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4, // what goes wrong is told by the error
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  };
}
