// One kernel of the table against plain loops in double precision.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "../cpu/kernels.h"
#include "support.h"
#include "test.h"

namespace optiproxy::test {

/// A matrix with rows `ld` apart amid numbers that no kernel may touch: NaN, so that reading one spoils the result, and
/// with a payload, so that writing one shows.
class Guarded {
 public:
  enum class Use { kInput, kOutput };

  /// (rows, width).  `shift` floats off the allocation's alignment.
  Guarded(Use use, int rows, int width, int ld, int shift)
      : rows_(static_cast<size_t>(rows)),
        width_(static_cast<size_t>(width)),
        ld_(static_cast<size_t>(ld)),
        first_(kGuard + static_cast<size_t>(shift)) {
    // An input ends where its allocation ends, for the address sanitizer to see what reads past it.
    all_.assign(first_ + (rows_ - 1) * ld_ + width_ + (use == Use::kOutput ? kGuard : 0), sentinel());
  }
  static Guarded input(Random& random, int rows, int width, int ld, int shift, double low = -1, double high = 1) {
    Guarded g(Use::kInput, rows, width, ld, shift);
    g.fill(random, low, high);
    return g;
  }
  static Guarded output(int rows, int width, int ld, int shift) { return {Use::kOutput, rows, width, ld, shift}; }

  void fill(Random& random, double low, double high) {
    for (size_t i = 0; i < rows_ * width_; ++i)
      at(i / width_, i % width_) = static_cast<float>(random.uniform(low, high));
  }
  float* data() { return all_.data() + first_; }
  int64_t ld() const { return static_cast<int64_t>(ld_); }
  float& at(size_t row, size_t column) { return all_[first_ + row * ld_ + column]; }
  float at(size_t row, size_t column) const { return all_[first_ + row * ld_ + column]; }
  std::vector<float> values() const {
    std::vector<float> v;
    for (size_t i = 0; i < rows_ * width_; ++i) v.push_back(at(i / width_, i % width_));
    return v;
  }
  bool guards_hold() const {
    const float mark = sentinel();
    for (size_t i = 0; i < all_.size(); ++i) {
      const bool inside = i >= first_ && (i - first_) / ld_ < rows_ && (i - first_) % ld_ < width_;
      if (!inside && std::memcmp(&all_[i], &mark, sizeof mark) != 0) return false;
    }
    return true;
  }

 private:
  static constexpr size_t kGuard = 64;
  static float sentinel() {
    const uint32_t bits = 0x7fc0dead;
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }
  size_t rows_, width_, ld_, first_;
  std::vector<float> all_;
};

/// Normalised mean square error, gathered over the shapes that one line of a report stands for: a single element may
/// cancel to nearly nothing, a thousand do not.
struct Nmse {
  double error = 0, scale = 0;
  void add(std::span<const float> given, std::span<const double> wanted) {
    for (size_t i = 0; i < wanted.size(); ++i) {
      error += (given[i] - wanted[i]) * (given[i] - wanted[i]);
      scale += wanted[i] * wanted[i];
    }
  }
  double value() const { return error == 0 ? 0 : error / scale; }
};

/// One row of the op table while it runs.
struct OpRun {
  const cpu::Kernels& k;
  double tolerance;
  Random random{4711};
  double worst = 0;

  int w() const { return k.vector_floats; }
  /// Every width with and without a tail, and the real ones.
  std::vector<int> widths() const {
    std::vector<int> all;
    for (int n = 1; n <= 2 * w() + 3; ++n) all.push_back(n);
    for (int n : {48, 144}) all.push_back(n);
    return all;
  }
  /// Misalignment number `i`.
  int shift(int i) const { return i % (w() + 1); }

  void expect(const Nmse& nmse, const std::string& what) {
    worst = std::max(worst, nmse.value());
    CHECK_CASE(nmse.value() <= tolerance, what + ": NMSE " + text(nmse.value()) + ", tolerance " + text(tolerance));
  }
  void guards(const Guarded& g, const std::string& what) {
    CHECK_CASE(g.guards_hold(), what + ": wrote outside its output");
  }
};

struct Op {
  const char* name;
  double tolerance;
  void (*run)(OpRun&);
};

void op_gemm(OpRun& run);
void op_transpose(OpRun& run);
void op_layer_norm(OpRun& run);
void op_layer_norm_far_from_zero(OpRun& run);
void op_layer_norm_backward(OpRun& run);
void op_layer_norm_of_pairs(OpRun& run);
void op_pooled_norm(OpRun& run);
void op_aggregate(OpRun& run);
void op_aggregate_backward(OpRun& run);
void op_scatter(OpRun& run);
void op_add_rows(OpRun& run);
void op_combine_rows(OpRun& run);
void op_relu_backward(OpRun& run);
void op_row_dots(OpRun& run);
void op_mean_rows(OpRun& run);
void op_gelu(OpRun& run);
void op_softmax(OpRun& run);
void op_softmax_backward(OpRun& run);
void op_multiply_add(OpRun& run);
void op_dropout_mask(OpRun& run);
void op_gumbel(OpRun& run);
void op_adamw(OpRun& run);
void op_adamw_transposed(OpRun& run);

}  // namespace optiproxy::test
