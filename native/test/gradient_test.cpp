// Finite differences for the gradients that a backend gives: against central differences of the double-precision
// reference.
#include "gradient.h"

#include "../core/graph.h"
#include "../cpu/cpu_backend.h"
#include "../cpu/loss.h"

namespace optiproxy::test {
namespace {

/// One loss with its gradient, and the reference's loss as a function of the parameters.
struct LossCase {
  ModelConfig model;
  Graphs graphs;
  std::vector<float> target, parameters, gradient;
  LossConfig loss;
  double value = 0;

  LossCase(const Shape& shape, Random& random, bool soft)
      : model(shape.model),
        graphs(random_graphs(random, shape.graphs, shape.nodes, model.features, soft)),
        target(random.normals(static_cast<size_t>(shape.graphs * model.outputs))),
        parameters(random_parameters(model, 7)),
        loss{.ranking = 0.3f, .margin = 0.1f} {
    const auto backend = make_backend(model, 1, 1);
    backend->set_parameters(parameters);
    gradient.resize(parameters.size());
    value = backend->loss_and_gradient(0, batch_of(graphs), target, loss, gradient);
  }
  double reference(const Numbers& p) const {
    return reference_loss(model, reference_predict(model, p, graphs), doubles(target), loss);
  }
};

}  // namespace

BACKEND_TEST(gradient_of_the_loss_in_every_parameter) {
  Random random(11);
  double worst = 0;
  for (NetworkKind kind : kinds()) {
    for (const Shape& shape : shapes_of(kind)) {
      for (bool soft : {false, true}) {
        const LossCase c(shape, random, soft);
        const Numbers point = doubles(c.parameters);
        const double wanted = c.reference(point);
        CHECK_CLOSE(c.value, wanted, 1e-5 * (1 + wanted));
        const ParameterLayout layout(c.model);
        for (const NamedView& view : layout.views()) {
          expect(compare_slopes([&](const Numbers& p) { return c.reference(p); }, point, view.offset,
                                part(c.gradient, view), random),
                 words(c.model) + " " + view.name, worst);
        }
      }
    }
  }
  std::printf("    worst relative error %.1e\n", worst);
}

/// The comparison must see a gradient that is 1 % too long.
BACKEND_TEST(gradient_comparison_rejects_a_scaled_gradient) {
  Random random(12);
  LossCase c(shapes_of(NetworkKind::kGcn)[1], random, false);
  for (float& g : c.gradient) g *= 1.01f;
  const Numbers point = doubles(c.parameters);
  const ParameterLayout layout(c.model);
  for (const NamedView& view : layout.views()) {
    const Comparison compared = compare_slopes([&](const Numbers& p) { return c.reference(p); }, point, view.offset,
                                               part(c.gradient, view), random);
    CHECK_CASE(!compared.agrees, view.name);
  }
}

/// Where a function does not move, as attention of a single node does not with its logits, a gradient is 0 or wrong.
TEST(gradient_comparison_of_a_flat_function) {
  Random random(18);
  auto agrees = [&](float given) {
    const std::vector<float> gradient{0, given};
    return compare_slopes([](const Numbers&) { return 3.0; }, Numbers(2, 1.0), 0, gradient, random).agrees;
  };
  CHECK(agrees(0));
  CHECK(!agrees(1e-12f));
  CHECK(!agrees(NAN));
}

TEST(gradient_through_the_normalised_adjacency) {
  Random random(15);
  double worst = 0;
  for (int n = 1; n <= 9; ++n) {
    const auto area = static_cast<size_t>(n * n);
    std::vector<float> adjacency = random.floats(area, 0, 1), out(area), back(area), d_adjacency(area, NAN);
    const std::vector<float> r_out = random.normals(area), r_back = random.normals(area);
    normalise_adjacency(n, adjacency.data(), out.data(), back.data());
    const Sides sides = reference_normalise(1, n, doubles(adjacency));
    CHECK_CASE(relative_error(out, sides.out) < 1e-6 && relative_error(back, sides.back) < 1e-6,
               "N=" + std::to_string(n));
    std::vector<float> d_out = r_out;
    normalise_adjacency_backward(n, adjacency.data(), out.data(), back.data(), d_out.data(), r_back.data(),
                                 d_adjacency.data());
    auto f = [&](const Numbers& a) {
      const Sides s = reference_normalise(1, n, a);
      double total = 0;
      for (size_t i = 0; i < area; ++i) total += s.out[i] * r_out[i] + s.back[i] * r_back[i];
      return total;
    };
    expect(compare_slopes(f, doubles(adjacency), 0, d_adjacency, random), "N=" + std::to_string(n), worst);
  }
  std::printf("    worst relative error %.1e\n", worst);
}

BACKEND_TEST(gradient_of_relaxed_architectures) {
  Random random(16);
  double worst = 0;
  for (const auto& program : {chain_program(3, 4), free_program(3, 4), free_program(6, 2), alike_program(3, 4)}) {
    std::vector<ModelConfig> models;
    for (NetworkKind kind : kinds()) {
      models.push_back(model_on(program, kind, 17, 2, 2));
      models.push_back(model_on(program, kind, 48, 3, 1));
    }
    for (const ModelConfig& model : models) {
      for (float tau : {0.3f, 1.0f}) {
        constexpr int kLanes = 3;
        const auto backend = make_backend(model, 2, 1);
        std::vector<float> parameters = random_parameters(model, 31, 0);
        const std::vector<float> second = random_parameters(model, 31, 1);
        parameters.insert(parameters.end(), second.begin(), second.end());
        backend->set_parameters(parameters);
        const Relaxation point = random_relaxation(program, kLanes, random),
                         noise = random_relaxation(program, kLanes, random);
        const std::vector<float> weights = random.normals(static_cast<size_t>(model.outputs));
        Relaxation gradient;
        const double value = backend->relaxed_gradient(1, program, point, noise, tau, weights, gradient);

        auto objective = [&](const Numbers& alpha, const Numbers& beta) {
          const Numbers y = reference_predict(model, doubles(second), reference_relax(program, alpha, beta, tau));
          double total = 0;
          for (size_t i = 0; i < y.size(); ++i) total += y[i] * weights[i % weights.size()];
          return total;
        };
        const Numbers alpha = sum(point.alpha, noise.alpha), beta = sum(point.beta, noise.beta);
        const double wanted = objective(alpha, beta);
        CHECK_CLOSE(value, wanted, 1e-5 * (1 + std::fabs(wanted)));
        const std::string what = words(model) + " tau=" + text(tau);
        expect(compare_slopes([&](const Numbers& a) { return objective(a, beta); }, alpha, 0, gradient.alpha, random),
               what + " alpha", worst);
        if (program.free_edges.empty()) continue;
        expect(compare_slopes([&](const Numbers& b) { return objective(alpha, b); }, beta, 0, gradient.beta, random),
               what + " beta", worst);
      }
    }
  }
  std::printf("    worst relative error %.1e\n", worst);
}

TEST(gradient_of_the_loss_in_the_predictions) {
  Random random(17);
  // Every so manieth target was not measured; 1: none was.
  for (int outputs = 1; outputs <= 3; ++outputs) {
    for (const auto& [graphs, missing] : {std::pair{1, 0}, {2, 0}, {7, 0}, {7, 3}, {7, 2}, {2, 1}}) {
      const ModelConfig model{1, 1, 1, outputs};
      const auto count = static_cast<size_t>(graphs * outputs);
      std::vector<float> y = random.normals(count), target = random.normals(count), slope(count, NAN);
      for (size_t i = 0; missing > 0 && i < count; i += static_cast<size_t>(missing)) target[i] = NAN;
      if (graphs == 7 && missing == 0) target[0] = target[static_cast<size_t>(outputs)];  // a tie is no pair
      const LossConfig loss{.ranking = 0.5f, .margin = 0.2f};
      const double value = cpu::loss_and_slope(graphs, outputs, y.data(), target.data(), loss, slope.data());
      CHECK_CLOSE(value, reference_loss(model, doubles(y), doubles(target), loss), 1e-6);
      const Comparison c =
          compare_slopes([&](const Numbers& p) { return reference_loss(model, p, doubles(target), loss); }, doubles(y),
                         0, slope, random);
      CHECK_CASE(c.agrees, "relative error " + text(c.error));
    }
  }
}

}  // namespace optiproxy::test
