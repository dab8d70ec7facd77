#include "scorer.h"

#include <algorithm>
#include <numeric>

namespace optiproxy::cpu {
namespace {

size_t z(int64_t n) { return static_cast<size_t>(n); }

/// Bytes that the rows of a layer, before and after their products each, and the adjacencies may fill.
constexpr int64_t kRowBytes = 48 << 20;
constexpr int kMostArchitectures = 5120;

/// Rows that pass from one kernel to the next while they are still in L2.
constexpr int kBlock = 256;

/// Calls f(first, count) over `rows`, a block at a time.
template <typename F>
void for_row_blocks(int rows, F f) {
  for (int first = 0; first < rows; first += kBlock) f(first, std::min(kBlock, rows - first));
}

}  // namespace

Scorer::Scorer(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels)
    : config_(config), layout_(layout), k_(kernels) {}

int Scorer::batch_limit(const ModelConfig& config, const GraphProgram& program) {
  const int64_t nodes = program.nodes, size = sizeof(float);
  // Mapped rows of both directions and, between layers, their products; adjacencies where each has its own.
  const int64_t rows = 2 * nodes * config.hidden * size;
  const int64_t adjacencies = program.shared_topology() ? 0 : 2 * nodes * nodes * size;
  return static_cast<int>(std::clamp<int64_t>(kRowBytes / (rows + adjacencies), 1, kMostArchitectures));
}

void Scorer::score(const GraphProgram& program, const ScorePlan& plan, const float* parameters, const uint8_t* genes,
                   int n, float* predictions) {
  n_ = n;
  nodes_ = program.nodes;
  for (auto* tables : {&mapped_, &product_}) {
    for (auto& side : *tables) side.resize(z(nodes_));
  }
  read_genes(program, genes);
  read_adjacency(program, genes);
  groups_.resize(plan.sets.size());
  for (size_t s = 0; s < plan.sets.size(); ++s) group(program, plan.sets[s], groups_[s]);
  const Batch batch{program, plan, parameters};
  for (int l = 0; l < config_.layers; ++l) {
    for (Direction d : {kOut, kBack}) half_layer(batch, l, d);
    if (l + 1 < config_.layers) finish_layer(plan, l, parameters);
  }
  finish_last(batch, predictions);
}

void Scorer::read_genes(const GraphProgram& program, const uint8_t* genes) {
  const size_t g = z(program.gene_count());
  genes_.resize(g);
  for (size_t i = 0; i < g; ++i) {
    genes_[i].resize(z(n_));
    for (size_t c = 0; c < z(n_); ++c) genes_[i][c] = genes[c * g + i];
  }
  feature_.resize(program.feature_uses.size());
  for (size_t u = 0; u < feature_.size(); ++u) {
    const FeatureUse& use = program.feature_uses[u];
    feature_[u].resize(z(n_));
    for (size_t c = 0; c < z(n_); ++c) feature_[u][c] = program.column(use, genes_[z(use.gene)][c]);
  }
  zeros_.assign(z(n_), 0);
}

void Scorer::read_adjacency(const GraphProgram& program, const uint8_t* genes) {
  const size_t square = z(nodes_) * z(nodes_), g = z(program.gene_count());
  const bool shared = program.shared_topology();
  const size_t count = shared ? 1 : z(n_);
  adjacency_step_ = shared ? 0 : static_cast<int64_t>(square);
  for (auto& side : adjacency_) side.resize(count * square);
  for (size_t c = 0; c < count; ++c) {
    program.fill_topology(shared ? nullptr : genes + c * g, adjacency_[kOut].data() + c * square,
                          adjacency_[kBack].data() + c * square);
  }
}

void Scorer::group(const GraphProgram& program, const RowGenes& set, Groups& groups) {
  groups.at.clear();
  groups.of.resize(z(n_));
  // Where there are many more combinations than architectures hardly any repeats: each is a group of its own.
  if (set.combinations > 4.0 * n_ + 64) {
    std::iota(groups.of.begin(), groups.of.end(), 0);
    groups.at = groups.of;
    return;
  }
  index_.assign(z(n_), 0);
  for (int gene : set.genes) {
    const int32_t values = program.values(gene);
    const int32_t* column = genes_[z(gene)].data();
    for (size_t c = 0; c < z(n_); ++c) index_[c] = index_[c] * values + column[c];
  }
  table_.assign(static_cast<size_t>(set.combinations), -1);
  for (int32_t c = 0; c < n_; ++c) {
    int32_t& number = table_[z(index_[z(c)])];
    if (number < 0) {
      number = groups.size();
      groups.at.push_back(c);
    }
    groups.of[z(c)] = number;
  }
}

void Scorer::add_term(const float* rows, const int32_t* row, Direction d, int node, int source) {
  const float* weight = adjacency_[d].data() + node * nodes_ + source;
  terms_.push_back({rows, config_.hidden, row, weight, adjacency_step_});
}

/// A node's features pick rows of W1 or W2: one-hot rows need no product.
void Scorer::first_terms(const ScorePlan& plan, const float* weights, Direction d, int node) {
  for (int source : plan.sources[d][z(node)]) {
    for (int use : plan.uses[z(source)]) add_term(weights, feature_[z(use)].data(), d, node, source);
    for (int column : plan.fixed[z(source)]) {
      add_term(weights + int64_t{column} * config_.hidden, zeros_.data(), d, node, source);
    }
  }
}

void Scorer::later_terms(const ScorePlan& plan, int layer, Direction d, int node) {
  const ScorePlan::Layer& before = plan.layers[z(layer - 1)];
  for (int source : plan.sources[d][z(node)]) {
    add_term(product_[d][z(source)].data(), groups_[z(before.full[z(source)])].of.data(), d, node, source);
  }
}

/// Aggregates and maps rows first..first + count of the distinct ones of a node; the linear map of [out | back] is the
/// sum of each half's own.
void Scorer::map_rows(const Batch& b, int layer, Direction d, int node, int first, int count, float* mapped) {
  const LayerViews& v = layout_.layer(layer);
  const int h = config_.hidden;
  terms_.clear();
  if (layer == 0) {
    first_terms(b.plan, b.parameters + (d == kOut ? v.weight_out : v.weight_in), d, node);
  } else {
    later_terms(b.plan, layer, d, node);
  }
  const Groups& groups = groups_[z(b.plan.layers[z(layer)].half[d][z(node)])];
  const float* map = b.parameters + v.linear_weight + (d == kOut ? 0 : z(h) * z(h));
  grow(mixed_, z(kBlock) * z(h));
  k_.combine_rows(count, h, static_cast<int>(terms_.size()), terms_.data(), groups.at.data() + first, mixed_.data());
  k_.gemm(count, h, h, mixed_.data(), h, 1, map, h, mapped, h, kStore);
}

void Scorer::half_layer(const Batch& b, int layer, Direction d) {
  const bool last = layer + 1 == config_.layers;
  const int h = config_.hidden;
  for (int node = 0; node < nodes_; ++node) {
    const Groups& groups = groups_[z(b.plan.layers[z(layer)].half[d][z(node)])];
    if (last && groups.size() == n_) continue;  // nothing repeats: finish_last makes these rows where it reads them
    Floats& mapped = mapped_[d][z(node)];
    grow(mapped, z(groups.size()) * z(h));
    for_row_blocks(groups.size(), [&](int first, int count) {
      map_rows(b, layer, d, node, first, count, mapped.data() + int64_t{first} * h);
    });
  }
}

/// Normalises the distinct rows of every node and multiplies them with the next layer's W1 and W2.
void Scorer::finish_layer(const ScorePlan& plan, int layer, const float* parameters) {
  const LayerViews& v = layout_.layer(layer);
  const LayerViews& next = layout_.layer(layer + 1);
  const ScorePlan::Layer& sets = plan.layers[z(layer)];
  const int h = config_.hidden;
  for (size_t node = 0; node < z(nodes_); ++node) {
    const Groups& groups = groups_[z(sets.full[node])];
    for (Direction d : {kOut, kBack}) {
      const Groups& half = groups_[z(sets.half[d][node])];
      pair_rows_[d].clear();
      for (int32_t c : groups.at) pair_rows_[d].push_back(half.of[z(c)]);
    }
    const RowPair pair{mapped_[kOut][node].data(), pair_rows_[kOut].data(), mapped_[kBack][node].data(),
                       pair_rows_[kBack].data()};
    const size_t size = z(groups.size()) * z(h);
    grow(rows_, size);
    grow(rstd_, z(groups.size()));
    k_.layer_norm_of_pairs(groups.size(), h, &pair, parameters + v.linear_bias, parameters + v.norm_gain,
                           parameters + v.norm_bias, nullptr, rows_.data(), rstd_.data(), rows_.data());
    for (Direction d : {kOut, kBack}) {
      grow(product_[d][node], size);
      k_.gemm(groups.size(), h, h, rows_.data(), h, 1, parameters + (d == kOut ? next.weight_out : next.weight_in), h,
              product_[d][node].data(), h, kStore);
    }
  }
}

void Scorer::finish_last(const Batch& b, float* predictions) {
  const int layer = config_.layers - 1, h = config_.hidden, o = config_.outputs;
  const LayerViews& v = layout_.layer(layer);
  grow(pooled_, z(kBlock) * z(h));
  block_rows_.resize(z(kBlock));
  std::iota(block_rows_.begin(), block_rows_.end(), 0);
  for_row_blocks(n_, [&](int first, int count) {
    pairs_.clear();
    for (int node = 0; node < nodes_; ++node) {
      std::array<const int32_t*, 2> rows;
      for (Direction d : {kOut, kBack}) {
        const Groups& groups = groups_[z(b.plan.layers[z(layer)].half[d][z(node)])];
        Floats& mapped = mapped_[d][z(node)];
        rows[d] = groups.of.data() + first;
        if (groups.size() < n_) continue;
        grow(mapped, z(kBlock) * z(h));
        map_rows(b, layer, d, node, first, count, mapped.data());
        rows[d] = block_rows_.data();
      }
      pairs_.push_back({mapped_[kOut][z(node)].data(), rows[kOut], mapped_[kBack][z(node)].data(), rows[kBack]});
    }
    k_.pooled_norm(count, h, nodes_, pairs_.data(), b.parameters + v.linear_bias, b.parameters + v.norm_gain,
                   b.parameters + v.norm_bias, pooled_.data());
    k_.gelu(int64_t{count} * h, pooled_.data(), nullptr, pooled_.data(), nullptr);
    k_.gemm(count, o, h, pooled_.data(), h, 1, b.parameters + layout_.head(), o, predictions + int64_t{first} * o, o,
            kStore);
  });
}

}  // namespace optiproxy::cpu
