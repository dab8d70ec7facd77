// Reference loops of the kernels of attention.
#include "../cpu/isa.h"
#include "op.h"

namespace optiproxy::test {
namespace {

size_t z(int n) { return static_cast<size_t>(n); }
constexpr int kRows = 5;
constexpr float kScale = 0.3f;

}  // namespace

void op_softmax(OpRun& run) {
  for (int n : run.widths()) {
    for (double far : {0.0, 1e3, -1e3}) {  // as large as an exponential overflows, or vanishes, without care
      Guarded p = Guarded::output(kRows, n, n, run.shift(n));
      p.fill(run.random, far - 10, far + 10);
      Numbers wanted;
      for (size_t i = 0; i < kRows; ++i) {
        double total = 0;
        for (size_t j = 0; j < z(n); ++j) total += std::exp((p.at(i, j) - far) * double{kScale});
        for (size_t j = 0; j < z(n); ++j) wanted.push_back(std::exp((p.at(i, j) - far) * double{kScale}) / total);
      }
      run.k.softmax(kRows, n, kScale, p.data());
      const std::string what = "softmax n=" + std::to_string(n) + " about " + text(far);
      Nmse nmse;
      nmse.add(p.values(), wanted);
      run.expect(nmse, what);
      run.guards(p, what);
    }
  }
}

void op_softmax_backward(OpRun& run) {
  for (int n : run.widths()) {
    Guarded p = Guarded::input(run.random, kRows, n, n, run.shift(n + 1), 0, 0.7),
            d = Guarded::output(kRows, n, n, run.shift(n));
    d.fill(run.random, -1, 1);
    Numbers wanted;
    for (size_t i = 0; i < kRows; ++i) {
      double dot = 0;
      for (size_t j = 0; j < z(n); ++j) dot += double{p.at(i, j)} * d.at(i, j);
      for (size_t j = 0; j < z(n); ++j) wanted.push_back(kScale * double{p.at(i, j)} * (d.at(i, j) - dot));
    }
    run.k.softmax_backward(kRows, n, kScale, p.data(), d.data());
    const std::string what = "softmax_backward n=" + std::to_string(n);
    Nmse nmse;
    nmse.add(d.values(), wanted);
    run.expect(nmse, what);
    run.guards(d, what);
  }
}

void op_multiply_add(OpRun& run) {
  for (int n : run.widths()) {
    for (int variant = 0; variant < 8; ++variant) {
      const bool times = variant % 2 == 1, plus = variant % 4 >= 2, in_place = variant >= 4;
      Guarded x = Guarded::output(1, n, n, run.shift(n)),
              factor = Guarded::input(run.random, 1, n, n, run.shift(n + 1)),
              base = Guarded::output(1, n, n, run.shift(n + 2)), other = Guarded::output(1, n, n, run.shift(n + 3));
      x.fill(run.random, -1, 1);
      base.fill(run.random, -1, 1);
      Numbers wanted;
      for (size_t j = 0; j < z(n); ++j) {
        wanted.push_back(double{x.at(0, j)} * (times ? factor.at(0, j) : 1) + (plus ? base.at(0, j) : 0));
      }
      Guarded& y = !in_place ? other : plus ? base : x;
      run.k.multiply_add(n, x.data(), times ? factor.data() : nullptr, plus ? base.data() : nullptr, y.data());
      const std::string what = "multiply_add n=" + std::to_string(n) + " variant " + std::to_string(variant);
      Nmse nmse;
      nmse.add(y.values(), wanted);
      run.expect(nmse, what);
      run.guards(y, what);
    }
  }
}

/// A member that has diverged must predict NaN, by which it is known: attention may not hide it.
TEST(softmax_of_what_has_diverged_is_nan) {
  const cpu::Kernels& k = cpu::select_kernels();
  for (int n : {1, 3, k.vector_floats, k.vector_floats + 2}) {
    for (float broken : {NAN, INFINITY}) {
      for (int place = 0; place < n; ++place) {
        std::vector<float> rows(2 * z(n), 0.5f);
        rows[z(place)] = broken;
        k.softmax(2, n, kScale, rows.data());
        for (size_t j = 0; j < z(n); ++j) {
          CHECK(std::isnan(rows[j]));
          CHECK_CLOSE(rows[z(n) + j], 1.0 / n, 1e-6);
        }
      }
    }
  }
}

}  // namespace optiproxy::test
