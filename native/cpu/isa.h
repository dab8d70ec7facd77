// Picks the kernels for the processor this runs on.
#pragma once

#include <string>
#include <vector>

#include "kernels.h"

namespace optiproxy::cpu {

/// Names of the ISA units that this processor and its operating system can run, lowest first.
std::vector<std::string> available_isas();

/// The best unit, or the one that OPTIPROXY_ISA names.  Throws INVALID_ARGUMENT if that one is unknown or cannot run
/// here.
const Kernels& select_kernels();

}  // namespace optiproxy::cpu
