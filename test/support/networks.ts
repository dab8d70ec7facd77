import type { Initializer, Model, Node } from '../../src/onnx/model.js';

/** Plain loops over what a network's model computes, and counts of it. */

/** Values of shape (batch, channels, height, width), row-major. */
export interface Images {
  readonly shape: readonly [batch: number, channels: number, size: number];
  readonly values: Float64Array;
}

export function images(shape: Images['shape'], value: (i: number) => number): Images {
  const [batch, channels, size] = shape;
  return { shape, values: Float64Array.from({ length: batch * channels * size * size }, (_, i) => value(i)) };
}

const at = ({ shape: [, channels, size], values }: Images, b: number, c: number, y: number, x: number): number =>
  values[((b * channels + c) * size + y) * size + x]!;

function make(
  batch: number,
  channels: number,
  size: number,
  value: (b: number, c: number, y: number, x: number) => number,
): Images {
  // prettier-ignore
  return images([batch, channels, size], (i) => {
    const place = Math.floor(i / size / size);
    return value(Math.floor(place / channels), place % channels, Math.floor(i / size) % size, i % size);
  });
}

export const relu = ({ shape, values }: Images): Images => ({ shape, values: values.map((v) => Math.max(v, 0)) });

export function add(a: Images, b: Images): Images {
  return { shape: a.shape, values: a.values.map((value, i) => value + b.values[i]!) };
}

/** A convolution of an odd kernel (out, in, k, k) that keeps the size but for the stride. */
export function convolve(image: Images, kernel: Initializer, bias: Initializer | undefined, stride: number): Images {
  const [to, from, k] = kernel.shape as [number, number, number];
  const [batch, , size] = image.shape;
  const [weights, offsets] = [floatsOf(kernel), bias && floatsOf(bias)];
  return make(batch, to, size / stride, (b, o, y, x) => {
    let sum = offsets?.[o] ?? 0;
    for (let c = 0; c < from; ++c)
      for (let dy = 0; dy < k; ++dy)
        for (let dx = 0; dx < k; ++dx) {
          const [row, column] = [y * stride + dy - (k >> 1), x * stride + dx - (k >> 1)];
          if (row >= 0 && row < size && column >= 0 && column < size)
            sum += weights[((o * from + c) * k + dy) * k + dx]! * at(image, b, c, row, column);
        }
    return sum;
  });
}

/** The mean of those of a window's pixels that are in the image. */
export function average(image: Images, window: 2 | 3): Images {
  const [batch, channels, size] = image.shape;
  const stride = window === 2 ? 2 : 1;
  const border = window === 2 ? 0 : 1;
  return make(batch, channels, size / stride, (b, c, y, x) => {
    const found: number[] = [];
    for (let row = y * stride - border; row < y * stride - border + window; ++row)
      for (let column = x * stride - border; column < x * stride - border + window; ++column)
        if (row >= 0 && row < size && column >= 0 && column < size) found.push(at(image, b, c, row, column));
    return found.reduce((a, v) => a + v, 0) / found.length;
  });
}

/** Batch norm with the statistics of training, ReLU, mean over the image, linear: (batch, classes). */
export function head(image: Images, [scale, shift, mean, variance, matrix, bias]: readonly Initializer[]): number[][] {
  const [batch, channels, size] = image.shape;
  const of = (constant: Initializer | undefined, i: number): number => floatsOf(constant!)[i]!;
  return Array.from({ length: batch }, (_, b) => {
    const means = Array.from({ length: channels }, (_, c) => {
      let sum = 0;
      for (let y = 0; y < size; ++y)
        for (let x = 0; x < size; ++x) {
          const normal = (at(image, b, c, y, x) - of(mean, c)) / Math.sqrt(of(variance, c) + 1e-5);
          sum += Math.max(0, normal * of(scale, c) + of(shift, c));
        }
      return sum / size / size;
    });
    const classes = bias!.shape[0]!;
    return Array.from({ length: classes }, (_, k) =>
      means.reduce((sum, value, c) => sum + value * of(matrix, k * channels + c), of(bias, k)),
    );
  });
}

export function floatsOf({ data }: Initializer): Float32Array {
  return new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4);
}

/** Weights of a trained network, and multiply-adds of a run, as benchmarks count them. */
export function countsOf({ nodes, initializers, inputs }: Model): { params: number; flops: number } {
  const constants = new Map(initializers.map((constant) => [constant.name, constant]));
  const sizes = new Map<string, { channels: number; size: number }>();
  const [, channels, size] = inputs[0]!.shape as number[];
  sizes.set(inputs[0]!.name, { channels: channels!, size: size! });
  let [params, flops] = [0, 0];
  for (const node of nodes) {
    const [first, second, third] = node.inputs;
    const before = sizes.get(first!)!;
    const [stride] = (node.attributes['strides'] as number[] | undefined) ?? [1];
    const after = { channels: constants.get(second!)?.shape[0] ?? before.channels, size: before.size / stride! };
    const weights = constants.get(second!)?.shape.reduce((product, n) => product * n, 1) ?? 0;
    sizes.set(node.outputs[0]!, node.op === 'BatchNormalization' ? before : after);
    // The bias of a convolution is the batch norm's, which has no weights of its own; that of the linear layer is learnt.
    if (node.op === 'Conv') params += weights;
    if (node.op === 'Conv') flops += after.size ** 2 * weights;
    if (node.op === 'Gemm') params += weights + constants.get(third!)!.shape[0]!;
    if (node.op === 'Gemm') flops += weights;
    if (node.op === 'AveragePool' && isOperation(node)) flops += 9 * after.size ** 2 * after.channels;
  }
  return { params, flops };
}

/** The mean of 2x2 before a reduction's projection is not counted. */
const isOperation = ({ attributes }: Node): boolean => (attributes['kernel_shape'] as number[])[0] === 3;
