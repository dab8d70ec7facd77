// Entropies of climbed distributions against plain sums.
#include "../core/climb_entropy.h"

#include <cmath>

#include "random_program.h"
#include "test.h"

namespace optiproxy::test {
namespace {

/// By the formula, in double precision: alpha's genes or beta's.
double plain_entropy(const GraphProgram& program, const Relaxation& r, int lanes, double sharpness, bool of_alpha) {
  const Numbers alpha = doubles(r.alpha), beta = doubles(r.beta);
  const auto a = static_cast<size_t>(program.alpha_width()), b = static_cast<size_t>(program.beta_width());
  double sum = 0, weight = 0;
  for (size_t lane = 0; lane < static_cast<size_t>(lanes); ++lane) {
    const Chances chances = reference_chances(program, alpha.data() + lane * a, beta.data() + lane * b, 1 / sharpness);
    size_t at = 0;
    for (size_t g = 0; g < program.genes.size(); ++g) {
      const Gene& gene = program.genes[g];
      double bits = 0;
      for (int v = 0; v < gene.choices; ++v, ++at) {
        if (chances.values[at] > 0) bits -= chances.values[at] * std::log2(chances.values[at]);
      }
      if ((gene.kind == GeneKind::kChoice) != of_alpha || gene.choices == 1) continue;
      sum += chances.active[g] * bits / std::log2(gene.choices);
      weight += chances.active[g];
    }
  }
  return sum / weight;
}

/// Genes with logits that all lanes share.
Relaxation lanes_of(const GraphProgram& program, int lanes, float alpha, float beta) {
  return {std::vector<float>(static_cast<size_t>(lanes * program.alpha_width()), alpha),
          std::vector<float>(static_cast<size_t>(lanes * program.beta_width()), beta)};
}

bool close(double given, double wanted) {
  return std::isnan(wanted) ? std::isnan(given) : std::abs(given - wanted) < 1e-5;
}

}  // namespace

TEST(climb_entropy_matches_plain_sums) {
  Random random(311);
  int with_beta = 0;
  for (int i = 0; i < 100; ++i) {
    const GraphProgram program = Space(random_program({}, random)).graph();
    const Relaxation r = random_relaxation(program, 6, random);
    for (const double sharpness : {0.5, 1.0, 8.0}) {
      const ClimbEntropy given = climb_entropy(program, r, sharpness);
      CHECK(close(given.alpha, plain_entropy(program, r, 6, sharpness, true)));
      CHECK(close(given.beta, plain_entropy(program, r, 6, sharpness, false)));
      with_beta += !std::isnan(given.beta) && !std::isnan(given.alpha);
    }
  }
  CHECK(with_beta > 30);
}

TEST(climb_entropy_is_1_of_even_odds_and_0_of_certainty) {
  const GraphProgram chain = chain_program(3, 5).graph();
  Relaxation r = lanes_of(chain, 2, 0.25f, 0);
  CHECK(close(climb_entropy(chain, r, 1).alpha, 1));
  CHECK(std::isnan(climb_entropy(chain, r, 1).beta));
  // Half of the distributions are sure: the mean is a half.
  for (size_t i = 0; i < 15; i += 5) r.alpha[i] = 1000;
  CHECK(close(climb_entropy(chain, r, 1).alpha, 0.5));
  const GraphProgram free = free_program(3, 2).graph();
  CHECK(close(climb_entropy(free, lanes_of(free, 1, 3, 0), 1).beta, 1));
  for (const float sure : {-1000.0f, 1000.0f}) CHECK(close(climb_entropy(free, lanes_of(free, 1, 3, sure), 1).beta, 0));
  CHECK_THROWS(climb_entropy(free, lanes_of(free, 1, 0, 0), 0), "expected sharpness > 0");
}

}  // namespace optiproxy::test
