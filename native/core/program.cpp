#include "program.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "error.h"

namespace optiproxy {
namespace {

void check_gene(const GraphProgram& p, size_t index) {
  const Gene& g = p.genes[index];
  const std::string what = "program.genes[" + std::to_string(index) + "]";
  require(g.choices >= 1 && g.values() <= 255, what + ".choices: expected 1..255, given " + std::to_string(g.choices));
  require(g.kind != GeneKind::kBit || g.choices == 2, what + ": expected 2 choices of a bit");
  const auto earlier = static_cast<int>(index);
  require(g.parent >= -1 && g.parent < earlier, what + ".parent: expected an earlier gene");
  require(g.parent < 0 || (g.optional && !g.when.empty()), what + ": a gene with a parent must be optional");
  require(g.distinct >= -1 && g.distinct < earlier, what + ".distinct: expected an earlier gene");
  require(g.node >= -1 && g.node < p.nodes, what + ".node: out of range");
  require(!g.optional || p.absent >= 0, what + ": an optional gene needs the program's absent feature");
  if (g.kind != GeneKind::kSubset) return;
  require(g.inputs >= 1 && g.inputs <= 64 && g.picks >= 1 && g.picks <= g.inputs,
          what + ": expected 1 <= picks <= inputs <= 64");
  const auto p2 = static_cast<size_t>(g.picks);
  require(subset_members(g.inputs, g.picks).size() == static_cast<size_t>(g.choices) * p2,
          what + ".choices: expected the number of subsets");
}

void check_edges(const GraphProgram& p) {
  auto node_ok = [&](int32_t node) { return node >= 0 && node < p.nodes; };
  // Edges of one gene may not overlap in values; those of several genes exclude each other by the space's own rules.
  std::map<std::pair<int32_t, int32_t>, std::vector<const Edge*>> seen;
  for (const Edge& e : p.edges) {
    require(node_ok(e.from) && node_ok(e.to) && e.from != e.to, "program: an edge is out of range or a loop");
    require(e.gene >= -1 && e.gene < p.gene_count() && e.ordered_by >= -1 && e.ordered_by < p.gene_count(),
            "program: the gene of an edge is out of range");
    require(e.role >= 0 && e.role <= 3, "program: the role of an edge: expected 0..3");
    auto& others = seen[{e.from, e.to}];
    for (const Edge* other : others) {
      bool clash = e.gene < 0 || other->gene < 0;
      for (int v = 0; !clash && e.gene == other->gene && v < 256; ++v)
        clash = e.values.contains(v) && other->values.contains(v);
      require(!clash, "program: the edge " + std::to_string(e.from) + " -> " + std::to_string(e.to) + " stands twice");
    }
    others.push_back(&e);
  }
}

}  // namespace

int GraphProgram::alpha_width() const {
  int width = 0;
  for (const Gene& g : genes) width += g.kind == GeneKind::kChoice ? g.logits() : 0;
  return width;
}

int GraphProgram::beta_width() const {
  int width = 0;
  for (const Gene& g : genes) width += g.kind == GeneKind::kChoice ? 0 : g.logits();
  return width;
}

bool GraphProgram::shared_topology() const {
  return std::ranges::all_of(edges, [](const Edge& e) { return e.gene < 0; });
}

std::vector<int32_t> GraphProgram::free_edges() const {
  std::set<int32_t> places;
  for (const Edge& e : edges) {
    if (e.gene >= 0) places.insert(e.from * nodes + e.to);
  }
  return {places.begin(), places.end()};
}

void GraphProgram::check() const {
  require(nodes >= 1 && nodes <= 256, "program.nodes: expected 1..256, given " + std::to_string(nodes));
  require(features >= 1 && features <= 4096, "program.features: expected 1..4096, given " + std::to_string(features));
  require(!genes.empty() && genes.size() <= 4096,
          "program: expected 1..4096 genes, given " + std::to_string(genes.size()));
  require(absent >= -1 && absent < features, "program.absent: out of range");
  auto node_ok = [&](int32_t node) { return node >= 0 && node < nodes; };
  auto feature_ok = [&](int32_t feature) { return feature >= 0 && feature < features; };
  for (size_t g = 0; g < genes.size(); ++g) check_gene(*this, g);
  for (const NodeFeature& f : fixed_features) {
    require(node_ok(f.node) && feature_ok(f.feature), "program.fixedFeatures: a node or feature is out of range");
  }
  std::set<std::pair<int, int>> used;
  for (const FeatureUse& use : feature_uses) {
    require(use.gene >= 0 && use.gene < gene_count(), "program.featureUses: a gene is out of range");
    require(node_ok(use.node), "program.featureUses: a node is out of range");
    require(use.columns.size() == static_cast<size_t>(genes[static_cast<size_t>(use.gene)].choices),
            "program.featureUses: expected one column for each choice");
    require(std::ranges::all_of(use.columns, feature_ok), "program.featureUses: a feature is out of range");
    require(used.emplace(use.gene, use.node).second, "program.featureUses: a gene and node stand twice");
  }
  check_edges(*this);
}

void GraphProgram::check_genes(std::span<const uint8_t> all) const {
  const size_t g = genes.size();
  require(all.size() % g == 0,
          "genes: expected a multiple of " + std::to_string(g) + " bytes, given " + std::to_string(all.size()));
  for (size_t i = 0; i < all.size(); i += g) {
    for (size_t gene = 0; gene < g; ++gene) {
      const int given = all[i + gene], bound = genes[gene].values();
      if (given < bound) continue;  // no message is made where none is needed: this runs for every candidate
      fail("genes: gene " + std::to_string(gene) + " of architecture " + std::to_string(i / g) + ": expected 0.." +
           std::to_string(bound - 1) + ", given " + std::to_string(given));
    }
  }
}

void GraphProgram::fill_adjacency(const uint8_t* architecture, float* adjacency) const {
  const auto n = static_cast<size_t>(nodes);
  std::fill_n(adjacency, n * n, 0.0f);
  for (const Edge& e : edges) {
    if (architecture == nullptr ? e.gene < 0 : e.present(architecture)) adjacency[e.from * nodes + e.to] = 1;
  }
}

void GraphProgram::fill_topology(const uint8_t* architecture, float* out, float* back) const {
  const auto n = static_cast<size_t>(nodes);
  std::fill_n(out, n * n, 0.0f);
  std::fill_n(back, n * n, 0.0f);
  // Few of the N * N entries are there: rows and columns are summed over edges alone, in the order of
  // normalise_adjacency.
  std::array<float, 256> columns{};
  for (size_t from = 0, edge = 0; from < n; ++from) {
    const size_t first = edge;
    float sum = 1;
    for (; edge < edges.size() && static_cast<size_t>(edges[edge].from) == from; ++edge) {
      const Edge& e = edges[edge];
      if (architecture == nullptr ? e.gene < 0 : e.present(architecture)) {
        out[from * n + static_cast<size_t>(e.to)] = 1;
        sum += 1;
      }
    }
    out[from * n + from] = 1 / sum;
    columns[from] += 1 / sum;
    for (size_t i = first; i < edge; ++i) {
      const auto to = static_cast<size_t>(edges[i].to);
      if (out[from * n + to] != 1) continue;  // absent, or seen
      out[from * n + to] = 1 / sum;
      columns[to] += 1 / sum;
    }
  }
  for (size_t i = 0; i < n; ++i) back[i * n + i] = out[i * n + i] / columns[i];
  for (const Edge& e : edges) {
    const auto from = static_cast<size_t>(e.from), to = static_cast<size_t>(e.to);
    back[to * n + from] = out[from * n + to] / columns[to];
  }
}

void GraphProgram::fill_fixed_features(float* x) const {
  std::fill_n(x, static_cast<size_t>(nodes) * static_cast<size_t>(features), 0.0f);
  for (const NodeFeature& f : fixed_features) x[f.node * features + f.feature] = 1;
}

GraphBatch GraphProgram::encode(std::span<const uint8_t> all) const {
  const size_t g = genes.size(), count = all.size() / g;
  const auto n = static_cast<size_t>(nodes), f = static_cast<size_t>(features);
  GraphBatch batch{.graphs = static_cast<int>(count),
                   .nodes = nodes,
                   .features = features,
                   .shared_topology = shared_topology(),
                   .x = std::vector<float>(count * n * f),
                   .out = {},
                   .back = {},
                   .sizes = std::vector<int32_t>(count, nodes)};
  const size_t topologies = batch.shared_topology ? 1 : count;
  batch.out.resize(topologies * n * n);
  batch.back.resize(topologies * n * n);
  for (size_t i = 0; i < topologies; ++i) {
    fill_topology(batch.shared_topology ? nullptr : all.data() + i * g, batch.out.data() + i * n * n,
                  batch.back.data() + i * n * n);
  }
  std::vector<float> fixed(n * f);
  fill_fixed_features(fixed.data());
  for (size_t i = 0; i < count; ++i) {
    float* x = batch.x.data() + i * n * f;
    std::copy(fixed.begin(), fixed.end(), x);
    for (const FeatureUse& use : feature_uses) {
      x[use.node * features + column(use, all[i * g + static_cast<size_t>(use.gene)])] += 1;
    }
  }
  return batch;
}

std::vector<uint8_t> subset_members(int inputs, int picks) {
  std::vector<uint8_t> all, members(static_cast<size_t>(picks));
  for (int i = 0; i < picks; ++i) members[static_cast<size_t>(i)] = static_cast<uint8_t>(i);
  for (;;) {
    all.insert(all.end(), members.begin(), members.end());
    int last = picks - 1;
    while (last >= 0 && members[static_cast<size_t>(last)] == inputs - picks + last) --last;
    if (last < 0 || all.size() > size_t{256} * static_cast<size_t>(picks)) return all;
    ++members[static_cast<size_t>(last)];
    for (auto i = static_cast<size_t>(last) + 1; i < members.size(); ++i)
      members[i] = static_cast<uint8_t>(members[i - 1] + 1);
  }
}

}  // namespace optiproxy
