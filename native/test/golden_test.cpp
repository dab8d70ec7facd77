// The vectors of test/golden, made in double precision by a PyTorch program: predictions, loss, gradients, ten AdamW
// steps, the gradient through the Gumbel relaxation, Philox.  Prints every error, to be reported for each ISA.
#include <filesystem>

#include "../core/philox.h"
#include "../cpu/cpu_backend.h"
#include "json.h"
#include "support.h"
#include "test.h"

namespace optiproxy::test {
namespace {

Json golden(const std::string& name) {
#if defined(OPTIPROXY_GOLDEN_DIR)
  const std::filesystem::path folder = OPTIPROXY_GOLDEN_DIR;
#else
  const std::filesystem::path folder = std::filesystem::path(__FILE__).parent_path() / "../../test/golden";
#endif
  return Json::read((folder / (name + ".json")).string());
}

/// Prints a row of the table and fails if float32 is too far off.
void row(const std::string& name, const std::string& quantity, std::span<const float> given,
         std::span<const double> wanted) {
  const Comparison c = compare_golden(given, wanted);
  std::printf("    %-22s %-32s %.1e\n", name.c_str(), quantity.c_str(), c.error);
  CHECK_CASE(c.agrees, name + " " + quantity + ": relative error " + text(c.error));
}

void row(const std::string& name, const std::string& quantity, double given, double wanted) {
  const auto narrow = static_cast<float>(given);
  row(name, quantity, std::span(&narrow, 1), std::span(&wanted, 1));
}

ModelConfig model_of(const Json& file) {
  const Json& c = file["config"];
  return {c["features"].integer(), c["hidden"].integer(), c["layers"].integer(), c["outputs"].integer()};
}

Numbers parameters_of(const Json& named, const ParameterLayout& layout) {
  Numbers all;
  for (const NamedView& view : layout.views()) {
    const Numbers values = named[view.name].numbers();
    if (values.size() != view.length) throw std::runtime_error(view.name + ": the golden file has another length");
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

struct TrainingCase {
  Json file;
  ModelConfig model;
  GraphBatch graphs;
  std::vector<float> start, target;
  FitPlan plan;

  explicit TrainingCase(const std::string& name) : file(golden(name)), model(model_of(file)) {
    std::vector<int32_t> sizes;
    for (double size : file["sizes"].numbers()) sizes.push_back(static_cast<int32_t>(size));
    const auto nodes = static_cast<int>(file["x"][0].array().size());
    graphs = make_graph_batch(static_cast<int>(sizes.size()), nodes, model.features,
                              floats(file["adjacency"].numbers()), floats(file["x"].numbers()), sizes);
    start = floats(parameters_of(file["parameters"], ParameterLayout(model)));
    target = floats(file["target"].numbers());
    const Json& a = file["adamw"];
    plan = {.epochs = 10,
            .batch = graphs.graphs,
            .adamw = {a["lr"].number(), a["betas"][0].number(), a["betas"][1].number(), a["eps"].number(),
                      a["weight_decay"].number()},
            .schedule = {},
            .loss = {static_cast<float>(file["ranking"].number()), static_cast<float>(file["margin"].number())}};
  }
};

void check_training(const std::string& name) {
  const TrainingCase c(name);
  const auto backend = make_backend(c.model, 1, 1);
  std::vector<float> prediction(c.target.size()), gradient(c.start.size()), after(c.start.size());

  // Fitting s epochs of one whole batch from the start each is a fit's first s steps: with a constant rate nothing else
  // depends on the number of epochs.  The golden file holds predictions before each step.
  for (int steps = 0; steps <= 10; ++steps) {
    backend->set_parameters(c.start);
    if (steps > 0) {
      FitPlan plan = c.plan;
      plan.epochs = steps;
      backend->begin_fit(c.graphs, c.target, plan);
      CHECK_EQUAL(backend->fit(1e9), 1.0);
    }
    if (steps == 10) break;
    const Json& wanted = c.file["steps"][static_cast<size_t>(steps)];
    const std::string at = "step " + std::to_string(steps) + " ";
    backend->predict(c.graphs, prediction);
    row(name, at + "prediction", prediction, wanted["prediction"].numbers());
    const double loss = backend->loss_and_gradient(0, c.graphs, c.target, c.plan.loss, gradient);
    row(name, at + "loss", loss, wanted["loss"].number());
    if (steps > 0) continue;
    for (const NamedView& view : backend->layout().views()) {
      row(name, "gradient " + view.name, part(gradient, view), wanted["gradients"][view.name].numbers());
    }
  }
  backend->get_parameters(after);
  for (const NamedView& view : backend->layout().views()) {
    row(name, "step 10 " + view.name, part(after, view), c.file["parameters_after_10_steps"][view.name].numbers());
  }
}

}  // namespace

TEST(golden_philox) {
  const Json file = golden("philox4x32_10");
  CHECK(!file.array().empty());
  for (const Json& c : file.array()) {
    auto word = [](const Json& value) { return static_cast<uint32_t>(value.number()); };
    PhiloxWords counter{}, wanted{};
    for (size_t i = 0; i < 4; ++i) counter[i] = word(c["counter"][i]), wanted[i] = word(c["words"][i]);
    CHECK(philox4x32_10(counter, {word(c["key"][0]), word(c["key"][1])}) == wanted);
  }
}

BACKEND_TEST(golden_training_mse) { check_training("training_mse"); }
BACKEND_TEST(golden_training_ranking) { check_training("training_ranking"); }
BACKEND_TEST(golden_training_two_outputs) { check_training("training_two_outputs"); }

BACKEND_TEST(golden_search_gradient) {
  const std::string name = "search_gradient";
  const Json file = golden(name);
  const ModelConfig model = model_of(file);
  const auto backend = make_backend(model, 1, 1);
  backend->set_parameters(floats(parameters_of(file["parameters"], backend->layout())));

  // Between an input node with the first feature and an output node with the last, every inner node is free.
  const auto nodes = static_cast<int>(file["x"][0].array().size());
  SimpleProgram program{.nodes = nodes,
                        .features = model.features,
                        .choices = model.features - 2,
                        .variable_nodes = {},
                        .choice_features = {},
                        .fixed_features = {{0, 0}, {nodes - 1, model.features - 1}},
                        .fixed_edges = {},
                        .free_edges = {}};
  for (int i = 1; i < nodes - 1; ++i) program.variable_nodes.push_back(i);
  for (int c = 1; c <= program.choices; ++c) program.choice_features.push_back(c);
  for (const Json& edge : file["edges"].array()) program.free_edges.push_back({edge[0].integer(), edge[1].integer()});
  program.check();

  const auto graphs = static_cast<int>(file["x"].array().size());
  const std::vector<int32_t> sizes(static_cast<size_t>(graphs), nodes);
  std::vector<float> prediction(static_cast<size_t>(graphs));
  backend->predict(make_graph_batch(graphs, nodes, model.features, floats(file["adjacency"].numbers()),
                                    floats(file["x"].numbers()), sizes),
                   prediction);
  row(name, "prediction", prediction, file["prediction"].numbers());

  const Relaxation point{floats(file["alpha"].numbers()), floats(file["beta"].numbers())};
  const Relaxation noise{floats(file["gumbel_noise_alpha"].numbers()), floats(file["gumbel_noise_beta"].numbers())};
  Relaxation gradient;
  const float minus_one = -1;  // the file's objective is -sum of the predictions
  const double objective = backend->relaxed_gradient(0, program, point, noise, static_cast<float>(file["tau"].number()),
                                                     std::span(&minus_one, 1), gradient);
  row(name, "objective", objective, file["objective"].number());
  row(name, "gradient alpha", gradient.alpha, file["gradient_alpha"].numbers());
  row(name, "gradient beta", gradient.beta, file["gradient_beta"].numbers());
}

/// A comparison that accepts everything would pass all of the above: a gradient that is 1 % too long must not.
BACKEND_TEST(golden_comparison_rejects_a_scaled_gradient) {
  const TrainingCase c("training_ranking");
  const auto backend = make_backend(c.model, 1, 1);
  backend->set_parameters(c.start);
  std::vector<float> gradient(c.start.size());
  backend->loss_and_gradient(0, c.graphs, c.target, c.plan.loss, gradient);
  for (float& g : gradient) g *= 1.01f;
  for (const NamedView& view : backend->layout().views()) {
    const Numbers wanted = c.file["steps"][size_t{0}]["gradients"][view.name].numbers();
    CHECK_CASE(!compare_golden(part(gradient, view), wanted).agrees, view.name);
  }
}

}  // namespace optiproxy::test
