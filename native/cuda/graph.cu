// Sums over the neighbours of nodes.  Graphs are small: the rows of one, and both its matrices, fit in shared memory.
#include "kernels.h"

namespace optiproxy::cuda {
namespace {

constexpr int kColumns = 64;  // of a block, a thread each

OPTIPROXY_KERNEL aggregate_kernel(Aggregate p) {
  const int n = p.nodes, square = n * n, t = thread_in_block();
  const int64_t graph = int64_t{block_z()} * p.graphs + block_y();
  const int width = 2 * p.hidden, column = block_x() * kColumns + t;
  float* matrices = shared_floats();    // (2, N, N)
  float* rows = matrices + 2 * square;  // (N, kColumns)
  const int64_t which = p.shared ? 0 : graph * square;
  for (int e = t; e < square; e += kColumns) {
    matrices[e] = p.forward[which + e];
    matrices[square + e] = p.back[which + e];
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

}  // namespace

void aggregate(const Aggregate& p, DeviceStream stream) {
  const int shared = 2 * p.nodes * p.nodes + p.nodes * kColumns;
  launch("aggregate", {{(2 * p.hidden + kColumns - 1) / kColumns, p.graphs, p.members}, kColumns, shared}, stream,
         aggregate_kernel, p);
}

}  // namespace optiproxy::cuda
