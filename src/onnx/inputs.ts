import { OptiProxyError } from '../errors.js';
import type { SpaceProgram } from '../space/types.js';
import { encoderOf, feedOf, sourceNames, type Feed, type InputSource, type Numbers } from './feed.js';
import { shapeText, type Dimension } from './model.js';

/** Inputs of the models that are fitted here. */
const ownInputs = ['adjacency', 'operations', 'sizes'] as const;

/** An input of a model, and what it is fed with. */
export interface Input extends Pick<Feed, 'constant'> {
  readonly name: string;
  readonly type: keyof typeof arrays;
  /** Behind the batch's; all of a constant. */
  readonly dimensions: readonly number[];
  /** Elements for genes (n, G), n. */
  readonly fill: (genes: Uint8Array, count: number) => ArrayBufferView;
}

/** Arrays of the element types that can be fed. */
const arrays = {
  float32: (values: Numbers) => (values.BYTES_PER_ELEMENT === 4 ? values : Float32Array.from(values)),
  float64: (values: Numbers) => (values.BYTES_PER_ELEMENT === 8 ? values : Float64Array.from(values)),
  int32: (values: Numbers) => Int32Array.from(values),
  int64: (values: Numbers) => BigInt64Array.from(values as ArrayLike<number>, BigInt),
};

/** What onnxruntime says of an input. */
type Declared = { readonly name: string } & (
  | { readonly isTensor: false }
  | { readonly isTensor: true; readonly type: string; readonly shape: readonly Dimension[] }
);

/**
 * How each input of a model is fed, and the number of architectures that a run takes, where the model says that: the first
 * dimension of its inputs.  Throws `INVALID_MODEL` naming the input that is not as declared.
 */
export function planInputs(
  model: string,
  declared: readonly Declared[],
  sources: Readonly<Record<string, InputSource>> | undefined,
  program: SpaceProgram,
): { readonly inputs: Input[]; readonly batch: number | undefined } {
  const own = sources ?? Object.fromEntries(ownInputs.map((name) => [name, name]));
  const names = declared.map(({ name }) => name);
  const unfed = names.find((name) => own[name] === undefined);
  const unknown = sources && Object.keys(sources).find((name) => !names.includes(name));
  if (unfed !== undefined || unknown !== undefined) {
    throw new OptiProxyError('INVALID_MODEL', {
      what: `inputs of ${model}`,
      expected: unfed === undefined ? `some of ${names.join(', ')}` : `what ${unfed} is fed with`,
      given: unknown ?? (sources === undefined ? `a model with the inputs ${names.join(', ')}` : 'nothing'),
      hint: `like inputs: { ${unfed ?? names[0]}: one-hot }; sources: ${sourceNames.join(', ')}, { constant: 224 }`,
    });
  }
  const encode = encoderOf(program);
  const batches = new Map<number, string>();
  const inputs = declared.map((input): Input => {
    const what = `input ${input.name} of ${model}`;
    if (!input.isTensor || !(input.type in arrays)) {
      throw new OptiProxyError('INVALID_MODEL', {
        what,
        expected: `a tensor of ${Object.keys(arrays).join(', ')}`,
        given: input.isTensor ? input.type : 'a sequence or a map',
      });
    }
    const feed = feedOf(what, own[input.name]!, program, encode);
    const [first, ...rest] = input.shape;
    const dimensions = dimensionsOf(feed.constant ? input.shape : rest, feed.shape);
    if (dimensions === undefined || (!feed.constant && first === undefined)) {
      throw new OptiProxyError('INVALID_MODEL', {
        what,
        expected: `the shape ${shapeText(feed.constant ? feed.shape : ['batch', ...feed.shape])} that it is fed with`,
        given: shapeText(input.shape),
      });
    }
    if (!feed.constant && typeof first === 'number' && first > 0) batches.set(first, input.name);
    const { constant, fill } = feed;
    if (constant && input.type.startsWith('int') && !fill(new Uint8Array(0), 0).every(Number.isInteger)) {
      throw new OptiProxyError('INVALID_ARGUMENT', { what, expected: `whole numbers, as it is ${input.type}`, given: own[input.name] }); // prettier-ignore
    }
    const type = input.type as Input['type'];
    return { name: input.name, type, dimensions, constant, fill: (genes, n) => arrays[type](fill(genes, n)) };
  });
  if (batches.size > 1) {
    throw new OptiProxyError('INVALID_MODEL', {
      what: `inputs of ${model}`,
      expected: 'the same number of architectures in the first dimension of all',
      given: [...batches].map(([size, name]) => `${size} of ${name}`).join(', '),
    });
  }
  return { inputs, batch: [...batches.keys()][0] };
}

/**
 * The dimensions of an input that is declared as `declared` and fed with `fed`, both without the batch's; undefined where
 * these do not go together.  The same numbers may be arranged in another way; a size that the model leaves open is the
 * feed's, or whatever is left.
 */
function dimensionsOf(declared: readonly Dimension[], fed: readonly number[]): number[] | undefined {
  const sizes = declared.map((size, i) => {
    if (typeof size === 'number' && size > 0) return size;
    return declared.length === fed.length ? fed[i]! : NaN;
  });
  const open = sizes.filter(Number.isNaN).length;
  const product = sizes.reduce((all, size) => (Number.isNaN(size) ? all : all * size), 1);
  const count = fed.reduce((all, size) => all * size, 1);
  if (open > 1 || (open === 0 ? product !== count : count % product !== 0)) return undefined;
  return sizes.map((size) => (Number.isNaN(size) ? count / product : size));
}
