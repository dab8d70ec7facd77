#include "device.h"

#include "../core/error.h"
#include "../cpu/cpu_backend.h"
#if defined(OPTIPROXY_CUDA)
#include "../cuda/cuda_backend.h"
#endif

namespace optiproxy::node {

#if defined(OPTIPROXY_CUDA)

Cuda cuda() {
  const auto found = optiproxy::cuda::availability();
  return {true, found.usable, found.emulated, optiproxy::cuda::kMostNodes, found.words};
}

#else

Cuda cuda() { return {false, false, false, 0, "not built"}; }

#endif

std::unique_ptr<Backend> make_backend(const std::string& device, const ModelConfig& model, int members, int threads) {
  if (device == "cpu") return std::make_unique<cpu::CpuBackend>(model, members, threads);
  require(device == "cuda", "device: expected cpu or cuda, given " + device);
#if defined(OPTIPROXY_CUDA)
  return optiproxy::cuda::make_cuda_backend(model, members);
#else
  throw Error("DEVICE_FAILED", "device: expected a build with CUDA for cuda, given one without");
#endif
}

}  // namespace optiproxy::node
