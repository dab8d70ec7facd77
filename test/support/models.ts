import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { ModelBuilder, type Dimension, type ElementType, type Model } from '../../src/onnx/model.js';
import { encodeModel } from '../../src/onnx/write.js';

/** Writes a model; needs the environment and the mock of test/support/packages.ts. */
export async function writeModel(folder: string, name: string, model: Model): Promise<string> {
  const file = path.join(folder, name);
  writeFileSync(file, await encodeModel(model));
  return file;
}

/** A model as others make them: one input of any name and type, whose product with these weights is the answer. */
export function linearModel(
  weights: readonly number[],
  {
    input = 'arch',
    type = 'float32',
    batch = 'batch',
    shape = [weights.length],
  }: { input?: string; type?: ElementType; batch?: Dimension; shape?: readonly number[] } = {},
): Model {
  const builder = new ModelBuilder('linear');
  let x = builder.input(input, type, [batch, ...shape]);
  if (type !== 'float32') x = builder.node('Cast', [x], { to: 1 });
  x = builder.node('Reshape', [x, builder.integers([-1, weights.length])]);
  builder.output(builder.node('MatMul', [x, builder.floats(weights, [weights.length, 1])]), 'ms', 'float32', [
    batch,
    1,
  ]);
  return builder.finish();
}
