// The exact posterior, held against formulas in double precision.
#include "../core/gaussian_process.h"

#include "random_program.h"
#include "reference_kernel.h"
#include "test.h"

namespace optiproxy::test {
namespace {

struct Posterior {
  Numbers means, deviations;
};

/// Rasmussen & Williams 2006, eq. 2.25 and 2.26, with the likeliest variance of the process.
/// Between a full and a cheap measurement covariances are times the correlation; what is asked is a full one.
Posterior reference_posterior(const GraphProgram& program, const Genes& reference, const KernelShape& shape,
                              const Genes& measured, const Numbers& targets, const std::vector<uint8_t>& cheap,
                              const Genes& asked) {
  const size_t n = targets.size();
  const double correlation = KernelShape::kCorrelations[shape.correlation];
  Numbers matrix = reference_covariances(shape, reference_similarities(program, reference, measured, measured));
  for (size_t i = 0; i < n * n && !cheap.empty(); ++i)
    if (cheap[i / n] != cheap[i % n]) matrix[i] *= correlation;
  for (size_t i = 0; i < n; ++i) matrix[i * n + i] += KernelShape::kNoises[shape.noise];
  const Numbers inverse = reference_inverse(matrix, n).matrix;
  const double variance = reference_form(inverse, targets.data(), targets.data(), n) / static_cast<double>(n);
  Numbers covariances = reference_covariances(shape, reference_similarities(program, reference, asked, measured));
  for (size_t i = 0; i < covariances.size() && !cheap.empty(); ++i)
    if (cheap[i % n] == 1) covariances[i] *= correlation;
  Posterior posterior;
  for (size_t at = 0; at < covariances.size(); at += n) {
    posterior.means.push_back(reference_form(inverse, covariances.data() + at, targets.data(), n));
    const double explained = reference_form(inverse, covariances.data() + at, covariances.data() + at, n);
    posterior.deviations.push_back(std::sqrt(variance * std::max(0.0, 1 - explained)));
  }
  return posterior;
}

struct Predicted {
  std::vector<float> means, deviations;
};

Predicted predict(const GaussianProcess& process, std::span<const uint8_t> genes, size_t count) {
  Predicted all{std::vector<float>(count, NAN), std::vector<float>(count, NAN)};
  process.predict(genes, all.means, all.deviations);
  return all;
}

void check_posterior(const Space& space, const KernelShape& shape, size_t n, double tolerance,
                     const std::vector<uint8_t>& cheap = {}) {
  const Genes reference = drawn_architectures(space, 20, 1), measured = drawn_architectures(space, n, 2),
              asked = drawn_architectures(space, 11, 3);
  Random random(n);
  const std::vector<float> targets = random.normals(n);
  GaussianProcess process(space, reference);
  process.set_shape(shape);
  process.fit(measured, targets, false, cheap);
  CHECK(process.shape() == shape);
  const Predicted given = predict(process, asked, 11);
  const Posterior wanted =
      reference_posterior(space.graph(), reference, shape, measured, doubles(targets), cheap, asked);
  for (size_t i = 0; i < 11; ++i) {
    CHECK_CLOSE(given.means[i], wanted.means[i], tolerance);
    CHECK_CLOSE(given.deviations[i], wanted.deviations[i], tolerance);
  }
}

Predicted fitted_to(const Space& space, const Genes& genes, const std::vector<float>& targets, const Genes& asked) {
  GaussianProcess process(space, genes);
  process.fit(genes, targets, true);
  return predict(process, asked, asked.size() / space.genes());
}

}  // namespace

TEST(process_posterior_is_the_formula) {
  Random random(221);
  std::vector<Space> spaces{chain_program(5, 3), free_program(4, 2), Space(matrix_space(6, 3, true))};
  for (int i = 0; i < 3; ++i) spaces.emplace_back(random_program({}, random));
  for (const Space& space : spaces) {
    for (const KernelShape& shape : {KernelShape{}, KernelShape{{4, 0, 0}, 0, 0}, KernelShape{{0, 1, 3}, 4, 1}}) {
      for (size_t n : {1, 2, 9, 33}) check_posterior(space, shape, n, 2e-4);
    }
  }
}

TEST(process_posterior_of_two_fidelities_is_the_formula) {
  Random random(224);
  for (const Space& space : {Space(chain_program(5, 3)), Space(matrix_space(6, 3, true))}) {
    for (KernelShape shape : {KernelShape{}, KernelShape{{4, 0, 0}, 0, 0}, KernelShape{{0, 1, 3}, 4, 1}}) {
      for (shape.correlation = 0; shape.correlation < KernelShape::kCorrelations.size(); ++shape.correlation) {
        for (size_t n : {1, 2, 9, 33}) {
          std::vector<uint8_t> cheap(n);
          for (uint8_t& mark : cheap) mark = static_cast<uint8_t>(random.below(2));
          check_posterior(space, shape, n, 2e-4, cheap);
        }
      }
    }
  }
}

TEST(process_learns_of_a_cheap_measurement_what_the_correlation_says) {
  const Space space = chain_program(6, 5);
  const Genes measured(6, 0);
  for (size_t place = 0; place < KernelShape::kCorrelations.size(); ++place) {
    GaussianProcess process(space, drawn_architectures(space, 50, 1));
    process.set_shape({.weights = {2, 1, 1}, .scale = 0, .noise = 0, .correlation = place});
    process.fit(measured, std::vector<float>{2}, false, std::vector<uint8_t>{1});
    const double correlation = KernelShape::kCorrelations[place], level = KernelShape::kNoises[0];
    const Predicted given = predict(process, measured, 1);
    CHECK_CLOSE(given.means[0], 2 * correlation / (1 + level), 1e-5);
    const double left = 1 - correlation * correlation / (1 + level);
    CHECK_CLOSE(given.deviations[0], 2 / std::sqrt(1 + level) * std::sqrt(left), 1e-4);
  }
}

TEST(process_posterior_of_many_that_are_alike) {
  check_posterior(chain_program(6, 5), {{1, 1, 2}, KernelShape::kScales.size() - 1, 0}, 200, 1e-3);
}

TEST(process_is_sure_where_it_has_measured_and_unsure_far_away) {
  const Space space = chain_program(6, 5);
  for (size_t noise = 0; noise < KernelShape::kNoises.size(); ++noise) {
    GaussianProcess process(space, drawn_architectures(space, 50, 1));
    process.set_shape({{2, 1, 1}, 0, noise});
    const Genes measured(6, 0), far(6, 4);
    process.fit(measured, std::vector<float>{2}, false);
    const double level = KernelShape::kNoises[noise], prior = 2 / std::sqrt(1 + level);
    const Predicted near = predict(process, measured, 1), away = predict(process, far, 1);
    CHECK_CLOSE(near.means[0], 2 / (1 + level), 1e-5);
    CHECK_CLOSE(near.deviations[0], prior * std::sqrt(level / (1 + level)), 1e-4);
    CHECK_CLOSE(away.means[0], 0, 0.05);
    CHECK_CLOSE(away.deviations[0], prior, 0.01 * prior);
  }
}

TEST(process_measures_the_same_twice) {
  const Space space = chain_program(4, 3);
  Random random(222);
  Genes genes;
  std::vector<float> targets;
  for (int i = 0; i < 60; ++i) {
    genes.insert(genes.end(), {1, 2, 0, static_cast<uint8_t>(i % 2)});
    targets.push_back(static_cast<float>((i % 2 == 0 ? 1 : -1) + 0.1 * random.normal()));
  }
  GaussianProcess process(space, drawn_architectures(space, 30, 1));
  process.fit(genes, targets, true);
  const Predicted given = predict(process, std::span(genes).first(8), 2);
  CHECK_CLOSE(given.means[0], 1, 0.1);
  CHECK_CLOSE(given.means[1], -1, 0.1);
  for (float deviation : given.deviations) CHECK(deviation > 0 && deviation < 0.2f);
}

TEST(process_predicts_the_same_of_one_as_of_many) {
  const Space space = chain_program(6, 5);
  Random random(223);
  for (size_t n : {1, 7, 8, 9, 50}) {
    const Genes measured = drawn_architectures(space, n, 1), asked = drawn_architectures(space, 23, 2);
    GaussianProcess process(space, measured);
    process.fit(measured, random.normals(n), false);
    const Predicted all = predict(process, asked, 23);
    for (size_t i = 0; i < 23; ++i) {
      const Predicted one = predict(process, std::span(asked).subspan(i * 6, 6), 1);
      CHECK_EQUAL(one.means[0], all.means[i]);
      CHECK_EQUAL(one.deviations[0], all.deviations[i]);
    }
  }
}

TEST(process_learns_a_smooth_function) {
  const Space space = chain_program(6, 3);
  const auto value = [&](const uint8_t* genes) {
    float sum = 0;
    for (size_t g = 0; g < 6; ++g) sum += genes[g] == 1 ? 0.6f : -0.3f;
    return sum;
  };
  const Genes measured = drawn_architectures(space, 150, 1), asked = drawn_architectures(space, 50, 2);
  std::vector<float> targets;
  for (size_t i = 0; i < 150; ++i) targets.push_back(value(measured.data() + i * 6));
  const Predicted given = fitted_to(space, measured, targets, asked);
  double squares = 0;
  for (size_t i = 0; i < 50; ++i) squares += std::pow(given.means[i] - value(asked.data() + i * 6), 2) / 50;
  CHECK(std::sqrt(squares) < 0.15);  // of a deviation of 1
  const Predicted again = fitted_to(space, measured, targets, asked);
  CHECK(again.means == given.means && again.deviations == given.deviations);
}

TEST(process_tunes_by_some_of_many) {
  const Space space = chain_program(6, 4);
  const size_t n = GaussianProcess::kTuned + 61;
  const Genes genes = drawn_architectures(space, n, 1);
  Random random(224);
  const std::vector<float> targets = random.normals(n);
  Genes some;
  std::vector<float> their_targets;
  for (size_t i = 0; i < GaussianProcess::kTuned; ++i) {
    const size_t at = i * n / GaussianProcess::kTuned;
    some.insert(some.end(), genes.begin() + static_cast<std::ptrdiff_t>(at * 6),
                genes.begin() + static_cast<std::ptrdiff_t>(at * 6 + 6));
    their_targets.push_back(targets[at]);
  }
  GaussianProcess all(space, genes), part(space, genes);
  all.fit(genes, targets, true);
  part.fit(some, their_targets, true);
  CHECK(all.shape() == part.shape());
}

TEST(process_of_equal_targets) {
  const Space space = chain_program(4, 3);
  const Genes measured = drawn_architectures(space, 20, 1), asked = drawn_architectures(space, 10, 2);
  for (float target : {0.0f, 1.0f, -3.0f, 1e-20f, 1e15f}) {
    const std::vector<float> targets(20, target);
    const Predicted at = fitted_to(space, measured, targets, measured),
                    away = fitted_to(space, measured, targets, asked);
    const float size = std::fabs(target);
    for (float mean : at.means) CHECK_CLOSE(mean, target, 0.02 * size);
    for (float mean : away.means) CHECK_CLOSE(mean, target, 0.2 * size);
    for (const Predicted& some : {at, away}) {
      for (float deviation : some.deviations) CHECK(std::isfinite(deviation) && deviation > 0);
    }
  }
}

TEST(process_refuses_what_it_cannot_learn) {
  const Space space = chain_program(4, 3);
  const Genes measured = drawn_architectures(space, 3, 1);
  GaussianProcess process(space, measured);
  CHECK(!process.fitted());
  CHECK_THROWS(predict(process, measured, 3), "fit it first");
  const auto fit = [&](const Genes& genes, const std::vector<float>& targets) { process.fit(genes, targets, true); };
  fit(measured, {1, 0, -1});
  const Predicted before = predict(process, measured, 3);
  CHECK_THROWS(fit({}, {}), "at least one");
  CHECK_THROWS(fit(measured, {1, 2}), "a target for every architecture");
  CHECK_THROWS(fit({0, 0, 0, 9}, {1}), "expected 0..2, given 9");
  CHECK_THROWS(fit({0, 0, 0}, {1}), "multiple of 4");
  for (float wrong : {NAN, INFINITY, -INFINITY}) CHECK_THROWS(fit(measured, {1, wrong, 2}), "finite targets");
  const auto mark = [&](const std::vector<uint8_t>& cheap) {
    process.fit(measured, std::vector<float>{1, 0, -1}, true, cheap);
  };
  CHECK_THROWS(mark({0, 1}), "a mark for every target");
  CHECK_THROWS(mark({0, 1, 2}), "marks of 0 or 1");
  CHECK(process.fitted());
  CHECK(predict(process, measured, 3).means == before.means);
}

TEST(process_keeps_the_kernel_that_it_was_fitted_with) {
  const Space space = chain_program(4, 3);
  const Genes measured = drawn_architectures(space, 9, 1), asked = drawn_architectures(space, 5, 2);
  Random random(225);
  const std::vector<float> targets = random.normals(9);
  GaussianProcess process(space, measured);
  process.fit(measured, targets, false);
  const Predicted before = predict(process, asked, 5);
  process.set_shape({{0, 4, 0}, 0, 2});
  CHECK(predict(process, asked, 5).means == before.means);
  process.fit(measured, targets, false);
  CHECK(process.shape() == (KernelShape{{0, 4, 0}, 0, 2}));
  CHECK(predict(process, asked, 5).means != before.means);
}

}  // namespace optiproxy::test
