#include "climb_entropy.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "error.h"
#include "relaxation.h"

namespace optiproxy {
namespace {

double entropy(const float* p, int values) {
  double sum = 0;
  for (int v = 0; v < values; ++v) sum -= p[v] > 0 ? p[v] * std::log(static_cast<double>(p[v])) : 0;
  return sum;
}

/// A mean of parts with weights; NaN of nothing.
struct WeightedMean {
  double sum = 0, weight = 0;
  double value() const { return weight > 0 ? sum / weight : NAN; }
};

}  // namespace

ClimbEntropy climb_entropy(const GraphProgram& program, const Relaxation& relaxation, double sharpness) {
  require(sharpness > 0, "entropy: expected sharpness > 0");
  const GeneRelaxation genes(program);
  const size_t a = genes.alpha(), b = genes.beta();
  const size_t lanes = a > 0 ? relaxation.alpha.size() / a : relaxation.beta.size() / b;
  const std::vector<float> none(std::max(a, b));
  std::vector<float> soft(genes.values()), activity(program.genes.size());
  WeightedMean alpha, beta;
  for (size_t lane = 0; lane < lanes; ++lane) {
    genes.relax({relaxation.alpha.data() + lane * a, none.data(), relaxation.beta.data() + lane * b, none.data()},
                static_cast<float>(1 / sharpness), soft.data(), activity.data());
    for (size_t g = 0; g < program.genes.size(); ++g) {
      const Gene& gene = program.genes[g];
      if (gene.choices < 2) continue;  // nothing to decide
      WeightedMean& mean = gene.kind == GeneKind::kChoice ? alpha : beta;
      mean.sum += activity[g] * entropy(soft.data() + genes.first_value(g), gene.choices) / std::log(gene.choices);
      mean.weight += activity[g];
    }
  }
  return {alpha.value(), beta.value()};
}

}  // namespace optiproxy
