// Where climbs start, and the distributions they end in.
#pragma once

#include <vector>

#include "backend.h"

namespace optiproxy {

/// R starting points a member, logits by Latin hypercube in [alpha_low, alpha_high] (paper §3.2): each logit's R values
/// fall into R equal strata, one in each.
Relaxation latin_hypercube_start(const GraphProgram& program, int members, const ClimbPlan& plan);

/// Softmax of logits (rows, choices) at temperature 1.
std::vector<float> choice_probabilities(const std::vector<float>& logits, int choices);

/// Sigmoid of logits.
std::vector<float> edge_probabilities(const std::vector<float>& logits);

}  // namespace optiproxy
