#include "args_space.h"

#include <string>

#include "../core/error.h"
#include "args.h"

namespace optiproxy::node {
namespace {

constexpr int kMostGenes = 4096;
constexpr int kMostEdges = 65536;

bool read_flag(const Napi::Value& value, const char* name) {
  if (!value.IsBoolean()) fail(std::string(name) + ": expected true or false");
  return value.As<Napi::Boolean>();
}

std::string read_text(const Napi::Value& value, const char* name) {
  if (!value.IsString()) fail(std::string(name) + ": expected a string");
  return value.As<Napi::String>();
}

/// Calls read(element) for each element of a list.
template <typename F>
void for_each(const Napi::Value& value, const char* name, int most, F read) {
  if (!value.IsArray()) fail(std::string(name) + ": expected a list");
  const auto list = value.As<Napi::Array>();
  if (list.Length() > static_cast<uint32_t>(most))
    fail(std::string(name) + ": expected at most " + std::to_string(most) + " elements");
  for (uint32_t i = 0; i < list.Length(); ++i) read(list.Get(i));
}

ValueSet read_values(const Napi::Value& value, const char* name) {
  ValueSet set;
  for_each(value, name, 256, [&](const Napi::Value& v) { set.insert(read_int(v, name, 0, 255)); });
  return set;
}

std::vector<int> read_nodes(const Napi::Value& value, const char* name) {
  std::vector<int> nodes;
  for_each(value, name, 256, [&](const Napi::Value& v) { nodes.push_back(read_int(v, name, 0, 255)); });
  return nodes;
}

Gene read_gene(const Napi::Value& value) {
  const Napi::Object o = read_object(value, "program.genes");
  Gene g;
  const std::string kind = read_text(o.Get("kind"), "program.genes.kind");
  require(kind == "choice" || kind == "bit" || kind == "subset",
          "program.genes.kind: expected choice, bit or subset, given " + kind);
  g.kind = kind == "choice" ? GeneKind::kChoice : kind == "bit" ? GeneKind::kBit : GeneKind::kSubset;
  g.choices = read_int(o.Get("choices"), "program.genes.choices", 1, 255);
  g.optional = read_flag(o.Get("optional"), "program.genes.optional");
  g.parent = read_int(o.Get("parent"), "program.genes.parent", -1, kMostGenes);
  g.when = read_values(o.Get("when"), "program.genes.when");
  g.distinct = read_int(o.Get("distinct"), "program.genes.distinct", -1, kMostGenes);
  g.inputs = read_int(o.Get("inputs"), "program.genes.inputs", 0, 64);
  g.picks = read_int(o.Get("picks"), "program.genes.picks", 0, 64);
  g.node = read_int(o.Get("node"), "program.genes.node", -1, 255);
  return g;
}

Edge read_edge(const Napi::Value& value) {
  const Napi::Object o = read_object(value, "program.edges");
  Edge e{.from = read_int(o.Get("from"), "program.edges.from", 0, 255),
         .to = read_int(o.Get("to"), "program.edges.to", 0, 255)};
  e.gene = read_int(o.Get("gene"), "program.edges.gene", -1, kMostGenes);
  e.values = read_values(o.Get("values"), "program.edges.values");
  e.role = read_int(o.Get("role"), "program.edges.role", 0, 3);
  e.ordered_by = read_int(o.Get("orderedBy"), "program.edges.orderedBy", -1, kMostGenes);
  e.ordered = read_values(o.Get("ordered"), "program.edges.ordered");
  return e;
}

GraphProgram read_graph(const Napi::Object& o) {
  GraphProgram p;
  p.nodes = read_int(o.Get("nodes"), "program.nodes", 1, 256);
  p.features = read_int(o.Get("features"), "program.features", 1, 4096);
  p.absent = read_int(o.Get("absent"), "program.absent", -1, 4095);
  for_each(o.Get("genes"), "program.genes", kMostGenes, [&](const Napi::Value& v) { p.genes.push_back(read_gene(v)); });
  const std::vector<int32_t> fixed = read_ints(o.Get("fixedFeatures"), "program.fixedFeatures");
  if (fixed.size() % 2 != 0)
    fail("program.fixedFeatures: expected pairs, given " + std::to_string(fixed.size()) + " numbers");
  for (size_t i = 0; i < fixed.size(); i += 2) p.fixed_features.push_back({fixed[i], fixed[i + 1]});
  for_each(o.Get("featureUses"), "program.featureUses", kMostEdges, [&](const Napi::Value& v) {
    const Napi::Object use = read_object(v, "program.featureUses");
    p.feature_uses.push_back({read_int(use.Get("gene"), "program.featureUses.gene", 0, kMostGenes),
                              read_int(use.Get("node"), "program.featureUses.node", 0, 255),
                              read_ints(use.Get("columns"), "program.featureUses.columns")});
  });
  for_each(o.Get("edges"), "program.edges", kMostEdges, [&](const Napi::Value& v) { p.edges.push_back(read_edge(v)); });
  return p;
}

Section read_section(const Napi::Value& value) {
  const Napi::Object o = read_object(value, "program.sections");
  Section s;
  s.name = read_text(o.Get("name"), "program.sections.name");
  s.first = read_int(o.Get("first"), "program.sections.first", 0, 255);
  s.nodes = read_int(o.Get("nodes"), "program.sections.nodes", 1, 64);
  s.inputs = read_nodes(o.Get("inputs"), "program.sections.inputs");
  s.outputs = read_nodes(o.Get("outputs"), "program.sections.outputs");
  s.prune = read_flag(o.Get("prune"), "program.sections.prune");
  s.connected = read_flag(o.Get("connected"), "program.sections.connected");
  s.max_edges = read_int(o.Get("maxEdges"), "program.sections.maxEdges", -1, kMostEdges);
  s.min_in_degree = read_int(o.Get("minInDegree"), "program.sections.minInDegree", -1, 256);
  s.max_in_degree = read_int(o.Get("maxInDegree"), "program.sections.maxInDegree", -1, 256);
  s.required = read_nodes(o.Get("required"), "program.sections.required");
  for_each(o.Get("pairs"), "program.sections.pairs", 256, [&](const Napi::Value& v) {
    const std::vector<int> pair = read_nodes(v, "program.sections.pairs");
    if (pair.size() != 2) fail("program.sections.pairs: expected pairs");
    s.pairs.emplace_back(pair[0], pair[1]);
  });
  for_each(o.Get("presence"), "program.sections.presence", 256, [&](const Napi::Value& v) {
    const Napi::Object p = read_object(v, "program.sections.presence");
    s.presence.push_back({read_int(p.Get("node"), "program.sections.presence.node", 0, 255),
                          read_int(p.Get("gene"), "program.sections.presence.gene", 0, kMostGenes),
                          read_values(p.Get("values"), "program.sections.presence.values")});
  });
  return s;
}

ValueCount read_count(const Napi::Value& value) {
  const Napi::Object o = read_object(value, "program.counts");
  ValueCount c;
  c.name = read_text(o.Get("name"), "program.counts.name");
  for_each(o.Get("terms"), "program.counts.terms", kMostGenes, [&](const Napi::Value& v) {
    const Napi::Object term = read_object(v, "program.counts.terms");
    c.terms.push_back({read_int(term.Get("gene"), "program.counts.terms.gene", 0, kMostGenes),
                       read_values(term.Get("values"), "program.counts.terms.values")});
  });
  c.min = read_int(o.Get("min"), "program.counts.min", 0, kMostGenes);
  c.max = read_int(o.Get("max"), "program.counts.max", 0, kMostGenes);
  return c;
}

EdgeCell read_cell(const Napi::Value& value) {
  const Napi::Object o = read_object(value, "program.edgeCells");
  EdgeCell cell;
  cell.vertices = read_int(o.Get("vertices"), "program.edgeCells.vertices", 2, 256);
  const std::vector<int32_t> edges = read_ints(o.Get("edges"), "program.edgeCells.edges");
  if (edges.size() % 3 != 0) fail("program.edgeCells.edges: expected triples");
  for (size_t i = 0; i < edges.size(); i += 3) cell.edges.push_back({edges[i], edges[i + 1], edges[i + 2]});
  cell.zero = read_int(o.Get("zero"), "program.edgeCells.zero", -1, 255);
  cell.identity = read_int(o.Get("identity"), "program.edgeCells.identity", -1, 255);
  const std::vector<int32_t> ranks = read_ints(o.Get("ranks"), "program.edgeCells.ranks");
  cell.ranks.assign(ranks.begin(), ranks.end());
  return cell;
}

Isomorphism read_isomorphism(const Napi::Value& value) {
  const std::string name = read_text(value, "program.isomorphism");
  if (name == "encoding") return Isomorphism::kEncoding;
  if (name == "graph") return Isomorphism::kGraph;
  if (name == "skips") return Isomorphism::kSkips;
  if (name == "zeros") return Isomorphism::kZeros;
  if (name == "computation") return Isomorphism::kComputation;
  fail("program.isomorphism: expected encoding, graph, skips, zeros or computation, given " + name);
}

}  // namespace

Space read_space(const Napi::Value& value) {
  const Napi::Object o = read_object(value, "program");
  SpaceProgram p;
  p.graph = read_graph(o);
  for_each(o.Get("sections"), "program.sections", 256,
           [&](const Napi::Value& v) { p.sections.push_back(read_section(v)); });
  for_each(o.Get("counts"), "program.counts", 1024, [&](const Napi::Value& v) { p.counts.push_back(read_count(v)); });
  for_each(o.Get("edgeCells"), "program.edgeCells", 64,
           [&](const Napi::Value& v) { p.edge_cells.push_back(read_cell(v)); });
  p.isomorphism = read_isomorphism(o.Get("isomorphism"));
  return Space(std::move(p));
}

}  // namespace optiproxy::node
