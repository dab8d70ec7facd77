/** @jest-environment <rootDir>/test/support/package-environment.js */
import { onnxMetric, type OnnxMetric, type OnnxMetricOptions } from '../../../src/latency/metric.js';
import { ModelBuilder, type Dimension } from '../../../src/onnx/model.js';
import { sampleSpace } from '../../../src/space/explore.js';
import { spaces } from '../../../src/space/index.js';
import { errorOf } from '../../support/errors.js';
import { scratchFolder } from '../../support/files.js';
import { linearModel, writeModel } from '../../support/models.js';

jest.mock('../../../src/packages.js', () => {
  const { nodePackages } = jest.requireActual<typeof import('../../support/packages.js')>('../../support/packages.js');
  return nodePackages;
});
jest.mock('../../../src/onnx/thread.js', () => {
  const { threadsOf } = jest.requireActual<typeof import('../../support/threads.js')>('../../support/threads.js');
  return threadsOf(jest.requireActual('../../../src/onnx/thread.js'));
});

const folder = scratchFolder();
const space = spaces.digits201();
const genes = Buffer.concat(sampleSpace(space, 3000, 1).map((architecture) => space.parse(architecture)));
const opened: OnnxMetric[] = [];
const open = async (file: string, options: Omit<OnnxMetricOptions, 'space'> = {}): Promise<OnnxMetric> => {
  const metric = await onnxMetric(file, { space, ...options });
  opened.push(metric);
  return metric;
};
afterAll(() => Promise.all(opened.map((metric) => metric.close())));

/** Sum of weights times genes, as the linear model of genes computes it. */
const weights = [1, 2, 3, 4, 5, 6.5];
const expected = Array.from({ length: genes.length / 6 }, (_, i) =>
  weights.reduce((sum, weight, g) => sum + weight * genes[6 * i + g]!, 0),
);

test('somebody else’s model, whatever its input is called and of whatever type and batch', async () => {
  for (const [type, batch, shape] of [
    ['float32', 'batch', [6]],
    ['float64', 'n', [6]],
    ['int64', 'n', [2, 3]],
    ['int32', 7, [6]],
    ['float32', 700, [6]],
    ['float32', 2048, [6]],
    ['float32', 1, [6, 1]],
  ] as const) {
    const model = linearModel(weights, { input: 'arch_encoding', type, batch, shape: [...shape] });
    const file = await writeModel(folder.path, `${type}${batch}.onnx`, model);
    const metric = await open(file, { inputs: { arch_encoding: 'genes' } });
    const some = type === 'float32' && batch === 1 ? 100 : 3000;
    expect(Array.from(await metric.evaluate(genes.subarray(0, 6 * some)))).toEqual(expected.slice(0, some));
  }
});

test('a margin adds deviations that the model tells', async () => {
  const builder = new ModelBuilder('unsure');
  const x = builder.input('arch', 'float32', ['batch', 6]);
  const product = (values: readonly number[]): string => builder.node('MatMul', [x, builder.floats(values, [6, 1])]);
  builder.output(product(weights), 'ms', 'float32', ['batch', 1]);
  builder.output(product([1, 0, 0, 0, 0, 0]), 'deviation', 'float32', ['batch', 1]);
  const file = await writeModel(folder.path, 'unsure.onnx', builder.finish());
  const metric = await open(file, { inputs: { arch: 'genes' }, margin: 2 });
  const some = await metric.evaluate(genes.subarray(0, 600));
  expect(Array.from(some)).toEqual(expected.slice(0, 100).map((value, i) => value + 2 * genes[6 * i]!));
  const sure = await writeModel(folder.path, 'sure.onnx', linearModel(weights));
  const error = await errorOf('UNKNOWN_NAME', () => open(sure, { inputs: { arch: 'genes' }, margin: 1 }));
  expect(error.message).toBe('output of sure.onnx: expected one of ms, given "deviation"');
});

test('what was said is kept, for the same encodings in any call', async () => {
  const metric = await open(await writeModel(folder.path, 'kept.onnx', linearModel(weights)), {
    inputs: { arch: 'genes' },
  });
  const [first, second] = await Promise.all([metric.evaluate(genes.subarray(0, 600)), metric.evaluate(genes.subarray(300, 900))]); // prettier-ignore
  expect(Array.from(first)).toEqual(expected.slice(0, 100));
  expect(Array.from(second)).toEqual(expected.slice(50, 150));
  await metric.close();
  expect(Array.from(await metric.evaluate(genes.subarray(0, 900)))).toEqual(expected.slice(0, 150));
});

test('genes may be changed by their owner while a model works', async () => {
  const metric = await open(await writeModel(folder.path, 'copy.onnx', linearModel(weights)), {
    inputs: { arch: 'genes' },
  });
  const mine = Uint8Array.from(genes.subarray(0, 6));
  const asked = metric.evaluate(mine);
  mine.fill(0);
  expect((await asked)[0]).toBe(expected[0]);
});

test('a file that describes how its model is fed', async () => {
  await writeModel(folder.path, 'edge.onnx', linearModel(weights.toReversed(), { input: 'v' }));
  const names = space.program.genes.map(({ name }) => name);
  const file = folder.write('edge.yaml', ['model: edge.onnx', 'inputs:', `  v: { from: genes, order: [${names.toReversed().map((name) => `'${name}'`).join(', ')}] }`, 'output: ms'].join('\n')); // prettier-ignore
  expect(Array.from(await (await open(file)).evaluate(genes.subarray(0, 60)))).toEqual(expected.slice(0, 10));
  const both = await errorOf('INVALID_ARGUMENT', () => open(file, { output: 'ms' }));
  expect(both.message).toContain('expected none but space: the file says how its model is fed, given "output"');
  const wrong = folder.write('wrong.yaml', 'model: edge.onnx\ninputs:\n  v: gene\n');
  expect((await errorOf('INVALID_ARGUMENT', () => open(wrong))).message).toContain(`${wrong} line 3, inputs.v: expected one of operations, adjacency`); // prettier-ignore
});

test('a model that is not what was declared is refused, by name', async () => {
  const file = await writeModel(folder.path, 'm.onnx', linearModel(weights));
  const refused = async (name: string, options: Omit<OnnxMetricOptions, 'space'> = {}): Promise<string> =>
    (await errorOf('INVALID_MODEL', () => open(name, options))).message;
  expect(await refused(`${file}x`)).toContain('expected an ONNX file, given "ENOENT');
  expect(await refused(folder.write('text.onnx', 'no model'))).toContain('text.onnx: expected a model that onnxruntime can run');
  expect(await refused(file)).toContain('inputs of m.onnx: expected what arch is fed with');
  expect(await refused(file, { inputs: { arch: 'one-hot' } })).toContain('input arch of m.onnx: expected the shape (batch, 30)');
  const output = await errorOf('UNKNOWN_NAME', () => open(file, { inputs: { arch: 'genes' }, output: 'watts' }));
  expect(output.message).toBe('output of m.onnx: expected one of ms, given "watts"');
  const option = await errorOf('INVALID_ARGUMENT', () => open(file, { inpust: {} } as never));
  expect(option.message).toContain('options, inpust: expected one of inputs, output, margin, providers, threads');

  const shaped = (op: (builder: ModelBuilder, x: string) => string, shape: readonly Dimension[]): Promise<string> => {
    const builder = new ModelBuilder('broken');
    builder.output(op(builder, builder.input('x', 'float32', ['batch', 6])), 'y', 'float32', shape);
    return writeModel(folder.path, 'broken.onnx', builder.finish());
  };
  const inputs = { x: 'genes' as const };
  await shaped((_, x) => x, ['batch', 6]);
  expect(await refused(`${folder.path}/broken.onnx`, { inputs })).toContain('broken.onnx, output y: expected numbers of shape (1) or (1, 1) of 1 architectures, given "float32 (1, 6)"');
  await shaped((b, x) => b.node('MatMul', [x, b.floats([1, 2], [2, 1])]), ['batch', 1]);
  expect(await refused(`${folder.path}/broken.onnx`, { inputs })).toMatch(/MatMul/);
  await shaped((b, x) => b.node('Nope', [x]), ['batch', 1]);
  expect(await refused(`${folder.path}/broken.onnx`, { inputs })).toMatch(/Nope/);
  const { nodes, ...rest } = linearModel(weights);
  const metadata = { space: 'nasbench201', isomorphism: 'computation' };
  const foreign = await writeModel(folder.path, 'foreign.onnx', { ...rest, nodes, metadata });
  expect(await refused(foreign, { inputs: { arch: 'genes' } })).toBe('foreign.onnx: expected a model of digits201 with isomorphism computation, given "one of nasbench201 with isomorphism computation" (hint: fit it with the same --space and --isomorphism)');
  const future = await writeModel(folder.path, 'future.onnx', { ...rest, nodes, opset: 999 });
  expect(await refused(future, { inputs: { arch: 'genes' } })).toMatch(/[Oo]pset 999/);
}); // prettier-ignore

test('what is no file, and no space', async () => {
  const nothing = await errorOf('INVALID_ARGUMENT', () => onnxMetric(undefined as never, { space }));
  expect(nothing.message).toMatch(/^file: expected the name of a model/);
  for (const options of [undefined, {}, { space: 'digits201' }])
    expect((await errorOf('INVALID_ARGUMENT', () => onnxMetric('m.onnx', options as never))).message).toMatch(/^options\.space: expected a search space/); // prettier-ignore
});

test('an answer that is no number names the output and the architecture', async () => {
  const builder = new ModelBuilder('logarithm');
  const x = builder.input('arch', 'float32', ['batch', 6]);
  const sum = builder.node('ReduceSum', [x, builder.integers([1])], { keepdims: 0 });
  const offset = builder.floats([genes.subarray(0, 6).reduce((a, b) => a + b, 0)], [1]);
  builder.output(builder.node('Log', [builder.node('Sub', [sum, offset])]), 'ms', 'float32', ['batch']);
  const file = await writeModel(folder.path, 'log.onnx', builder.finish());
  const tried = { ...space, example: `|${'nor_conv_3x3~0'}|+|nor_conv_3x3~0|nor_conv_3x3~1|+|avg_pool_3x3~0|avg_pool_3x3~1|avg_pool_3x3~2|` }; // prettier-ignore
  const metric = await onnxMetric(file, { space: tried, inputs: { arch: 'genes' } });
  opened.push(metric);
  const { message } = await errorOf('INVALID_MODEL', () => metric.evaluate(genes.subarray(0, 6)));
  expect(message).toBe(`log.onnx, output ms: expected a finite number, given "-Infinity for the architecture of genes ${genes.subarray(0, 6).join(' ')}"`); // prettier-ignore
});

test('others have their turn while a model works', async () => {
  const builder = new ModelBuilder('slow');
  let x = builder.node('MatMul', [builder.input('arch', 'float32', ['batch', 6]), builder.floats(Array(6 * 512).fill(0.001), [6, 512])]); // prettier-ignore
  const square = builder.floats(Array(512 * 512).fill(0.001), [512, 512]);
  for (let i = 0; i < 40; ++i) x = builder.node('Relu', [builder.node('MatMul', [x, square])]);
  builder.output(builder.node('MatMul', [x, builder.floats(Array(512).fill(1), [512, 1])]), 'ms', 'float32', ['batch', 1]); // prettier-ignore
  const metric = await open(await writeModel(folder.path, 'slow.onnx', builder.finish()), {
    inputs: { arch: 'genes' },
  });
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  const started = performance.now();
  await metric.evaluate(genes);
  const passed = performance.now() - started;
  clearInterval(timer);
  // A blocked loop gives one turn at most; timers are late on a busy machine, but not a hundred times.
  expect(turns).toBeGreaterThan(Math.max(3, passed / 100));
});
