// Buffers that start on a cache line: a vector load that crosses two lines costs two.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace optiproxy::cpu {

template <typename T>
struct CacheAligned {
  using value_type = T;
  static constexpr std::align_val_t kLine{64};
  CacheAligned() = default;
  template <typename U>
  CacheAligned(const CacheAligned<U>&) {}
  T* allocate(size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), kLine)); }
  void deallocate(T* p, size_t) { ::operator delete(p, kLine); }
  template <typename U>
  bool operator==(const CacheAligned<U>&) const {
    return true;
  }
};

using Floats = std::vector<float, CacheAligned<float>>;

/// Makes `v` hold at least n numbers; a buffer that is large enough is left alone.
inline void grow(Floats& v, size_t n) {
  if (v.size() < n) v.resize(n);
}

}  // namespace optiproxy::cpu
