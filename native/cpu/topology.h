// What the kernels read of graphs: their edges as sparse rows, and the rows of the first layer that repeat.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "../core/graph.h"
#include "kernels.h"

namespace optiproxy::cpu {

/// Sparse rows that own their entries.
struct SparseMatrix {
  std::vector<int32_t> start{0};
  std::vector<int32_t> column;
  std::vector<float> weight;

  void clear();
  void add(int32_t to, float amount) {
    column.push_back(to);
    weight.push_back(amount);
  }
  void end_row() { start.push_back(static_cast<int32_t>(column.size())); }
  /// Appends the rows of a dense matrix (n, n), or of its transpose; zeros are left out.
  void append(int n, const float* dense, bool transposed);
  /// The rows from `row` on.
  SparseRows from(int64_t row) const { return {start.data() + row, column.data(), weight.data()}; }
};

/// The two directions in which a layer aggregates, as indices.
enum Direction { kOut = 0, kBack = 1 };

/// Edges of many graphs of N nodes, or one set of edges that all graphs share.
class Topology {
 public:
  Topology(int nodes, bool shared) : nodes_(nodes), shared_(shared) {}
  explicit Topology(const GraphBatch& batch);

  void clear();
  /// The next graph's normalised adjacencies (N, N).
  void append(const float* out, const float* back);
  SparseRows rows(Direction d, int graph) const { return forward_[d].from(first_row(graph)); }
  SparseRows transposed(Direction d, int graph) const { return backward_[d].from(first_row(graph)); }

 private:
  int64_t first_row(int graph) const { return shared_ ? 0 : int64_t{graph} * nodes_; }

  int nodes_;
  bool shared_;
  std::array<SparseMatrix, 2> forward_, backward_;
};

/// Rows of the first layer before its linear map: sums of weighted rows of W1 or W2, of which most repeat among graphs
/// with one-hot features, since a row depends on a node's operation and its neighbours' alone.
class RowClasses {
 public:
  /// None.
  explicit RowClasses(int nodes) : usable_(false), nodes_(nodes) {}
  /// Finds the distinct rows of a batch.  `usable()` is false where features are dense and nothing would repeat.
  RowClasses(const GraphBatch& batch, const Topology& topology);
  bool usable() const { return usable_; }
  int nodes() const { return nodes_; }
  /// Distinct rows of a direction, and their entries: (feature column, weight).
  int32_t count(Direction d) const { return count_[d]; }
  SparseRows rows(Direction d) const { return distinct_[d].from(0); }
  /// (N) classes of a graph's rows.
  const int32_t* of_graph(Direction d, int graph) const { return class_[d].data() + int64_t{graph} * nodes_; }

 private:
  bool find_features(const GraphBatch& batch);
  void classify(const GraphBatch& batch, const Topology& topology, Direction d);

  bool usable_;
  int nodes_;
  SparseMatrix features_;  // (B * N) feature rows, while classes are found
  std::array<int32_t, 2> count_{};
  std::array<SparseMatrix, 2> distinct_;
  std::array<std::vector<int32_t>, 2> class_;  // (B, N)
};

/// The classes that one minibatch uses, numbered from 0.
class BatchClasses {
 public:
  void assign(const RowClasses& all, const int32_t* graphs, int count);
  int rows(Direction d) const { return static_cast<int>(used_[d].size()); }
  SparseRows entries(Direction d) const { return all_->rows(d); }
  /// (rows(d)) classes of the local rows.
  const int32_t* used(Direction d) const { return used_[d].data(); }
  /// (B * N) local row of every node.
  const int32_t* local(Direction d) const { return local_[d].data(); }

 private:
  const RowClasses* all_ = nullptr;
  std::array<std::vector<int32_t>, 2> used_, local_, number_;  // number_: of each class, or -1
};

}  // namespace optiproxy::cpu
