// The backend that tests run on.
#include <cstdlib>
#include <stdexcept>

#include "../cpu/cpu_backend.h"
#include "../cuda/cuda_backend.h"
#include "../cuda/emulator.h"
#include "support.h"

namespace optiproxy::test {
namespace {

std::string backend_name() {
  const char* name = std::getenv("OPTIPROXY_BACKEND");
  return name == nullptr ? "cpu" : name;
}

bool emulated() { return backend_name() != "cpu"; }

}  // namespace

std::unique_ptr<Backend> make_backend(const ModelConfig& model, int members, int threads) {
  const std::string name = backend_name();
  if (name == "cpu") return std::make_unique<cpu::CpuBackend>(model, members, threads);
  if (name != "cuda-emulated" && name != "cuda-emulated-reversed") {
    throw std::runtime_error("OPTIPROXY_BACKEND: expected cpu, cuda-emulated or cuda-emulated-reversed, given " + name);
  }
  using cuda::emulated::Order;
  cuda::emulated::set_order(name == "cuda-emulated" ? Order::kForward : Order::kReversed);
  return cuda::make_cuda_backend(model, members);
}

size_t or_few(size_t cases, size_t few) { return emulated() ? few : cases; }

std::span<const NetworkKind> kinds() {
  static constexpr NetworkKind kAll[] = {NetworkKind::kGcn, NetworkKind::kMlp, NetworkKind::kTransformer};
  return std::span(kAll).first(emulated() ? 1 : 3);
}

}  // namespace optiproxy::test
