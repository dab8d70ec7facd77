import { OptiProxyError } from '../../errors.js';
import { ModelBuilder, type Model } from '../../onnx/model.js';
import { Draws } from '../../random.js';
import type { SearchSpace } from '../../space/types.js';
import { effectiveEdges, VERTICES, type CellEdge } from './cell.js';

/** Name of a network's input, (batch, colours, resolution, resolution), and of its output, (batch, classes). */
export const INPUT = 'image';
export const OUTPUT = 'logits';

/** What can be chosen of the network around a cell. */
export interface NetworkShape {
  /** Images of one run. */
  readonly batch: number;
  /** C, channels of the first stage; each of the others has twice as many as the one before. */
  readonly channels: number;
  /** Height and width of the images; each stage has half of the one before. */
  readonly resolution: number;
  /** Cells of a stage. */
  readonly cells: number;
}

/** The network of a benchmark around its cell. */
export interface Skeleton extends NetworkShape {
  readonly stages: number;
  /** Channels of an image. */
  readonly colours: number;
  readonly classes: number;
}

const digits201: Skeleton = { stages: 2, colours: 1, classes: 10, batch: 1, channels: 8, resolution: 8, cells: 1 };
const nasbench201: Skeleton = { stages: 3, colours: 3, classes: 10, batch: 1, channels: 16, resolution: 32, cells: 5 };

/**
 * The skeleton of a space's benchmark, that of NAS-Bench-201 (CIFAR-10) for any but Digits-201, with what is given in place
 * of its own.  Throws `INVALID_ARGUMENT` for a resolution that cannot be halved from stage to stage.
 */
export function skeletonOf({ id }: SearchSpace, given: Partial<NetworkShape>): Skeleton {
  const skeleton = { ...(id === 'digits201' ? digits201 : nasbench201), ...given };
  const multiple = 2 ** (skeleton.stages - 1);
  if (skeleton.resolution % multiple === 0) return skeleton;
  throw new OptiProxyError('INVALID_ARGUMENT', {
    what: 'resolution',
    expected: `a multiple of ${multiple}, as each stage but the first halves it`,
    given: skeleton.resolution,
  });
}

/** Normal numbers that are drawn, and used over and over: values do not decide how long a network takes.  A prime. */
const DRAWN = 16_381;

/** Weights of any number, deterministic in the seed. */
export class Weights {
  private readonly normals: Float32Array;

  constructor(seed: number) {
    const draws = new Draws(seed);
    this.normals = Float32Array.from({ length: DRAWN }, () => draws.normal());
  }

  /** So many numbers of this standard deviation. */
  take(count: number, deviation: number): Float32Array {
    return Float32Array.from({ length: count }, (_, i) => deviation * this.normals[i % DRAWN]!);
  }
}

/**
 * The network of an architecture as it runs after training: stem, stages of cells with a residual reduction between them,
 * batch norm, ReLU, global mean, linear.  The batch norm behind a convolution is part of it.
 */
export function buildNetwork(space: SearchSpace, architecture: string, skeleton: Skeleton, weights: Weights): Model {
  const edges = effectiveEdges(space, space.parse(architecture));
  return new NetworkBuilder(architecture, edges, skeleton, weights).build();
}

class NetworkBuilder {
  private readonly model: ModelBuilder;

  constructor(
    name: string,
    private readonly edges: readonly CellEdge[],
    private readonly skeleton: Skeleton,
    private readonly weights: Weights,
  ) {
    this.model = new ModelBuilder(name);
  }

  build(): Model {
    const { model } = this;
    const { batch, colours, resolution, channels, stages, classes } = this.skeleton;
    const image = model.input(INPUT, 'float32', [batch, colours, resolution, resolution]);
    const scale = 2 ** (stages - 1);
    const [width, size] = [channels * scale, resolution / scale];
    // Without a path through the cell nothing of the image is left, and a runtime finds the answer as it loads the network.
    const features =
      this.edges.length === 0
        ? model.floats(new Float32Array(batch * width * size * size), [batch, width, size, size])
        : this.body(image);
    const active = model.node('Relu', [this.norm(features, width)]);
    const mean = model.node('Flatten', [model.node('GlobalAveragePool', [active])]);
    const linear = [this.matrix(classes, width), this.vector(classes)];
    const logits = model.node('Gemm', [mean, ...linear], { transB: 1 });
    model.output(logits, OUTPUT, 'float32', [batch, classes]);
    return model.finish();
  }

  private body(image: string): string {
    const { colours, channels, stages, cells } = this.skeleton;
    let x = this.convolution(image, colours, channels, 3);
    for (let stage = 0; stage < stages; ++stage) {
      const width = channels * 2 ** stage;
      if (stage > 0) x = this.reduction(x, width / 2, width);
      for (let cell = 0; cell < cells; ++cell) x = this.cell(x, width);
    }
    return x;
  }

  private cell(input: string, width: number): string {
    const vertices: (string | undefined)[] = [input];
    for (const { from, to, operation } of this.edges) {
      const term = this.operation(operation, vertices[from]!, width);
      const sum = vertices[to];
      vertices[to] = sum === undefined ? term : this.model.node('Add', [sum, term]);
    }
    return vertices[VERTICES - 1]!;
  }

  private operation(operation: CellEdge['operation'], x: string, width: number): string {
    switch (operation) {
      case 'skip_connect':
        return x;
      case 'nor_conv_1x1':
        return this.activeConvolution(x, width, width, 1);
      case 'nor_conv_3x3':
        return this.activeConvolution(x, width, width, 3);
      case 'avg_pool_3x3':
        return this.pool(x, 3, 1);
    }
  }

  /** A residual block that halves height and width: ReLU and convolution twice, beside a mean of 2x2 and a projection. */
  private reduction(x: string, from: number, to: number): string {
    const half = this.activeConvolution(x, from, to, 3, 2);
    const residual = this.activeConvolution(half, to, to, 3);
    const shortcut = this.model.node('Conv', [this.pool(x, 2, 2), this.kernel(from, to, 1)], { kernel_shape: [1, 1] });
    return this.model.node('Add', [shortcut, residual]);
  }

  private activeConvolution(x: string, from: number, to: number, kernel: number, stride = 1): string {
    return this.convolution(this.model.node('Relu', [x]), from, to, kernel, stride);
  }

  /** With the batch norm behind it, which scales its kernels and adds a bias. */
  private convolution(x: string, from: number, to: number, kernel: number, stride = 1): string {
    return this.model.node('Conv', [x, this.kernel(from, to, kernel), this.vector(to)], window(kernel, stride));
  }

  private pool(x: string, kernel: number, stride: number): string {
    return this.model.node('AveragePool', [x], { ...window(kernel, stride), count_include_pad: 0 });
  }

  /** Of the sum that a cell is, so that no convolution can take it in. */
  private norm(x: string, width: number): string {
    const { model } = this;
    const ones = model.floats(new Float32Array(width).fill(1), [width]);
    return model.node('BatchNormalization', [x, ones, this.vector(width), this.vector(width), ones]);
  }

  private kernel(from: number, to: number, size: number): string {
    const inputs = from * size * size;
    return this.model.floats(this.weights.take(to * inputs, Math.sqrt(2 / inputs)), [to, from, size, size]);
  }

  private matrix(rows: number, columns: number): string {
    return this.model.floats(this.weights.take(rows * columns, 0.1), [rows, columns]);
  }

  private vector(size: number): string {
    return this.model.floats(this.weights.take(size, 0.1), [size]);
  }
}

/** A window of odd size keeps height and width, but for the stride; one of 2x2 has no border. */
function window(kernel: number, stride: number): { [attribute: string]: number[] } {
  const border = (kernel - 1) >> 1;
  return { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [border, border, border, border] };
}
