// Which device an ensemble is computed on: the CPU, and in a build with CUDA a GPU.
#pragma once

#include <memory>
#include <string>

#include "../core/backend.h"

namespace optiproxy::node {

/// What this build has of CUDA, and what it finds.
struct Cuda {
  bool built, usable, emulated;
  int most_nodes;     // of a graph that it takes
  std::string words;  // which GPU, or why there is none
};
Cuda cuda();

/// An ensemble's backend on `device`, cpu or cuda.  Throws INVALID_ARGUMENT for another name or a bad shape, and
/// DEVICE_FAILED where there is no GPU to use.
std::unique_ptr<Backend> make_backend(const std::string& device, const ModelConfig& model, int members, int threads);

}  // namespace optiproxy::node
