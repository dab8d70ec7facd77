import type * as onnxruntime from 'onnxruntime-node';
import { OptiProxyError } from '../errors.js';

/** onnxruntime-node, which only those need who run models: an optional peer.  Throws `RUNTIME_MISSING`. */
export function loadRuntime(): typeof onnxruntime {
  try {
    return require('onnxruntime-node') as typeof onnxruntime;
  } catch (cause) {
    throw new OptiProxyError('RUNTIME_MISSING', {
      what: 'onnxruntime-node',
      expected: 'the package, which runs ONNX models',
      given: (cause as Error).message.split('\n')[0],
      hint: 'ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node',
      cause,
    });
  }
}
