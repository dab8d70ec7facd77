// Relaxed genes and the gradient back to their logits, alone and through the whole backend, of spaces of every kind.
#include "../core/relaxation.h"

#include "../cpu/cpu_backend.h"
#include "random_program.h"
#include "test.h"

namespace optiproxy::test {
namespace {

Gene gene_of(GeneKind kind, int choices, int inputs = 0, int picks = 0) {
  Gene gene;
  gene.kind = kind;
  gene.choices = choices;
  gene.inputs = inputs, gene.picks = picks;
  return gene;
}

Gene waits(Gene gene, int parent, ValueSet when) {
  gene.optional = true;
  gene.parent = parent;
  gene.when = when;
  return gene;
}

/// Genes of all kinds: two chains of activity, one of them through a subset and a bit.
GraphProgram every_kind() {
  GraphProgram p;
  p.nodes = 1, p.features = 1, p.absent = 0;
  const Gene choice = gene_of(GeneKind::kChoice, 3), bit = gene_of(GeneKind::kBit, 2);
  p.genes = {choice,
             gene_of(GeneKind::kSubset, 10, 5, 2),
             waits(choice, 0, ValueSet({0, 2})),
             bit,
             waits(bit, 2, ValueSet({1})),
             waits(gene_of(GeneKind::kSubset, 4, 4, 3), 4, ValueSet({1})),
             waits(gene_of(GeneKind::kChoice, 1), 5, ValueSet({0, 3})),
             gene_of(GeneKind::kSubset, 6, 6, 1),
             waits(choice, 3, ValueSet({0})),
             gene_of(GeneKind::kSubset, 1, 3, 3),
             gene_of(GeneKind::kChoice, 255)};
  p.check();
  return p;
}

struct Point {
  Relaxation logits, noise;
  std::vector<float> soft, activity;
};

Point relaxed_at(const GraphProgram& program, float tau, Random& random) {
  const GeneRelaxation genes(program);
  Point p{random_relaxation(program, 1, random), random_relaxation(program, 1, random), {}, {}};
  p.soft.assign(genes.values(), NAN);
  p.activity.assign(program.genes.size(), NAN);
  genes.relax({p.logits.alpha.data(), p.noise.alpha.data(), p.logits.beta.data(), p.noise.beta.data()}, tau,
              p.soft.data(), p.activity.data());
  return p;
}

std::vector<GraphProgram> random_graph_programs(int count, uint64_t seed) {
  Random random(seed);
  std::vector<GraphProgram> all;
  for (int i = 0; i < count; ++i) all.push_back(Space(random_program({}, random)).graph());
  return all;
}

}  // namespace

TEST(relaxation_matches_plain_loops) {
  Random random(61);
  std::vector<GraphProgram> programs = random_graph_programs(100, 62);
  programs.push_back(every_kind());
  for (const GraphProgram& program : programs) {
    for (float tau : {0.2f, 1.0f, 5.0f}) {
      const Point p = relaxed_at(program, tau, random);
      const Numbers alpha = sum(p.logits.alpha, p.noise.alpha), beta = sum(p.logits.beta, p.noise.beta);
      const Chances wanted = reference_chances(program, alpha.data(), beta.data(), tau);
      CHECK(relative_error(p.soft, wanted.values) < 1e-5);
      CHECK(relative_error(p.activity, wanted.active) < 1e-5);
    }
  }
}

TEST(relaxed_inputs_of_a_subset_sum_to_what_it_picks) {
  Random random(63);
  for (int inputs = 1; inputs <= 8; ++inputs) {
    for (int picks = 1; picks <= inputs; ++picks) {
      const std::vector<uint8_t> members = subset_members(inputs, picks);
      const int choices = static_cast<int>(members.size()) / picks;
      GraphProgram program;
      program.genes = {gene_of(GeneKind::kSubset, choices, inputs, picks)};
      const GeneRelaxation genes(program);
      const float tau = 0.7f;
      const Point p = relaxed_at(program, tau, random);
      const Numbers beta = sum(p.logits.beta, p.noise.beta);
      double total = 0, below = 0;
      for (double b : beta) below += std::exp(b / tau);
      for (int input = 0; input < inputs; ++input) {
        ValueSet with;
        for (int v = 0; v < choices; ++v) {
          for (int i = 0; i < picks; ++i) {
            if (members[static_cast<size_t>(v * picks + i)] == input) with.insert(v);
          }
        }
        const double share = lane::share(genes.view().gene[0], with, p.soft.data());
        total += share;
        // One of n is a softmax over the inputs themselves.
        if (picks == 1) CHECK_CLOSE(share, std::exp(beta[static_cast<size_t>(input)] / tau) / below, 1e-6);
      }
      CHECK_CLOSE(total, picks, 1e-5);
    }
  }
}

TEST(relaxed_genes_wait_for_a_chain_of_others) {
  Random random(64);
  const GraphProgram program = every_kind();
  const GeneRelaxation genes(program);
  const Point p = relaxed_at(program, 1, random);
  auto at = [&](size_t gene, size_t value) { return double{p.soft[genes.first_value(gene) + value]}; };
  CHECK_EQUAL(p.activity[0], 1.0f);
  const double second = at(0, 0) + at(0, 2), bit = second * at(2, 1), subset = bit * at(4, 1);
  CHECK_CLOSE(p.activity[2], second, 1e-6);
  CHECK_CLOSE(p.activity[4], bit, 1e-6);
  CHECK_CLOSE(p.activity[5], subset, 1e-6);
  CHECK_CLOSE(p.activity[6], subset * (at(5, 0) + at(5, 3)), 1e-6);
  CHECK_CLOSE(p.activity[8], at(3, 0), 1e-6);
}

TEST(gradient_of_relaxed_genes) {
  Random random(65);
  double worst = 0;
  std::vector<GraphProgram> programs = random_graph_programs(60, 66);
  programs.push_back(every_kind());
  for (const GraphProgram& program : programs) {
    const GeneRelaxation genes(program);
    const float tau = 0.6f;
    const Point p = relaxed_at(program, tau, random);
    const std::vector<float> r = random.normals(p.soft.size()), s = random.normals(p.activity.size());
    std::vector<float> d_soft = r, d_activity = s, d_alpha(genes.alpha(), NAN), d_beta(genes.beta(), NAN);
    lane::pull_back_genes(genes.view(), tau, p.soft.data(), p.activity.data(), d_soft.data(), d_activity.data(),
                          d_alpha.data(), d_beta.data());
    auto objective = [&](const Numbers& a, const Numbers& b) {
      const Chances c = reference_chances(program, a.data(), b.data(), tau);
      double total = 0;
      for (size_t i = 0; i < r.size(); ++i) total += c.values[i] * r[i];
      for (size_t i = 0; i < s.size(); ++i) total += c.active[i] * s[i];
      return total;
    };
    const Numbers alpha = sum(p.logits.alpha, p.noise.alpha), beta = sum(p.logits.beta, p.noise.beta);
    auto expect = [&](const Numbers& point, std::span<const float> gradient, auto f) {
      const bool flat = std::ranges::all_of(gradient, [](float d) { return d == 0; });
      if (gradient.empty() || (flat && f(point) == f(Numbers(point.size(), 0.5)))) return;  // one value each
      const Comparison c = compare_slopes(f, point, 0, gradient, random);
      worst = std::max(worst, c.error);
      CHECK_CASE(c.agrees, "relative error " + text(c.error));
    };
    expect(alpha, d_alpha, [&](const Numbers& a) { return objective(a, beta); });
    expect(beta, d_beta, [&](const Numbers& b) { return objective(alpha, b); });
  }
  std::printf("    worst relative error %.1e\n", worst);
}

namespace {

/// One member's objective and gradient at a random point of a program, against the reference.
void check_relaxed_gradient(const GraphProgram& program, const ModelConfig& model, float tau, Random& random,
                            double& worst) {
  constexpr int kLanes = 3;
  const auto backend = make_backend(model, 1, 1);
  const std::vector<float> parameters = random_parameters(model, 71);
  backend->set_parameters(parameters);
  const Relaxation point = random_relaxation(program, kLanes, random),
                   noise = random_relaxation(program, kLanes, random);
  const std::vector<float> weights = random.normals(static_cast<size_t>(model.outputs));
  Relaxation gradient;
  const double value = backend->relaxed_gradient(0, program, point, noise, tau, weights, gradient);
  auto objective = [&](const Numbers& a, const Numbers& b) {
    const Numbers y = reference_predict(model, doubles(parameters), reference_relax_general(program, a, b, tau));
    double total = 0;
    for (size_t i = 0; i < y.size(); ++i) total += y[i] * weights[i % weights.size()];
    return total;
  };
  const Numbers alpha = sum(point.alpha, noise.alpha), beta = sum(point.beta, noise.beta);
  const double wanted = objective(alpha, beta);
  CHECK_CLOSE(value, wanted, 2e-5 * (1 + std::fabs(wanted)));
  auto expect = [&](const Numbers& at, std::span<const float> slopes, const char* what, auto f) {
    double norm = 0;
    for (float d : slopes) norm += double{d} * d;
    if (std::sqrt(norm) < 1e-4) return;  // nothing to choose: rounding is all there is
    const Comparison c = compare_slopes(f, at, 0, slopes, random);
    worst = std::max(worst, c.error);
    CHECK_CASE(c.agrees, std::string(what) + ": relative error " + text(c.error) + ", norm " + text(std::sqrt(norm)));
  };
  expect(alpha, gradient.alpha, "alpha", [&](const Numbers& a) { return objective(a, beta); });
  expect(beta, gradient.beta, "beta", [&](const Numbers& b) { return objective(alpha, b); });
}

}  // namespace

BACKEND_TEST(gradient_of_relaxed_architectures_of_any_space) {
  Random random(67);
  double worst = 0;
  int turn = 0;
  for (const GraphProgram& program : random_graph_programs(60, 68)) {
    for (NetworkKind kind : kinds()) {
      const ModelConfig model = model_on(program, kind, turn % 2 == 0 ? 17 : 48, 1 + turn % 3, 1 + turn % 2);
      check_relaxed_gradient(program, model, turn % 4 < 2 ? 0.4f : 1.0f, random, worst);
    }
    ++turn;
  }
  std::printf("    worst relative error %.1e\n", worst);
}

}  // namespace optiproxy::test
