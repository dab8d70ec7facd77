// The genes that a row is said to depend on: worked out by hand, and against rows of every architecture of small
// spaces.
#include "../cpu/score_plan.h"

#include <array>
#include <map>
#include <tuple>

#include "support.h"
#include "test.h"

namespace optiproxy::test {
namespace {

using Sets = std::vector<std::vector<int>>;

Sets genes_of(const cpu::ScorePlan& plan, const std::vector<int>& nodes) {
  Sets sets;
  for (int set : nodes) sets.push_back(plan.sets[static_cast<size_t>(set)].genes);
  return sets;
}

/// Rows (N) of one layer of one graph: each direction's before the linear map, and the layer's output.
struct Rows {
  std::array<std::vector<Numbers>, 2> half;
  std::vector<Numbers> full;
};

/// A layer in plain loops.  Its weights are any numbers; what matters is what a row is a function of.
Rows layer_rows(size_t nodes, size_t hidden, const double* out, const double* back, const std::vector<Numbers>& x,
                Random& random) {
  Rows rows;
  rows.full.assign(nodes, Numbers(hidden, 0.0));
  for (const cpu::Direction d : {cpu::kOut, cpu::kBack}) {
    const double* side = d == cpu::kOut ? out : back;
    Numbers weight(x.front().size() * hidden), map(hidden * hidden);
    for (Numbers* numbers : {&weight, &map}) {
      for (double& v : *numbers) v = random.uniform(-1, 1);
    }
    for (size_t i = 0; i < nodes; ++i) {
      Numbers row(hidden, 0.0);
      for (size_t j = 0; j < nodes; ++j) {
        for (size_t c = 0; c < x[j].size(); ++c) {
          for (size_t h = 0; h < hidden; ++h) row[h] += side[i * nodes + j] * x[j][c] * weight[c * hidden + h];
        }
      }
      for (double& v : row) v = std::max(v, 0.1 * v);  // no ReLU: a row of zeros would hide what decides it
      for (size_t p = 0; p < hidden; ++p) {
        for (size_t h = 0; h < hidden; ++h) rows.full[i][h] += row[p] * map[p * hidden + h];
      }
      rows.half[d].push_back(std::move(row));
    }
  }
  // Something that is not linear and is the same for all.
  for (Numbers& row : rows.full) {
    for (double& v : row) v = std::tanh(v);
  }
  return rows;
}

/// (graphs, layers)
std::vector<std::vector<Rows>> rows_of_all(const SimpleProgram& program, const Genes& genes, int layers) {
  constexpr size_t kHidden = 3;
  const GraphBatch batch = program.encode(genes);
  const auto n = static_cast<size_t>(program.nodes), f = static_cast<size_t>(program.features);
  std::vector<std::vector<Rows>> all;
  for (int g = 0; g < batch.graphs; ++g) {
    std::vector<Numbers> x;
    for (size_t node = 0; node < n; ++node) {
      x.push_back(doubles(std::span(batch.x).subspan((static_cast<size_t>(g) * n + node) * f, f)));
    }
    const Numbers out = doubles({batch.out_of(g), n * n}), back = doubles({batch.back_of(g), n * n});
    Random random(17);  // the same weights for every graph
    std::vector<Rows> of_layers;
    for (int l = 0; l < layers; ++l) {
      of_layers.push_back(layer_rows(n, kHidden, out.data(), back.data(), x, random));
      x = of_layers.back().full;
    }
    all.push_back(std::move(of_layers));
  }
  return all;
}

/// Architectures that agree on the set have the same row, and without any gene of the set that would not be so.
/// `exact` false: a gene of the set may be one too many.
void check_set(const SimpleProgram& program, const Genes& genes, const cpu::RowGenes& set,
               const std::vector<const Numbers*>& rows, bool exact, const std::string& what) {
  const auto g = static_cast<size_t>(program.genes());
  auto one_row_each = [&](const std::vector<int>& deciding) {
    std::map<std::vector<int>, const Numbers*> seen;
    for (size_t i = 0; i < rows.size(); ++i) {
      std::vector<int> key;
      for (int gene : deciding) key.push_back(genes[i * g + static_cast<size_t>(gene)]);
      const auto [entry, fresh] = seen.emplace(key, rows[i]);
      if (!fresh && *entry->second != *rows[i]) return false;
    }
    return true;
  };
  CHECK_CASE(one_row_each(set.genes), what + ": depends on more than its genes");
  for (size_t left_out = 0; exact && left_out < set.genes.size(); ++left_out) {
    std::vector<int> fewer = set.genes;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(left_out));
    CHECK_CASE(!one_row_each(fewer), what + ": does not depend on gene " + std::to_string(set.genes[left_out]));
  }
}

void check_plan_of(const SimpleProgram& program, bool exact, const std::string& name) {
  constexpr int kLayers = 3;
  program.check();
  const cpu::ScorePlan plan(program, kLayers);
  const Genes genes = all_architectures(program);
  const auto all = rows_of_all(program, genes, kLayers);
  CHECK_EQUAL(plan.layers.size(), size_t{kLayers});
  for (size_t l = 0; l < kLayers; ++l) {
    for (size_t node = 0; node < static_cast<size_t>(program.nodes); ++node) {
      const std::string where = name + ", layer " + std::to_string(l) + ", node " + std::to_string(node);
      auto check = [&](int set, auto row_of, const char* kind) {
        std::vector<const Numbers*> rows;
        for (const auto& layers : all) rows.push_back(row_of(layers[l]));
        check_set(program, genes, plan.sets[static_cast<size_t>(set)], rows, exact, where + kind);
      };
      const cpu::ScorePlan::Layer& sets = plan.layers[l];
      check(
          sets.half[cpu::kOut][node], [&](const Rows& r) { return &r.half[cpu::kOut][node]; }, ", out");
      check(
          sets.half[cpu::kBack][node], [&](const Rows& r) { return &r.half[cpu::kBack][node]; }, ", back");
      check(
          sets.full[node], [&](const Rows& r) { return &r.full[node]; }, ", output");
    }
  }
}

/// Edges back and forth, a node without edges, one without features, features that several nodes share.
SimpleProgram odd_program() {
  return {.nodes = 6,
          .features = 5,
          .choices = 2,
          .variable_nodes = {4, 1},
          .choice_features = {3, 0},
          .fixed_features = {{0, 0}, {0, 4}, {2, 0}, {2, 1}, {2, 2}},
          .fixed_edges = {{0, 1}, {1, 2}, {2, 4}},
          .free_edges = {{4, 1}, {2, 1}, {0, 4}, {1, 0}}};
}

}  // namespace

TEST(score_plan_of_a_chain_is_as_worked_by_hand) {
  // in - a - b - c - out.  With the edges a row reads its node and the one behind it, against them the one before.
  const cpu::ScorePlan plan(chain_program(3, 4), 3);
  const auto& [first, second, third] = std::tie(plan.layers[0], plan.layers[1], plan.layers[2]);
  CHECK((genes_of(plan, first.half[cpu::kOut]) == Sets{{0}, {0, 1}, {1, 2}, {2}, {}}));
  CHECK((genes_of(plan, first.half[cpu::kBack]) == Sets{{}, {0}, {0, 1}, {1, 2}, {2}}));
  CHECK((genes_of(plan, first.full) == Sets{{0}, {0, 1}, {0, 1, 2}, {1, 2}, {2}}));
  CHECK((genes_of(plan, second.half[cpu::kOut]) == Sets{{0, 1}, {0, 1, 2}, {0, 1, 2}, {1, 2}, {2}}));
  CHECK((genes_of(plan, second.half[cpu::kBack]) == Sets{{0}, {0, 1}, {0, 1, 2}, {0, 1, 2}, {1, 2}}));
  CHECK((genes_of(plan, second.full) == Sets{{0, 1}, {0, 1, 2}, {0, 1, 2}, {0, 1, 2}, {1, 2}}));
  CHECK((genes_of(plan, third.half[cpu::kOut]) == Sets{{0, 1, 2}, {0, 1, 2}, {0, 1, 2}, {0, 1, 2}, {1, 2}}));
  CHECK((genes_of(plan, third.full) == Sets(5, {0, 1, 2})));
  CHECK((plan.sources[cpu::kOut] == Sets{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4}}));
  CHECK((plan.sources[cpu::kBack] == Sets{{0}, {0, 1}, {1, 2}, {2, 3}, {3, 4}}));
  // Each set once, with the ways that it can stand: {}, {0}, {1}... of 4 operations.
  for (size_t i = 0; i < plan.sets.size(); ++i) {
    CHECK_EQUAL(plan.sets[i].combinations, std::pow(4.0, static_cast<double>(plan.sets[i].genes.size())));
    for (size_t j = 0; j < i; ++j) CHECK(plan.sets[i].genes != plan.sets[j].genes);
  }
}

TEST(score_plan_of_free_edges_is_as_worked_by_hand) {
  // in - a - out, and a free edge in -> out, gene 1, which decides how the input's edges are weighed.
  const cpu::ScorePlan plan(free_program(1, 3), 1);
  CHECK((genes_of(plan, plan.layers[0].half[cpu::kOut]) == Sets{{0, 1}, {0}, {}}));
  CHECK((plan.sources[cpu::kOut] == Sets{{0, 1, 2}, {1, 2}, {2}}));
  CHECK((plan.sources[cpu::kBack] == Sets{{0}, {0, 1}, {0, 1, 2}}));
  const Sets back = genes_of(plan, plan.layers[0].half[cpu::kBack]);
  CHECK((back[1] == std::vector<int>{0, 1} && back[2] == std::vector<int>{0, 1}));
  const auto set = static_cast<size_t>(plan.layers[0].half[cpu::kBack][2]);
  CHECK_EQUAL(plan.sets[set].combinations, 3.0 * 2);
}

TEST(score_plan_sets_decide_every_row) {
  check_plan_of(chain_program(1, 3), true, "chain of 1");
  check_plan_of(chain_program(5, 3), true, "chain of 5");
  SimpleProgram line = line_graph_program();
  line.choices = 2;
  line.choice_features = {1, 2};
  check_plan_of(line, true, "line graph");
  // Nothing arrives at a free program's input, whose one weight against the edges is 1 whatever its edges are.
  check_plan_of(free_program(1, 3), false, "free edges of 1");
  check_plan_of(free_program(3, 2), false, "free edges of 3");
  check_plan_of(odd_program(), false, "odd");
}

}  // namespace optiproxy::test
