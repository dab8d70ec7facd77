#include "reference_space.h"

#include <numeric>

namespace optiproxy::test {
namespace {

using Edges = std::set<std::pair<int, int>>;

/// All nodes on the way from `starts` along edges.
std::set<int> reachable(const std::set<int>& starts, const Edges& edges) {
  std::set<int> found = starts;
  for (size_t before = 0; before != found.size();) {
    before = found.size();
    for (const auto& [from, to] : edges) {
      if (found.contains(from)) found.insert(to);
    }
  }
  return found;
}

}  // namespace

std::string least_text(const PlainGraph& graph) {
  std::vector<size_t> order(graph.labels.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::string least;
  do {
    std::string text;
    for (size_t node : order) text += graph.labels[node] + ";";
    for (size_t a : order) {
      for (size_t b : order) {
        const auto edge = graph.edges.find({static_cast<int>(a), static_cast<int>(b)});
        text += edge == graph.edges.end() ? '.' : static_cast<char>('0' + edge->second);
      }
    }
    if (least.empty() || text < least) least = text;
  } while (std::ranges::next_permutation(order).found);
  return least;
}

bool ReferenceSpace::active(const Genes& genes, size_t gene) const {
  const Gene& g = s_.graph.genes[gene];
  return g.parent < 0 ||
         (active(genes, static_cast<size_t>(g.parent)) && g.when.contains(genes[static_cast<size_t>(g.parent)]));
}

bool ReferenceSpace::clashes(const Genes& genes, size_t gene) const {
  const auto& all = s_.graph.genes;
  for (size_t g = 0; g < genes.size(); ++g) {
    if (genes[g] == all[g].choices) continue;
    for (int d = all[g].distinct; d >= 0; d = all[static_cast<size_t>(d)].distinct) {
      const auto other = static_cast<size_t>(d);
      if ((g == gene || other == gene) && genes[g] == genes[other] && genes[other] < all[other].choices) return true;
    }
  }
  return false;
}

bool ReferenceSpace::consistent(const Genes& genes) const {
  for (size_t g = 0; g < genes.size(); ++g) {
    if ((genes[g] < s_.graph.genes[g].choices) != active(genes, g) || clashes(genes, g)) return false;
  }
  return true;
}

ReferenceSpace::Left ReferenceSpace::left_of(const Section& section, const Genes& genes) const {
  Left left;
  std::set<int> there;
  for (int node = section.first; node < section.first + section.nodes; ++node) there.insert(node);
  for (const Presence& p : section.presence) {
    if (!p.values.contains(genes[static_cast<size_t>(p.gene)])) there.erase(p.node);
  }
  std::map<std::pair<int, int>, int> roles;
  Edges forwards, backwards;
  for (const Edge& e : s_.graph.edges) {
    if (e.gene >= 0 && !e.values.contains(genes[static_cast<size_t>(e.gene)])) continue;
    if (!there.contains(e.from) || !there.contains(e.to)) continue;
    const bool ordered = e.ordered_by >= 0 && e.ordered.contains(genes[static_cast<size_t>(e.ordered_by)]);
    roles[{e.from, e.to}] = ordered ? e.role : 0;
    forwards.insert({e.from, e.to});
    backwards.insert({e.to, e.from});
  }
  std::set<int> inputs, outputs;
  for (int node : section.inputs)
    if (there.contains(node)) inputs.insert(node);
  for (int node : section.outputs)
    if (there.contains(node)) outputs.insert(node);
  const std::set<int> fed = reachable(inputs, forwards), used = reachable(outputs, backwards);
  for (int node : outputs) left.reached = left.reached || fed.contains(node);
  for (int node : there) {
    if (!section.prune || (fed.contains(node) && used.contains(node))) left.nodes.insert(node);
  }
  for (const auto& [ends, role] : roles) {
    if (left.nodes.contains(ends.first) && left.nodes.contains(ends.second)) left.edges[ends] = role;
  }
  return left;
}

std::set<std::string> ReferenceSpace::faults(const Genes& genes) const {
  if (!consistent(genes)) return {"values that cannot stand together"};
  std::set<std::string> all;
  for (const ValueCount& c : s_.counts) {
    int held = 0;
    for (const auto& term : c.terms) held += term.values.contains(genes[static_cast<size_t>(term.gene)]) ? 1 : 0;
    if (held < c.min || held > c.max) all.insert(c.name);
  }
  for (const Section& section : s_.sections) {
    const Left left = left_of(section, genes);
    auto add = [&](const char* words) { all.insert(section.name + ": " + words); };
    if (section.connected && !left.reached) add("no path from an input to an output");
    const int edges = static_cast<int>(left.edges.size());
    if (section.max_edges >= 0 && edges > section.max_edges) add("too many edges");
    for (int node : left.nodes) {
      int degree = 0;
      for (const auto& [ends, role] : left.edges) degree += ends.second == node ? 1 : 0;
      if (std::ranges::find(section.inputs, node) != section.inputs.end()) continue;
      const bool many = section.max_in_degree >= 0 && degree > section.max_in_degree;
      if (degree < section.min_in_degree || many) add("a node with too few or too many inputs");
    }
    for (int node : section.required) {
      if (!left.nodes.contains(node)) add("a required node is not used");
    }
    for (const auto& [in, out] : section.pairs) {
      if (left.nodes.contains(in) != left.nodes.contains(out))
        add("an input without its output, or the other way round");
    }
    for (const Edge& e : s_.graph.edges) {
      if (e.gene < 0 || s_.graph.genes[static_cast<size_t>(e.gene)].kind == GeneKind::kBit) continue;
      const bool inside = e.from >= section.first && e.from < section.first + section.nodes;
      if (inside && e.values.contains(genes[static_cast<size_t>(e.gene)]) && left.nodes.contains(e.to) &&
          !left.nodes.contains(e.from))
        add("a chosen input that is not there");
    }
  }
  return all;
}

PlainGraph ReferenceSpace::graph_of(const Section& section, const Genes& genes) const {
  const Left left = left_of(section, genes);
  PlainGraph graph;
  std::map<int, int> place;
  for (int node : left.nodes) {
    place[node] = static_cast<int>(graph.labels.size());
    std::multiset<int> columns;
    for (const NodeFeature& f : s_.graph.fixed_features) {
      if (f.node == node) columns.insert(f.feature);
    }
    for (const FeatureUse& use : s_.graph.feature_uses) {
      if (use.node != node) continue;
      const auto gene = static_cast<size_t>(use.gene);
      const bool there = genes[gene] < s_.graph.genes[gene].choices;
      columns.insert(there ? use.columns[genes[gene]] : s_.graph.absent);
    }
    std::string label;
    for (int column : columns) label += std::to_string(column) + ",";
    graph.labels.push_back(label);
  }
  for (const auto& [ends, role] : left.edges) graph.edges[{place[ends.first], place[ends.second]}] = role;
  return graph;
}

}  // namespace optiproxy::test
