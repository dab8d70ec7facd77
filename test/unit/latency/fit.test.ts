/** @jest-environment <rootDir>/test/support/package-environment.js */
import { fitLatency, type LatencyFit, type LatencyOptions } from '../../../src/latency/fit.js';
import { spearman } from '../../../src/latency/card.js';
import type { Source } from '../../../src/latency/transfer.js';
import { readMetadata } from '../../../src/onnx/metadata.js';
import * as runtime from '../../../src/onnx/runtime.js';
import { Session } from '../../../src/onnx/session.js';
import { coreOf } from '../../../src/space/explore.js';
import { spaceByName, spaces } from '../../../src/space/index.js';
import { errorOf } from '../../support/errors.js';
import { allGenes } from '../../support/spaces.js';
import { gaussian } from '../../support/uniform.js';

jest.mock('../../../src/packages.js', () => {
  const { nodePackages } = jest.requireActual<typeof import('../../support/packages.js')>('../../support/packages.js');
  return nodePackages;
});

// A module's own exports cannot be replaced by a spy.
jest.mock('../../../src/onnx/runtime.js', () => ({
  __esModule: true,
  ...jest.requireActual<object>('../../../src/onnx/runtime.js'),
}));

const space = spaces.nasbench201();
const cells = allGenes(space);
const genesOf = (places: readonly number[]): Uint8Array => Uint8Array.from(places.flatMap((at) => [...cells[at]!]));
/** Every so many-th cell, from one on: none of the cells that another start gives. */
const every = (step: number, start: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => (start + i * step * 7) % cells.length);

/** A device on which each operation takes its time wherever it is, and edges into the last node take longer. */
function device(times: readonly number[], late: number, noise = 0): (at: number) => number {
  const random = gaussian(times.length + late);
  return (at) => {
    const time = cells[at]!.reduce((sum, op, edge) => sum + times[op]! * (edge > 2 ? late : 1), 1);
    return time * (1 + noise * random());
  };
}
const slow = device([0, 0.1, 0.5, 2, 0.3], 1.2);

const measured = (places: readonly number[], time: (at: number) => number): LatencyOptions['measurements'] => ({
  architectures: genesOf(places),
  values: places.map(time),
});
const fit = (places: readonly number[], more: Partial<LatencyOptions> = {}): Promise<LatencyFit> =>
  fitLatency({ space, measurements: measured(places, slow), metric: 'ms', threads: 2, ...more });

async function predict(
  { bytes }: LatencyFit,
  places: readonly number[],
): Promise<{ values: number[]; deviations: number[] }> {
  const example = cells[0]!;
  const session = await Session.open({ model: bytes, program: space.program, example, also: ['deviation'] });
  const [values, deviations] = (await session.evaluate(genesOf(places))).map((column) => Array.from(column));
  await session.close();
  return { values: values!, deviations: deviations! };
}

const others = every(1, 11, 1500);
/** Ten cells without any path from the input to the output. */
const same = cells
  .flatMap((genes, at) => (genes[3] === 0 && genes[4] === 0 && genes[5] === 0 ? [at] : []))
  .slice(0, 10);

test('a model of 200 measurements predicts the rest, is checked, and says how good it is', async () => {
  const parts: number[] = [];
  const fitted = await fit(every(11, 1, 200), { unit: 'ms', seed: 3, onProgress: (part) => parts.push(part) });
  const { values, deviations } = await predict(fitted, others);
  const truth = others.map(slow);
  expect(spearman(values, truth)).toBeGreaterThan(0.98);
  const inside = truth.filter((value, i) => Math.abs(value - values[i]!) <= 1.6449 * deviations[i]!).length;
  expect(inside / truth.length).toBeGreaterThan(0.8);
  const { card, checked } = fitted;
  expect(checked).toBeLessThan(1e-5);
  expect(card).toMatchObject({
    space: 'nasbench201',
    metric: 'ms',
    unit: 'ms',
    measurements: 200,
    seed: 3,
    sources: [],
  });
  expect(card.validation.spearman).toBeGreaterThan(0.95);
  expect(card.distinct).toBeLessThanOrEqual(200);
  const metadata = await readMetadata(fitted.bytes);
  expect(metadata).toEqual({
    space: 'nasbench201',
    isomorphism: 'computation',
    metric: 'ms',
    unit: 'ms',
    card: JSON.stringify(card),
  });
  expect(parts.every((part, i) => i === 0 || part >= parts[i - 1]!)).toBe(true);
  expect(parts.at(-1)).toBe(1);
});

test('the same seed gives the same bytes at any number of threads; another seed others', async () => {
  const [one, three, other] = [
    await fit(every(11, 1, 40), { threads: 1 }),
    await fit(every(11, 1, 40), { threads: 3 }),
    await fit(every(11, 1, 40), { seed: 1 }),
  ];
  expect(three.bytes).toEqual(one.bytes);
  expect(other.bytes).not.toEqual(one.bytes);
});

test('a metric that can be below 0 is learnt as it is', async () => {
  const centred = (at: number): number => slow(at) - 5;
  const fitted = await fit([], { measurements: measured(every(11, 1, 100), centred) });
  const { values } = await predict(fitted, others);
  expect(spearman(values, others.map(centred))).toBeGreaterThan(0.95);
});

test('all the same value: a model that says so', async () => {
  const fitted = await fit([], { measurements: measured(every(11, 1, 20), () => 4) });
  expect(fitted.card.validation).toMatchObject({ kendall: null, spearman: null });
  const { values } = await predict(fitted, others.slice(0, 50));
  for (const value of values) expect(Math.abs(value - 4)).toBeLessThan(0.1);
});

test.each(['nasbench101', 'nasbench301', 'nasbench-nlp', 'transformer-macro', 'digits201'] as const)(
  '%s: the model says in onnxruntime what the networks say, for values of any size',
  async (name) => {
    const other = spaceByName(name);
    const { genes: architectures } = coreOf(other).draw(30, 8, 0);
    const noise = gaussian(3);
    const values = Array.from({ length: 30 }, () => 1e9 * Math.exp(3 * noise()));
    const { checked, card } = await fit([], { space: other, measurements: { architectures, values } });
    expect(checked).toBeLessThan(1e-5);
    expect(card).toMatchObject({ space: name, measurements: 30, validation: { folds: 10 } });
  },
);

describe('from other devices', () => {
  const source = (name: string, time: (at: number) => number): Source => {
    const places = every(3, 2, 600);
    return { name, architectures: genesOf(places), values: places.map(time) };
  };
  // What they have in common: convolutions are slow.
  const sources = [
    source('gpu', device([0, 0.05, 1, 1.2, 0.2], 1)),
    source('phone', device([0, 0.2, 0.4, 3, 0.4], 1.3)),
    source('tpu', device([0, 0.1, 0.5, 1, 1], 1.1)),
  ];

  test('ten measurements do what they cannot do alone, and the seed decides the bytes', async () => {
    const few = every(11, 5, 10);
    const [alone, transferred] = [await fit(few), await fit(few, { sources })];
    const truth = others.map(slow);
    const quality = async (fitted: LatencyFit): Promise<number> =>
      spearman((await predict(fitted, others)).values, truth)!;
    const [before, after] = [await quality(alone), await quality(transferred)];
    expect(after).toBeGreaterThan(0.97);
    expect(after).toBeGreaterThan(before + 0.02);
    expect(transferred.card.sources).toEqual(['gpu', 'phone', 'tpu']);
    expect(transferred.checked).toBeLessThan(1e-5);
    expect((await fit(few, { sources, threads: 1 })).bytes).toEqual(transferred.bytes);
  });

  test('of many measurements it is found out whether others help', async () => {
    // Time that no source takes: of pooling into the last node.
    const odd = (at: number): number => slow(at) + (cells[at]![5] === 4 ? 9 : 0);
    const many = every(11, 5, 300);
    const [own, mixed] = [
      await fit(many, { sources, measurements: measured(many, odd) }),
      await fit(every(11, 5, 60), { sources }),
    ];
    expect(own.card.sources).toEqual([]);
    expect(mixed.card.sources).toHaveLength(3);
    expect(own.card.validation.within10).toBeGreaterThan(0.5);
  });

  test('they must share architectures', async () => {
    const far: Source = { name: 'far', architectures: genesOf(every(3, 3, 300)), values: Array<number>(300).fill(1) };
    const error = await errorOf('INVALID_ARGUMENT', () => fit(every(11, 5, 10), { sources: [sources[0]!, far] }));
    expect(error.message).toMatch(/^sources: expected at least 100 architectures that all of them have, given \d+$/);
  });
});

describe('what is refused', () => {
  test('options that are none', async () => {
    const message = async (options: unknown): Promise<string> =>
      (await errorOf('INVALID_ARGUMENT', () => fitLatency(options as LatencyOptions))).message;
    expect(await message(undefined)).toMatch(/^options: expected an object/);
    expect(await message({ metric: 'ms' })).toMatch(/^options\.space: expected a search space/);
    expect(await message({ space, metric: 'ms' })).toMatch(/^options\.measurements: expected an object/);
    expect(await message({ space, metrics: 'ms' })).toMatch(/^options\.metrics: expected one of space, measurements/);
  });

  const ten = every(11, 1, 10);
  test.each<[string, Partial<LatencyOptions>, RegExp]>([
    [
      'nine',
      { measurements: measured(ten.slice(1), slow) },
      /^measurements: expected at least 10 architectures, given 9$/,
    ],
    [
      'a value too few',
      { measurements: { architectures: genesOf(ten), values: [1, 2] } },
      /expected 10 values.*given 2$/,
    ],
    ['NaN', { measurements: measured(ten, (at) => (at === ten[3] ? NaN : 1)) }, /float32 holds, given NaN$/],
    ['infinity', { measurements: measured(ten, () => Infinity) }, /float32 holds, given Infinity$/],
    ['what float32 does not hold', { measurements: measured(ten, () => 1e40) }, /float32 holds, given 1e\+40$/],
    ['the name of an input', { metric: 'sizes' }, /^metric: expected another name/],
    ['no seed', { seed: 0.5 }, /^options\.seed: expected a whole number/],
    ['no threads', { threads: 0 }, /^options\.threads: expected a whole number/],
    ['NaN of a source', { sources: [{ name: 'gpu', ...measured(ten, () => NaN) }] }, /^source gpu: .*given NaN$/],
    ['copies of one', { measurements: measured(same, slow) }, /that are not the same/],
  ])('%s', async (_name, options, message) => {
    const { message: said } = await errorOf('INVALID_ARGUMENT', () => fit(ten, options));
    expect(said).toMatch(message);
  });

  test('architectures that break a constraint', async () => {
    const graphs = spaces.nasbench101();
    const { program, size } = graphs;
    const core = coreOf(graphs);
    const all = core.enumerate(0, 5000);
    expect(size).toBeGreaterThan(5000);
    const count = all.length / program.genes.length;
    const options = { space: graphs, measurements: { architectures: all, values: Array<number>(count).fill(1) } };
    await errorOf('INVALID_ARCHITECTURE', () => fit(ten, options));
  });

  test('an abort, before and in the middle', async () => {
    await errorOf('ABORTED', () => fit(ten, { signal: AbortSignal.abort() }));
    const abort = new AbortController();
    const onProgress = (part: number): void => (part > 0.5 ? abort.abort() : undefined);
    await errorOf('ABORTED', () => fit(every(11, 1, 60), { signal: abort.signal, onProgress }));
  });

  test('a model that says something else in onnxruntime', async () => {
    const { InferenceSession, Tensor } = runtime.loadRuntime();
    const Base = Tensor as unknown as new (type: string, data: Float32Array, dims: readonly number[]) => object;
    class Zeros extends Base {
      constructor(type: string, data: Float32Array, dims: readonly number[]) {
        super(type, dims.at(-1) === space.program.features ? new Float32Array(data.length) : data, dims);
      }
    }
    const zeros = { InferenceSession, Tensor: Zeros } as unknown as ReturnType<typeof runtime.loadRuntime>;
    const wrong = jest.spyOn(runtime, 'loadRuntime').mockReturnValue(zeros);
    const error = await errorOf('INTERNAL', () => fit(every(11, 1, 30)));
    expect(error.message).toMatch(/within 0\.00001, given/);
    wrong.mockRestore();
  });
});

test('without onnxruntime-node the model is made and said not to be checked', async () => {
  const absent = jest.spyOn(runtime, 'runtimeLoads').mockReturnValue(false);
  const { bytes, checked } = await fit(every(11, 1, 12));
  expect(checked).toBeUndefined();
  expect(bytes.length).toBeGreaterThan(5_000);
  absent.mockRestore();
});
