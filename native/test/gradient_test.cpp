// Finite differences for every backward pass: the kernels' gradients against central differences of the
// double-precision reference.
#include "../core/graph.h"
#include "../core/random.h"
#include "../cpu/cpu_backend.h"
#include "../cpu/gcn.h"
#include "../cpu/isa.h"
#include "../cpu/loss.h"
#include "support.h"
#include "test.h"

namespace optiproxy::test {
namespace {

std::string words(const ModelConfig& m) {
  return "F=" + std::to_string(m.features) + " H=" + std::to_string(m.hidden) + " L=" + std::to_string(m.layers) +
         " O=" + std::to_string(m.outputs);
}

void expect(const Comparison& c, const std::string& what, double& worst) {
  worst = std::max(worst, c.error);
  CHECK_CASE(c.agrees, what + ": relative error " + text(c.error));
}

struct Shape {
  ModelConfig model;
  int graphs;
  int nodes;
};

// Hidden sizes on and beside whole vectors, one to three layers and outputs.
const Shape kShapes[] = {
    {{3, 5, 1, 1}, 4, 5}, {{7, 17, 2, 2}, 5, 8}, {{5, 48, 3, 3}, 4, 7}, {{4, 33, 2, 1}, 3, 1}, {{6, 144, 2, 1}, 3, 6},
};

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
    cpu::CpuBackend backend(model, 1, 1);
    backend.set_parameters(parameters);
    gradient.resize(parameters.size());
    value = backend.loss_and_gradient(0, batch_of(graphs), target, loss, gradient);
  }
  double reference(const Numbers& p) const {
    return reference_loss(model, reference_predict(model, p, graphs), doubles(target), loss);
  }
};

}  // namespace

TEST(gradient_of_the_loss_in_every_parameter) {
  Random random(11);
  double worst = 0;
  for (const Shape& shape : kShapes) {
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
  std::printf("    worst relative error %.1e\n", worst);
}

/// The comparison must see a gradient that is 1 % too long.
TEST(gradient_comparison_rejects_a_scaled_gradient) {
  Random random(12);
  LossCase c(kShapes[1], random, false);
  for (float& g : c.gradient) g *= 1.01f;
  const Numbers point = doubles(c.parameters);
  const ParameterLayout layout(c.model);
  for (const NamedView& view : layout.views()) {
    const Comparison compared = compare_slopes([&](const Numbers& p) { return c.reference(p); }, point, view.offset,
                                               part(c.gradient, view), random);
    CHECK_CASE(!compared.agrees, view.name);
  }
}

namespace {

/// Dropout masks as documented: a function of core's Stream alone, two masks a Philox word.
Numbers reference_mask(const cpu::Dropout& d, uint32_t layer, size_t count) {
  const Stream stream{d.seed, Purpose::kDropout, d.member << 8 | layer, d.round, d.step};
  const double threshold = std::round(d.rate * 65536.0);
  Numbers mask(count);
  for (size_t i = 0; i < count; ++i) {
    const PhiloxWords block = stream.words(static_cast<uint32_t>(i / 128 * 16 + i % 16));
    const uint32_t word = block[i % 128 / 32];
    const uint32_t half = i % 32 < 16 ? word & 0xffffu : word >> 16;
    mask[i] = half >= threshold ? 1 / (1 - static_cast<double>(d.rate)) : 0;
  }
  return mask;
}

cpu::NetworkInput dense_input(const GraphBatch& batch, const cpu::Topology& topology) {
  return {.graphs = batch.graphs,
          .nodes = batch.nodes,
          .sizes = batch.sizes.data(),
          .topology = &topology,
          .index = nullptr,
          .x = batch.x.data(),
          .classes = nullptr};
}

/// Everything that one Gcn can give, with or without dropout, against the reference under the same masks.
void check_gcn(const Shape& shape, const cpu::Dropout* dropout, bool with_parameters, Random& random, double& worst) {
  const ModelConfig& model = shape.model;
  const ParameterLayout layout(model);
  const cpu::Kernels& kernels = cpu::select_kernels();
  const Graphs graphs = random_graphs(random, shape.graphs, shape.nodes, model.features, true);
  const GraphBatch batch = batch_of(graphs);
  const auto b = static_cast<size_t>(shape.graphs), n = static_cast<size_t>(shape.nodes),
             h = static_cast<size_t>(model.hidden);
  const cpu::Topology topology(batch);
  const cpu::NetworkInput input = dense_input(batch, topology);

  std::vector<float> parameters = random_parameters(model, 21);
  cpu::NetworkWeights weights(layout, kernels, parameters.data());
  weights.transpose();
  cpu::Gcn gcn(model, layout, kernels);
  std::vector<float> prediction(b * static_cast<size_t>(model.outputs));
  const std::vector<float> slope = random.normals(prediction.size());
  std::vector<float> d_p(layout.size(), NAN), d_x(batch.x.size(), NAN), d_out(b * n * n, NAN), d_back(b * n * n, NAN);
  gcn.forward(weights, input, dropout, prediction.data());
  gcn.backward(weights, input, slope.data(),
               {.parameters = with_parameters ? d_p.data() : nullptr,
                .x = d_x.data(),
                .out = d_out.data(),
                .back = d_back.data()});

  Masks masks;
  if (dropout != nullptr) {
    for (int l = 0; l < model.layers; ++l)
      masks.layers.push_back(reference_mask(*dropout, static_cast<uint32_t>(l), b * n * h));
    masks.head = reference_mask(*dropout, 255, b * h);
  }
  const Masks* used = dropout != nullptr ? &masks : nullptr;
  const Sides sides = reference_normalise(shape.graphs, shape.nodes, graphs.adjacency);
  const Numbers point = doubles(parameters);
  auto objective = [&](const Numbers& p, const Graphs& g, const Sides& s) {
    const Numbers y = reference_predict(model, p, g, s, used);
    double total = 0;
    for (size_t i = 0; i < y.size(); ++i) total += y[i] * slope[i];
    return total;
  };
  const std::string what = words(model) + (dropout != nullptr ? " dropout" : "");
  const double error = relative_error(prediction, reference_predict(model, point, graphs, sides, used));
  CHECK_CASE(error < 1e-5, what + " prediction: relative error " + text(error));
  for (const NamedView& view : layout.views()) {
    if (!with_parameters) break;
    expect(compare_slopes([&](const Numbers& p) { return objective(p, graphs, sides); }, point, view.offset,
                          part(d_p, view), random),
           what + " " + view.name, worst);
  }
  auto of_x = [&](const Numbers& x) {
    Graphs moved = graphs;
    moved.x = x;
    return objective(point, moved, sides);
  };
  expect(compare_slopes(of_x, graphs.x, 0, d_x, random), what + " x", worst);
  expect(compare_slopes(
             [&](const Numbers& s) {
               return objective(point, graphs, {s, sides.back});
             },
             sides.out, 0, d_out, random),
         what + " out", worst);
  expect(compare_slopes(
             [&](const Numbers& s) {
               return objective(point, graphs, {sides.out, s});
             },
             sides.back, 0, d_back, random),
         what + " back", worst);
}

}  // namespace

TEST(gradient_of_the_network_in_inputs_and_parameters) {
  Random random(13);
  double worst = 0;
  for (const Shape& shape : kShapes) {
    for (bool with_parameters : {true, false}) check_gcn(shape, nullptr, with_parameters, random, worst);
  }
  std::printf("    worst relative error %.1e\n", worst);
}

TEST(gradient_under_dropout) {
  Random random(14);
  double worst = 0;
  for (float rate : {0.1f, 0.5f}) {
    const cpu::Dropout dropout{.rate = rate, .seed = 0x123456789abcdefull, .member = 3, .round = 2, .step = 41};
    for (const Shape& shape : {kShapes[0], kShapes[1], kShapes[2]}) check_gcn(shape, &dropout, true, random, worst);
  }
  std::printf("    worst relative error %.1e\n", worst);
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
    if (n == 1) continue;  // a single node's row is always 1: no slope to compare with
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

TEST(gradient_of_relaxed_architectures) {
  Random random(16);
  double worst = 0;
  for (const auto& program : {chain_program(3, 4), free_program(3, 4), free_program(6, 2), alike_program(3, 4)}) {
    for (const ModelConfig& model :
         {ModelConfig{program.features, 17, 2, 2}, ModelConfig{program.features, 48, 3, 1}}) {
      for (float tau : {0.3f, 1.0f}) {
        constexpr int kLanes = 3;
        cpu::CpuBackend backend(model, 2, 1);
        std::vector<float> parameters = random_parameters(model, 31, 0);
        const std::vector<float> second = random_parameters(model, 31, 1);
        parameters.insert(parameters.end(), second.begin(), second.end());
        backend.set_parameters(parameters);
        const Relaxation point = random_relaxation(program, kLanes, random),
                         noise = random_relaxation(program, kLanes, random);
        const std::vector<float> weights = random.normals(static_cast<size_t>(model.outputs));
        Relaxation gradient;
        const double value = backend.relaxed_gradient(1, program, point, noise, tau, weights, gradient);

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
  for (int outputs = 1; outputs <= 3; ++outputs) {
    for (int graphs : {1, 2, 7}) {
      const ModelConfig model{1, 1, 1, outputs};
      const auto count = static_cast<size_t>(graphs * outputs);
      std::vector<float> y = random.normals(count), target = random.normals(count), slope(count, NAN);
      if (graphs == 7) target[0] = target[static_cast<size_t>(outputs)];  // a tie is no pair
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
