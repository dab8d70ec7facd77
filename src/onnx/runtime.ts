import { createRequire } from 'node:module';
import path from 'node:path';
import { OptiProxyError } from '../errors.js';

/** A tensor as onnxruntime takes and gives it, row-major. */
export interface RuntimeTensor {
  readonly data: Float32Array | BigInt64Array;
}

interface RuntimeSession {
  run(feeds: Readonly<Record<string, RuntimeTensor>>): Promise<Record<string, RuntimeTensor>>;
  release(): Promise<void>;
}

/** What is used of onnxruntime-node. */
export interface Runtime {
  readonly Tensor: new (
    type: 'float32' | 'int64',
    data: Float32Array | BigInt64Array,
    dims: readonly number[],
  ) => RuntimeTensor;
  readonly InferenceSession: {
    create(model: Uint8Array, options: Readonly<Record<string, unknown>>): Promise<RuntimeSession>;
  };
}

const NAME = 'onnxruntime-node';

/** A file of onnxruntime-node, an optional peer: it is looked for where the user's project would find it. */
function resolved(request: string): string | undefined {
  for (const from of [__filename, path.join(process.cwd(), 'package.json')]) {
    try {
      return createRequire(from).resolve(request);
    } catch {
      continue;
    }
  }
  return undefined;
}

/** The version of onnxruntime-node; undefined if it is not installed. */
export function runtimeVersion(): string | undefined {
  const file = resolved(`${NAME}/package.json`);
  return file === undefined ? undefined : (require(file) as { version: string }).version;
}

/** Loads onnxruntime-node, which takes a moment.  Throws `ADDON_MISSING` if it is not installed or does not load. */
export function loadRuntime(): Runtime {
  const hint = `ONNXRUNTIME_NODE_INSTALL=skip npm install ${NAME}`;
  const file = resolved(NAME);
  if (file === undefined)
    throw new OptiProxyError('ADDON_MISSING', { what: NAME, expected: 'an installed package', given: 'none', hint });
  try {
    return require(file) as Runtime;
  } catch (cause) {
    throw new OptiProxyError('ADDON_MISSING', {
      what: NAME,
      expected: `${file} to load`,
      given: (cause as Error).message,
      hint,
      cause,
    });
  }
}
