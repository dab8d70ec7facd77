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
  return moved / 2 + apart(a.scale, b.scale) + apart(a.noise, b.noise);
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
};

}  // namespace

TEST(neighbours_of_a_shape_are_one_step_away) {
  const auto all = all_shapes();
  CHECK_EQUAL(all.size(), size_t{225});
  for (const KernelShape& shape : all) {
    const auto neighbours = shape.neighbours();
    for (const KernelShape& other : all) {
      const auto times = std::ranges::count(neighbours, other);
      CHECK_EQUAL(times, steps_between(shape, other) == 1 ? 1 : 0);
    }
    CHECK(std::ranges::all_of(neighbours, [&](const KernelShape& n) { return std::ranges::count(all, n) == 1; }));
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
  const size_t n = data.targets.size();
  const auto views = reference_similarities(data.space.graph(), data.genes, data.genes, data.genes);
  for (const KernelShape& shape : all_shapes()) {
    Numbers matrix = reference_covariances(shape, views);
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
    CHECK_CLOSE(likelihood(shape, data.similarities, data.targets) + constant, most, 1e-5);
  }
}

TEST(likeliest_ends_where_no_neighbour_is_likelier) {
  const Measured data(12);
  const auto value = [&](const KernelShape& shape) { return likelihood(shape, data.similarities, data.targets); };
  for (const KernelShape& start : all_shapes()) {
    const KernelShape end = likeliest(start, data.similarities, data.targets);
    CHECK(value(end) >= value(start));
    for (const KernelShape& other : end.neighbours()) CHECK(value(other) <= value(end));
    CHECK(likeliest(end, data.similarities, data.targets) == end);
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
  const KernelShape end = likeliest({}, data.similarities, smooth), other = likeliest({}, data.similarities, noisy);
  CHECK(end.weights[0] >= 3);  // a sum over genes is what shared genes say
  CHECK(end.noise == 0 && end.scale > KernelShape{}.scale);
  CHECK_EQUAL(other.noise, KernelShape::kNoises.size() - 1);
}

TEST(likeliest_ends_whatever_the_targets) {
  const Measured data(9);
  const auto ends = [&](double target) {
    const KernelShape end = likeliest({}, data.similarities, Numbers(9, target));
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
  CHECK(std::isfinite(likelihood({}, data.similarities, Numbers(9, 0.0))));
}

}  // namespace optiproxy::test
