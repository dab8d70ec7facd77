import { buildNetwork, skeletonOf, Weights, type NetworkShape } from '../../src/latency/measure/network.js';
import { spaceByName } from '../../src/space/index.js';
import { scratchFolder } from '../support/files.js';
import { add, average, convolve, head, images, relu, type Images } from '../support/networks.js';
import { runScript } from '../support/script.js';

/** What networks compute by onnxruntime, beside plain loops over the layers that the benchmarks describe. */

const folder = scratchFolder();
const SEED = 5;
const pixel = (i: number): number => Math.cos(i * 1.7);

const cells = [
  '|none~0|+|none~0|none~1|+|none~0|none~1|none~2|',
  '|skip_connect~0|+|skip_connect~0|skip_connect~1|+|skip_connect~0|skip_connect~1|skip_connect~2|',
  '|none~0|+|none~0|none~1|+|nor_conv_1x1~0|none~1|none~2|',
  '|none~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|none~2|',
  '|none~0|+|none~0|none~1|+|avg_pool_3x3~0|none~1|none~2|',
  '|nor_conv_3x3~0|+|skip_connect~0|avg_pool_3x3~1|+|nor_conv_1x1~0|skip_connect~1|nor_conv_3x3~2|',
  '|avg_pool_3x3~0|+|none~0|nor_conv_1x1~1|+|skip_connect~0|none~1|nor_conv_1x1~2|',
  '|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|none~0|avg_pool_3x3~1|none~2|', // vertex 2 leads nowhere
];

/** By onnxruntime, in a process of its own: (cells, batch * classes). */
function run(space: string, shape: Partial<NetworkShape>): Promise<number[][]> {
  const file = folder.write(
    `${space}.cjs`,
    `const root = ${JSON.stringify(process.cwd())};
     const { InferenceSession, Tensor } = require(root + '/node_modules/onnxruntime-node');
     const { buildNetwork, skeletonOf, Weights, INPUT, OUTPUT } = require(root + '/dist/latency/measure/network.js');
     const { encodeModel } = require(root + '/dist/onnx/write.js');
     const { spaceByName } = require(root);
     (async () => {
       const space = spaceByName('${space}');
       const skeleton = skeletonOf(space, ${JSON.stringify(shape)});
       const dims = [skeleton.batch, skeleton.colours, skeleton.resolution, skeleton.resolution];
       const image = Float32Array.from({ length: dims.reduce((a, b) => a * b) }, (_, i) => Math.cos(i * 1.7));
       const answers = [];
       for (const cell of ${JSON.stringify(cells)}) {
         const model = await encodeModel(buildNetwork(space, cell, skeleton, new Weights(${SEED})));
         const session = await InferenceSession.create(model);
         answers.push(Array.from((await session.run({ [INPUT]: new Tensor('float32', image, dims) }))[OUTPUT].data));
       }
       console.log(JSON.stringify(answers));
     })();`,
  );
  return runScript<number[][]>(file);
}

/** The same by plain loops, with the constants of the model in the order that the layers have them in. */
function reference(space: string, cell: string, shape: Partial<NetworkShape>): number[] {
  const opened = spaceByName(space);
  const { batch, colours, resolution, channels, cells: repeats, stages } = skeletonOf(opened, shape);
  const constants = [...buildNetwork(opened, cell, skeletonOf(opened, shape), new Weights(SEED)).initializers];
  const next = (): (typeof constants)[number] => constants.shift()!;
  const conv = (x: Images, stride = 1): Images => convolve(x, next(), next(), stride);
  const edges = cell.split('+').flatMap((node, to) => {
    const terms = node.split('|').filter((term) => term !== '');
    return terms.map((term) => ({ operation: term.split('~')[0]!, from: Number(term.split('~')[1]), to: to + 1 }));
  });
  const leadsOn = (from: number): boolean =>
    from === 3 || edges.some((edge) => edge.from === from && edge.operation !== 'none' && leadsOn(edge.to));
  const inCell = (input: Images): Images => {
    const nodes: (Images | undefined)[] = [input];
    for (const { operation, from, to } of edges) {
      const x = nodes[from];
      if (operation === 'none' || x === undefined || !leadsOn(to)) continue;
      const y = operation === 'skip_connect' ? x : operation === 'avg_pool_3x3' ? average(x, 3) : conv(relu(x));
      nodes[to] = nodes[to] === undefined ? y : add(nodes[to], y);
    }
    return nodes[3]!;
  };
  if (!leadsOn(0))
    return head(
      images([batch, next().shape[1]!, 1], () => 0),
      inOrder(next),
    ).flat();
  let x = conv(images([batch, colours, resolution], pixel));
  for (let stage = 0; stage < stages; ++stage) {
    if (stage > 0) {
      const residual = conv(relu(conv(relu(x), 2)));
      x = add(convolve(average(x, 2), next(), undefined, 1), residual);
    }
    for (let i = 0; i < repeats; ++i) x = inCell(x);
  }
  expect(x.shape).toEqual([batch, channels * 2 ** (stages - 1), resolution / 2 ** (stages - 1)]);
  const logits = head(x, inOrder(next)).flat();
  expect(constants).toEqual([]);
  return logits;
}

/** Scale, shift, mean and variance, of which the first and the last are one constant; matrix and bias. */
function inOrder(next: () => Parameters<typeof head>[1][number]): Parameters<typeof head>[1] {
  const [ones, shift, mean, matrix, bias] = [next(), next(), next(), next(), next()];
  return [ones, shift, mean, ones, matrix, bias];
}

test.each([
  ['digits201', { channels: 3, resolution: 4, batch: 2 }],
  ['nasbench201', { channels: 2, resolution: 8, cells: 2 }],
])('networks of %s compute what their layers do', async (space, shape) => {
  const answers = await run(space, shape);
  for (const [i, cell] of cells.entries()) {
    const expected = reference(space, cell, shape);
    const largest = Math.max(...expected.map(Math.abs));
    expect(answers[i]).toHaveLength(expected.length);
    for (const [k, value] of expected.entries()) expect(Math.abs(answers[i]![k]! - value) / largest).toBeLessThan(1e-4);
  }
  // Each of them computes something else.
  expect(new Set(answers.map(([first]) => first!.toFixed(6))).size).toBe(cells.length);
});
