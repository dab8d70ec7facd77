// Reference loops of the kernels over rows of activations.
#include "op.h"

namespace optiproxy::test {
namespace {

size_t z(int n) { return static_cast<size_t>(n); }

/// Values of dropout's kind: 0 or a scale.
Guarded random_mask(Random& random, int rows, int width, int shift) {
  Guarded mask = Guarded::input(random, rows, width, width, shift);
  for (size_t i = 0; i < z(rows) * z(width); ++i) mask.at(0, i) = random.below(4) == 0 ? 0.0f : 1.25f;
  return mask;
}

void layer_norm(OpRun& run, double centre, int narrowest) {
  constexpr int kRows = 7;
  for (int h : run.widths()) {
    if (h < narrowest) continue;
    for (int variant = 0; variant < 4; ++variant) {
      const bool masked = variant % 2 == 1, in_place = variant >= 2;
      Guarded u = Guarded::output(kRows, h, h, run.shift(h));
      u.fill(run.random, centre - 2, centre + 2);
      Guarded bias = Guarded::input(run.random, 1, h, h, run.shift(h + 1));
      Guarded gain = Guarded::input(run.random, 1, h, h, run.shift(h + 2), 0.5, 1.5);
      Guarded shift = Guarded::input(run.random, 1, h, h, run.shift(h + 3));
      Guarded mask = random_mask(run.random, kRows, h, run.shift(h + 4));
      Guarded other = Guarded::output(kRows, h, h, run.shift(h + 5)),
              y = Guarded::output(kRows, h, h, run.shift(h + 6));
      Guarded rstd = Guarded::output(kRows, 1, 1, run.shift(h + 7));
      Guarded& x_hat = in_place ? u : other;

      Numbers wanted_x, wanted_r, wanted_y;
      for (size_t i = 0; i < kRows; ++i) {
        double mean = 0, variance = 0;
        auto v = [&](size_t j) { return static_cast<double>(u.at(i, j)) + bias.at(0, j); };
        for (size_t j = 0; j < z(h); ++j) mean += v(j) / h;
        for (size_t j = 0; j < z(h); ++j) variance += (v(j) - mean) * (v(j) - mean) / h;
        wanted_r.push_back(1 / std::sqrt(variance + 1e-5));
        for (size_t j = 0; j < z(h); ++j) {
          wanted_x.push_back((v(j) - mean) * wanted_r.back());
          wanted_y.push_back((wanted_x.back() * gain.at(0, j) + shift.at(0, j)) * (masked ? mask.at(i, j) : 1));
        }
      }
      run.k.layer_norm(kRows, h, u.data(), bias.data(), gain.data(), shift.data(), masked ? mask.data() : nullptr,
                       x_hat.data(), rstd.data(), y.data());
      const std::string what =
          "layer_norm h=" + std::to_string(h) + (masked ? " masked" : "") + (in_place ? " in place" : "");
      Nmse of_x, of_r, of_y;
      of_x.add(x_hat.values(), wanted_x);
      of_r.add(rstd.values(), wanted_r);
      of_y.add(y.values(), wanted_y);
      run.expect(of_x, what + " x_hat");
      run.expect(of_r, what + " rstd");
      run.expect(of_y, what + " y");
      for (const Guarded* g : {&x_hat, &rstd, &y}) run.guards(*g, what);
    }
  }
}

}  // namespace

void op_layer_norm(OpRun& run) { layer_norm(run, 0, 1); }

// A one-pass variance, E[x²] - E[x]², loses nearly everything here.  Few columns may lie so close together that float32
// cannot tell them apart at this height, whatever the method.
void op_layer_norm_far_from_zero(OpRun& run) { layer_norm(run, 100, 8); }

void op_layer_norm_backward(OpRun& run) {
  constexpr int kRows = 7;
  for (int h : run.widths()) {
    for (int variant = 0; variant < 8; ++variant) {
      const bool masked = variant % 2 == 1, in_place = variant % 4 >= 2, sums = variant < 4;
      Guarded d_y = Guarded::output(kRows, h, h, run.shift(h));
      d_y.fill(run.random, -1, 1);
      Guarded gain = Guarded::input(run.random, 1, h, h, run.shift(h + 1), 0.5, 1.5);
      Guarded mask = random_mask(run.random, kRows, h, run.shift(h + 2));
      // Any numbers serve as x_hat and rstd; those of a true normalisation would cancel to nothing at h = 1 and 2.
      Guarded x_hat = Guarded::input(run.random, kRows, h, h, run.shift(h + 3), -2, 2);
      Guarded rstd = Guarded::input(run.random, kRows, 1, 1, 0, 0.5, 2);
      Guarded other = Guarded::output(kRows, h, h, run.shift(h + 4));
      Guarded& d_u = in_place ? d_y : other;
      Guarded d_bias = Guarded::output(1, h, h, run.shift(h + 5)), d_gain = Guarded::output(1, h, h, run.shift(h + 6)),
              d_shift = Guarded::output(1, h, h, run.shift(h + 7));
      for (Guarded* g : {&d_bias, &d_gain, &d_shift}) g->fill(run.random, -1, 1);  // they are added to

      Numbers wanted_u, wanted_bias = doubles(d_bias.values());
      Numbers wanted_gain = doubles(d_gain.values()), wanted_shift = doubles(d_shift.values());
      for (size_t i = 0; i < kRows; ++i) {
        Numbers g(z(h));
        double mean = 0, lean = 0;
        for (size_t j = 0; j < z(h); ++j) {
          const double d = static_cast<double>(d_y.at(i, j)) * (masked ? mask.at(i, j) : 1);
          wanted_shift[j] += d;
          wanted_gain[j] += d * x_hat.at(i, j);
          g[j] = d * gain.at(0, j);
          mean += g[j] / h;
          lean += g[j] * x_hat.at(i, j) / h;
        }
        for (size_t j = 0; j < z(h); ++j) {
          wanted_u.push_back(rstd.at(i, 0) * (g[j] - mean - x_hat.at(i, j) * lean));
          wanted_bias[j] += wanted_u.back();
        }
      }
      run.k.layer_norm_backward(kRows, h, d_y.data(), gain.data(), masked ? mask.data() : nullptr, x_hat.data(),
                                rstd.data(), d_u.data(), sums ? d_bias.data() : nullptr, sums ? d_gain.data() : nullptr,
                                sums ? d_shift.data() : nullptr);
      const std::string what =
          "layer_norm_backward h=" + std::to_string(h) + (masked ? " masked" : "") + (in_place ? " in place" : "");
      Nmse of_u, of_sums;
      of_u.add(d_u.values(), wanted_u);
      run.expect(of_u, what + " d_u");
      if (sums) {
        of_sums.add(d_bias.values(), wanted_bias);
        of_sums.add(d_gain.values(), wanted_gain);
        of_sums.add(d_shift.values(), wanted_shift);
        run.expect(of_sums, what + " sums");
      }
      for (const Guarded* g : {&d_u, &d_bias, &d_gain, &d_shift}) run.guards(*g, what);
    }
  }
}

void op_relu_backward(OpRun& run) {
  for (int n : run.widths()) {
    Guarded s = Guarded::input(run.random, 1, n, n, run.shift(n)), d = Guarded::output(1, n, n, run.shift(n + 1));
    d.fill(run.random, -1, 1);
    for (size_t i = 0; i < z(n); i += 3)
      s.at(0, i) = i % 2 == 0 ? 0.0f : -0.0f;  // zero is not positive, of either sign
    Numbers wanted;
    for (size_t i = 0; i < z(n); ++i) wanted.push_back(s.at(0, i) > 0 ? d.at(0, i) : 0);
    run.k.relu_backward(n, s.data(), d.data());
    Nmse nmse;
    nmse.add(d.values(), wanted);
    run.expect(nmse, "relu_backward n=" + std::to_string(n));
    run.guards(d, "relu_backward n=" + std::to_string(n));
  }
}

void op_mean_rows(OpRun& run) {
  for (int h : run.widths()) {
    Nmse nmse;
    for (int size = 1; size <= 9; ++size) {
      Guarded x = Guarded::input(run.random, size, h, h, run.shift(h + size)),
              y = Guarded::output(1, h, h, run.shift(size));
      Numbers wanted(z(h), 0.0);
      for (size_t i = 0; i < z(size); ++i) {
        for (size_t j = 0; j < z(h); ++j) wanted[j] += static_cast<double>(x.at(i, j)) / size;
      }
      run.k.mean_rows(size, h, x.data(), y.data());
      nmse.add(y.values(), wanted);
      run.guards(y, "mean_rows h=" + std::to_string(h));
    }
    run.expect(nmse, "mean_rows h=" + std::to_string(h));
  }
}

void op_gelu(OpRun& run) {
  for (int n : run.widths()) {
    Nmse of_g, of_slope;
    for (int variant = 0; variant < 8; ++variant) {
      const bool masked = variant % 2 == 1, sloped = variant % 4 < 2;
      Guarded x = Guarded::input(run.random, 1, n, n, run.shift(n + variant), -6, 6);
      Guarded mask = random_mask(run.random, 1, n, run.shift(variant));
      Guarded g = Guarded::output(1, n, n, run.shift(variant + 1)),
              slope = Guarded::output(1, n, n, run.shift(variant + 2));
      Numbers wanted_g, wanted_slope;
      for (size_t i = 0; i < z(n); ++i) {
        const double keep = masked ? mask.at(0, i) : 1;
        wanted_g.push_back(reference_gelu(x.at(0, i)) * keep);
        wanted_slope.push_back(reference_gelu_slope(x.at(0, i)) * keep);
      }
      run.k.gelu(n, x.data(), masked ? mask.data() : nullptr, g.data(), sloped ? slope.data() : nullptr);
      of_g.add(g.values(), wanted_g);
      if (sloped) of_slope.add(slope.values(), wanted_slope);
      for (const Guarded* guarded : {&g, &slope}) run.guards(*guarded, "gelu n=" + std::to_string(n));
    }
    run.expect(of_g, "gelu n=" + std::to_string(n));
    run.expect(of_slope, "gelu slope n=" + std::to_string(n));
  }
  // The middle and the tails, one by one: near 0 everything cancels, far out the exponential underflows.
  for (float x : {0.0f, -0.0f, 1e-30f, -1e-8f, 1e-3f, -0.5f, 8.0f, -8.0f, 13.0f, -13.2f, 14.0f, -14.0f, 40.0f, -40.0f,
                  1e4f, -1e4f, 1e6f, -1e6f}) {
    float g = NAN, slope = NAN;
    run.k.gelu(1, &x, nullptr, &g, &slope);
    CHECK_CLOSE(g, reference_gelu(x), 1e-6 * std::max(1.0, std::fabs(reference_gelu(x))));
    CHECK_CLOSE(slope, reference_gelu_slope(x), 1e-6);
  }
}

}  // namespace optiproxy::test
