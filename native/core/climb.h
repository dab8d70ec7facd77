// Where climbs start.
#pragma once

#include "backend.h"

namespace optiproxy {

/// R starting points a member, logits by Latin hypercube in [alpha_low, alpha_high] (paper §3.2): each logit's R values
/// fall into R equal strata, one in each.
Relaxation latin_hypercube_start(const GraphProgram& program, int members, const ClimbPlan& plan);

}  // namespace optiproxy
