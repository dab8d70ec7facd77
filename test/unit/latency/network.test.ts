import { digits201Oracle } from '../../../src/oracle/embedded.js';
import { effectiveEdges, type Operation } from '../../../src/latency/measure/cell.js';
import { buildNetwork, skeletonOf, Weights } from '../../../src/latency/measure/network.js';
import { spaces } from '../../../src/space/index.js';
import { errorOf } from '../../support/errors.js';
import { countsOf } from '../../support/networks.js';

const digits = spaces.digits201();
const weights = new Weights(1);

/** What an operation adds to the counts of the table: 8 channels of 8x8 pixels, then 16 of 4x4. */
const ofOperation: Record<Operation, { params: number; flops: number }> = {
  none: { params: 0, flops: 0 },
  skip_connect: { params: 0, flops: 0 },
  nor_conv_1x1: { params: 8 * 8 + 16 * 16, flops: 64 * 8 * 8 + 16 * 16 * 16 },
  nor_conv_3x3: { params: 9 * (8 * 8 + 16 * 16), flops: 9 * (64 * 8 * 8 + 16 * 16 * 16) },
  avg_pool_3x3: { params: 0, flops: 9 * (64 * 8 + 16 * 16) },
};

test('networks of Digits-201 have the weights and multiply-adds of the table, but for edges without effect', async () => {
  const table = await digits201Oracle({ metrics: ['params', 'flops'] });
  const genes = table.architectures();
  let whole = 0;
  // Every 11th, which is prime to the five operations of an edge.
  for (let row = 0; row < table.rows; row += 11) {
    const cell = genes.slice(6 * row, 6 * row + 6);
    const architecture = digits.format(cell);
    const edges = effectiveEdges(digits, cell);
    if (edges.length === 0) continue;
    const expected = { params: table.value(architecture, 'params')!, flops: table.value(architecture, 'flops')! };
    const named = [...cell].map((value) => digits.program.genes[0]!.values[value] as Operation);
    for (const operation of named) {
      expected.params -= ofOperation[operation].params;
      expected.flops -= ofOperation[operation].flops;
    }
    for (const { operation } of edges) {
      expected.params += ofOperation[operation].params;
      expected.flops += ofOperation[operation].flops;
    }
    if (edges.length === named.filter((operation) => operation !== 'none').length) {
      ++whole;
      expect(expected.params).toBe(table.value(architecture, 'params'));
    }
    const counts = countsOf(buildNetwork(digits, architecture, skeletonOf(digits, {}), weights));
    expect({ architecture, ...counts }).toEqual({ architecture, ...expected });
  }
  expect(whole).toBeGreaterThan(500);
});

test('NAS-Bench-201’s own: parameters of its published networks', () => {
  // The benchmark's `params` (M) of CIFAR-10, batch norm with weights of its own: two a channel of what it normalises.
  const space = spaces.nasbench201();
  const norms = (convolutions: number): number => 2 * (16 + 64 + 2 * 32 + 2 * 64 + convolutions * 5 * (16 + 32 + 64));
  const published: [string, number, number][] = [
    ['|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|', 6, 1.531546],
    ['|skip_connect~0|+|skip_connect~0|skip_connect~1|+|skip_connect~0|skip_connect~1|skip_connect~2|', 0, 0.073306],
  ];
  for (const [architecture, convolutions, millions] of published) {
    const { params } = countsOf(buildNetwork(space, architecture, skeletonOf(space, {}), weights));
    expect(params + norms(convolutions)).toBeCloseTo(millions * 1e6, 0);
  }
});

test('a cell without a path leaves a head alone; shapes are as they are asked for', () => {
  const model = buildNetwork(digits, digits.example, skeletonOf(digits, { channels: 4, batch: 3 }), weights);
  expect(model.nodes.map(({ op }) => op)).toEqual(['BatchNormalization', 'Relu', 'GlobalAveragePool', 'Flatten', 'Gemm', 'Identity']); // prettier-ignore
  expect([model.name, model.inputs[0]!.shape, model.outputs[0]!.shape]).toEqual([digits.example, [3, 1, 8, 8], [3, 10]]); // prettier-ignore
});

test('what a resolution must be', async () => {
  expect(skeletonOf(digits, { resolution: 6 })).toMatchObject({ resolution: 6, channels: 8, stages: 2 });
  const error = await errorOf('INVALID_ARGUMENT', () => skeletonOf(spaces.nasbench201(), { resolution: 6 }));
  expect(error.message).toBe('resolution: expected a multiple of 4, as each stage but the first halves it, given 6');
});

test('weights follow from the seed', () => {
  expect(new Weights(1).take(5, 2)).toEqual(weights.take(5, 2));
  expect(new Weights(2).take(5, 2)).not.toEqual(weights.take(5, 2));
  const all = weights.take(16_000, 1);
  expect(all.reduce((sum, v) => sum + v * v, 0) / all.length).toBeCloseTo(1, 1);
});
