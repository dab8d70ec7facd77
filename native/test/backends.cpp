// The backend that tests run on.
#include <cstdlib>
#include <stdexcept>

#include "../cpu/cpu_backend.h"
#include "../cuda/cuda_backend.h"
#if !defined(OPTIPROXY_REAL_DEVICE)
#include "../cuda/emulator.h"
#endif
#include "support.h"

namespace optiproxy::test {
namespace {

std::string backend_name() {
  const char* name = std::getenv("OPTIPROXY_BACKEND");
  return name == nullptr ? "cpu" : name;
}

bool on_cpu() { return backend_name() == "cpu"; }

std::unique_ptr<Backend> make_cuda(const std::string& name, const ModelConfig& model, int members) {
#if defined(OPTIPROXY_REAL_DEVICE)
  const bool known = name == "cuda";
  const std::string expected = "cpu or cuda";
#else
  using cuda::emulated::Order;
  const bool known = name == "cuda-emulated" || name == "cuda-emulated-reversed";
  const std::string expected = "cpu, cuda-emulated or cuda-emulated-reversed";
  cuda::emulated::set_order(name == "cuda-emulated" ? Order::kForward : Order::kReversed);
#endif
  if (!known) throw std::runtime_error("OPTIPROXY_BACKEND: expected " + expected + ", given " + name);
  return cuda::make_cuda_backend(model, members);
}

}  // namespace

std::unique_ptr<Backend> make_backend(const ModelConfig& model, int members, int threads) {
  const std::string name = backend_name();
  if (name == "cpu") return std::make_unique<cpu::CpuBackend>(model, members, threads);
  return make_cuda(name, model, members);
}

size_t or_few(size_t cases, size_t few) {
  // A GPU is as fast as the processor.
  const std::string name = backend_name();
  return name == "cpu" || name == "cuda" ? cases : few;
}

std::span<const NetworkKind> kinds() {
  static constexpr NetworkKind kAll[] = {NetworkKind::kGcn, NetworkKind::kMlp, NetworkKind::kTransformer};
  return std::span(kAll).first(on_cpu() ? 3 : 1);
}

}  // namespace optiproxy::test
