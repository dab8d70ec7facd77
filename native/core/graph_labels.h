// Weisfeiler-Lehman labels: what a node and its surroundings look like, as a hash (Shervashidze et al. 2011).
#pragma once

#include <cstdint>
#include <span>

#include "program.h"

namespace optiproxy {

/// Depths of labels: a node's features alone, with its neighbours, and with those of its neighbours.
constexpr int kLabelDepths = 3;

/// Labels (kLabelDepths, N) of a normalised architecture (G); 0 for nodes without features.  Incoming and outgoing
/// edges count apart, since architectures are directed.
void graph_labels(const GraphProgram& program, const uint8_t* genes, std::span<uint64_t> labels);

}  // namespace optiproxy
