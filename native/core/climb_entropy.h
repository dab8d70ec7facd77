// How far climbed distributions have decided (paper §3.2): 1 where every value is as likely, 0 where one is sure.
#pragma once

#include "backend.h"
#include "program.h"

namespace optiproxy {

/// Of the genes that alpha decides (choices), and of those that beta does (bits and subsets); NaN where there is none.
struct ClimbEntropy {
  double alpha;
  double beta;
};

/// Mean over genes and distributions of entropy / log(number of values).  A gene counts by the probability that it is
/// there: by the chain rule the entropy of a whole architecture is the sum of those terms, and what no draw ever holds
/// says nothing about the draws.  Logits are multiplied by `sharpness`, as draws do.
ClimbEntropy climb_entropy(const GraphProgram& program, const Relaxation& relaxation, double sharpness);

}  // namespace optiproxy
