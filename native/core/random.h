// Random numbers as a function of (seed, purpose, lane, round, step, index), so that no result depends on threads,
// batch cuts or a resume.  A Stream names the function; an Rng reads it from index 0.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "kernel_values.h"
#include "philox.h"

namespace optiproxy {

/// What random numbers are for.  The values are part of a study's reproducibility: append, never renumber.
enum class Purpose : uint32_t {
  kInitialise = 1,  // lane = member
  kShuffle = 2,     // lane = member, step = epoch
  kDropout = 3,     // lane = member << 8 | layer
  kStart = 4,       // lane = member: Latin hypercube of the climb
  kGumbel = 5,      // lane = member << 16 | restart
  kDraw = 6,        // lane = member << 16 | restart
  kUniform = 7,
  kPick = 8,
  kDerive = 9,  // child seeds
  kScan = 10,   // step = number of the architecture
  kMutate = 11,
};

struct Stream {
  uint64_t seed;
  Purpose purpose;
  uint32_t lane;   // below 2^24
  uint32_t round;  // of a study
  uint32_t step;

  std::array<uint32_t, 2> key() const { return {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)}; }
  /// The counter's upper three words; the lowest is the index.
  std::array<uint32_t, 3> counter() const { return {step, round, static_cast<uint32_t>(purpose) | lane << 8}; }
  PhiloxWords words(uint32_t index) const {
    const auto c = counter();
    return philox4x32_10({index, c[0], c[1], c[2]}, key());
  }
};

/// The head's place among dropout masks; layers count from 0.
constexpr uint32_t kHeadPlace = 255;

/// A dropout mask of `rate`, 0 < rate < 1, from a stream.
inline MaskStream mask_stream(const Stream& stream, float rate) {
  const auto key = stream.key();
  const auto counter = stream.counter();
  return {.key = {key[0], key[1]},
          .counter = {counter[0], counter[1], counter[2]},
          .threshold = static_cast<uint32_t>(std::lround(rate * 65536.0f)),
          .scale = 1.0f / (1.0f - rate)};
}

/// Sequential reader of one stream.
class Rng {
 public:
  explicit Rng(const Stream& stream) : Rng(stream.key().data(), stream.counter().data()) {}
  /// Of the stream with this key (2) and these upper words of its counter (3).
  OPTIPROXY_HOST_DEVICE Rng(const uint32_t* key, const uint32_t* counter)
      : key_{key[0], key[1]}, counter_{counter[0], counter[1], counter[2]} {}

  OPTIPROXY_HOST_DEVICE uint32_t word() {
    if (left_ == 0) {
      words_[0] = block_++;
      for (int i = 0; i < 3; ++i) words_[i + 1] = counter_[i];
      philox4x32_10(words_, key_[0], key_[1]);
      left_ = 4;
    }
    // The next word is always the first: a GPU has no registers that are numbered at run time.
    const uint32_t word = words_[0];
    for (int i = 0; i < 3; ++i) words_[i] = words_[i + 1];
    --left_;
    return word;
  }

  /// Uniform in (0, 1): never 0 nor 1, so that its logarithm is finite.
  OPTIPROXY_HOST_DEVICE double uniform() { return (static_cast<double>(word()) + 0.5) * 0x1p-32; }

  /// Uniform in 0..bound-1, without modulo bias (Lemire 2019).
  OPTIPROXY_HOST_DEVICE uint32_t below(uint32_t bound) {
    uint64_t product = uint64_t{word()} * bound;
    if (static_cast<uint32_t>(product) < bound) {
      const uint32_t threshold = (0u - bound) % bound;
      while (static_cast<uint32_t>(product) < threshold) product = uint64_t{word()} * bound;
    }
    return static_cast<uint32_t>(product >> 32);
  }

 private:
  uint32_t key_[2], counter_[3];
  uint32_t words_[4] = {};
  uint32_t block_ = 0;
  int left_ = 0;
};

/// Fisher-Yates.
template <typename Vector>
void shuffle(Vector& values, Rng& rng) {
  for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[rng.below(static_cast<uint32_t>(i))]);
}

}  // namespace optiproxy
