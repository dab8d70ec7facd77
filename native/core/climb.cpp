#include "climb.h"

#include <numeric>

#include "random.h"

namespace optiproxy {

Relaxation latin_hypercube_start(const GraphProgram& program, int members, const ClimbPlan& plan) {
  const auto k = static_cast<size_t>(members), r = static_cast<size_t>(plan.restarts);
  const auto ops = static_cast<size_t>(program.alpha_width()), edges = static_cast<size_t>(program.beta_width());
  Relaxation start{std::vector<float>(k * r * ops), std::vector<float>(k * r * edges)};
  std::vector<uint32_t> strata(r);
  for (size_t m = 0; m < k; ++m) {
    Rng rng({plan.seed, Purpose::kStart, static_cast<uint32_t>(m), plan.round, 0});
    auto fill = [&](std::vector<float>& logits, size_t width) {
      for (size_t j = 0; j < width; ++j) {
        std::iota(strata.begin(), strata.end(), 0u);
        shuffle(strata, rng);
        for (size_t i = 0; i < r; ++i) {
          const double place = (strata[i] + rng.uniform()) / static_cast<double>(r);
          logits[(m * r + i) * width + j] =
              static_cast<float>(plan.alpha_low + (plan.alpha_high - plan.alpha_low) * place);
        }
      }
    };
    fill(start.alpha, ops);
    fill(start.beta, edges);
  }
  return start;
}

}  // namespace optiproxy
