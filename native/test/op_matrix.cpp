// Reference loops of the matrix kernels.
#include "op.h"

namespace optiproxy::test {
namespace {

std::string shape(int m, int n, int k, bool transposed, int mode) {
  return "gemm m=" + std::to_string(m) + " n=" + std::to_string(n) + " k=" + std::to_string(k) +
         (transposed ? " A transposed" : "") + " mode=" + std::to_string(mode);
}

}  // namespace

void op_gemm(OpRun& run) {
  std::vector<int> widths = run.widths();
  for (int n : {3 * run.w() - 1, 3 * run.w(), 3 * run.w() + 1, 4 * run.w() + 1, 5 * run.w() - 1, 5 * run.w(),
                6 * run.w() + 3}) {
    widths.push_back(n);
  }
  const int depths[] = {1, 2, 3, 5, 8, 17, 40};
  int turn = 0;
  for (int n : widths) {
    Nmse nmse;
    for (int m = 1; m <= 19; ++m) {
      for (int variant = 0; variant < 4; ++variant, ++turn) {
        const bool transposed = variant >= 2;
        const int mode = variant % 2, k = depths[turn % 7], gap = turn % 4;
        Guarded a = transposed ? Guarded::input(run.random, k, m, m + gap, run.shift(turn))
                               : Guarded::input(run.random, m, k, k + gap, run.shift(turn));
        Guarded b = Guarded::input(run.random, k, n, n + gap, run.shift(turn + 1));
        Guarded c = Guarded::output(m, n, n + (turn + 1) % 4, run.shift(turn + 2));
        if (mode == cpu::kAccumulate) c.fill(run.random, -1, 1);  // otherwise C is NaN: what was there may not count
        Numbers wanted;
        for (size_t i = 0; i < static_cast<size_t>(m); ++i) {
          for (size_t j = 0; j < static_cast<size_t>(n); ++j) {
            double total = mode == cpu::kAccumulate ? c.at(i, j) : 0;
            for (size_t p = 0; p < static_cast<size_t>(k); ++p) {
              total += static_cast<double>(transposed ? a.at(p, i) : a.at(i, p)) * b.at(p, j);
            }
            wanted.push_back(total);
          }
        }
        const int64_t a_row = transposed ? 1 : a.ld(), a_col = transposed ? a.ld() : 1;
        run.k.gemm(m, n, k, a.data(), a_row, a_col, b.data(), b.ld(), c.data(), c.ld(), mode);
        nmse.add(c.values(), wanted);
        run.guards(c, shape(m, n, k, transposed, mode));
        if (mode == cpu::kAccumulate) continue;

        // A row's bits may not depend on the rows around it: that is what makes a prediction independent of its batch.
        const int row = turn % m;
        Guarded alone = Guarded::output(1, n, n, 0);
        run.k.gemm(1, n, k, a.data() + row * a_row, a_row, a_col, b.data(), b.ld(), alone.data(), n, mode);
        CHECK_CASE(std::memcmp(alone.data(), c.data() + row * c.ld(), static_cast<size_t>(n) * sizeof(float)) == 0,
                   shape(m, n, k, transposed, mode) + " row " + std::to_string(row) + " alone");
      }
    }
    run.expect(nmse, "gemm n=" + std::to_string(n));
  }
}

void op_transpose(OpRun& run) {
  const int most = 2 * run.w() + 3;
  std::vector<std::pair<int, int>> shapes = {{48, 48},   {144, 48}, {96, 48}, {7, 144},
                                             {288, 144}, {131, 67}, {1, 300}, {300, 1}};
  for (int m = 1; m <= most; ++m) {
    for (int n = 1; n <= most; ++n) shapes.emplace_back(m, n);
  }
  for (const auto& [m, n] : shapes) {
    Guarded in = Guarded::input(run.random, m, n, n, run.shift(m)), out = Guarded::output(n, m, m, run.shift(n));
    run.k.transpose(m, n, in.data(), out.data());
    Numbers wanted;
    for (size_t j = 0; j < static_cast<size_t>(n); ++j) {
      for (size_t i = 0; i < static_cast<size_t>(m); ++i) wanted.push_back(in.at(i, j));
    }
    Nmse nmse;
    nmse.add(out.values(), wanted);
    const std::string what = "transpose m=" + std::to_string(m) + " n=" + std::to_string(n);
    run.expect(nmse, what);
    run.guards(out, what);
  }
}

void op_row_dots(OpRun& run) {
  for (int width : run.widths()) {
    Nmse nmse;
    for (int n = 1; n <= 9; ++n) {
      const int m = 1 + n % 4;
      Guarded a = Guarded::input(run.random, m, width, width + n % 3, run.shift(n));
      Guarded b = Guarded::input(run.random, n, width, width + 5, run.shift(width));
      Guarded out = Guarded::output(m, n, n, run.shift(n + width));
      out.fill(run.random, -1, 1);
      Numbers wanted;
      for (size_t i = 0; i < static_cast<size_t>(m); ++i) {
        for (size_t j = 0; j < static_cast<size_t>(n); ++j) {
          double total = out.at(i, j);
          for (size_t c = 0; c < static_cast<size_t>(width); ++c) total += static_cast<double>(a.at(i, c)) * b.at(j, c);
          wanted.push_back(total);
        }
      }
      run.k.row_dots(m, n, width, a.data(), a.ld(), b.data(), b.ld(), out.data());
      nmse.add(out.values(), wanted);
      run.guards(out, "row_dots n=" + std::to_string(n) + " width=" + std::to_string(width));
    }
    run.expect(nmse, "row_dots width=" + std::to_string(width));
  }
}

}  // namespace optiproxy::test
