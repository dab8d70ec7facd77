#include "topology.h"

#include <bit>

#include "../core/key.h"

namespace optiproxy::cpu {

void SparseMatrix::clear() {
  start.assign(1, 0);
  column.clear();
  weight.clear();
}

void SparseMatrix::append(int n, const float* dense, bool transposed) {
  const int row = transposed ? 1 : n, step = transposed ? n : 1;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      const float w = dense[i * row + j * step];
      if (w != 0) add(j, w);
    }
    end_row();
  }
}

Topology::Topology(const GraphBatch& batch) : Topology(batch.nodes, batch.shared_topology) {
  const int count = batch.shared_topology ? std::min(batch.graphs, 1) : batch.graphs;
  for (int g = 0; g < count; ++g) append(batch.out_of(g), batch.back_of(g));
}

void Topology::clear() {
  for (auto* side : {&forward_, &backward_}) {
    for (SparseMatrix& m : *side) m.clear();
  }
}

void Topology::append(const float* out, const float* back) {
  forward_[kOut].append(nodes_, out, false);
  forward_[kBack].append(nodes_, back, false);
  backward_[kOut].append(nodes_, out, true);
  backward_[kBack].append(nodes_, back, true);
}

RowClasses::RowClasses(const GraphBatch& batch, const Topology& topology) : nodes_(batch.nodes) {
  usable_ = find_features(batch);
  if (!usable_) return;
  classify(batch, topology, kOut);
  classify(batch, topology, kBack);
  features_ = {};
}

/// False where rows hold more than two numbers on average: such rows are hardly ever equal.
bool RowClasses::find_features(const GraphBatch& batch) {
  const auto f = static_cast<size_t>(batch.features), rows = batch.x.size() / f;
  for (size_t row = 0; row < rows; ++row) {
    for (size_t c = 0; c < f; ++c) {
      if (const float x = batch.x[row * f + c]; x != 0) features_.add(static_cast<int32_t>(c), x);
    }
    features_.end_row();
    if (features_.column.size() > 2 * (row + 1) + 16) return false;
  }
  return true;
}

void RowClasses::classify(const GraphBatch& batch, const Topology& topology, Direction d) {
  // A key stands for the row's own list of entries, bit for bit.
  KeySet known;
  std::vector<uint32_t> key;
  for (int g = 0; g < batch.graphs; ++g) {
    const SparseRows edges = topology.rows(d, g);
    for (int node = 0; node < nodes_; ++node) {
      key.clear();
      for (int32_t e = edges.start[node]; e < edges.start[node + 1]; ++e) {
        const auto from = static_cast<size_t>(g) * static_cast<size_t>(nodes_) + static_cast<size_t>(edges.column[e]);
        for (int32_t i = features_.start[from]; i < features_.start[from + 1]; ++i) {
          const auto at = static_cast<size_t>(i);
          key.push_back(static_cast<uint32_t>(features_.column[at]));
          key.push_back(std::bit_cast<uint32_t>(edges.weight[e] * features_.weight[at]));
        }
      }
      Hasher hasher;
      for (uint32_t word : key) hasher.add(word);
      const Key hashed = hasher.key();
      if (known.insert(hashed)) {
        ++count_[d];
        for (size_t i = 0; i < key.size(); i += 2) {
          distinct_[d].add(static_cast<int32_t>(key[i]), std::bit_cast<float>(key[i + 1]));
        }
        distinct_[d].end_row();
      }
      class_[d].push_back(static_cast<int32_t>(known.find(hashed)));
    }
  }
}

void BatchClasses::assign(const RowClasses& all, const int32_t* graphs, int count) {
  all_ = &all;
  for (Direction d : {kOut, kBack}) {
    number_[d].resize(static_cast<size_t>(all.count(d)), -1);
    for (int32_t c : used_[d]) number_[d][static_cast<size_t>(c)] = -1;
    used_[d].clear();
    local_[d].clear();
    for (int g = 0; g < count; ++g) {
      const int32_t* of_node = all.of_graph(d, graphs[g]);
      for (int node = 0; node < all.nodes(); ++node) {
        int32_t& number = number_[d][static_cast<size_t>(of_node[node])];
        if (number < 0) {
          number = static_cast<int32_t>(used_[d].size());
          used_[d].push_back(of_node[node]);
        }
        local_[d].push_back(number);
      }
    }
  }
}

}  // namespace optiproxy::cpu
