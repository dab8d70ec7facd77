#include "similarity.h"

#include <algorithm>
#include <cmath>

#include "error.h"
#include "graph_flow.h"

namespace optiproxy {
namespace {

/// Calls f(label, count) for every distinct label but 0, which nodes without features have; for that one where there is
/// no other, so that no graph is without labels.
template <typename F>
void for_counts(std::span<uint64_t> labels, F f) {
  std::ranges::sort(labels);
  for (size_t i = 0; i < labels.size();) {
    size_t end = i + 1;
    while (end < labels.size() && labels[end] == labels[i]) ++end;
    if (labels[i] != 0 || labels.back() == 0) f(labels[i], static_cast<float>(end - i));
    i = end;
  }
}

float length_of(std::span<uint64_t> labels) {
  float squares = 0;
  for_counts(labels, [&](uint64_t, float count) { squares += count * count; });
  return std::sqrt(squares);
}

void add_scaled(std::span<float> sums, const float* column, float factor) {
  for (size_t i = 0; i < sums.size(); ++i) sums[i] += factor * column[i];
}

}  // namespace

Similarity::Similarity(const Space& space, std::span<const uint8_t> reference) : space_(space), depths_(kLabelDepths) {
  const size_t g = space.genes(), d = flow_width(space.graph());
  require(!reference.empty(), "similarity: expected at least one architecture for reference");
  size_t rows = 0;
  for (size_t gene = 0; gene < g; ++gene) {
    first_value_.push_back(rows);
    rows += static_cast<size_t>(space.graph().values(static_cast<int>(gene)));
  }
  first_value_.push_back(rows);
  std::vector<double> sums(d, 0.0), squares(d, 0.0);
  std::vector<float> flow(d);
  const auto count = static_cast<double>(reference.size() / g);
  for (size_t at = 0; at < reference.size(); at += g) {
    graph_flow(space.graph(), reference.data() + at, flow);
    for (size_t i = 0; i < d; ++i) {
      sums[i] += flow[i];
      squares[i] += static_cast<double>(flow[i]) * flow[i];
    }
  }
  std::vector<double> deviations;
  for (size_t i = 0; i < d; ++i) {
    const double mean = sums[i] / count, variance = squares[i] / count - mean * mean;
    if (variance < 1e-9) continue;
    flow_places_.push_back(i);
    deviations.push_back(std::sqrt(variance));
  }
  const double width = std::sqrt(2.0 * static_cast<double>(deviations.size()));
  for (double deviation : deviations) flow_factors_.push_back(static_cast<float>(1 / (deviation * width)));
}

std::vector<float> Similarity::scaled_flow(const uint8_t* architecture) const {
  std::vector<float> flow(flow_width(space_.graph())), scaled(flow_places_.size());
  graph_flow(space_.graph(), architecture, flow);
  for (size_t i = 0; i < scaled.size(); ++i) scaled[i] = flow[flow_places_[i]] * flow_factors_[i];
  return scaled;
}

void Similarity::learn(std::span<const uint8_t> architectures) {
  const size_t g = space_.genes();
  count_ = architectures.size() / g;
  gene_columns_.assign(first_value_.back() * count_, 0.0f);
  flow_columns_.assign(flow_places_.size() * count_, 0.0f);
  for (Counts& depth : depths_) depth = {};
  for (size_t i = 0; i < count_; ++i) {
    const uint8_t* genes = architectures.data() + i * g;
    for (size_t gene = 0; gene < g; ++gene)
      gene_columns_[(first_value_[gene] + genes[gene]) * count_ + i] = 1 / static_cast<float>(g);
    const std::vector<float> flow = scaled_flow(genes);
    for (size_t d = 0; d < flow.size(); ++d) flow_columns_[d * count_ + i] = flow[d];
    learn_labels(genes, i);
  }
}

void Similarity::learn_labels(const uint8_t* architecture, size_t place) {
  const auto nodes = static_cast<size_t>(space_.graph().nodes);
  std::vector<uint64_t> labels(kLabelDepths * nodes);
  graph_labels(space_.graph(), architecture, labels);
  for (size_t d = 0; d < depths_.size(); ++d) {
    Counts& depth = depths_[d];
    const auto own = std::span(labels).subspan(d * nodes, nodes);
    const float length = length_of(own);
    for_counts(own, [&](uint64_t label, float count) {
      const size_t row = depth.places.try_emplace(label, depth.places.size()).first->second;
      if (depth.columns.size() < (row + 1) * count_) depth.columns.resize((row + 1) * count_, 0.0f);
      depth.columns[row * count_ + place] = count / length;
    });
  }
}

void Similarity::compare_labels(const uint8_t* architecture, std::span<float> similarities) const {
  const auto nodes = static_cast<size_t>(space_.graph().nodes);
  std::vector<uint64_t> labels(kLabelDepths * nodes);
  graph_labels(space_.graph(), architecture, labels);
  for (size_t d = 0; d < depths_.size(); ++d) {
    const auto own = std::span(labels).subspan(d * nodes, nodes);
    const float factor = 1 / (length_of(own) * kLabelDepths);
    for_counts(own, [&](uint64_t label, float count) {
      const auto row = depths_[d].places.find(label);
      if (row != depths_[d].places.end())
        add_scaled(similarities, depths_[d].columns.data() + row->second * count_, count * factor);
    });
  }
}

void Similarity::compare(const uint8_t* architecture, std::span<float> similarities) const {
  std::ranges::fill(similarities, 0.0f);
  const auto genes = similarities.first(count_), labels = similarities.subspan(count_, count_),
             flow = similarities.subspan(2 * count_, count_);
  for (size_t gene = 0; gene < space_.genes(); ++gene)
    add_scaled(genes, gene_columns_.data() + (first_value_[gene] + architecture[gene]) * count_, 1);
  compare_labels(architecture, labels);
  const std::vector<float> own = scaled_flow(architecture);
  for (size_t d = 0; d < own.size(); ++d) {
    const float* column = flow_columns_.data() + d * count_;
    for (size_t i = 0; i < count_; ++i) flow[i] += (own[d] - column[i]) * (own[d] - column[i]);
  }
  for (float& squares : flow) squares = std::exp(-squares);
}

}  // namespace optiproxy
