// How much two architectures have in common, seen in three ways.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "graph_labels.h"
#include "space.h"

namespace optiproxy {

/// genes: the share of genes that agree.  labels: the mean over depths of the cosine of Weisfeiler-Lehman label counts.
/// flow: exp(-d²/2), d² being the mean squared difference of the graphs' flows, each number in its deviations.
constexpr size_t kViews = 3;

/// Similarities of any architectures to some that are learnt, 0 (nothing in common) to 1 (the same).  Architectures are
/// normalised.
class Similarity {
 public:
  /// Takes the deviations of flows from architectures (m, G) that stand for the space, m >= 1.
  Similarity(const Space& space, std::span<const uint8_t> reference);

  /// Learns architectures (n, G) in place of those before.
  void learn(std::span<const uint8_t> architectures);
  /// n.
  size_t size() const { return count_; }
  /// Similarities (kViews, n) of an architecture (G) to each that was learnt.
  void compare(const uint8_t* architecture, std::span<float> similarities) const;

 private:
  /// Counts of one depth's labels in what was learnt, each column of length 1.
  struct Counts {
    std::unordered_map<uint64_t, size_t> places;
    std::vector<float> columns;  // (labels, n)
  };

  /// Flow numbers (D') that vary over the reference, in their deviations.
  std::vector<float> scaled_flow(const uint8_t* architecture) const;
  void learn_labels(const uint8_t* architecture, size_t place);
  void compare_labels(const uint8_t* architecture, std::span<float> similarities) const;

  const Space& space_;
  std::vector<size_t> first_value_;  // (G + 1) row of a gene's value 0 in gene_columns_
  std::vector<size_t> flow_places_;  // (D')
  std::vector<float> flow_factors_;  // (D') 1 / (deviation · sqrt(2 D'))
  size_t count_ = 0;                 // n
  std::vector<float> gene_columns_;  // (values of all genes, n)
  std::vector<float> flow_columns_;  // (D', n)
  std::vector<Counts> depths_;       // (kLabelDepths)
};

}  // namespace optiproxy
