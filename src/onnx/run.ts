import { loadRuntime } from './runtime.js';

/** Values of an input of a model, row-major. */
export interface Feed {
  readonly data: Float32Array | BigInt64Array;
  readonly shape: readonly number[];
}

export type Feeds = Readonly<Record<string, Feed>>;

/**
 * Runs a model (the bytes of its file) on one batch after the other; yields the float32 outputs of each by their names.
 * Throws `ADDON_MISSING` without onnxruntime-node, and what that throws for a model that it cannot read or run.
 */
export async function* runModel(
  model: Uint8Array,
  batches: Iterable<Feeds>,
  threads?: number,
): AsyncGenerator<Readonly<Record<string, Float32Array>>> {
  const { InferenceSession, Tensor } = loadRuntime();
  const session = await InferenceSession.create(model, {
    logSeverityLevel: 3,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
  });
  try {
    for (const feeds of batches) {
      const tensors = Object.entries(feeds).map(([name, { data, shape }]) => {
        return [name, new Tensor(data.BYTES_PER_ELEMENT === 4 ? 'float32' : 'int64', data, shape)] as const;
      });
      const outputs = Object.entries(await session.run(Object.fromEntries(tensors)));
      yield Object.fromEntries(outputs.map(([name, { data }]) => [name, data as Float32Array]));
    }
  } finally {
    await session.release();
  }
}
