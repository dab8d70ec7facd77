// Scores of architectures of every kind of space: subsets, chosen and conditional inputs, what is absent and pruned.
#include "../core/graph.h"
#include "../cpu/cpu_backend.h"
#include "random_program.h"
#include "test.h"

namespace optiproxy::test {
namespace {

constexpr double kClose = 1e-5;

std::vector<Space> random_spaces(int count, uint64_t seed) {
  Random random(seed);
  std::vector<Space> all;
  for (int i = 0; i < count; ++i) all.emplace_back(random_program({.constraints = false}, random));
  return all;
}

std::vector<float> scores(Backend& backend, const Space& space, std::span<const uint8_t> genes, size_t size) {
  std::vector<float> predictions(genes.size() / space.genes() * size, NAN);
  backend.score(space.graph(), genes, predictions);
  return predictions;
}

double worst_error(std::span<const float> given, std::span<const double> wanted) {
  if (given.size() != wanted.size()) return INFINITY;
  double difference = 0, scale = 0.1;  // a prediction alone may come out near zero
  for (size_t i = 0; i < wanted.size(); ++i) {
    const double off = std::fabs(given[i] - wanted[i]);
    difference = off <= difference ? difference : off;  // takes NaN
    scale = std::max(scale, std::fabs(wanted[i]));
  }
  return difference / scale;
}

}  // namespace

TEST(random_programs_are_of_every_kind) {
  int subsets = 0, bits = 0, conditional = 0, distinct = 0, pruned = 0, several = 0, ordered = 0, absent = 0,
      chains = 0;
  for (const Space& space : random_spaces(200, 81)) {
    const GraphProgram& p = space.graph();
    pruned += space.normalises() ? 1 : 0;
    for (const Gene& g : p.genes) {
      subsets += g.kind == GeneKind::kSubset;
      bits += g.kind == GeneKind::kBit;
      conditional += g.parent >= 0;
      chains += g.parent >= 0 && p.genes[static_cast<size_t>(g.parent)].parent >= 0;
      distinct += g.distinct >= 0;
      absent += g.optional && g.parent < 0;
    }
    for (size_t e = 1; e < p.edges.size(); ++e) {
      ordered += p.edges[e].ordered_by >= 0;
      for (size_t f = 0; f < e; ++f) several += p.edges[e].from == p.edges[f].from && p.edges[e].to == p.edges[f].to;
    }
  }
  for (int count : {subsets, bits, conditional, distinct, pruned, several, ordered, absent, chains}) CHECK(count >= 40);
}

BACKEND_TEST(scores_of_any_space_match_the_reference_and_predictions) {
  int turn = 0;
  for (const Space& space : random_spaces(static_cast<int>(or_few(120, 10)), 82)) {
    const GraphProgram& program = space.graph();
    for (NetworkKind kind : kinds()) {
      const ModelConfig model = model_on(program, kind, turn % 3 == 0 ? 48 : 5 + turn % 30, 1 + turn % 3, 1 + turn % 2);
      const auto o = static_cast<size_t>(model.outputs);
      const std::vector<float> parameters = random_parameters(model, 91);
      const auto backend = make_backend(model, 1, 2);
      backend->set_parameters(parameters);
      for (size_t count : {size_t{1}, size_t{40}, or_few(700, 41)}) {
        const Genes genes = drawn_architectures(space, count, count);
        const std::string what =
            name_of(kind) + " program " + std::to_string(turn) + " count " + std::to_string(count) + ", error ";
        const std::vector<float> given = scores(*backend, space, genes, o);
        std::vector<float> predictions(given.size());
        backend->predict(program.encode(genes), predictions);
        const double of_predict = worst_error(given, doubles(predictions));
        CHECK_CASE(of_predict < kClose, what + text(of_predict));
        if (count > 40) continue;
        const Numbers wanted = reference_predict(model, doubles(parameters), reference_graphs(program, genes));
        const double of_reference = worst_error(given, wanted);
        CHECK_CASE(of_reference < kClose, what + text(of_reference));
      }
    }
    ++turn;
  }
}

BACKEND_TEST(scores_of_any_space_have_the_same_bits_alone_and_amid_others) {
  for (const Space& space : random_spaces(static_cast<int>(or_few(60, 5)), 83)) {
    for (NetworkKind kind : kinds()) {
      const size_t all = or_few(400, 70);
      const size_t g = space.genes();
      const ModelConfig model = model_on(space.graph(), kind, 21, 2, 1);
      const auto backend = make_backend(model, 1, 1), threads = make_backend(model, 1, 3);
      for (const auto& b : {backend.get(), threads.get()}) b->set_parameters(random_parameters(model, 92));
      const Genes genes = drawn_architectures(space, all, 7);
      const std::vector<float> together = scores(*backend, space, genes, 1);
      CHECK_CASE(scores(*threads, space, genes, 1) == together, name_of(kind));
      for (size_t first = 0, length = 1; first + length <= all; first += length, length = 2 * length + 1) {
        const auto some = std::span(genes).subspan(first * g, length * g);
        CHECK_CASE(std::ranges::equal(scores(*backend, space, some, 1), std::span(together).subspan(first, length)),
                   name_of(kind));
      }
    }
  }
}

/// The short way to an architecture's topology is that of any adjacency, bit for bit.
TEST(topology_of_any_architecture_is_its_normalised_adjacency) {
  for (const Space& space : random_spaces(150, 84)) {
    const GraphProgram& program = space.graph();
    const auto n = static_cast<size_t>(program.nodes), square = n * n;
    const Genes genes = drawn_architectures(space, 50, 3);
    const Graphs graphs = reference_graphs(program, genes);
    for (size_t i = 0; i < 50; ++i) {
      const uint8_t* one = genes.data() + i * space.genes();
      std::vector<float> adjacency(square, NAN), out(square, NAN), back(square, NAN), wanted_out = out,
                                                                                      wanted_back = out;
      program.fill_adjacency(one, adjacency.data());
      CHECK(std::ranges::equal(adjacency, std::span(graphs.adjacency).subspan(i * square, square)));
      normalise_adjacency(program.nodes, adjacency.data(), wanted_out.data(), wanted_back.data());
      program.fill_topology(one, out.data(), back.data());
      CHECK(out == wanted_out && back == wanted_back);
    }
  }
}

}  // namespace optiproxy::test
