/** @jest-environment <rootDir>/test/support/package-environment.js */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gcnModel, type TrainedGcn } from '../../../src/latency/export.js';
import { loadRuntime } from '../../../src/onnx/runtime.js';
import { encodeModel } from '../../../src/onnx/write.js';
import { logGap, softLog, standardise, type CurvedLabels } from '../../../src/proxy/labels.js';
import { errorOf } from '../../support/errors.js';

jest.mock('../../../src/packages.js', () => {
  const { nodePackages } = jest.requireActual<typeof import('../../support/packages.js')>('../../support/packages.js');
  return nodePackages;
});

type Feeds = Readonly<Record<string, { data: Float32Array | BigInt64Array; shape: readonly number[] }>>;
type Nested = number | readonly Nested[];

/** A vector of double-precision numbers from the reference (docs/architecture.md, Numerics). */
interface Golden {
  readonly config: { readonly features: number; readonly hidden: number; readonly layers: number };
  readonly parameters: Readonly<Record<string, Nested>>;
  readonly adjacency: readonly (readonly number[][])[];
  readonly x: Nested;
  readonly sizes?: readonly number[];
  readonly prediction: readonly (readonly number[])[];
}

const flat = (nested: Nested): number[] => (typeof nested === 'number' ? [nested] : nested.flatMap(flat));

function golden(name: string): Golden {
  const read = JSON.parse(
    readFileSync(path.join(__dirname, '..', '..', 'golden', `${name}.json`), 'utf8'),
  ) as Golden & {
    readonly steps?: readonly Pick<Golden, 'prediction'>[];
  };
  return { ...read, prediction: read.prediction ?? read.steps![0]!.prediction };
}

/** Members of the golden network, each with its head times a factor; plain targets unless told otherwise. */
function trained({ config, parameters, x, adjacency }: Golden, factors: readonly number[]): TrainedGcn {
  const { features, hidden, layers } = config;
  const heads = flat(parameters['head.weight']!);
  const outputs = heads.length / hidden;
  const body = Object.entries(parameters).flatMap(([name, values]) => (name === 'head.weight' ? [] : flat(values)));
  const head = heads.filter((_, i) => i % outputs === 0);
  expect(flat(x).length % (adjacency.length * features)).toBe(0);
  return {
    graph: { nodes: adjacency[0]!.length, features },
    shape: { hidden, layers, members: factors.length },
    parameters: Float32Array.from(factors.flatMap((factor) => [...body, ...head.map((weight) => weight * factor)])),
    curve: { slope: 1, intercept: 0 },
    uncertainty: { factor: 1, floor: 0 },
    metric: 'latency',
  };
}

function feedsOf({ adjacency, x, sizes, config }: Golden): Feeds {
  const batch = adjacency.length;
  const nodes = adjacency[0]!.length;
  return {
    adjacency: { data: Float32Array.from(flat(adjacency)), shape: [batch, nodes, nodes] },
    operations: { data: Float32Array.from(flat(x)), shape: [batch, nodes, config.features] },
    sizes: { data: BigInt64Array.from(sizes ?? Array(batch).fill(nodes), BigInt), shape: [batch] },
  };
}

async function run(model: TrainedGcn, feeds: Feeds): Promise<Readonly<Record<string, Float32Array>>> {
  const { InferenceSession, Tensor } = loadRuntime();
  const session = await InferenceSession.create(await encodeModel(gcnModel(model)));
  const tensors = Object.entries(feeds).map(
    ([name, { data, shape }]) =>
      [
        name,
        data.BYTES_PER_ELEMENT === 4
          ? new Tensor('float32', data as Float32Array, shape)
          : new Tensor('int64', data as BigInt64Array, shape),
      ] as const,
  );
  const outputs = Object.entries(await session.run(Object.fromEntries(tensors)));
  await session.release();
  return Object.fromEntries(outputs.map(([name, { data }]) => [name, data as Float32Array]));
}

const names = ['training_mse', 'training_ranking', 'training_two_outputs', 'search_gradient'];

test.each(names)('%s: what the double-precision reference predicts, padding and soft edges included', async (name) => {
  const vector = golden(name);
  const { latency, deviation } = await run(trained(vector, [1]), feedsOf(vector));
  expect(latency!.length).toBe(vector.prediction.length);
  vector.prediction.forEach(([wanted], i) => expect(latency![i]).toBeCloseTo(wanted!, 5));
  expect([...deviation!]).toEqual(Array(latency!.length).fill(0));
});

test('members: their mean, and how far they are apart', async () => {
  const vector = golden('training_ranking');
  const { latency, deviation } = await run(trained(vector, [1, -1, 3]), feedsOf(vector));
  vector.prediction.forEach(([y], i) => {
    expect(latency![i]).toBeCloseTo(y!, 5);
    expect(deviation![i]).toBeCloseTo(Math.abs(y!) * Math.sqrt(8 / 3), 5);
  });
});

test('padding: what stands in rows behind the real nodes does not count', async () => {
  const vector = golden('training_mse');
  const feeds = feedsOf(vector);
  const { features } = vector.config;
  const operations = feeds['operations']!.data.slice() as Float32Array;
  vector.sizes!.forEach((size, g) => {
    const nodes = vector.adjacency[0]!.length;
    operations.fill(7, (g * nodes + size) * features, (g + 1) * nodes * features);
  });
  const plain = await run(trained(vector, [1]), feeds);
  const filled = await run(trained(vector, [1]), {
    ...feeds,
    operations: { ...feeds['operations']!, data: operations },
  });
  expect(filled['latency']).toEqual(plain['latency']);
});

test.each<[string, CurvedLabels]>([
  ['standardise', standardise([3, 5, 11, 20])],
  ['softLog', softLog([0, 3, 5, 11, 200])],
  ['logGap', logGap([88, 90.5, 91, 91.25], 0.05)],
])('%s: targets are in the metric again, and deviations by the slope', async (_name, { curve, invert }) => {
  const vector = golden('search_gradient');
  const uncertainty = { factor: 1.5, floor: 0.25 };
  const { latency, deviation } = await run({ ...trained(vector, [1, 2]), curve, uncertainty }, feedsOf(vector));
  vector.prediction.forEach(([y], i) => {
    const mean = 1.5 * y!;
    expect(latency![i]! / invert(mean)).toBeCloseTo(1, 5);
    const slope = Math.abs(invert(mean + 1e-4) - invert(mean - 1e-4)) / 2e-4;
    const wanted = 1.5 * Math.hypot(0.5 * y!, 0.25) * slope;
    expect(deviation![i]! / wanted).toBeCloseTo(1, 4);
  });
});

test('a metric cannot be called like an input', async () => {
  const model = { ...trained(golden('training_mse'), [1]), metric: 'sizes' };
  expect((await errorOf('INVALID_ARGUMENT', () => gcnModel(model))).message).toMatch(/^metric: expected another name/);
});
