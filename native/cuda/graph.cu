// Sums over the neighbours of nodes.  Graphs are small: the rows of one, and both its matrices, fit in shared memory.
#include "kernels.h"
#include "warp.h"

namespace optiproxy::cuda {
namespace {

constexpr int kColumns = 64;  // of a block, a thread each
constexpr int kEntries = 8;   // of a block, a warp each

OPTIPROXY_KERNEL aggregate_kernel(Aggregate p) {
  const int n = p.nodes, square = n * n, t = thread_in_block();
  const int64_t graph = int64_t{block_z()} * p.graphs + block_x();
  const int width = 2 * p.hidden, column = block_y() * kColumns + t;
  float* matrices = shared<float>();    // (2, N, N)
  float* rows = matrices + 2 * square;  // (N, kColumns)
  const int64_t which = block_z() * p.a.member + block_x() * p.a.graph;
  for (int e = t; e < square; e += kColumns) {
    matrices[e] = p.a.out[which + e];
    matrices[square + e] = p.a.back[which + e];
  }
  const float* in = p.in + graph * n * width;
  for (int i = 0; i < n; ++i) rows[i * kColumns + t] = column < width ? in[int64_t{i} * width + column] : 0;
  sync_block();
  if (column >= width) return;
  const float* a = matrices + (column < p.hidden ? 0 : square);
  float* out = p.out + graph * n * width;
  for (int i = 0; i < n; ++i) {
    float sum = 0;
    for (int j = 0; j < n; ++j) sum += a[i * n + j] * rows[j * kColumns + t];
    out[int64_t{i} * width + column] = sum > 0 ? sum : 0;
  }
}

/// A block has one graph; `positive` (N, 2H) is its d_mixed where mixed is positive.
OPTIPROXY_KERNEL aggregate_backward_kernel(AggregateBackward p) {
  const int n = p.nodes, square = n * n, t = thread_in_block();
  const int64_t graph = int64_t{block_z()} * p.graphs + block_x();
  const int width = 2 * p.hidden, column = block_y() * kColumns + t;
  float* matrices = shared<float>();
  float* rows = matrices + 2 * square;
  const int64_t which = block_z() * p.a.member + block_x() * p.a.graph;
  for (int e = t; e < square; e += kColumns) {
    matrices[e] = p.a.out[which + e];
    matrices[square + e] = p.a.back[which + e];
  }
  const int64_t first = graph * n * width;
  for (int i = 0; i < n; ++i) {
    const int64_t at = first + int64_t{i} * width + column;
    rows[i * kColumns + t] = column < width && p.mixed[at] > 0 ? p.d_mixed[at] : 0;
  }
  sync_block();
  if (column >= width) return;
  const float* a = matrices + (column < p.hidden ? 0 : square);
  for (int j = 0; j < n; ++j) {
    float sum = 0;
    for (int i = 0; i < n; ++i) sum += a[i * n + j] * rows[i * kColumns + t];
    p.d_in[first + int64_t{j} * width + column] = sum;
  }
}

/// A warp an entry: the dot product of what flows into row i with row j of what went in.
OPTIPROXY_KERNEL adjacency_gradient_kernel(AggregateBackward p) {
  const int n = p.nodes, square = n * n, lane = thread_in_block() % kWarp;
  const int entry = block_y() * kEntries + thread_in_block() / kWarp;
  if (entry >= 2 * square) return;
  const int64_t graph = int64_t{block_z()} * p.graphs + block_x();
  const bool back = entry >= square;
  const int i = entry % square / n, j = entry % n;
  const int width = 2 * p.hidden;
  const int64_t half = back ? p.hidden : 0;
  const int64_t row = (graph * n + i) * width + half, other = (graph * n + j) * width + half;
  float sum = 0;
  for (int c = lane; c < p.hidden; c += kWarp) {
    if (p.mixed[row + c] > 0) sum += p.d_mixed[row + c] * p.in[other + c];
  }
  sum = warp_sum(sum);
  if (lane > 0) return;
  float& to = (back ? p.d_back : p.d_out)[graph * square + entry % square];
  to = p.accumulate ? to + sum : sum;
}

}  // namespace

void aggregate(const Aggregate& p, DeviceStream stream) {
  const int shared = bytes_of_floats(2 * p.nodes * p.nodes + p.nodes * kColumns);
  launch("aggregate", {{p.graphs, (2 * p.hidden + kColumns - 1) / kColumns, p.members}, kColumns, shared}, stream,
         aggregate_kernel, p);
}

void aggregate_backward(const AggregateBackward& p, DeviceStream stream) {
  const int square = p.nodes * p.nodes, shared = bytes_of_floats(2 * square + p.nodes * kColumns);
  launch("aggregate_backward", {{p.graphs, (2 * p.hidden + kColumns - 1) / kColumns, p.members}, kColumns, shared},
         stream, aggregate_backward_kernel, p);
  if (p.d_out == nullptr) return;
  launch("adjacency_gradient", {{p.graphs, (2 * square + kEntries - 1) / kEntries, p.members}, kEntries * kWarp, 0},
         stream, adjacency_gradient_kernel, p);
}

}  // namespace optiproxy::cuda
