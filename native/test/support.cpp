#include "support.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>

namespace optiproxy::test {
namespace {

void set_environment(const std::string& name, const std::string& value) {
#if defined(_WIN32)
  _putenv_s(name.c_str(), value.c_str());
#else
  setenv(name.c_str(), value.c_str(), 1);
#endif
}

/// Of two sums of squares.  Where nothing is wanted, nothing must be given: 0/0 agrees, all else over 0 does not.
double ratio(double difference, double norm) { return difference == 0 ? 0 : std::sqrt(difference / norm); }

}  // namespace

double Random::normal() { return std::sqrt(-2 * std::log(uniform())) * std::cos(2 * std::numbers::pi * uniform()); }

std::vector<float> Random::floats(size_t count, double low, double high) {
  std::vector<float> values(count);
  for (float& v : values) v = static_cast<float>(uniform(low, high));
  return values;
}

std::vector<float> Random::normals(size_t count) {
  std::vector<float> values(count);
  for (float& v : values) v = static_cast<float>(normal());
  return values;
}

Numbers doubles(std::span<const float> values) { return {values.begin(), values.end()}; }

std::vector<float> floats(std::span<const double> values) {
  std::vector<float> narrow(values.size());
  std::ranges::transform(values, narrow.begin(), [](double v) { return static_cast<float>(v); });
  return narrow;
}

double relative_error(std::span<const float> given, std::span<const double> wanted) {
  if (given.size() != wanted.size()) return INFINITY;
  double difference = 0, norm = 0;
  for (size_t i = 0; i < wanted.size(); ++i) {
    difference += (given[i] - wanted[i]) * (given[i] - wanted[i]);
    norm += wanted[i] * wanted[i];
  }
  return ratio(difference, norm);
}

Comparison compare_golden(std::span<const float> given, std::span<const double> wanted) {
  const double error = relative_error(given, wanted);
  return {error, error <= 1e-4};
}

Comparison compare_slopes(const std::function<double(const Numbers&)>& f, const Numbers& point, size_t offset,
                          std::span<const float> gradient, Random& random) {
  constexpr double kStep = 1e-7;
  double difference = 0, norm = 0;
  for (int direction = 0; direction < 3; ++direction) {
    Numbers ahead = point, behind = point;
    double claimed = 0;
    for (size_t i = 0; i < gradient.size(); ++i) {
      const double d = random.normal();
      ahead[offset + i] += kStep * d;
      behind[offset + i] -= kStep * d;
      claimed += gradient[i] * d;
    }
    const double slope = (f(ahead) - f(behind)) / (2 * kStep);
    difference += (claimed - slope) * (claimed - slope);
    norm += slope * slope;
  }
  const double error = ratio(difference, norm);
  return {error, error <= 1e-4};
}

double chi_square(std::span<const int> counts) {
  double total = 0, statistic = 0;
  for (int count : counts) total += count;
  const double expected = total / static_cast<double>(counts.size());
  for (int count : counts) statistic += (count - expected) * (count - expected) / expected;
  return statistic;
}

bool plausible(double statistic, size_t freedom) {
  const auto k = static_cast<double>(freedom);
  return statistic < k + 5 * std::sqrt(2 * k);
}

Graphs random_graphs(Random& random, int graphs, int nodes, int features, bool soft) {
  const auto b = static_cast<size_t>(graphs), n = static_cast<size_t>(nodes), f = static_cast<size_t>(features);
  Graphs all{.graphs = graphs,
             .nodes = nodes,
             .features = features,
             .adjacency = Numbers(b * n * n, 0.0),
             .x = Numbers(b * n * f, 0.0),
             .sizes = {}};
  // Through float, so that the kernels and the reference start from the same numbers.
  auto weight = [&] { return static_cast<double>(static_cast<float>(random.uniform())); };
  for (size_t g = 0; g < b; ++g) {
    const size_t size = std::max<size_t>(1, n - std::min(n - 1, g % 3));
    all.sizes.push_back(static_cast<int32_t>(size));
    for (size_t i = 0; i < size; ++i) {
      for (size_t j = i + 1; j < size; ++j) all.adjacency[(g * n + i) * n + j] = soft ? weight() : random.below(2);
      double* row = all.x.data() + (g * n + i) * f;
      if (soft) {
        for (size_t c = 0; c < f; ++c) row[c] = weight();
      } else {
        row[random.below(features)] = 1;
      }
    }
  }
  return all;
}

GraphBatch batch_of(const Graphs& graphs) {
  return make_graph_batch(graphs.graphs, graphs.nodes, graphs.features, floats(graphs.adjacency), floats(graphs.x),
                          graphs.sizes);
}

Graphs pick_graphs(const Graphs& all, std::span<const int> indices) {
  Graphs picked{.graphs = static_cast<int>(indices.size()),
                .nodes = all.nodes,
                .features = all.features,
                .adjacency = {},
                .x = {},
                .sizes = {}};
  const auto square = static_cast<std::ptrdiff_t>(all.nodes) * all.nodes,
             row = static_cast<std::ptrdiff_t>(all.nodes) * all.features;
  for (int i : indices) {
    const auto a = all.adjacency.begin() + i * square, x = all.x.begin() + i * row;
    picked.adjacency.insert(picked.adjacency.end(), a, a + square);
    picked.x.insert(picked.x.end(), x, x + row);
    picked.sizes.push_back(all.sizes[static_cast<size_t>(i)]);
  }
  return picked;
}

std::string name_of(NetworkKind kind) {
  switch (kind) {
    case NetworkKind::kMlp:
      return "mlp";
    case NetworkKind::kTransformer:
      return "transformer";
    case NetworkKind::kGcn:
      break;
  }
  return "gcn";
}

ModelConfig model_of_kind(ModelConfig model, NetworkKind kind, int nodes) {
  model.kind = kind;
  model.nodes = nodes;
  for (int32_t i = 0; i < nodes; ++i) {
    for (int32_t j = i + 1; j < nodes; j += 2) model.free_edges.push_back(i * nodes + j);
  }
  return model;
}

ModelConfig model_on(const GraphProgram& program, NetworkKind kind, int hidden, int layers, int outputs) {
  return {.features = program.features,
          .hidden = hidden,
          .layers = layers,
          .outputs = outputs,
          .kind = kind,
          .nodes = program.nodes,
          .free_edges = program.free_edges()};
}

std::vector<float> random_parameters(const ModelConfig& model, uint64_t seed, uint32_t member) {
  const ParameterLayout layout(model);
  std::vector<float> parameters(layout.size());
  initialise_parameters(model, seed, member, 0, parameters);
  Random random(seed * 1000 + member);
  for (const NamedView& view : layout.views()) {
    if (view.name.find("norm") == std::string::npos) continue;
    for (size_t i = 0; i < view.length; ++i)
      parameters[view.offset + i] += static_cast<float>(random.uniform(-0.2, 0.2));
  }
  return parameters;
}

std::vector<float> random_ensemble(const ModelConfig& model, int members, uint64_t seed) {
  std::vector<float> all;
  for (int m = 0; m < members; ++m) {
    const std::vector<float> one = random_parameters(model, seed, static_cast<uint32_t>(m));
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

SimpleProgram chain_program(int variables, int choices) {
  SimpleProgram program{.nodes = variables + 2,
                        .features = choices + 2,
                        .choices = choices,
                        .variable_nodes = {},
                        .choice_features = {},
                        .fixed_features = {{0, 0}, {variables + 1, choices + 1}},
                        .fixed_edges = {},
                        .free_edges = {}};
  for (int i = 1; i <= variables; ++i) program.variable_nodes.push_back(i);
  for (int c = 1; c <= choices; ++c) program.choice_features.push_back(c);
  for (int i = 0; i <= variables; ++i) program.fixed_edges.push_back({i, i + 1});
  return program;
}

SimpleProgram free_program(int variables, int choices) {
  SimpleProgram program = chain_program(variables, choices);
  for (int i = 0; i < program.nodes; ++i) {
    for (int j = i + 2; j < program.nodes; ++j) program.free_edges.push_back({i, j});
  }
  return program;
}

SimpleProgram alike_program(int variables, int choices) {
  SimpleProgram program = free_program(variables, choices);
  program.choice_features.back() = program.choice_features.front();
  return program;
}

SimpleProgram line_graph_program() {
  constexpr int kCellNodes = 4;
  std::vector<Edge> cell;
  for (int to = 1; to < kCellNodes; ++to) {
    for (int from = 0; from < to; ++from) cell.push_back({from, to});
  }
  const int edges = static_cast<int>(cell.size());
  SimpleProgram program = chain_program(edges, 5);
  program.fixed_edges.clear();
  for (int i = 0; i < edges; ++i) {
    const Edge& edge = cell[static_cast<size_t>(i)];
    if (edge.from == 0) program.fixed_edges.push_back({0, 1 + i});
    if (edge.to == kCellNodes - 1) program.fixed_edges.push_back({1 + i, 1 + edges});
    for (int next = 0; next < edges; ++next) {
      if (cell[static_cast<size_t>(next)].from == edge.to) program.fixed_edges.push_back({1 + i, 1 + next});
    }
  }
  return program;
}

Relaxation random_relaxation(const GraphProgram& program, int lanes, Random& random) {
  const auto r = static_cast<size_t>(lanes);
  return {random.normals(r * static_cast<size_t>(program.alpha_width())),
          random.normals(r * static_cast<size_t>(program.beta_width()))};
}

Numbers sum(std::span<const float> a, std::span<const float> b) {
  Numbers total(a.size());
  for (size_t i = 0; i < a.size(); ++i) total[i] = static_cast<double>(a[i]) + b[i];
  return total;
}

Genes all_architectures(const SimpleProgram& program) {
  Genes all;
  for (uint32_t number = 0; number < static_cast<uint32_t>(program.count()); ++number) {
    uint32_t rest = number;
    for (int g = 0; g < program.genes(); ++g) {
      const auto values = static_cast<uint32_t>(program.values(g));
      all.push_back(static_cast<uint8_t>(rest % values));
      rest /= values;
    }
  }
  return all;
}

Genes random_architectures(const SimpleProgram& program, size_t count, Random& random) {
  Genes all;
  for (size_t i = 0; i < count; ++i) {
    for (int g = 0; g < program.genes(); ++g) all.push_back(static_cast<uint8_t>(random.below(program.values(g))));
  }
  return all;
}

ScopedEnvironment::ScopedEnvironment(const char* name, const char* value) : name_(name) {
  if (const char* before = std::getenv(name)) before_ = before;
  set_environment(name_, value);
}

// An empty value means the same as none to the code under test, and is all that Windows can restore.
ScopedEnvironment::~ScopedEnvironment() { set_environment(name_, before_); }

}  // namespace optiproxy::test
