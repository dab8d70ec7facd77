// Where in the graph an operation stands, as numbers that change smoothly as it moves: walks with a discount.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "program.h"

namespace optiproxy {

/// Discounts a step.  1 counts what lies on the way at all, less than 1 weighs what is near more.
constexpr std::array kFlowDiscounts{0.6f, 1.0f};

/// D, numbers of a graph: (direction, discount, F).
inline size_t flow_width(const GraphProgram& program) {
  return 2 * kFlowDiscounts.size() * static_cast<size_t>(program.features);
}

/// Flow (D) of a normalised architecture (G).  A walk from a node follows its edges with equal probabilities, in the
/// first direction forwards to the nodes that have none, in the second backwards to those that none leads to.  A node
/// weighs the sum over steps of discount^steps times the probability to be at such an end; a number is the sum of the
/// weights of the nodes with a feature.
void graph_flow(const GraphProgram& program, const uint8_t* genes, std::span<float> flow);

}  // namespace optiproxy
