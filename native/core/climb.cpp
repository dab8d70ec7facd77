#include "climb.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "random.h"

namespace optiproxy {

Relaxation latin_hypercube_start(const GraphProgram& program, int members, const ClimbPlan& plan) {
  const auto k = static_cast<size_t>(members), r = static_cast<size_t>(plan.restarts);
  const size_t ops = static_cast<size_t>(program.variables()) * static_cast<size_t>(program.choices);
  const size_t edges = program.free_edges.size();
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

std::vector<float> choice_probabilities(const std::vector<float>& logits, int choices) {
  std::vector<float> p(logits.size());
  const auto k = static_cast<size_t>(choices);
  for (size_t row = 0; row < logits.size(); row += k) {
    const float high = *std::max_element(logits.begin() + static_cast<std::ptrdiff_t>(row),
                                         logits.begin() + static_cast<std::ptrdiff_t>(row + k));
    float sum = 0;
    for (size_t c = 0; c < k; ++c) sum += p[row + c] = std::exp(logits[row + c] - high);
    for (size_t c = 0; c < k; ++c) p[row + c] /= sum;
  }
  return p;
}

std::vector<float> edge_probabilities(const std::vector<float>& logits) {
  std::vector<float> p(logits.size());
  std::ranges::transform(logits, p.begin(), [](float logit) { return 1 / (1 + std::exp(-logit)); });
  return p;
}

}  // namespace optiproxy
