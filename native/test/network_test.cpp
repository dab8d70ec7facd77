// Every network's passes against the double-precision reference: predictions, and gradients against its central
// differences.
#include "../cpu/network.h"

#include "../cpu/isa.h"
#include "gradient.h"

namespace optiproxy::test {
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

/// Where activations are dropped before the head.
uint32_t mask_places(const ModelConfig& model) {
  return static_cast<uint32_t>(model.kind == NetworkKind::kTransformer ? 2 * model.layers : model.layers);
}

/// Everything that one network can give, with or without dropout, against the reference under the same masks.
void check_network(const Shape& shape, const cpu::Dropout* dropout, bool with_parameters, Random& random,
                   double& worst) {
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
  cpu::Network network(model, layout, kernels);
  std::vector<float> prediction(b * static_cast<size_t>(model.outputs));
  const std::vector<float> slope = random.normals(prediction.size());
  std::vector<float> d_p(layout.size(), NAN), d_x(batch.x.size(), NAN), d_out(b * n * n, NAN), d_back(b * n * n, NAN);
  network.forward(weights, input, dropout, prediction.data());
  network.backward(weights, input, slope.data(),
                   {.parameters = with_parameters ? d_p.data() : nullptr,
                    .x = d_x.data(),
                    .out = d_out.data(),
                    .back = d_back.data()});

  Masks masks;
  if (dropout != nullptr) {
    for (uint32_t place = 0; place < mask_places(model); ++place) {
      masks.layers.push_back(reference_mask(*dropout, place, model.kind == NetworkKind::kMlp ? b * h : b * n * h));
    }
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
  if (model.kind == NetworkKind::kMlp) {  // reads one side
    CHECK(std::ranges::all_of(d_back, [](float d) { return d == 0; }));
    if (model.free_edges.empty()) {
      CHECK(std::ranges::all_of(d_out, [](float d) { return d == 0; }));
      return;
    }
  }
  expect(compare_slopes(
             [&](const Numbers& s) {
               return objective(point, graphs, {s, sides.back});
             },
             sides.out, 0, d_out, random),
         what + " out", worst);
  if (model.kind == NetworkKind::kMlp) return;
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
  for (NetworkKind kind : kinds()) {
    for (const Shape& shape : shapes_of(kind)) {
      for (bool with_parameters : {true, false}) check_network(shape, nullptr, with_parameters, random, worst);
    }
  }
  std::printf("    worst relative error %.1e\n", worst);
}

TEST(gradient_under_dropout) {
  Random random(14);
  double worst = 0;
  for (float rate : {0.1f, 0.5f}) {
    const cpu::Dropout dropout{.rate = rate, .seed = 0x123456789abcdefull, .member = 3, .round = 2, .step = 41};
    for (NetworkKind kind : kinds()) {
      std::vector<Shape> shapes = shapes_of(kind);
      shapes.resize(3);
      for (const Shape& shape : shapes) check_network(shape, &dropout, true, random, worst);
    }
  }
  std::printf("    worst relative error %.1e\n", worst);
}

}  // namespace optiproxy::test
