// The CUDA backend: all members of an ensemble in every launch, on the one device of this process.
#pragma once

#include <memory>
#include <string>

#include "../core/backend.h"

namespace optiproxy::cuda {

/// Nodes of the largest graph whose matrices and rows fit in the shared memory that every GPU has.
constexpr int kMostNodes = 64;

/// Whether a device can be used here, and in words which, or why not.
struct Availability {
  bool usable, emulated;
  std::string words;
};
Availability availability();

/// Throws INVALID_ARGUMENT for a bad shape or a network that is no GCN, DEVICE_FAILED where no device can be used.
/// After a call that threw DEVICE_FAILED every other does; what went wrong with the GPU itself lasts as long as the
/// process.
std::unique_ptr<Backend> make_cuda_backend(const ModelConfig& config, int members);

}  // namespace optiproxy::cuda
