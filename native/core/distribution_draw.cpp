#include "distribution_draw.h"

#include "relaxation.h"

namespace optiproxy {

DistributionDraw::DistributionDraw(const Space& space, const Relaxation& relaxation, double sharpness, double noise)
    : space_(space), noise_(noise) {
  const GeneRelaxation genes(space.graph());
  const size_t a = genes.alpha(), b = genes.beta();
  lanes_ = a > 0 ? relaxation.alpha.size() / a : relaxation.beta.size() / b;
  values_ = genes.values();
  for (size_t g = 0; g < space.genes(); ++g) first_.push_back(genes.first_value(g));
  soft_.resize(lanes_ * values_);
  const std::vector<float> none(std::max(a, b));
  std::vector<float> activity(space.genes());
  const auto tau = static_cast<float>(1 / sharpness);
  for (size_t lane = 0; lane < lanes_; ++lane) {
    genes.relax({relaxation.alpha.data() + lane * a, none.data(), relaxation.beta.data() + lane * b, none.data()}, tau,
                soft_.data() + lane * values_, activity.data());
  }
}

int DistributionDraw::draw_value(const float* p, size_t gene, Rng& rng, const uint8_t* architecture) const {
  const Gene& g = space_.graph().genes[gene];
  if (g.kind == GeneKind::kBit) return rng.uniform() < p[1] ? 1 : 0;
  ValueSet taken;
  if (g.distinct >= 0) {
    uint8_t values[16];
    const int n = space_.taken(architecture, gene, values);
    for (int i = 0; i < n; ++i) taken.insert(values[i]);
  }
  double weight[256], sum = 0;
  for (int v = 0; v < g.choices; ++v) {
    weight[v] = p[v] + (noise_ > 0 ? noise_ * rng.uniform() : 0);
    if (taken.contains(v)) weight[v] = 0;
    sum += weight[v];
  }
  // A distribution that is all but sure of a taken value leaves the free ones nothing: then each is as likely.
  if (sum == 0) {
    for (int v = 0; v < g.choices; ++v) sum += weight[v] = taken.contains(v) ? 0 : 1;
  }
  double place = rng.uniform() * sum;
  int value = 0;
  for (int v = 0; v < g.choices; ++v) {
    if (weight[v] == 0) continue;
    value = v;  // the last one that weighs anything, where rounding leaves a rest
    if (place < weight[v]) break;
    place -= weight[v];
  }
  return value;
}

void DistributionDraw::draw(size_t lane, Rng& rng, uint8_t* architecture) const {
  for (size_t g = 0; g < space_.genes(); ++g) {
    architecture[g] = static_cast<uint8_t>(
        space_.active(architecture, g) ? draw_value(soft_.data() + lane * values_ + first_[g], g, rng, architecture)
                                       : space_.graph().genes[g].choices);
  }
}

}  // namespace optiproxy
