import path from 'node:path';
import type * as thread from '../../src/onnx/thread.js';
import { root } from './cli.js';

/** The module src/onnx/thread.ts with the worker of the built package: jest compiles none. */
export function threadsOf({ ModelThread }: typeof thread): unknown {
  const script = path.join(root, 'dist', 'onnx', 'worker.js');
  return {
    ModelThread: { open: (source: Parameters<typeof ModelThread.open>[0]) => ModelThread.open(source, script) },
  };
}
