import { planInputs } from '../../../src/onnx/inputs.js';
import type { InputSource } from '../../../src/onnx/feed.js';
import type { Dimension } from '../../../src/onnx/model.js';
import { spaces } from '../../../src/space/index.js';
import { coreOf } from '../../../src/space/explore.js';
import { errorOf } from '../../support/errors.js';

const digits = spaces.digits201();
const cell = '|avg_pool_3x3~0|+|none~0|skip_connect~1|+|nor_conv_1x1~0|nor_conv_3x3~1|none~2|';
const genes = digits.parse(cell);
const values = digits.program.genes[0]!.values;
const { nodes: n, features: f } = digits.program;

type Shape = readonly Dimension[];
const tensor = (name: string, shape: Shape, type = 'float32') => ({ name, isTensor: true as const, type, shape });
const plan = (shape: Shape, source: InputSource, type?: string, program = digits.program) =>
  planInputs('m.onnx', [tensor('x', shape, type)], { x: source }, program);
const filled = (shape: Shape, source: InputSource, type?: string): number[] =>
  Array.from(plan(shape, source, type).inputs[0]!.fill(genes, 1) as Float64Array);

test('genes, their one-hot rows and their numbers in another order', () => {
  const numbers = Array.from(genes);
  expect(filled(['b', 6], 'genes')).toEqual(numbers);
  expect(filled(['b', 30], 'one-hot')).toEqual(numbers.flatMap((value) => values.map((_, v) => (v === value ? 1 : 0))));
  const names = digits.program.genes.map(({ name }) => name);
  const codes = Object.fromEntries(values.map((text, i) => [text, 10 - i]));
  const order = [names[5]!, names[0]!];
  expect(filled(['b', 2], { from: 'genes', codes, order })).toEqual([10 - numbers[5]!, 10 - numbers[0]!]);
  const one = filled(['b', 22], { from: 'one-hot', codes, order });
  expect(one.flatMap((value, i) => (value === 1 ? [i] : []))).toEqual([10 - numbers[5]!, 11 + 10 - numbers[0]!]);
});

test('the graph that our models read', () => {
  const { x, out } = coreOf(digits).encode(genes);
  expect(filled(['b', n, f], 'operations')).toEqual(Array.from(x));
  const adjacency = filled(['b', n, n], 'adjacency');
  adjacency.forEach((value, i) => {
    const [from, to] = [Math.floor(i / n), i % n];
    const edge = digits.program.edges.some((one) => one.from === from && one.to === to);
    expect([i, value]).toEqual([i, edge ? 1 : 0]);
    expect(out[i]! > 0).toBe(edge || from === to);
  });
  expect(filled(['b'], 'sizes')).toEqual([n]);
  const two = plan(['b', n, n], 'adjacency').inputs[0]!.fill(Buffer.concat([genes, genes]), 2) as Float32Array;
  expect(Array.from(two)).toEqual([...adjacency, ...adjacency]);
});

test('a space whose genes decide edges gives each architecture its own adjacency', () => {
  const space = spaces.nasbench101();
  const { nodes } = space.program;
  const two = Buffer.concat([space.parse(space.example), new Uint8Array(space.program.genes.length)]);
  const all = planInputs('m', [tensor('x', ['b', nodes, nodes])], { x: 'adjacency' }, space.program).inputs[0]!.fill(two, 2) as Float32Array; // prettier-ignore
  expect(all).toHaveLength(2 * nodes * nodes);
  expect(all.subarray(0, nodes * nodes)).not.toEqual(all.subarray(nodes * nodes));
  // One at a time is the same, whatever came before.
  const { fill } = planInputs('m', [tensor('x', ['b', nodes, nodes])], { x: 'adjacency' }, space.program).inputs[0]!;
  const width = space.program.genes.length;
  expect(fill(two.subarray(0, width), 1)).toEqual(all.slice(0, nodes * nodes));
  expect(fill(two.subarray(width), 1)).toEqual(all.slice(nodes * nodes));
});

test('types, and the same numbers arranged in another way', () => {
  const numbers = Array.from(genes);
  for (const [type, sample] of [
    ['float32', new Float32Array(0)],
    ['float64', new Float64Array(0)],
    ['int32', new Int32Array(0)],
    ['int64', new BigInt64Array(0)],
  ] as const) {
    const given = plan(['b', 6], 'genes', type).inputs[0]!.fill(genes, 1);
    expect(given.constructor).toBe(sample.constructor);
    expect(Array.from(given as Float64Array, Number)).toEqual(numbers);
  }
  expect(plan(['b', 6, 5], 'one-hot').inputs[0]!.dimensions).toEqual([6, 5]);
  expect(plan(['b', 1, 'k'], 'one-hot').inputs[0]!.dimensions).toEqual([1, 30]);
  expect(plan(['b', 'n', 'f'], 'operations').inputs[0]!.dimensions).toEqual([n, f]);
  expect(plan([1], { constant: 224 }).inputs[0]).toMatchObject({ constant: true, dimensions: [1] });
  expect(plan([], { constant: 224 }).inputs[0]).toMatchObject({ dimensions: [] });
});

test('a batch that the model fixes', () => {
  expect(plan([16, 6], 'genes').batch).toBe(16);
  expect(plan(['b', 6], 'genes').batch).toBeUndefined();
  expect(plan([-1, 6], 'genes').batch).toBeUndefined();
});

test('what is not as declared is refused, by name', async () => {
  const given = [tensor('x', ['b', 6]), tensor('y', ['b', 6])];
  const messages = [
    [() => plan(['b', 7], 'genes'), 'input x of m.onnx: expected the shape (batch, 6) that it is fed with, given "(b, 7)"'],
    [() => plan(['b', 'k', 'l'], 'genes'), 'input x of m.onnx: expected the shape (batch, 6) that it is fed with, given "(b, k, l)"'],
    [() => plan([], 'genes'), 'input x of m.onnx: expected the shape (batch, 6) that it is fed with, given "()"'],
    [() => plan(['b', 6], 'genes', 'string'), 'input x of m.onnx: expected a tensor of float32, float64, int32, int64, given "string"'],
    [() => planInputs('m.onnx', [{ name: 'x', isTensor: false }], { x: 'genes' }, digits.program), 'input x of m.onnx: expected a tensor of float32, float64, int32, int64, given "a sequence or a map"'],
    [() => planInputs('m.onnx', [tensor('x', [4, 6]), tensor('y', [5, 6])], { x: 'genes', y: 'genes' }, digits.program), 'inputs of m.onnx: expected the same number of architectures in the first dimension of all, given "4 of x, 5 of y"'],
  ] as const; // prettier-ignore
  for (const [act, message] of messages) expect((await errorOf('INVALID_MODEL', act)).message).toBe(message);
  const lacking = await errorOf('INVALID_MODEL', () => planInputs('m.onnx', given, { x: 'genes' }, digits.program));
  expect(lacking.message).toContain('inputs of m.onnx: expected what y is fed with, given "nothing"');
  const more = await errorOf('INVALID_MODEL', () => planInputs('m.onnx', given.slice(0, 1), { x: 'genes', z: 'genes' }, digits.program)); // prettier-ignore
  expect(more.message).toContain('expected some of x, given "z"');
  const own = await errorOf('INVALID_MODEL', () => planInputs('m.onnx', given, undefined, digits.program));
  expect(own.message).toContain('given "a model with the inputs x, y"');
  const half = await errorOf('INVALID_ARGUMENT', () => plan([1], { constant: 224.5 }, 'int64'));
  expect(half.message).toMatch(/^input x of m\.onnx: expected whole numbers, as it is int64/);
  const gene = await errorOf('UNKNOWN_NAME', () => plan(['b', 1], { from: 'genes', order: ['nope'] }));
  expect(gene.message).toContain('input x of m.onnx.order: expected genes of the space: ');
  const code = await errorOf('INVALID_ARGUMENT', () => plan(['b', 6], { from: 'genes', codes: { none: 1 } }));
  expect(code.message).toContain('given "none for skip_connect"');
});
