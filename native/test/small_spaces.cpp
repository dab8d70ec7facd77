// Small spaces with known properties, and everything that they hold.
#include <cmath>

#include "random_program.h"

namespace optiproxy::test {

double byte_vectors(const GraphProgram& program) {
  double count = 1;
  for (const Gene& gene : program.genes) count *= gene.values();
  return count > 0x1p53 ? INFINITY : count;
}

std::vector<Genes> all_byte_vectors(const GraphProgram& program) {
  std::vector<Genes> all{Genes(program.genes.size(), 0)};
  for (;;) {
    Genes next = all.back();
    size_t g = 0;
    while (g < next.size() && next[g] + 1 == program.genes[g].values()) next[g++] = 0;
    if (g == next.size()) return all;
    ++next[g];
    all.push_back(next);
  }
}

SpaceProgram small_random_program(const ProgramTraits& traits, double most, Random& random) {
  for (;;) {
    SpaceProgram space = random_program(traits, random);
    const double count = byte_vectors(space.graph);
    if (count <= most && count >= most / 50) return space;
  }
}

Genes drawn_architectures(const Space& space, size_t count, uint64_t seed) {
  Rng rng({seed, Purpose::kUniform, 0, 0, 0});
  Genes all(count * space.genes()), one(space.genes());
  for (size_t i = 0; i < count; ++i) {
    space.draw(rng, one.data());
    space.normalise(one.data(), all.data() + i * space.genes());
  }
  return all;
}

SpaceProgram matrix_space(int nodes, int choices, bool prune) {
  SpaceProgram space;
  GraphProgram& p = space.graph;
  p.nodes = nodes;
  p.features = choices + 3;
  p.absent = 0;
  p.fixed_features = {{0, 1}, {nodes - 1, 2}};
  std::vector<int32_t> columns;
  for (int c = 0; c < choices; ++c) columns.push_back(3 + c);
  for (int node = 1; node + 1 < nodes; ++node) {
    Gene gene;
    gene.choices = choices;
    gene.node = node;
    gene.optional = prune;
    p.feature_uses.push_back({p.gene_count(), node, columns});
    p.genes.push_back(gene);
  }
  for (int from = 0; from < nodes; ++from) {
    for (int to = from + 1; to < nodes; ++to) {
      Gene gene;
      gene.kind = GeneKind::kBit;
      gene.choices = 2;
      p.edges.push_back({.from = from, .to = to, .gene = p.gene_count(), .values = ValueSet({1})});
      p.genes.push_back(gene);
    }
  }
  Section section;
  section.name = "cell";
  section.nodes = nodes;
  section.inputs = {0};
  section.outputs = {nodes - 1};
  section.prune = prune;
  space.sections.push_back(section);
  space.isomorphism = Isomorphism::kGraph;
  return space;
}

SpaceProgram edge_cell_space(int vertices, int choices, Isomorphism isomorphism) {
  SpaceProgram space;
  GraphProgram& p = space.graph;
  EdgeCell cell{.vertices = vertices, .edges = {}, .zero = 0, .identity = 1, .ranks = {}};
  std::vector<int32_t> columns;
  for (int c = 0; c < choices; ++c) {
    columns.push_back(c);
    cell.ranks.push_back(choices - 1 - c);
  }
  for (int to = 1; to < vertices; ++to) {
    for (int from = 0; from < to; ++from) cell.edges.push_back({from, to, static_cast<int>(cell.edges.size())});
  }
  const int edges = static_cast<int>(cell.edges.size());
  p.nodes = edges + 2;
  p.features = choices + 2;
  p.fixed_features = {{0, choices}, {edges + 1, choices + 1}};
  for (const EdgeCell::Edge& e : cell.edges) {
    Gene gene;
    gene.choices = choices;
    p.genes.push_back(gene);
    p.feature_uses.push_back({e.gene, 1 + e.gene, columns});
    if (e.from == 0) p.edges.push_back({.from = 0, .to = 1 + e.gene});
    if (e.to == vertices - 1) p.edges.push_back({.from = 1 + e.gene, .to = edges + 1});
    for (const EdgeCell::Edge& next : cell.edges) {
      if (next.from == e.to) p.edges.push_back({.from = 1 + e.gene, .to = 1 + next.gene});
    }
  }
  space.edge_cells.push_back(cell);
  space.isomorphism = isomorphism;
  return space;
}

}  // namespace optiproxy::test
