// Candidates: what is drawn, what of it is valid, how it ranks.
#include "candidates.h"

namespace optiproxy::cuda {
namespace {

constexpr int kThreads = 128;

/// What a thread knows of a section's nodes.
OPTIPROXY_DEVICE SectionMasks masks_of(const Draw& p, int row) {
  const int64_t rows = p.rows, kind = rows * p.nodes;
  uint64_t* masks = p.masks + row;
  return {0, false, {masks, rows}, {masks + kind, rows}, {masks + 2 * kind, rows}};
}

OPTIPROXY_DEVICE bool valid(const SpaceView& space, const uint8_t* genes, SectionMasks& graph) {
  for (int i = 0; i < space.counts; ++i) {
    if (!lane::holds(space.count[i], space.term, genes)) return false;
  }
  for (int i = 0; i < space.sections; ++i) {
    if (!space.section[i].constrains) continue;
    lane::read(space.section[i], genes, graph);
    if (lane::fault(space.section[i], graph) != SectionFault::kNone) return false;
  }
  return true;
}

/// `normal` is a copy of `genes`.
OPTIPROXY_DEVICE void normalise(const SpaceView& space, const uint8_t* genes, SectionMasks& graph, uint8_t* normal) {
  for (int i = 0; i < space.sections; ++i) {
    if (!space.section[i].normalises) continue;
    lane::read(space.section[i], genes, graph);
    lane::normalise(space.section[i], graph.alive, normal);
  }
  for (int i = 0; i < space.cells; ++i) lane::drop_zeros(space.cell[i], normal);
}

OPTIPROXY_KERNEL draw_kernel(Draw p) {
  const int row = block_x() * kThreads + thread_in_block();
  if (row >= p.rows) return;
  const int64_t width = p.space.draw.genes;
  const uint32_t number = p.first + static_cast<uint32_t>(row);
  const uint32_t counter[3] = {number, p.round, static_cast<uint32_t>(Purpose::kScan)};
  uint8_t* genes = p.drawn + row * width;
  Rng rng(p.key, counter);
  lane::draw(p.space.draw, rng, genes);
  SectionMasks graph = masks_of(p, row);
  if (!valid(p.space, genes, graph)) return;
  const uint32_t to = atomic_add(p.found, 1);
  p.numbers[to] = number;
  uint8_t* normal = p.genes + to * width;
  for (int64_t g = 0; g < width; ++g) normal[g] = genes[g];
  normalise(p.space, genes, graph, normal);
}

OPTIPROXY_KERNEL rank_kernel(RankRows p) {
  const int graph = block_x() * kThreads + thread_in_block();
  if (graph >= p.graphs) return;
  float sum = 0;
  for (int m = 0; m < p.members; ++m) {
    const float value = rankable(p.prediction[(int64_t{m} * p.graphs + graph) * p.outputs]);
    p.ranks[m * p.stride + graph] = rank_of(value, p.numbers[graph]);
    sum += value;
  }
  p.ranks[p.members * p.stride + graph] = rank_of(sum, p.numbers[graph]);
}

int blocks_of(int rows) { return (rows + kThreads - 1) / kThreads; }

}  // namespace

void draw(const Draw& p, DeviceStream stream) {
  launch("draw", {{blocks_of(p.rows), 1, 1}, kThreads, 0}, stream, draw_kernel, p);
}

void rank_rows(const RankRows& p, DeviceStream stream) {
  launch("rank", {{blocks_of(p.graphs), 1, 1}, kThreads, 0}, stream, rank_kernel, p);
}

}  // namespace optiproxy::cuda
