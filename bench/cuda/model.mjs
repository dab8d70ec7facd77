// What the CUDA backend's launches must do at least: bytes are those of every buffer that a launch reads or writes, once;
// operations are those of its sums.  A launch takes at least the longer of operations / ceiling and bytes / ceiling.

/** NVIDIA's data sheet of an H100 SXM: float32 without tensor cores. */
export const dataSheet = { flops: 67e12, bandwidth: 3.35e12 };

/** K members of L layers, H hidden units, F features, O outputs, on graphs of N nodes and G genes each, whose edges no gene decides, as NAS-Bench-201's. */
export const paperShape = { K: 8, L: 2, H: 256, F: 7, N: 8, G: 6, O: 1 };

/** Passes over the ranks of a list: one for each digit, and the last, that takes. */
const PASSES = 9;

/** One launch: operations, and floats read and written. */
const row = (kernel, operations, floats) => ({ kernel, operations, bytes: floats * 4 });
const product = (kernel, K, m, n, k) => row(kernel, 2 * K * m * n * k, K * (m * k + k * n + m * n));

/** Launches of a forward pass on B graphs. `train`: with dropout masks, and with what the backward pass reads. */
function forward(shape, B, train) {
  const { K, L, H, F, N, O } = shape;
  const M = B * N;
  const rows = [];
  for (let l = 0; l < L; ++l) {
    const fan = l === 0 ? F : H;
    if (train) rows.push(row('dropout_mask', 0, K * M * H));
    for (let side = 0; side < 2; ++side) rows.push(product('product, node rows', K, M, H, fan));
    rows.push(row('aggregate', 4 * K * M * N * H, 4 * K * M * H + 2 * N * N));
    rows.push(product('product, linear map', K, M, H, 2 * H));
    rows.push(row('layer_norm', 8 * K * M * H, K * M * H * (train ? 4 : 3)));
  }
  if (train) rows.push(row('dropout_mask', 0, K * B * H));
  rows.push(row('pool', K * M * H, K * (M * H + 2 * B * H)), product('product, head', K, B, O, H));
  return rows;
}

/** A training step on a minibatch of B graphs. */
export function trainStep(shape, B) {
  const { K, L, H, F, N, O } = shape;
  const M = B * N;
  const P = 2 * F * H + 2 * H * H * (L - 1) + L * (2 * H * H + 3 * H) + H * O;
  const rows = [row('gather', 0, 2 * K * B * N * F), ...forward(shape, B, true)];
  rows.push(row('loss', 12 * K * B * B, 3 * K * B * O));
  rows.push(product('product, head', K, H, O, B), product('product, head', K, B, H, O));
  rows.push(row('pool_backward', K * M * H, K * (M * H + 2 * B * H)));
  for (let l = L - 1; l >= 0; --l) {
    const fan = l === 0 ? F : H;
    rows.push(row('layer_norm_backward', 8 * K * M * H, 4 * K * M * H));
    rows.push(row('layer_norm_sums', 6 * K * M * H, 4 * K * M * H));
    rows.push(product('product, weight gradients', K, 2 * H, H, M), product('product, row gradients', K, M, 2 * H, H));
    rows.push(row('aggregate_backward', 4 * K * M * N * H, 6 * K * M * H + 2 * N * N));
    for (let side = 0; side < 2; ++side) {
      rows.push(product('product, weight gradients', K, fan, H, M));
      if (l > 0) rows.push(product('product, row gradients', K, M, fan, H));
    }
  }
  rows.push(row('adamw', 12 * K * P, 7 * K * P), row('advance', 0, 2));
  return rows;
}

/** As many architectures as 384 MiB have room for the activations of (native/cuda/predict.h). */
export const passSize = ({ K, H, N }) => Math.floor((384 * 2 ** 20) / (6 * H * 4 * K * N));

/** A scan of n architectures, in draws of 262,144: drawn, scored, the best of each list found. */
export function scan(shape, n) {
  const { K, N, F, G } = shape;
  const pass = Math.min(n, passSize(shape));
  const chunk = Math.min(n, 2 ** 18);
  const times = (count, rows) =>
    rows.map(({ kernel, operations, bytes }) => ({ kernel, operations: operations * count, bytes: bytes * count }));
  const scored = [
    row('encode', 0, (pass * G) / 4 + pass * N * F),
    ...forward(shape, pass, false),
    row('rank', K * pass, pass * (K + 1) + 2 * pass * (K + 1)),
  ];
  const chosen = [
    row('draw', 0, (chunk * (3 * G + 4)) / 4),
    ...Array.from({ length: PASSES - 1 }, () => row('histogram', 0, 2 * chunk * (K + 1))),
    row('take', 0, 2 * chunk * (K + 1)),
  ];
  return [...times(n / pass, scored), ...times(n / chunk, chosen)];
}

/** The same kernels' launches as one line. */
export function summed(rows, { flops, bandwidth }) {
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

/** Microseconds of all lines together. */
export const total = (lines) => lines.reduce((sum, { microseconds }) => sum + microseconds, 0);
