// A device on the host, for kernels on fibers: every piece of memory is an allocation of its own, so that a sanitizer
// sees who reads or writes beside it, and holds NaN until it is written.
#include <algorithm>
#include <cstring>

#include "../core/error.h"
#include "cuda_backend.h"
#include "device.h"

namespace optiproxy::cuda {

const char* device_name() { return "cuda-emulated"; }

Availability availability() { return {true, true, "emulated on the host, for tests"}; }

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr size_t kGuard = 0;  // the sanitizer finds who writes there
#else
/// Bytes behind each piece of memory that nobody may write to.
constexpr size_t kGuard = 64;
#endif
constexpr unsigned char kUnwritten = 0xff;  // floats of it are NaN
/// Floats of it are ordinary numbers, which change when something is added to them.
constexpr unsigned char kUntouched = 0x3c;

struct Piece {
  std::unique_ptr<unsigned char[]> bytes;
  size_t size;
};

bool held(const Piece& piece) {
  const unsigned char* guard = piece.bytes.get() + piece.size;
  return std::all_of(guard, guard + kGuard, [](unsigned char byte) { return byte == kUntouched; });
}

}  // namespace

struct Arena::Implementation {
  std::vector<Piece> pieces;
};

struct Device::Implementation {
  std::vector<const Arena*> arenas;
};
Device::Device() : implementation_(std::make_unique<Implementation>()) {}
Device::~Device() = default;
DeviceStream Device::stream() const { return {}; }
void Device::wait() {
  for (const Arena* arena : implementation_->arenas) {
    if (!std::ranges::all_of(arena->implementation_->pieces, held)) {
      throw Error("DEVICE_FAILED", "device: a kernel wrote behind the memory that it was given");
    }
  }
}
void Device::clear(void* at, size_t bytes) { std::memset(at, 0, bytes); }
void Device::copy_in(void* to, const void* from, size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}
void Device::copy_out(void* to, const void* from, size_t bytes) {
  wait();
  if (bytes > 0) std::memcpy(to, from, bytes);
}

Arena::Arena(Device& device) : device_(device), implementation_(std::make_unique<Implementation>()) {
  device.implementation_->arenas.push_back(this);
}
Arena::~Arena() { std::erase(device_.implementation_->arenas, this); }

void Arena::place(const std::function<void(Arena&)>& layout) {
  implementation_->pieces.clear();
  measuring_ = true;
  layout(*this);
  measuring_ = false;
  layout(*this);
}

void* Arena::take_bytes(size_t bytes) {
  if (measuring_) return nullptr;
  Piece piece{std::unique_ptr<unsigned char[]>(new unsigned char[bytes + kGuard]), bytes};
  std::memset(piece.bytes.get(), kUnwritten, bytes);
  std::memset(piece.bytes.get() + bytes, kUntouched, kGuard);
  return implementation_->pieces.emplace_back(std::move(piece)).bytes.get();
}

struct Recording::Implementation {
  std::function<void()> launches;
};
Recording::Recording(Device&, std::function<void()> launches)
    : implementation_(std::make_unique<Implementation>(Implementation{std::move(launches)})) {}
Recording::~Recording() = default;
void Recording::replay(int times) {
  for (int i = 0; i < times; ++i) implementation_->launches();
}

}  // namespace optiproxy::cuda
