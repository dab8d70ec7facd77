// On paper: what the CUDA backend's launches must do at least, of what a GPU can.
//   node bench/cuda/roofline.mjs [--json] [--tflops N] [--tbs N]
// Bytes are those of every buffer that a launch reads or writes, once; operations are those of its sums.  A launch takes
// at least the longer of operations / ceiling and bytes / ceiling.  Ceilings: NVIDIA's data sheet of an H100 SXM, 67 TFLOP/s
// of float32 without tensor cores, 3.35 TB/s.  Nothing here is measured.
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    tflops: { type: 'string', default: '67' },
    tbs: { type: 'string', default: '3.35' },
  },
});
const flops = Number(values.tflops) * 1e12;
const bandwidth = Number(values.tbs) * 1e12;

/** K members of L layers, H hidden units, F features, on B graphs of N nodes each: NAS-Bench-201's, whose graph has 8. */
const shape = { K: 8, L: 2, H: 256, F: 7, N: 8, O: 1 };

/** One launch: operations, and floats read and written. */
const row = (kernel, operations, floats) => ({ kernel, operations, bytes: floats * 4 });
const product = (kernel, K, m, n, k) => row(kernel, 2 * K * m * n * k, K * (m * k + k * n + m * n));

/** Launches of a forward pass on B graphs. `train`: with dropout masks, and with what the backward pass reads. */
function forward(B, train) {
  const { K, L, H, F, N, O } = shape;
  const M = B * N;
  const rows = [];
  for (let l = 0; l < L; ++l) {
    const fan = l === 0 ? F : H;
    if (train) rows.push(row('dropout_mask', 0, K * M * H));
    for (let side = 0; side < 2; ++side) rows.push(product('product, node rows', K, M, H, fan));
    rows.push(row('aggregate', 4 * K * M * N * H, K * (4 * M * H + 2 * M * N)));
    rows.push(product('product, linear map', K, M, H, 2 * H));
    rows.push(row('layer_norm', 8 * K * M * H, K * M * H * (train ? 4 : 3)));
  }
  if (train) rows.push(row('dropout_mask', 0, K * B * H));
  rows.push(row('pool', K * M * H, K * (M * H + 2 * B * H)), product('product, head', K, B, O, H));
  return rows;
}

function trainStep(B) {
  const { K, L, H, F, N, O } = shape;
  const M = B * N;
  const P = 2 * F * H + 2 * H * H * (L - 1) + L * (2 * H * H + 3 * H) + H * O;
  const rows = [row('gather', 0, 2 * K * B * (N * F + 2 * N * N)), ...forward(B, true)];
  rows.push(row('loss', 12 * K * B * B, 3 * K * B * O));
  rows.push(product('product, head', K, H, O, B), product('product, head', K, B, H, O));
  rows.push(row('pool_backward', K * M * H, K * (M * H + 2 * B * H)));
  for (let l = L - 1; l >= 0; --l) {
    const fan = l === 0 ? F : H;
    rows.push(row('layer_norm_backward', 8 * K * M * H, 4 * K * M * H));
    rows.push(row('layer_norm_sums', 6 * K * M * H, 4 * K * M * H));
    rows.push(product('product, weight gradients', K, 2 * H, H, M), product('product, row gradients', K, M, 2 * H, H));
    rows.push(row('aggregate_backward', 4 * K * M * N * H, K * (6 * M * H + 2 * M * N)));
    for (let side = 0; side < 2; ++side) {
      rows.push(product('product, weight gradients', K, fan, H, M));
      if (l > 0) rows.push(product('product, row gradients', K, M, fan, H));
    }
  }
  rows.push(row('adamw', 12 * K * P, 7 * K * P), row('advance', 0, 2));
  return rows;
}

/** The same kernels' launches as one line. */
function summed(rows) {
  const all = new Map();
  for (const { kernel, operations, bytes } of rows) {
    const line = all.get(kernel) ?? { kernel, launches: 0, operations: 0, bytes: 0, microseconds: 0 };
    line.launches += 1;
    line.operations += operations;
    line.bytes += bytes;
    line.microseconds += 1e6 * Math.max(operations / flops, bytes / bandwidth);
    all.set(kernel, line);
  }
  return [...all.values()];
}

const total = (lines) => lines.reduce((sum, { microseconds }) => sum + microseconds, 0);
const train = summed(trainStep(1024));
/** As many as 384 MiB have room for the activations of (native/cuda/predict.cu). */
const chunk = Math.floor((384 * 2 ** 20) / (6 * shape.H * 4 * shape.K * shape.N));
const scored = summed([row('encode', 0, chunk * (shape.N * shape.F + 3 * shape.N ** 2)), ...forward(chunk, false)]);
const secondsOfTenMillion = ((total(scored) / 1e6) * 1e7) / chunk;

if (values.json) {
  console.log(JSON.stringify({ ceilings: { flops, bandwidth }, shape, train, scored, chunk, secondsOfTenMillion }));
} else {
  const table = (lines) => {
    console.log('| kernel | launches | GFLOP | MB | at least, us | bound by |\n| --- | --- | --- | --- | --- | --- |');
    for (const { kernel, launches, operations, bytes, microseconds } of lines) {
      const bound = operations / flops > bytes / bandwidth ? 'operations' : 'bytes';
      console.log(
        `| ${kernel} | ${launches} | ${(operations / 1e9).toFixed(2)} | ${(bytes / 1e6).toFixed(1)} | ${microseconds.toFixed(1)} | ${bound} |`,
      );
    }
  };
  console.log('A train step, batch 1,024:\n');
  table(train);
  console.log(
    `\nTogether ${total(train).toFixed(0)} us.\n\n${chunk.toLocaleString('en')} architectures scored at once:\n`,
  );
  table(scored);
  console.log(`\nTogether ${total(scored).toFixed(0)} us; ten million ${secondsOfTenMillion.toFixed(1)} s.`);
}
