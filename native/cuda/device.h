// One GPU as the backend sees it: a stream, memory, and launches that are recorded once and replayed.  Where there is
// none the same on the host (device_emulated.cpp).  Whatever CUDA refuses becomes an Error DEVICE_FAILED.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "dialect.h"

namespace optiproxy::cuda {

/// What the device is called where a search says what it ran on.
const char* device_name();

class Device {
 public:
  Device();
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  DeviceStream stream() const;
  /// Waits until everything that was asked for is done; throws what went wrong with it.
  void wait();
  void clear(void* at, size_t bytes);

  template <typename T>
  void upload(T* to, std::span<const T> from) {
    copy_in(to, from.data(), from.size_bytes());
  }
  /// Waits for it.
  template <typename T>
  void download(std::span<T> to, const T* from) {
    copy_out(to.data(), from, to.size_bytes());
  }

 private:
  friend class Arena;
  void copy_in(void* to, const void* from, size_t bytes);
  void copy_out(void* to, const void* from, size_t bytes);
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// Memory of a device that is taken at once, and given back with this.
class Arena {
 public:
  explicit Arena(Device& device);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// Gives back what was taken and calls `layout`, which takes what it needs, twice: first to learn how much that is.
  void place(const std::function<void(Arena&)>& layout);
  /// Room for `count` numbers, at a multiple of 16 bytes, in whole multiples of that; what is in it is undefined.
  template <typename T>
  T* take(size_t count) {
    return static_cast<T*>(take_bytes((count * sizeof(T) + 15) / 16 * 16));
  }
  /// The same, with what is given in it.
  template <typename T>
  T* take(const std::vector<T>& values) {
    T* to = take<T>(values.size());
    if (!measuring_) device_.upload(to, std::span(values));
    return to;
  }

 private:
  friend class Device;
  void* take_bytes(size_t bytes);
  Device& device_;
  bool measuring_ = false;
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// Launches of one step, recorded on a device.
class Recording {
 public:
  /// `launches` must launch the same, with the same arguments, whenever it is called.
  Recording(Device& device, std::function<void()> launches);
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;
  void replay(int times);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace optiproxy::cuda
