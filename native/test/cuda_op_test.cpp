// The CUDA backend's kernels, on host fibers in both orders, against plain loops in double precision.
#include <numbers>

#include "../cuda/kernels.h"
#include "op.h"

namespace optiproxy::test {
namespace {

using namespace cuda;

/// Runs in both orders, and gives the output of each, which must be the same to the bit.
template <typename Run>
std::vector<float> same_in_both_orders(const std::string& what, Run run) {
  emulated::set_order(emulated::Order::kReversed);
  const std::vector<float> reversed = run();
  emulated::set_order(emulated::Order::kForward);
  const std::vector<float> forward = run();
  CHECK_CASE(std::memcmp(reversed.data(), forward.data(), forward.size() * sizeof(float)) == 0,
             what + ": depends on the order of threads");
  return forward;
}

void compare(const std::string& what, std::span<const float> given, const Numbers& wanted) {
  Nmse nmse;
  nmse.add(given, wanted);
  CHECK_CASE(nmse.value() < 1e-12, what + ": NMSE " + text(nmse.value()));
}

/// Of each graph of each member, or one pair for all.
Adjacencies adjacencies_of(const std::vector<float>& out, const std::vector<float>& back, bool shared, int graphs,
                           int nodes) {
  const int64_t square = shared ? 0 : int64_t{nodes} * nodes;
  return {out.data(), back.data(), square * graphs, square};
}

struct Shape {
  int members, m, n, k;
};

/// Rows of A and of B either way, whole fours and not, a store and a sum.
void check_product(const Shape& s, bool a_rows, bool b_rows, bool accumulate, int pad, Random& random) {
  const std::string what = "product " + std::to_string(s.m) + " x " + std::to_string(s.n) + " x " +
                           std::to_string(s.k) + (a_rows ? " A" : " A'") + (b_rows ? " B" : " B'");
  const auto size = [](int rows, int64_t ld) { return static_cast<size_t>(rows) * static_cast<size_t>(ld); };
  const int64_t lda = (a_rows ? s.k : s.m) + pad, ldb = (b_rows ? s.n : s.k) + pad, ldc = s.n + pad;
  const size_t a_step = size(a_rows ? s.m : s.k, lda), b_step = size(b_rows ? s.k : s.n, ldb), c_step = size(s.m, ldc);
  const auto members = static_cast<size_t>(s.members);
  const std::vector<float> a = random.floats(members * a_step, -1, 1), b = random.floats(members * b_step, -1, 1);
  const std::vector<float> before = random.floats(members * c_step, -1, 1);
  const std::vector<float> given = same_in_both_orders(what, [&] {
    std::vector<float> c = before;
    product({.members = s.members,
             .m = s.m,
             .n = s.n,
             .k = s.k,
             .a = {a.data(), a_rows ? lda : 1, a_rows ? 1 : lda, static_cast<int64_t>(a_step)},
             .b = {b.data(), b_rows ? ldb : 1, b_rows ? 1 : ldb, static_cast<int64_t>(b_step)},
             .c = c.data(),
             .ldc = ldc,
             .c_step = static_cast<int64_t>(c_step),
             .accumulate = accumulate},
            {});
    return c;
  });
  Numbers wanted(before.begin(), before.end());
  for (size_t member = 0; member < members; ++member) {
    for (int64_t i = 0; i < s.m; ++i) {
      for (int64_t j = 0; j < s.n; ++j) {
        double sum = 0;
        for (int64_t d = 0; d < s.k; ++d) {
          const int64_t at_a = a_rows ? i * lda + d : d * lda + i, at_b = b_rows ? d * ldb + j : j * ldb + d;
          sum +=
              double{a[member * a_step + static_cast<size_t>(at_a)]} * b[member * b_step + static_cast<size_t>(at_b)];
        }
        double& to = wanted[member * c_step + static_cast<size_t>(i * ldc + j)];
        to = accumulate ? to + sum : sum;
      }
    }
  }
  compare(what, given, wanted);
}

}  // namespace

TEST(cuda_product) {
  Random random(1);
  for (const Shape& shape : {Shape{1, 1, 1, 1}, Shape{2, 64, 64, 16}, Shape{2, 5, 67, 33}, Shape{3, 56, 48, 20},
                             Shape{1, 130, 68, 144}, Shape{2, 3, 2, 64}}) {
    for (int way = 0; way < 8; ++way) {
      for (int pad : {0, 4, 3}) check_product(shape, way & 1, way & 2, way & 4, pad, random);
    }
  }
}

TEST(cuda_layer_norm_and_its_gradient) {
  Random random(2);
  for (const auto& [members, m, h] : {std::array{1, 1, 1}, std::array{2, 9, 31}, std::array{3, 56, 144}}) {
    for (bool masked : {false, true}) {
      const std::string what = "layer norm " + std::to_string(m) + " x " + std::to_string(h);
      const auto k = static_cast<size_t>(members), rows = k * static_cast<size_t>(m), width = static_cast<size_t>(h);
      const std::vector<float> u = random.floats(rows * width, -2, 3), mask = random.floats(rows * width, 0, 2);
      const std::vector<float> parameters = random.floats(k * 3 * width, -1, 1),
                               d_y = random.floats(rows * width, -1, 1);
      const float *bias = parameters.data(), *gain = bias + width, *shift = gain + width;
      const auto step = static_cast<int64_t>(3 * width);
      std::vector<float> x_hat(rows * width), rstd(rows);
      const std::vector<float> y = same_in_both_orders(what, [&] {
        std::vector<float> out(rows * width);
        layer_norm({members, m, h, u.data(), bias, gain, shift, step, masked ? mask.data() : nullptr, x_hat.data(),
                    rstd.data(), out.data()},
                   {});
        return out;
      });
      const std::vector<float> d_u = same_in_both_orders(what + " backward", [&] {
        // d_u, then d_bias, d_gain and d_shift of each member.
        std::vector<float> out(rows * width + k * 3 * width);
        float* sums = out.data() + rows * width;
        layer_norm_backward({members, m, h, d_y.data(), gain, step, masked ? mask.data() : nullptr, x_hat.data(),
                             rstd.data(), out.data(), sums, sums + width, sums + 2 * width},
                            {});
        return out;
      });
      Numbers wanted_y, wanted_d, sums(k * 3 * width);
      for (size_t r = 0; r < rows; ++r) {
        const size_t of = r / static_cast<size_t>(m) * 3 * width;
        Numbers x(width), d(width);
        double mean = 0, variance = 0, d_mean = 0, dot = 0;
        for (size_t j = 0; j < width; ++j) mean += (x[j] = double{u[r * width + j]} + bias[of + j]) / h;
        for (double& v : x) v -= mean, variance += v * v / h;
        for (size_t j = 0; j < width; ++j) {
          x[j] /= std::sqrt(variance + 1e-5);
          const double factor = masked ? mask[r * width + j] : 1;
          wanted_y.push_back((x[j] * gain[of + j] + shift[of + j]) * factor);
          d[j] = d_y[r * width + j] * factor * gain[of + j];
          d_mean += d[j] / h;
          dot += d[j] * x[j] / h;
        }
        for (size_t j = 0; j < width; ++j) {
          wanted_d.push_back((d[j] - d_mean - x[j] * dot) / std::sqrt(variance + 1e-5));
          const double slope = d_y[r * width + j] * (masked ? mask[r * width + j] : 1.0);
          sums[of + j] += wanted_d.back();
          sums[of + width + j] += slope * x[j];
          sums[of + 2 * width + j] += slope;
        }
      }
      compare(what, y, wanted_y);
      if (h == 1) continue;  // where nothing is left of a row
      const std::span<const float> all(d_u);
      compare(what + " backward", all.first(wanted_d.size()), wanted_d);
      compare(what + " sums", all.subspan(wanted_d.size()), sums);
    }
  }
}

TEST(cuda_aggregate) {
  Random random(3);
  for (bool shared : {false, true}) {
    for (const auto& [members, graphs, n, h] :
         {std::array{1, 1, 1, 1}, std::array{2, 3, 7, 48}, std::array{1, 2, 8, 31}}) {
      const std::string what = "aggregate of " + std::to_string(n) + " nodes x " + std::to_string(h);
      const auto all = static_cast<size_t>(members * graphs), nodes = static_cast<size_t>(n);
      const auto width = static_cast<size_t>(2 * h), square = nodes * nodes;
      const std::vector<float> forward = random.floats((shared ? 1 : all) * square, 0, 1);
      const std::vector<float> back = random.floats((shared ? 1 : all) * square, 0, 1);
      const std::vector<float> in = random.floats(all * nodes * width, -1, 1);
      const Adjacencies adjacencies = adjacencies_of(forward, back, shared, graphs, n);
      const std::vector<float> given = same_in_both_orders(what, [&] {
        std::vector<float> out(in.size());
        aggregate({members, graphs, n, h, adjacencies, in.data(), out.data()}, {});
        return out;
      });
      Numbers wanted;
      for (size_t g = 0; g < all; ++g) {
        for (size_t i = 0; i < nodes; ++i) {
          for (size_t c = 0; c < width; ++c) {
            const std::vector<float>& a = c < width / 2 ? forward : back;
            double sum = 0;
            for (size_t j = 0; j < nodes; ++j) {
              sum += double{a[(shared ? 0 : g) * square + i * nodes + j]} * in[(g * nodes + j) * width + c];
            }
            wanted.push_back(std::max(0.0, sum));
          }
        }
      }
      compare(what, given, wanted);
    }
  }
}

TEST(cuda_aggregate_backward) {
  Random random(4);
  for (bool shared : {false, true}) {
    for (const auto& [members, graphs, n, h] :
         {std::array{1, 1, 1, 1}, std::array{2, 3, 7, 48}, std::array{1, 2, 8, 31}}) {
      const std::string what = "aggregate backward of " + std::to_string(n) + " nodes x " + std::to_string(h);
      const auto all = static_cast<size_t>(members * graphs), nodes = static_cast<size_t>(n);
      const auto half = static_cast<size_t>(h), width = 2 * half, square = nodes * nodes;
      const std::vector<float> forward = random.floats((shared ? 1 : all) * square, 0, 1);
      const std::vector<float> back = random.floats((shared ? 1 : all) * square, 0, 1);
      const std::vector<float> mixed = random.floats(all * nodes * width, -1, 1);
      const std::vector<float> d_mixed = random.floats(mixed.size(), -1, 1), in = random.floats(mixed.size(), -1, 1);
      const size_t rows = mixed.size(), entries = all * square;
      const Adjacencies adjacencies = adjacencies_of(forward, back, shared, graphs, n);
      // d_in, then d_out, then d_back, both twice what one launch gives.
      const std::vector<float> given = same_in_both_orders(what, [&] {
        std::vector<float> out(rows + 2 * entries);
        float *d_out = out.data() + rows, *d_back = d_out + entries;
        for (bool accumulate : {false, true}) {
          aggregate_backward({members, graphs, n, h, adjacencies, mixed.data(), d_mixed.data(), in.data(), out.data(),
                              d_out, d_back, accumulate},
                             {});
        }
        return out;
      });
      Numbers wanted(given.size());
      for (size_t g = 0; g < all; ++g) {
        for (size_t i = 0; i < nodes; ++i) {
          for (size_t c = 0; c < width; ++c) {
            const size_t row = (g * nodes + i) * width + c;
            if (mixed[row] <= 0) continue;
            for (size_t j = 0; j < nodes; ++j) {
              const size_t other = (g * nodes + j) * width + c, entry = i * nodes + j;
              const std::vector<float>& a = c < half ? forward : back;
              wanted[other] += double{a[(shared ? 0 : g) * square + entry]} * d_mixed[row];
              wanted[rows + (c < half ? 0 : entries) + g * square + entry] += 2 * double{d_mixed[row]} * in[other];
            }
          }
        }
      }
      compare(what, given, wanted);
    }
  }
}

TEST(cuda_pool_and_its_gradient) {
  Random random(5);
  for (bool masked : {false, true}) {
    for (const auto& [members, graphs, n, h] :
         {std::array{1, 1, 1, 1}, std::array{2, 3, 7, 144}, std::array{1, 2, 8, 31}}) {
      const std::string what = "pool of " + std::to_string(n) + " nodes x " + std::to_string(h);
      const auto all = static_cast<size_t>(members * graphs), nodes = static_cast<size_t>(n);
      const auto width = static_cast<size_t>(h), pooled = all * width;
      std::vector<int32_t> sizes;
      for (int g = 0; g < graphs; ++g) sizes.push_back(1 + (g + 1) % n);
      const std::vector<float> rows = random.floats(pooled * nodes, -3, 3), mask = random.floats(pooled, 0, 2);
      const std::vector<float> d = random.floats(pooled, -1, 1);
      // activated, then slope, then d_rows.
      const std::vector<float> given = same_in_both_orders(what, [&] {
        std::vector<float> out(2 * pooled + rows.size());
        float *activated = out.data(), *slope = activated + pooled, *d_rows = slope + pooled;
        pool({members, graphs, n, h, {sizes.data(), 0}, rows.data(), masked ? mask.data() : nullptr, activated, slope},
             {});
        pool_backward({members, graphs, n, h, {sizes.data(), 0}, d.data(), slope, d_rows}, {});
        return out;
      });
      Numbers wanted(given.size());
      for (size_t g = 0; g < all; ++g) {
        const auto size = static_cast<size_t>(sizes[g % static_cast<size_t>(graphs)]);
        for (size_t j = 0; j < width; ++j) {
          const size_t at = g * width + j;
          double x = 0;
          for (size_t i = 0; i < size; ++i) x += double{rows[(g * nodes + i) * width + j]} / static_cast<double>(size);
          const double below = 0.5 * std::erfc(-x / std::sqrt(2.0)), factor = masked ? mask[at] : 1;
          const double density = std::exp(-0.5 * x * x) / std::sqrt(2 * std::numbers::pi);
          wanted[at] = x * below * factor;
          wanted[pooled + at] = (below + x * density) * factor;
          for (size_t i = 0; i < size; ++i) {
            wanted[2 * pooled + (g * nodes + i) * width + j] = d[at] * wanted[pooled + at] / static_cast<double>(size);
          }
        }
      }
      compare(what, given, wanted);
    }
  }
}

}  // namespace optiproxy::test
