// A real GPU.
#include <string>

#include "../core/error.h"
#include "cuda_backend.h"
#include "device.h"

namespace optiproxy::cuda {
namespace {

/// Every call whose failure matters goes through here: all but those that give something back.
void check(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return;
  cudaGetLastError();  // or the next launch, of whoever, would be blamed for it
  throw Error("DEVICE_FAILED", std::string(what) + ": " + cudaGetErrorName(error) + ", " + cudaGetErrorString(error));
}

}  // namespace

const char* device_name() { return "cuda"; }

Availability availability() {
  const auto unusable = [](const std::string& why) {
    cudaGetLastError();
    return Availability{false, false, why};
  };
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error == cudaErrorInsufficientDriver) {
    int driver = 0;
    const bool found = cudaDriverGetVersion(&driver) == cudaSuccess && driver > 0;
    const std::string version = std::to_string(driver / 1000) + "." + std::to_string(driver % 1000 / 10);
    return unusable(found ? "the NVIDIA driver is for CUDA " + version + ", expected 13.0 or more"
                          : "no NVIDIA driver");
  }
  if (error == cudaErrorNoDevice || (error == cudaSuccess && count == 0)) return unusable("no NVIDIA GPU");
  if (error != cudaSuccess) return unusable(cudaGetErrorString(error));
  cudaDeviceProp properties{};
  if (const cudaError_t asked = cudaGetDeviceProperties(&properties, 0); asked != cudaSuccess) {
    return unusable(cudaGetErrorString(asked));
  }
  const std::string name = properties.name;
  if (properties.major * 10 + properties.minor < 75)
    return unusable(name + ": expected compute capability 7.5 or more");
  // Makes a context: a GPU that is full, faulted or somebody's alone shows only then.
  if (const cudaError_t made = cudaFree(nullptr); made != cudaSuccess) {
    return unusable(name + ": " + cudaGetErrorString(made));
  }
  return {true, false, name};
}

struct Device::Implementation {
  cudaStream_t stream = nullptr;
  ~Implementation() {
    if (stream != nullptr) cudaStreamDestroy(stream);
  }
};

Device::Device() : implementation_(std::make_unique<Implementation>()) {
  if (const Availability found = availability(); !found.usable) {
    throw Error("DEVICE_FAILED", "device: expected a GPU that CUDA can use, given " + found.words);
  }
  check(cudaStreamCreateWithFlags(&implementation_->stream, cudaStreamNonBlocking), "cuda: a stream");
}
Device::~Device() = default;

DeviceStream Device::stream() const { return implementation_->stream; }
void Device::wait() { check(cudaStreamSynchronize(implementation_->stream), "cuda: waiting for the device"); }
void Device::clear(void* at, size_t bytes) {
  check(cudaMemsetAsync(at, 0, bytes, implementation_->stream), "cuda: clearing memory");
}
void Device::copy_in(void* to, const void* from, size_t bytes) {
  if (bytes == 0) return;
  check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, implementation_->stream),
        "cuda: copying to the device");
  wait();  // who asked may let go of `from` now
}
void Device::copy_out(void* to, const void* from, size_t bytes) {
  if (bytes == 0) return;
  check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, implementation_->stream),
        "cuda: copying from the device");
  wait();
}

struct Arena::Implementation {
  unsigned char* memory = nullptr;
  size_t size = 0, used = 0;
  ~Implementation() { release(); }
  void release() {
    if (memory != nullptr) cudaFree(memory);
    memory = nullptr;
    size = 0;
  }
};
Arena::Arena(Device& device) : device_(device), implementation_(std::make_unique<Implementation>()) {}
Arena::~Arena() = default;

void Arena::place(const std::function<void(Arena&)>& layout) {
  Implementation& own = *implementation_;
  own.used = 0;
  measuring_ = true;
  layout(*this);
  measuring_ = false;
  if (own.used > own.size) {
    device_.wait();
    own.release();
    check(cudaMalloc(&own.memory, own.used), "cuda: taking memory");
    own.size = own.used;
  }
  own.used = 0;
  layout(*this);
}

void* Arena::take_bytes(size_t bytes) {
  unsigned char* at = measuring_ ? nullptr : implementation_->memory + implementation_->used;
  implementation_->used += (bytes + 255) / 256 * 256;
  return at;
}

struct Recording::Implementation {
  cudaStream_t stream = nullptr;
  std::function<void()> launches;
  cudaGraphExec_t graph = nullptr;
  // Giving back nothing is an error to CUDA, which the next launch would be blamed for.
  ~Implementation() {
    if (graph != nullptr) cudaGraphExecDestroy(graph);
  }
  void record();
};

void Recording::Implementation::record() {
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "cuda: recording");
  cudaGraph_t captured = nullptr;
  try {
    launches();
  } catch (...) {
    cudaStreamEndCapture(stream, &captured);
    if (captured != nullptr) cudaGraphDestroy(captured);
    cudaGetLastError();
    throw;
  }
  check(cudaStreamEndCapture(stream, &captured), "cuda: recording");
  const cudaError_t made = cudaGraphInstantiate(&graph, captured, 0);
  cudaGraphDestroy(captured);
  check(made, "cuda: a recording");
}

Recording::Recording(Device& device, std::function<void()> launches)
    : implementation_(std::make_unique<Implementation>()) {
  // In place: a copy of it would give back what is not its own.
  implementation_->stream = device.stream();
  implementation_->launches = std::move(launches);
}
Recording::~Recording() = default;

void Recording::replay(int times) {
  Implementation& own = *implementation_;
  for (int i = 0; i < times; ++i) {
    if (profile() != nullptr) {
      own.launches();  // one by one
      continue;
    }
    if (own.graph != nullptr) {
      check(cudaGraphLaunch(own.graph, own.stream), "cuda: a step");
      continue;
    }
    // Kernels are loaded when they are first launched, which must not be while launches are recorded.
    own.launches();
    own.record();
  }
}

}  // namespace optiproxy::cuda
