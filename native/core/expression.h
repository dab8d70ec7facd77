// Cells that sum at their vertices what arrives on edges with operations, as expressions: which of them compute the
// same.
#pragma once

#include <cstdint>
#include <vector>

#include "key.h"
#include "lane_space.h"

namespace optiproxy {

/// See src/space/program.ts.
struct EdgeCell {
  using Edge = CellView::Edge;
  int vertices = 0;
  std::vector<Edge> edges;  // by `to`, then by `from`
  int zero = -1, identity = -1;
  std::vector<int> ranks;  // (choices) of the operations' names in ascending order

  /// Valid while this lives, where it stands.
  CellView view() const { return {vertices, zero, static_cast<int32_t>(edges.size()), edges.data()}; }
};

/// How a benchmark writes a cell to find its copies: sums are sorted texts of their terms; an identity is its input's
/// text.  `zeros`: what an operation makes of zero is zero too (NAS-Bench-201's `to_unique_str`, Dong & Yang 2020).
Key text_key(const EdgeCell& cell, const uint8_t* genes, bool zeros);

/// What is computed: zeros are dropped from sums, and sums of sums are one sum.
Key computation_key(const EdgeCell& cell, const uint8_t* genes);

}  // namespace optiproxy
