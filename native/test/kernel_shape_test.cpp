// How a kernel is chosen: likelihoods by the textbook, and climbs that end.
#include "../core/kernel_shape.h"

#include <numbers>

#include "random_program.h"
#include "reference_kernel.h"
#include "test.h"

namespace optiproxy::test {
namespace {

std::vector<KernelShape> all_shapes() {
  std::vector<KernelShape> all;
  for (int genes = 0; genes <= KernelShape::kQuarters; ++genes) {
    for (int labels = 0; genes + labels <= KernelShape::kQuarters; ++labels) {
      for (size_t scale = 0; scale < KernelShape::kScales.size(); ++scale) {
        for (size_t noise = 0; noise < KernelShape::kNoises.size(); ++noise)
          all.push_back({{genes, labels, KernelShape::kQuarters - genes - labels}, scale, noise});
      }
    }
  }
  return all;
}

/// Steps between two shapes.
int steps_between(const KernelShape& a, const KernelShape& b) {
  int moved = 0;
  for (size_t view = 0; view < kViews; ++view) moved += std::abs(a.weights[view] - b.weights[view]);
  const auto apart = [](size_t x, size_t y) { return static_cast<int>(std::max(x, y) - std::min(x, y)); };
  return moved / 2 + apart(a.scale, b.scale) + apart(a.noise, b.noise) + apart(a.correlation, b.correlation);
}

/// Random measurements of architectures that the first view tells best.
struct Measured {
  Space space = chain_program(5, 3);
  Genes genes;
  std::vector<float> similarities;  // (n, kViews, n)
  Numbers targets;

  explicit Measured(size_t n, uint64_t seed = 1) : genes(drawn_architectures(space, n, seed)) {
    Random random(seed);
    Similarity similarity(space, genes);
    similarity.learn(genes);
    similarities.resize(n * kViews * n);
    for (size_t i = 0; i < n; ++i) {
      similarity.compare(genes.data() + i * 5, std::span(similarities).subspan(i * kViews * n, kViews * n));
      targets.push_back(genes[i * 5] - genes[i * 5 + 3] + 0.3 * random.normal());
    }
  }
  Evidence with(const Numbers& others) const { return {similarities, others, {}}; }
  Evidence evidence() const { return with(targets); }
};

void check_likelihood(const Measured& data, const KernelShape& shape, const std::vector<uint8_t>& cheap) {
  const size_t n = data.targets.size();
  const auto views = reference_similarities(data.space.graph(), data.genes, data.genes, data.genes);
  Numbers matrix = reference_covariances(shape, views);
  for (size_t i = 0; i < n * n && !cheap.empty(); ++i)
    if (cheap[i / n] != cheap[i % n]) matrix[i] *= KernelShape::kCorrelations[shape.correlation];
  for (size_t i = 0; i < n; ++i) matrix[i * n + i] += KernelShape::kNoises[shape.noise];
  const Inverse inverse = reference_inverse(matrix, n);
  const double form = reference_form(inverse.matrix, data.targets.data(), data.targets.data(), n);
  const auto count = static_cast<double>(n);
  // log N(targets; 0, variance · matrix)
  const auto textbook = [&](double variance) {
    return -0.5 * form / variance - 0.5 * (inverse.log_determinant + count * std::log(variance)) -
           0.5 * count * std::log(2 * std::numbers::pi);
  };
  const double most = textbook(form / count);
  CHECK(textbook(1.1 * form / count) < most && textbook(0.9 * form / count) < most);
  const double constant = 0.5 * count * (std::log(count) - 1 - std::log(2 * std::numbers::pi));
  CHECK_CLOSE(likelihood(shape, {data.similarities, data.targets, cheap}) + constant, most, 1e-5);
}

}  // namespace

TEST(neighbours_of_a_shape_are_one_step_away) {
  const auto all = all_shapes();
  CHECK_EQUAL(all.size(), size_t{225});
  for (const KernelShape& shape : all) {
    const auto neighbours = shape.neighbours(false);
    for (const KernelShape& other : all) {
      const auto times = std::ranges::count(neighbours, other);
      CHECK_EQUAL(times, steps_between(shape, other) == 1 ? 1 : 0);
    }
    CHECK(std::ranges::all_of(neighbours, [&](const KernelShape& n) { return std::ranges::count(all, n) == 1; }));
  }
}

TEST(neighbours_where_some_is_cheap_move_the_correlation_too) {
  for (KernelShape shape : all_shapes()) {
    for (shape.correlation = 0; shape.correlation < KernelShape::kCorrelations.size(); ++shape.correlation) {
      const auto pure = shape.neighbours(false), mixed = shape.neighbours(true);
      const bool inside = shape.correlation > 0 && shape.correlation + 1 < KernelShape::kCorrelations.size();
      CHECK_EQUAL(mixed.size(), pure.size() + (inside ? 2 : 1));
      for (const KernelShape& other : mixed) {
        CHECK_EQUAL(steps_between(shape, other), 1);
        CHECK_EQUAL(std::ranges::count(mixed, other), 1);
        CHECK_EQUAL(std::ranges::count(pure, other), other.correlation == shape.correlation ? 1 : 0);
      }
    }
  }
}

TEST(covariance_is_the_formula) {
  const std::vector<float> similarities = {0.9f, 7, 0.4f, 7, 0.7f};
  for (const KernelShape& shape : all_shapes()) {
    const double mean = (0.9 * shape.weights[0] + 0.4 * shape.weights[1] + 0.7 * shape.weights[2]) / 4;
    const double wanted = std::exp((mean - 1) / KernelShape::kScales[shape.scale]);
    CHECK_CLOSE(shape.covariance()(similarities.data(), 2), wanted, 1e-5 * wanted);
    const std::vector<float> same(kViews, 1.0f);
    CHECK_CLOSE(shape.covariance()(same.data(), 1), 1, 1e-5);
  }
}

TEST(likelihood_is_that_of_the_textbook) {
  const Measured data(14);
  for (const KernelShape& shape : all_shapes()) check_likelihood(data, shape, {});
}

TEST(likelihood_of_two_fidelities_is_that_of_the_textbook) {
  const Measured data(14);
  const std::vector<uint8_t> cheap{0, 1, 1, 0, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1};
  for (KernelShape shape : {KernelShape{}, KernelShape{{4, 0, 0}, 0, 0}, KernelShape{{0, 1, 3}, 4, 2}}) {
    for (shape.correlation = 0; shape.correlation < KernelShape::kCorrelations.size(); ++shape.correlation)
      check_likelihood(data, shape, cheap);
  }
}

TEST(likeliest_tells_how_fidelities_correlate) {
  constexpr size_t kArchitectures = 60, kGenes = 5;
  const Measured data(kArchitectures);
  Random random(232);
  // Every architecture twice: cheap, then in full.
  Similarity similarity(data.space, data.genes);
  Genes twice = data.genes;
  twice.insert(twice.end(), data.genes.begin(), data.genes.end());
  similarity.learn(twice);
  const size_t n = 2 * kArchitectures;
  std::vector<float> similarities(n * kViews * n);
  for (size_t i = 0; i < n; ++i)
    similarity.compare(twice.data() + i * kGenes, std::span(similarities).subspan(i * kViews * n, kViews * n));
  std::vector<uint8_t> cheap(n, 0);
  std::fill_n(cheap.begin(), kArchitectures, uint8_t{1});
  const auto correlation_of = [&](double shared) {
    const auto common = random.normals(kGenes * 3), own = random.normals(kGenes * 3),
               other = random.normals(kGenes * 3);
    Numbers targets;
    for (size_t i = 0; i < n; ++i) {
      double sum = 0;
      for (size_t gene = 0; gene < kGenes; ++gene) {
        const size_t effect = gene * 3 + twice[i * kGenes + gene];
        sum += shared * common[effect] + (1 - shared) * (cheap[i] == 1 ? own : other)[effect];
      }
      targets.push_back(sum);
    }
    return KernelShape::kCorrelations[likeliest({}, {similarities, targets, cheap}).correlation];
  };
  CHECK_EQUAL(correlation_of(1), 0.95);
  CHECK(correlation_of(0) <= 0.3);
}

TEST(likeliest_ends_where_no_neighbour_is_likelier) {
  const Measured data(12);
  const auto value = [&](const KernelShape& shape) { return likelihood(shape, data.evidence()); };
  for (const KernelShape& start : all_shapes()) {
    const KernelShape end = likeliest(start, data.evidence());
    CHECK(value(end) >= value(start));
    for (const KernelShape& other : end.neighbours(false)) CHECK(value(other) <= value(end));
    CHECK(likeliest(end, data.evidence()) == end);
  }
}

TEST(likeliest_finds_the_view_that_tells) {
  const Measured data(100);
  Random random(231);
  const auto effects = random.normals(5 * 3);
  Numbers smooth, noisy;
  for (size_t i = 0; i < 100; ++i) {
    double sum = 0;
    for (size_t gene = 0; gene < 5; ++gene) sum += effects[gene * 3 + data.genes[i * 5 + gene]];
    smooth.push_back(sum);
    noisy.push_back(random.normal());
  }
  const KernelShape end = likeliest({}, data.with(smooth)), other = likeliest({}, data.with(noisy));
  CHECK(end.weights[0] >= 3);  // a sum over genes is what shared genes say
  CHECK(end.noise == 0 && end.scale > KernelShape{}.scale);
  CHECK_EQUAL(other.noise, KernelShape::kNoises.size() - 1);
}

TEST(likeliest_keeps_to_the_views_that_it_has) {
  const Measured data(40);
  for (size_t mask = 1; mask < 8; ++mask) {
    const optiproxy::Views views{(mask & 1) != 0, (mask & 2) != 0, (mask & 4) != 0};
    const KernelShape start = KernelShape::of(views);
    CHECK_EQUAL(std::ranges::count(all_shapes(), start), 1);
    CHECK(start.within(views));
    const KernelShape end = likeliest(start, data.evidence(), views);
    CHECK(end.within(views));
    for (const KernelShape& other : end.neighbours(false)) {
      if (other.within(views)) CHECK(likelihood(other, data.evidence()) <= likelihood(end, data.evidence()));
    }
  }
  CHECK(KernelShape::of(kAllViews) == KernelShape{});
  CHECK(!(KernelShape{{1, 0, 3}}.within({false, true, true})));
  CHECK((KernelShape{{0, 1, 3}}.within({false, true, true})));
}

TEST(likeliest_ends_whatever_the_targets) {
  const Measured data(9);
  const auto ends = [&](double target) {
    const Numbers targets(9, target);
    const KernelShape end = likeliest({}, data.with(targets));
    CHECK_EQUAL(std::ranges::count(all_shapes(), end), 1);
    return end;
  };
  CHECK(ends(NAN) == KernelShape{});
  CHECK(ends(INFINITY) == KernelShape{});
  CHECK(ends(0) == ends(0));
  ends(1e-30);
  ends(3);
  ends(-1e30);
  ends(1e200);  // squares overflow
  const Numbers none(9, 0.0);
  CHECK(std::isfinite(likelihood({}, data.with(none))));
}

}  // namespace optiproxy::test
