/** Element types of ONNX tensors that are used here, and their numbers (TensorProto.DataType of onnx.proto). */
export const elementTypes = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float64: 11 } as const;
export type ElementType = keyof typeof elementTypes;

/** A size, or the name of one that is known when the model runs. */
export type Dimension = number | string;

/** `(batch, 8, 7)`, as messages show shapes. */
export function shapeText(shape: readonly Dimension[]): string {
  return `(${shape.join(', ')})`;
}

/** An input or output of a model. */
export interface ValueInfo {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly Dimension[];
}

/** A constant of a model, row-major. */
export interface Initializer {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Little-endian. */
  readonly data: Uint8Array;
}

/** An attribute of a node: a number is an INT if it is whole and no `Real`, else a FLOAT. */
export type Attribute = number | string | readonly number[] | Real;

/** A number that is to be a FLOAT though it may be whole. */
export class Real {
  constructor(readonly value: number) {}
}

export interface Node {
  readonly op: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A model as ONNX knows it, of the default operator set. */
export interface Model {
  readonly name: string;
  readonly opset: number;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly nodes: readonly Node[];
  readonly initializers: readonly Initializer[];
  /** Texts that travel with the model (metadata_props). */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The operator set that our models are of: the first with LayerNormalization, which every runtime of today knows. */
export const OPSET = 17;

/** Builds a model, node by node; each returns the name of what it computes. */
export class ModelBuilder {
  private readonly inputs: ValueInfo[] = [];
  private readonly outputs: ValueInfo[] = [];
  private readonly nodes: Node[] = [];
  private readonly initializers: Initializer[] = [];

  constructor(private readonly name: string) {}

  input(name: string, type: ElementType, shape: readonly Dimension[]): string {
    this.inputs.push({ name, type, shape });
    return name;
  }

  /** Constants of that shape, row-major. */
  floats(values: ArrayLike<number>, shape: readonly number[]): string {
    return this.constant('float32', bytesOf(Float32Array.from(values)), shape);
  }

  integers(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.constant('int64', bytesOf(BigInt64Array.from(values, BigInt)), shape);
  }

  /** A node of one output. */
  node(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    const name = `${op}_${this.nodes.length}`;
    this.nodes.push({ op, name, inputs, outputs: [name], attributes });
    return name;
  }

  /** What is computed under that name is an output called `name`. */
  output(value: string, name: string, type: ElementType, shape: readonly Dimension[]): void {
    this.nodes.push({ op: 'Identity', name: `${name}_output`, inputs: [value], outputs: [name], attributes: {} });
    this.outputs.push({ name, type, shape });
  }

  finish(metadata: Readonly<Record<string, string>> = {}): Model {
    const { name, inputs, outputs, nodes, initializers } = this;
    return { name, opset: OPSET, inputs, outputs, nodes, initializers, metadata };
  }

  private constant(type: ElementType, data: Uint8Array, shape: readonly number[]): string {
    const name = `constant_${this.initializers.length}`;
    this.initializers.push({ name, type, shape, data });
    return name;
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}
