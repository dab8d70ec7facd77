// Keys of spaces by the rule of graphs: the same exactly where some order of the nodes that are left makes two graphs
// one, and what lies outside of sections agrees.
#include <map>
#include <set>

#include "random_program.h"
#include "reference_space.h"
#include "test.h"

namespace optiproxy::test {
namespace {

/// Keys and the reference's texts are one to one over all consistent architectures; returns how many there are.
size_t check_keys(const SpaceProgram& program) {
  const Space space(program);
  const ReferenceSpace reference(program);
  // Genes that no section's graph shows: they decide nothing but the presence of nodes, or something outside.
  std::vector<size_t> beside;
  auto inside = [&](int node) {
    return std::ranges::any_of(program.sections,
                               [&](const Section& s) { return node >= s.first && node < s.first + s.nodes; });
  };
  for (size_t g = 0; g < program.graph.genes.size(); ++g) {
    const auto gene = static_cast<int>(g);
    bool shown = false, outside = false;
    for (const FeatureUse& use : program.graph.feature_uses)
      (use.gene == gene && !inside(use.node) ? outside : shown) |= use.gene == gene;
    for (const Edge& e : program.graph.edges)
      (e.gene == gene && !(inside(e.from) && inside(e.to)) ? outside : shown) |= e.gene == gene;
    if (!shown || outside) beside.push_back(g);
  }
  std::map<std::string, std::pair<Key, Genes>> of_text;
  std::set<Key> keys;
  for (const Genes& genes : all_byte_vectors(program.graph)) {
    if (!reference.consistent(genes)) continue;
    Genes normal(genes.size());
    space.normalise(genes.data(), normal.data());
    std::string text;
    for (size_t g : beside) text += std::to_string(normal[g]) + " ";
    for (const Section& section : program.sections) text += least_text(reference.graph_of(section, genes)) + "|";
    const Key key = space.key(genes.data());
    const auto [entry, fresh] = of_text.emplace(text, std::pair{key, genes});
    CHECK_CASE(entry->second.first == key, text);
    CHECK_CASE(keys.insert(key).second == fresh, text);
  }
  return keys.size();
}

Gene choice(int choices, int node) {
  Gene gene;
  gene.choices = choices;
  gene.node = node;
  return gene;
}

}  // namespace

TEST(space_keys_of_any_graph_are_its_isomorphism_classes) {
  for (bool prune : {false, true}) {
    for (int nodes = 2; nodes <= 5; ++nodes) check_keys(matrix_space(nodes, 2, prune));
  }
}

/// NAS-Bench-101 has 423,624 cells: 1, 6, 84, 2,441, 62,010 and 359,082 of 2 to 7 nodes.
TEST(space_keys_count_the_cells_of_nasbench101) {
  for (const auto& [nodes, wanted] : {std::pair{2, size_t{1}}, {3, size_t{7}}, {4, size_t{91}}, {5, size_t{2532}}}) {
    SpaceProgram program = matrix_space(nodes, 3, true);
    program.sections[0].max_edges = 9;
    program.sections[0].connected = true;
    const Space space(program);
    std::set<Key> keys;
    Genes genes(space.genes());
    for (uint64_t number = 0; number < static_cast<uint64_t>(space.count()); ++number) {
      space.write_numbered(number, genes.data());
      if (space.check(genes.data()) == 0) keys.insert(space.key(genes.data()));
    }
    CHECK_EQUAL(keys.size(), wanted);
  }
}

TEST(space_keys_of_random_spaces_are_isomorphism_classes) {
  Random random(151);
  size_t fewer = 0, ordered = 0;
  for (int i = 0; i < 200; ++i) {
    const SpaceProgram program = small_random_program({.least_nodes = 3,
                                                       .most_nodes = 6,
                                                       .most_choices = 3,
                                                       .outside = i % 2 == 0,
                                                       .constraints = false,
                                                       .isomorphism = Isomorphism::kGraph},
                                                      2000, random);
    fewer += static_cast<double>(check_keys(program)) < Space(program).count();
    ordered += std::ranges::any_of(program.graph.edges, [](const Edge& e) { return e.ordered_by >= 0; });
  }
  CHECK_CASE(fewer > 50 && ordered > 30, text(fewer) + ", " + text(ordered));
}

/// One operation for which the order of its two inputs counts, and one for which it does not.
TEST(space_keys_tell_the_order_of_inputs_where_it_counts) {
  SpaceProgram program;
  GraphProgram& p = program.graph;
  p.nodes = 4, p.features = 5;
  p.fixed_features = {{0, 0}, {1, 1}, {3, 2}};
  p.genes = {choice(2, -1), choice(2, -1), choice(2, -1)};
  p.genes[2].distinct = 1;
  p.feature_uses = {{0, 2, {3, 4}}};
  for (int slot : {1, 2}) {
    for (int from : {0, 1})
      p.edges.push_back({.from = from,
                         .to = 2,
                         .gene = slot,
                         .values = ValueSet({from}),
                         .role = slot,
                         .ordered_by = 0,
                         .ordered = ValueSet({1})});
  }
  p.edges.push_back({.from = 2, .to = 3});
  Section section;
  section.name = "cell", section.nodes = 4, section.inputs = {0, 1}, section.outputs = {3};
  program.sections = {section};
  program.isomorphism = Isomorphism::kGraph;
  const Space space(program);
  auto key = [&](Genes genes) { return space.key(genes.data()); };
  CHECK(key({0, 0, 1}) == key({0, 1, 0}));
  CHECK(key({1, 0, 1}) != key({1, 1, 0}));
  CHECK_EQUAL(check_keys(program), size_t{3});
}

/// Two sections, a choice of the whole network and one that decides what is there: none is taken for another.
TEST(space_keys_tell_sections_apart) {
  SpaceProgram program = matrix_space(4, 2, true);
  SpaceProgram second = matrix_space(3, 2, true);
  GraphProgram& p = program.graph;
  const int genes = p.gene_count(), nodes = p.nodes;
  for (Gene gene : second.graph.genes) {
    gene.node += gene.node >= 0 ? nodes : 0;
    p.genes.push_back(gene);
  }
  for (const NodeFeature& f : second.graph.fixed_features) p.fixed_features.push_back({f.node + nodes, f.feature});
  for (FeatureUse use : second.graph.feature_uses)
    p.feature_uses.push_back({use.gene + genes, use.node + nodes, use.columns});
  for (Edge e : second.graph.edges) {
    e.from += nodes, e.to += nodes, e.gene += genes;
    p.edges.push_back(e);
  }
  second.sections[0].first = nodes;
  second.sections[0].inputs = {nodes};
  second.sections[0].outputs = {nodes + 2};
  program.sections.push_back(second.sections[0]);
  p.nodes += second.graph.nodes + 1;
  p.feature_uses.push_back({p.gene_count(), p.nodes - 1, {3, 4}});
  p.genes.push_back(choice(2, -1));
  program.sections[0].presence.push_back({2, p.gene_count(), ValueSet({1})});
  p.genes.push_back(choice(2, -1));
  check_keys(program);
}

}  // namespace optiproxy::test
