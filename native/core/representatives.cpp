#include "representatives.h"

#include <algorithm>
#include <cmath>

namespace optiproxy {
namespace {

/// How fast closeness falls with similarity: at 0.3 a step in one of a few genes still counts as close.
constexpr float kReach = 0.3f;

}  // namespace

std::vector<size_t> representatives(const Space& space, std::span<const uint8_t> architectures, size_t count) {
  const size_t g = space.genes(), m = architectures.size() / g;
  if (m == 0) return {};
  Similarity similarity(space, architectures);
  similarity.learn(architectures);
  std::vector<float> closeness(m * m), views(kViews * m);
  for (size_t i = 0; i < m; ++i) {
    similarity.compare(architectures.data() + i * g, views);
    for (size_t j = 0; j < m; ++j) {
      float mean = 0;
      for (size_t view = 0; view < kViews; ++view) mean += views[view * m + j] / kViews;
      closeness[i * m + j] = std::exp((mean - 1) / kReach);
    }
  }
  std::vector<size_t> chosen;
  std::vector<uint8_t> taken(m, 0);
  std::vector<float> covered(m, 0.0f);
  while (chosen.size() < std::min(count, m)) {
    size_t best = m;
    double most = -1;
    for (size_t i = 0; i < m; ++i) {
      if (taken[i] != 0) continue;
      double gain = 0;
      for (size_t j = 0; j < m; ++j) gain += std::max(0.0f, closeness[i * m + j] - covered[j]);
      if (gain <= most) continue;
      most = gain;
      best = i;
    }
    chosen.push_back(best);
    taken[best] = 1;
    for (size_t j = 0; j < m; ++j) covered[j] = std::max(covered[j], closeness[best * m + j]);
  }
  return chosen;
}

}  // namespace optiproxy
