// From rows of nodes to a number for each graph and hidden unit, and back: a thread each.
#include <math.h>

#include "kernels.h"

namespace optiproxy::cuda {
namespace {

constexpr int kThreads = 128;

Grid grid_of(int members, int graphs, int hidden) {
  return {{graphs, (hidden + kThreads - 1) / kThreads, members}, kThreads, 0};
}

OPTIPROXY_KERNEL pool_kernel(Pool p) {
  const int j = block_y() * kThreads + thread_in_block();
  if (j >= p.hidden) return;
  const int64_t graph = int64_t{block_z()} * p.graphs + block_x();
  const int size = p.sizes.data[block_z() * p.sizes.member + block_x()];
  const float* rows = p.rows + graph * p.nodes * p.hidden + j;
  float sum = 0;
  for (int i = 0; i < size; ++i) sum += rows[int64_t{i} * p.hidden];
  const float x = sum / static_cast<float>(size);
  // x Φ(x), and its slope Φ(x) + x φ(x).
  const float below = 0.5f * (1.0f + erff(x * 0.70710678118654752f));
  const float density = 0.3989422804014327f * expf(-0.5f * x * x);
  const int64_t at = graph * p.hidden + j;
  const float mask = p.mask == nullptr ? 1.0f : p.mask[at];
  p.activated[at] = x * below * mask;
  p.slope[at] = (below + x * density) * mask;
}

OPTIPROXY_KERNEL pool_backward_kernel(PoolBackward p) {
  const int j = block_y() * kThreads + thread_in_block();
  if (j >= p.hidden) return;
  const int64_t graph = int64_t{block_z()} * p.graphs + block_x(), at = graph * p.hidden + j;
  const int size = p.sizes.data[block_z() * p.sizes.member + block_x()];
  const float d = p.d_activated[at] * p.slope[at] / static_cast<float>(size);
  float* rows = p.d_rows + graph * p.nodes * p.hidden + j;
  for (int i = 0; i < p.nodes; ++i) rows[int64_t{i} * p.hidden] = i < size ? d : 0;
}

}  // namespace

void pool(const Pool& p, DeviceStream stream) {
  launch("pool", grid_of(p.members, p.graphs, p.hidden), stream, pool_kernel, p);
}

void pool_backward(const PoolBackward& p, DeviceStream stream) {
  launch("pool_backward", grid_of(p.members, p.graphs, p.hidden), stream, pool_backward_kernel, p);
}

}  // namespace optiproxy::cuda
