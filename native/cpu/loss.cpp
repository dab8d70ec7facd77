#include "loss.h"

#include <cmath>
#include <cstdint>

namespace optiproxy::cpu {

double loss_and_slope(int graphs, int outputs, const float* y, const float* target, const LossConfig& config,
                      float* d_y) {
  double total = 0;
  for (int o = 0; o < outputs; ++o) {
    auto at = [&](int i) { return static_cast<int64_t>(i) * outputs + o; };
    int count = 0;
    for (int i = 0; i < graphs; ++i) count += !std::isnan(target[at(i)]);
    for (int i = 0; i < graphs; ++i) {
      d_y[at(i)] = 0;
      if (std::isnan(target[at(i)])) continue;
      const double error = static_cast<double>(y[at(i)]) - target[at(i)];
      total += error * error / count;
      d_y[at(i)] = static_cast<float>(2 * error / count);
    }
    if (config.ranking == 0) continue;
    int64_t pairs = 0;
    for (int i = 0; i < graphs; ++i) {
      for (int j = 0; j < graphs; ++j) pairs += target[at(i)] > target[at(j)];
    }
    if (pairs == 0) continue;
    const double weight = config.ranking / static_cast<double>(pairs);
    for (int i = 0; i < graphs; ++i) {
      for (int j = 0; j < graphs; ++j) {
        if (!(target[at(i)] > target[at(j)])) continue;
        const double short_of = config.margin - (static_cast<double>(y[at(i)]) - y[at(j)]);
        if (short_of <= 0) continue;
        total += weight * short_of;
        d_y[at(i)] -= static_cast<float>(weight);
        d_y[at(j)] += static_cast<float>(weight);
      }
    }
  }
  return total;
}

}  // namespace optiproxy::cpu
