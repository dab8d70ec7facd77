// Reference loops of the normalisations whose rows are sums of two rows that repeat.
#include "op.h"

namespace optiproxy::test {
namespace {

size_t z(int64_t n) { return static_cast<size_t>(n); }

/// Two tables and the rows of them that each of `items` picks.
struct Pairs {
  static constexpr int kFirst = 4, kSecond = 3;
  Guarded first, second;
  std::vector<int32_t> first_row, second_row;

  Pairs(Random& random, int items, int h, int shift)
      : first(Guarded::input(random, kFirst, h, h, shift, -2, 2)),
        second(Guarded::input(random, kSecond, h, h, shift / 2, -2, 2)) {
    for (int i = 0; i < items; ++i) {
      first_row.push_back(random.below(kFirst));
      second_row.push_back(random.below(kSecond));
    }
  }
  cpu::RowPair pair() { return {first.data(), first_row.data(), second.data(), second_row.data()}; }
  /// The same without the items before `item`.
  cpu::RowPair from(size_t item) {
    return {first.data(), first_row.data() + item, second.data(), second_row.data() + item};
  }
};

struct Normalised {
  Numbers x_hat;
  double rstd;
};

/// One item's sum and `bias`, normalised.
Normalised normalise(const Pairs& pairs, size_t item, size_t h, const Guarded& bias) {
  Numbers v;
  double mean = 0, variance = 0;
  for (size_t j = 0; j < h; ++j) {
    v.push_back(static_cast<double>(pairs.first.at(z(pairs.first_row[item]), j)) +
                pairs.second.at(z(pairs.second_row[item]), j) + bias.at(0, j));
    mean += v.back() / static_cast<double>(h);
  }
  for (double x : v) variance += (x - mean) * (x - mean) / static_cast<double>(h);
  const double rstd = 1 / std::sqrt(variance + 1e-5);
  for (double& x : v) x = (x - mean) * rstd;
  return {v, rstd};
}

bool same_bits(const float* a, const float* b, int count) { return std::memcmp(a, b, z(count) * sizeof *a) == 0; }

/// What both kernels read beside the pairs.
struct Affine {
  Guarded bias, gain, shift;
  Affine(OpRun& run, int h)
      : bias(Guarded::input(run.random, 1, h, h, run.shift(h + 1))),
        gain(Guarded::input(run.random, 1, h, h, run.shift(h + 2), 0.5, 1.5)),
        shift(Guarded::input(run.random, 1, h, h, run.shift(h + 3))) {}
};

void pooled_norm(OpRun& run, int h, int nodes, Nmse& nmse) {
  constexpr int kItems = 6;
  const std::string what = "pooled_norm h=" + std::to_string(h) + " nodes=" + std::to_string(nodes);
  Affine affine(run, h);
  std::vector<Pairs> pairs;
  std::vector<cpu::RowPair> given;
  for (int node = 0; node < nodes; ++node) pairs.emplace_back(run.random, kItems, h, run.shift(h + node));
  for (Pairs& p : pairs) given.push_back(p.pair());
  Numbers wanted(kItems * z(h), 0.0);
  for (size_t i = 0; i < kItems; ++i) {
    for (const Pairs& p : pairs) {
      const Normalised row = normalise(p, i, z(h), affine.bias);
      for (size_t j = 0; j < z(h); ++j) {
        wanted[i * z(h) + j] += (row.x_hat[j] * affine.gain.at(0, j) + affine.shift.at(0, j)) / nodes;
      }
    }
  }
  Guarded y = Guarded::output(kItems, h, h, run.shift(h + nodes));
  run.k.pooled_norm(kItems, h, nodes, given.data(), affine.bias.data(), affine.gain.data(), affine.shift.data(),
                    y.data());
  nmse.add(y.values(), wanted);
  run.guards(y, what);

  // An item's bits may not depend on the items around it.
  const int chosen = run.random.below(kItems);
  for (size_t node = 0; node < z(nodes); ++node) given[node] = pairs[node].from(z(chosen));
  Guarded alone = Guarded::output(1, h, h, 0);
  run.k.pooled_norm(1, h, nodes, given.data(), affine.bias.data(), affine.gain.data(), affine.shift.data(),
                    alone.data());
  CHECK_CASE(same_bits(alone.data(), y.data() + chosen * h, h), what + " alone");
}

}  // namespace

void op_layer_norm_of_pairs(OpRun& run) {
  constexpr int kItems = 9;
  for (int h : run.widths()) {
    for (int variant = 0; variant < 4; ++variant) {
      const bool masked = variant % 2 == 1, in_place = variant >= 2;
      const std::string what =
          "layer_norm_of_pairs h=" + std::to_string(h) + (masked ? " masked" : "") + (in_place ? " in place" : "");
      Pairs pairs(run.random, kItems, h, run.shift(h + variant));
      Affine affine(run, h);
      Guarded mask = Guarded::input(run.random, kItems, h, h, run.shift(h + 4));
      for (size_t i = 0; i < kItems; ++i) {
        for (size_t j = 0; j < z(h); ++j) mask.at(i, j) = run.random.below(4) == 0 ? 0.0f : 1.25f;
      }
      Guarded other = Guarded::output(kItems, h, h, run.shift(h + 5)), y = Guarded::output(kItems, h, h, run.shift(h));
      Guarded rstd = Guarded::output(kItems, 1, 1, run.shift(h + 6));
      Guarded& x_hat = in_place ? y : other;
      Numbers wanted_x, wanted_r, wanted_y;
      for (size_t i = 0; i < kItems; ++i) {
        const Normalised row = normalise(pairs, i, z(h), affine.bias);
        wanted_r.push_back(row.rstd);
        for (size_t j = 0; j < z(h); ++j) {
          wanted_x.push_back(row.x_hat[j]);
          wanted_y.push_back((row.x_hat[j] * affine.gain.at(0, j) + affine.shift.at(0, j)) *
                             (masked ? mask.at(i, j) : 1));
        }
      }
      const cpu::RowPair pair = pairs.pair();
      run.k.layer_norm_of_pairs(kItems, h, &pair, affine.bias.data(), affine.gain.data(), affine.shift.data(),
                                masked ? mask.data() : nullptr, x_hat.data(), rstd.data(), y.data());
      Nmse of_x, of_r, of_y;
      of_r.add(rstd.values(), wanted_r);
      run.expect(of_r, what + " rstd");
      of_y.add(y.values(), wanted_y);
      run.expect(of_y, what + " y");
      if (!in_place) {
        of_x.add(x_hat.values(), wanted_x);
        run.expect(of_x, what + " x_hat");
      }
      for (const Guarded* g : {&x_hat, &rstd, &y}) run.guards(*g, what);

      // An item's bits may not depend on the items around it.
      const int chosen = run.random.below(kItems);
      const cpu::RowPair last = pairs.from(z(chosen));
      Guarded alone = Guarded::output(1, h, h, 0), alone_x = Guarded::output(1, h, h, 0);
      float r = NAN;
      run.k.layer_norm_of_pairs(1, h, &last, affine.bias.data(), affine.gain.data(), affine.shift.data(),
                                masked ? mask.data() + chosen * h : nullptr, alone_x.data(), &r, alone.data());
      CHECK_CASE(same_bits(alone.data(), y.data() + chosen * h, h), what + " alone");
    }
  }
}

void op_pooled_norm(OpRun& run) {
  for (int h : run.widths()) {
    Nmse nmse;
    for (int nodes : {1, 2, 3, 8}) pooled_norm(run, h, nodes, nmse);
    run.expect(nmse, "pooled_norm h=" + std::to_string(h));
  }
  for (int h : {cpu::kMaxHidden - 1, cpu::kMaxHidden}) {
    Nmse nmse;
    pooled_norm(run, h, 2, nmse);
    run.expect(nmse, "pooled_norm h=" + std::to_string(h));
  }
}

}  // namespace optiproxy::test
