// What a space refuses and why, and what it takes for one: against sets and paths of plain words.
#include "random_program.h"
#include "reference_space.h"
#include "test.h"

namespace optiproxy::test {
namespace {

constexpr ProgramTraits kTiny{.least_nodes = 3, .most_nodes = 6, .most_choices = 3};

Genes normal_of(const Space& space, const Genes& genes) {
  Genes normal(genes.size(), 77);
  space.normalise(genes.data(), normal.data());
  return normal;
}

/// Bits of the edges of matrix_space(nodes, ...), as listed; the operations are 0.
Genes with_edges(int nodes, const std::set<std::pair<int, int>>& edges) {
  Genes genes(static_cast<size_t>(nodes - 2), 0);
  for (int from = 0; from < nodes; ++from) {
    for (int to = from + 1; to < nodes; ++to) genes.push_back(edges.contains({from, to}) ? 1 : 0);
  }
  return genes;
}

std::string reason_of(const Space& space, const Genes& genes) {
  return space.reasons()[static_cast<size_t>(space.check(genes.data()))];
}

}  // namespace

TEST(space_refuses_exactly_what_is_not_valid) {
  Random random(111);
  std::map<std::string, int> given;
  for (int i = 0; i < 250; ++i) {
    const SpaceProgram program = small_random_program(kTiny, 4000, random);
    const Space space(program);
    const ReferenceSpace reference(program);
    const std::vector<std::string> reasons = space.reasons();
    for (const Genes& genes : all_byte_vectors(program.graph)) {
      const std::set<std::string> wanted = reference.faults(genes);
      const std::string reason = reasons[static_cast<size_t>(space.check(genes.data()))];
      CHECK_CASE(wanted.empty() ? reason == "valid" : wanted.contains(reason), reason);
      ++given[reason];
    }
  }
  for (const char* reason :
       {"valid", "values that cannot stand together", "a count", "cell: no path from an input to an output",
        "cell: too many edges", "cell: a node with too few or too many inputs", "cell: a required node is not used",
        "cell: an input without its output, or the other way round", "cell: a chosen input that is not there"}) {
    CHECK_CASE(given[reason] >= 20, std::string(reason) + ": " + text(given[reason]));
  }
}

TEST(space_says_what_is_wrong_with_a_graph) {
  auto said = [](auto change, const std::set<std::pair<int, int>>& edges) {
    SpaceProgram program = matrix_space(5, 2, true);
    change(program.sections[0]);
    return reason_of(Space(program), with_edges(5, edges));
  };
  auto nothing = [](Section&) {};
  CHECK_EQUAL(said(nothing, {}), "valid");
  CHECK_EQUAL(said([](Section& s) { s.connected = true; }, {{0, 1}, {1, 2}, {3, 4}}),
              "cell: no path from an input to an output");
  CHECK_EQUAL(said([](Section& s) { s.connected = true; }, {{0, 1}, {1, 4}}), "valid");
  auto two = [](Section& s) { s.max_edges = 2; };
  CHECK_EQUAL(said(two, {{0, 1}, {1, 4}, {0, 4}}), "cell: too many edges");
  CHECK_EQUAL(said(two, {{0, 1}, {1, 4}, {1, 2}, {0, 3}}), "valid");  // what is pruned away does not count
  CHECK_EQUAL(said([](Section& s) { s.max_in_degree = 1; }, {{0, 1}, {1, 4}, {0, 4}}),
              "cell: a node with too few or too many inputs");
  CHECK_EQUAL(said([](Section& s) { s.required = {3}; }, {{0, 3}, {0, 4}}), "cell: a required node is not used");
  CHECK_EQUAL(said([](Section& s) { s.required = {3}; }, {{0, 3}, {3, 4}}), "valid");
  auto pair = [](Section& s) { s.pairs = {{1, 3}}; };
  CHECK_EQUAL(said(pair, {{0, 1}, {1, 4}}), "cell: an input without its output, or the other way round");
  CHECK_EQUAL(said(pair, {{0, 1}, {1, 3}, {3, 4}}), "valid");
  CHECK_EQUAL(said(pair, {{0, 4}}), "valid");
}

TEST(space_counts_values_between_its_bounds) {
  SpaceProgram program;
  program.graph = chain_program(4, 3).graph();
  ValueCount count{.name = "between", .terms = {}, .min = 1, .max = 2};
  for (int g = 0; g < 4; ++g) count.terms.push_back({g, ValueSet({0, 2})});
  program.counts.push_back(count);
  for (const auto& [min, max] : {std::pair{1, 2}, {0, 4}, {0, 0}, {4, 4}, {3, 2}, {2, 3}}) {
    program.counts[0].min = min, program.counts[0].max = max;
    const Space space(program);
    for (const Genes& genes : all_byte_vectors(program.graph)) {
      const auto held = std::ranges::count_if(genes, [](uint8_t v) { return v == 0 || v == 2; });
      CHECK_EQUAL(reason_of(space, genes), held < min || held > max ? "between" : "valid");
    }
  }
  CHECK(!Space(program).unconstrained() && Space(program.graph).unconstrained());
  program.counts[0].terms[1].gene = 4;
  CHECK_THROWS(Space{program}, "program.counts, between: a gene is out of range");
}

TEST(space_normalises_once_and_keeps_the_key) {
  Random random(112);
  int changed = 0;
  for (int i = 0; i < 300; ++i) {
    const Isomorphism rule = i % 2 == 0 ? Isomorphism::kEncoding : Isomorphism::kGraph;
    const SpaceProgram program =
        small_random_program({.least_nodes = 3, .most_nodes = 7, .most_choices = 3, .isomorphism = rule}, 1e6, random);
    const Space space(program);
    const ReferenceSpace reference(program);
    Rng rng({static_cast<uint64_t>(i), Purpose::kUniform, 0, 0, 0});
    for (int draw = 0; draw < 50; ++draw) {
      Genes genes(space.genes());
      space.draw(rng, genes.data());
      const Genes normal = normal_of(space, genes);
      changed += normal != genes;
      CHECK(space.normalises() || normal == genes);
      CHECK(normal_of(space, normal) == normal);
      CHECK(space.key(normal.data()) == space.key(genes.data()));
      space.graph().check_genes(normal);  // it is still what the proxy can read
      // What is left of the graph is the same, and no gene of it was touched.
      const auto left = reference.left_of(program.sections[0], genes),
                 after = reference.left_of(program.sections[0], normal);
      CHECK(left.nodes == after.nodes && left.edges == after.edges);
      for (size_t g = 0; g < genes.size(); ++g) {
        const Gene& gene = program.graph.genes[g];
        const bool kept = gene.kind != GeneKind::kBit && (gene.node < 0 || left.nodes.contains(gene.node));
        if (kept) CHECK_EQUAL(int{normal[g]}, int{genes[g]});
      }
    }
  }
  CHECK(changed > 500);
}

/// By the rule of encodings two architectures are the same where their genes with an effect agree.
TEST(space_keys_of_encodings_are_those_of_what_is_left) {
  Random random(113);
  int same = 0;
  for (int i = 0; i < 80; ++i) {
    const SpaceProgram program = small_random_program(kTiny, 3000, random);
    const Space space(program);
    std::map<Genes, Key, GenesOrder> keys;
    std::set<Key> distinct;
    for (const Genes& genes : all_byte_vectors(program.graph)) {
      if (!ReferenceSpace(program).consistent(genes)) continue;
      const Key key = space.key(genes.data());
      const auto [entry, fresh] = keys.emplace(normal_of(space, genes), key);
      CHECK(entry->second == key);
      same += !fresh;
      distinct.insert(key);
    }
    CHECK_EQUAL(distinct.size(), keys.size());
  }
  CHECK_CASE(same > 500, text(same));
}

}  // namespace optiproxy::test
