// Reference loops of the dropout masks and the optimiser.
#include "../core/random.h"
#include "../cpu/fit.h"
#include "op.h"

namespace optiproxy::test {
namespace {

/// The mask as core's Stream defines it: block i/128 reads 16 consecutive counters, 64 words, two masks a word.
std::vector<float> reference_mask(const Stream& stream, uint32_t threshold, float scale, size_t count) {
  std::vector<float> mask(count);
  for (size_t i = 0; i < count; ++i) {
    const PhiloxWords words = stream.words(static_cast<uint32_t>(i / 128 * 16 + i % 16));
    const uint32_t word = words[i % 128 / 32];
    mask[i] = (i % 32 < 16 ? word & 0xffffu : word >> 16) >= threshold ? scale : 0.0f;
  }
  return mask;
}

}  // namespace

void op_dropout_mask(OpRun& run) {
  const Stream stream{0xfedcba9876543210ull, Purpose::kDropout, 5u << 8 | 2u, 3, 77};
  const auto key = stream.key();
  const auto counter = stream.counter();
  auto draw = [&](double rate) {
    return MaskStream{.key = {key[0], key[1]},
                      .counter = {counter[0], counter[1], counter[2]},
                      .threshold = static_cast<uint32_t>(std::lround(rate * 65536)),
                      .scale = static_cast<float>(1 / (1 - rate))};
  };
  std::vector<int> counts = run.widths();
  for (int n : {127, 128, 129, 255, 256, 1000}) counts.push_back(n);
  for (int n : counts) {
    for (double rate : {0.1, 0.5}) {
      const MaskStream s = draw(rate);
      Guarded mask = Guarded::output(1, n, n, run.shift(n));
      run.k.dropout_mask(n, &s, mask.data());
      CHECK_CASE(mask.values() == reference_mask(stream, s.threshold, s.scale, static_cast<size_t>(n)),
                 "dropout_mask n=" + std::to_string(n));
      run.guards(mask, "dropout_mask n=" + std::to_string(n));
    }
  }
  // The share of zeros lies within five deviations of the rate, and the mean is about 1.
  for (double rate : {0.0, 0.1, 0.3, 0.9}) {
    constexpr int kCount = 1 << 18;
    const MaskStream s = draw(rate);
    std::vector<float> mask(kCount);
    run.k.dropout_mask(kCount, &s, mask.data());
    double zeros = 0, total = 0;
    for (float m : mask) zeros += m == 0, total += m;
    CHECK_CLOSE(zeros / kCount, rate, 1e-5 + 5 * std::sqrt(rate * (1 - rate) / kCount));
    CHECK_CLOSE(total / kCount, 1.0, 5 * std::sqrt(rate / (1 - rate) / kCount) + 1e-4);
  }
}

void op_gumbel(OpRun& run) {
  std::vector<int> counts = run.widths();
  counts.push_back(5000);
  for (int n : counts) {
    std::vector<uint32_t> words;
    for (int i = 0; i < n; ++i) words.push_back(static_cast<uint32_t>(run.random.below(1 << 30)) * 4u + 3u);
    // Both ends, where one of the two logarithms is of nearly 1, and the middle.
    const uint32_t ends[] = {0u, 1u, 0x7fffffffu, 0x80000000u, 0xfffffffeu, 0xffffffffu, 0xff800000u, 0xffffff00u};
    for (size_t i = 0; i < std::min(words.size(), std::size(ends)); ++i) words[i] = ends[i];
    Guarded noise = Guarded::output(1, n, n, run.shift(n));
    run.k.gumbel(n, words.data(), noise.data());
    Numbers wanted;
    for (uint32_t word : words) wanted.push_back(-std::log(-std::log((static_cast<double>(word) + 0.5) * 0x1p-32)));
    for (size_t i = 0; i < words.size(); ++i) {
      CHECK_CASE(
          std::fabs(noise.at(0, i) - wanted[i]) < 2e-6 * std::max(1.0, std::fabs(wanted[i])),
          "gumbel of word " + std::to_string(words[i]) + ": " + text(noise.at(0, i)) + ", wanted " + text(wanted[i]));
    }
    Nmse nmse;
    nmse.add(noise.values(), wanted);
    run.expect(nmse, "gumbel n=" + std::to_string(n));
    run.guards(noise, "gumbel n=" + std::to_string(n));
  }
}

void op_adamw(OpRun& run) {
  const AdamWConfig config{.lr = 2e-2, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .weight_decay = 0.05};
  for (int n : run.widths()) {
    Nmse of_p, of_moments;
    for (int t : {1, 2, 10, 1000}) {
      const AdamWStep step = adamw_step(config, config.lr, t);
      Guarded g = Guarded::input(run.random, 1, n, n, run.shift(n + t)), p = Guarded::output(1, n, n, run.shift(n + 1)),
              m = Guarded::output(1, n, n, run.shift(t)), v = Guarded::output(1, n, n, run.shift(n + t + 1));
      p.fill(run.random, -1, 1);
      // The first step starts from zero moments: nothing hides how exactly the new share, 1 - beta2, is weighed.
      m.fill(run.random, t == 1 ? 0 : -0.1, t == 1 ? 0 : 0.1);
      v.fill(run.random, t == 1 ? 0 : 0.01, t == 1 ? 0 : 0.1);
      if (n > 2) g.at(0, 0) = 0, m.at(0, 0) = 0, v.at(0, 0) = 0;  // a parameter that never moved: 0 / epsilon, no NaN
      Numbers wanted_p = doubles(p.values()), wanted_m = doubles(m.values()), wanted_v = doubles(v.values());
      reference_adamw(config, config.lr, t, doubles(g.values()), wanted_p, wanted_m, wanted_v);
      run.k.adamw(n, &step, g.data(), p.data(), m.data(), v.data());
      of_p.add(p.values(), wanted_p);
      of_moments.add(m.values(), wanted_m);
      of_moments.add(v.values(), wanted_v);
      for (const Guarded* guarded : {&p, &m, &v}) run.guards(*guarded, "adamw n=" + std::to_string(n));
    }
    run.expect(of_p, "adamw n=" + std::to_string(n));
    run.expect(of_moments, "adamw moments n=" + std::to_string(n));
  }
}

/// Bit for bit what adamw does, and what transpose makes of its result.
void op_adamw_transposed(OpRun& run) {
  const AdamWConfig config{.lr = 2e-2, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .weight_decay = 0.05};
  const int w = run.w();
  for (int rows : {1, 2, w - 1, w, w + 1, 2 * w + 3, 48}) {
    for (int columns : {1, 3, w - 1, w, w + 1, 2 * w + 3, 48, 144}) {
      const std::string what = "adamw_transposed rows=" + std::to_string(rows) + " columns=" + std::to_string(columns);
      Nmse of_p;
      for (int t : {1, 10}) {
        const AdamWStep step = adamw_step(config, config.lr, t);
        Guarded g = Guarded::input(run.random, rows, columns, columns, run.shift(rows + t));
        Guarded p = Guarded::output(rows, columns, columns, run.shift(columns)),
                m = Guarded::output(rows, columns, columns, run.shift(t)),
                v = Guarded::output(rows, columns, columns, run.shift(columns + t));
        Guarded transposed = Guarded::output(columns, rows, rows, run.shift(rows));
        p.fill(run.random, -1, 1);
        m.fill(run.random, t == 1 ? 0 : -0.1, t == 1 ? 0 : 0.1);
        v.fill(run.random, t == 1 ? 0 : 0.01, t == 1 ? 0 : 0.1);
        Guarded flat_p = p, flat_m = m, flat_v = v, turned = transposed;
        Numbers wanted_p = doubles(p.values()), wanted_m = doubles(m.values()), wanted_v = doubles(v.values());
        reference_adamw(config, config.lr, t, doubles(g.values()), wanted_p, wanted_m, wanted_v);
        run.k.adamw_transposed(rows, columns, &step, g.data(), p.data(), m.data(), v.data(), transposed.data());
        of_p.add(p.values(), wanted_p);
        run.k.adamw(int64_t{rows} * columns, &step, g.data(), flat_p.data(), flat_m.data(), flat_v.data());
        run.k.transpose(rows, columns, flat_p.data(), turned.data());
        CHECK_CASE(p.values() == flat_p.values(), what + ": parameters differ from adamw's");
        CHECK_CASE(m.values() == flat_m.values() && v.values() == flat_v.values(), what + ": moments differ");
        CHECK_CASE(transposed.values() == turned.values(), what + ": not the transpose of the parameters");
        for (const Guarded* guarded : {&p, &m, &v, &transposed}) run.guards(*guarded, what);
      }
      run.expect(of_p, what);
    }
  }
}

}  // namespace optiproxy::test
