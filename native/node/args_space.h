// Reads a compiled search space (SpaceProgram of src/space/types.ts).
#pragma once

#include <napi.h>

#include "../core/space.h"

namespace optiproxy::node {

/// Throws INVALID_ARGUMENT naming what is wrong.
Space read_space(const Napi::Value& value);

}  // namespace optiproxy::node
