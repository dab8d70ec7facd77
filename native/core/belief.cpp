#include "belief.h"

#include <algorithm>
#include <cmath>

#include "acquisition.h"
#include "error.h"

namespace optiproxy {
void Belief::score(const GraphProgram& program, std::span<const uint8_t> genes, std::span<float> scores) {
  std::vector<float> deviations(scores.size());
  predict(program, genes, scores, deviations);
  for (size_t i = 0; i < scores.size(); ++i) {
    scores[i] = static_cast<float>(plan_.rule == AcquisitionRule::kUpperBound
                                       ? scores[i] + plan_.beta * deviations[i]
                                       : log_expected_improvement(scores[i], deviations[i], plan_.best));
  }
}

void Belief::predict(const GraphProgram& program, std::span<const uint8_t> genes, std::span<float> means,
                     std::span<float> deviations) {
  process_.predict(genes, means, deviations);
  if (plan_.share == 0) return;
  require(ensemble_ != nullptr, "belief: expected an ensemble for a share above 0");
  std::vector<float> predictions(means.size() * static_cast<size_t>(members_ * outputs_));
  ensemble_->score(program, genes, predictions);
  mix_in(predictions, means, deviations);
}

void Belief::mix_in(std::span<const float> predictions, std::span<float> means, std::span<float> deviations) const {
  const size_t n = means.size();
  const auto member_size = n * static_cast<size_t>(outputs_);
  for (size_t i = 0; i < n; ++i) {
    double sum = 0, squares = 0, count = 0;
    for (size_t m = 0; m < static_cast<size_t>(members_); ++m) {
      const double prediction = predictions[m * member_size + i * static_cast<size_t>(outputs_)];
      if (!std::isfinite(prediction)) continue;  // a member that has diverged has no say
      sum += prediction;
      squares += prediction * prediction;
      ++count;
    }
    if (count == 0) continue;
    const double mean = sum / count, variance = std::max(0.0, squares / count - mean * mean);
    const double apart = mean - means[i], own = deviations[i], share = plan_.share;
    means[i] = static_cast<float>(means[i] + share * apart);
    deviations[i] =
        static_cast<float>(std::sqrt((1 - share) * own * own + share * variance + share * (1 - share) * apart * apart));
  }
}

}  // namespace optiproxy
