#include "random_program.h"

namespace optiproxy::test {
namespace {

constexpr int kAbsent = 0;  // column of what is not there

class Maker {
 public:
  Maker(const ProgramTraits& traits, Random& random) : traits_(traits), random_(random) {}

  SpaceProgram make() {
    p_.nodes = traits_.least_nodes + random_.below(traits_.most_nodes - traits_.least_nodes + 1);
    const int around = traits_.outside ? random_.below(std::min(4, p_.nodes - 2)) : 0;
    const int before = around > 0 ? random_.below(around + 1) : 0;
    section_.name = "cell";
    section_.first = before;
    section_.nodes = p_.nodes - around;
    section_.prune = chance(2);
    const int end = section_.first + section_.nodes;
    present_.resize(static_cast<size_t>(p_.nodes));
    operation_.assign(static_cast<size_t>(p_.nodes), -1);
    for (int node = 0; node < p_.nodes; ++node) {
      if (node >= section_.first && node < end)
        place(node);
      else
        add_outside(node);
    }
    for (int node = section_.first + 1; node < end; ++node) add_inputs(node);
    section_.inputs = {section_.first};
    section_.outputs = {end - 1};
    if (section_.nodes > 4 && chance(3)) section_.inputs.push_back(section_.first + 1);
    if (section_.nodes > 4 && chance(3)) section_.outputs.push_back(end - 2);
    finish();
    if (traits_.constraints) constrain();
    space_.sections.push_back(section_);
    space_.isomorphism = traits_.isomorphism;
    return std::move(space_);
  }

 private:
  bool chance(int of) { return random_.below(of) == 0; }
  int column() { return columns_++; }

  int add(Gene gene) {
    p_.genes.push_back(gene);
    return p_.gene_count() - 1;
  }
  Gene choice(int choices, int node) {
    Gene gene;
    gene.choices = choices;
    gene.node = node;
    return gene;
  }
  int some_choices() { return 2 + random_.below(traits_.most_choices - 1); }
  void use(int gene, int node, bool last_is_absent = false) {
    std::vector<int32_t> columns;
    for (int v = 0; v < p_.genes[static_cast<size_t>(gene)].choices; ++v) columns.push_back(column());
    if (last_is_absent) columns.back() = kAbsent;
    p_.feature_uses.push_back({gene, node, columns});
  }
  /// Some of the values below `count`, not none and not all.
  ValueSet some_values(int count) {
    ValueSet some;
    const int in = random_.below(count), out = random_.below(count - 1);
    some.insert(in);
    for (int v = 0; v < count; ++v) {
      if (v != (out + (out >= in)) && chance(2)) some.insert(v);
    }
    return some;
  }

  /// The choice of a whole network or of a block, in a line with what is beside it.
  void add_outside(int node) {
    p_.fixed_features.push_back({node, column()});
    const int gene = add(choice(some_choices(), node));
    use(gene, node);
    if (node < section_.first) {
      p_.edges.push_back({.from = node, .to = node + 1});
    } else {
      p_.edges.push_back({.from = node - 1, .to = node, .gene = gene, .values = some_values(p_.values(gene))});
    }
  }

  /// What a node of the section is, and whether it is there.
  void place(int node) {
    const auto n = static_cast<size_t>(node);
    const bool end = node == section_.first || node == section_.first + section_.nodes - 1;
    if (end || chance(4)) {
      p_.fixed_features.push_back({node, end ? column() : shared_column()});
      return;
    }
    if (shared_ >= 0 && chance(4)) {  // the same operation as an earlier node
      const std::vector<int32_t> columns = p_.feature_uses[shared_use_].columns;
      p_.feature_uses.push_back({shared_, node, columns});
      return;
    }
    const bool optional = chance(3);
    const int choices = some_choices(), gene = add(choice(choices, node));
    const size_t at = p_.feature_uses.size();
    if (alike_use_ < 0 || optional ||
        p_.feature_uses[static_cast<size_t>(alike_use_)].columns.size() != static_cast<size_t>(choices)) {
      use(gene, node, optional);
    } else {  // operations of several nodes look alike, so that nodes can change places
      const std::vector<int32_t> columns = p_.feature_uses[static_cast<size_t>(alike_use_)].columns;
      p_.feature_uses.push_back({gene, node, columns});
    }
    operation_[n] = gene;
    if (optional) {
      ValueSet there;
      for (int v = 0; v + 1 < choices; ++v) there.insert(v);
      present_[n] = {gene, there};
      section_.presence.push_back({node, gene, there});
    } else {
      shared_ = gene, shared_use_ = at, alike_use_ = static_cast<int>(at);
    }
    if (chance(2)) add_detail(gene, node, optional ? choices - 1 : choices);
  }

  /// A choice that an operation wakes, and perhaps another one that this wakes.
  void add_detail(int parent, int node, int count) {
    Gene gene = choice(some_choices(), node);
    gene.parent = parent;
    gene.when = count < 2 ? ValueSet({0}) : some_values(count);
    const int detail = add(gene);
    use(detail, node);
    if (chance(3)) add_detail(detail, node, gene.choices);
  }

  void add_inputs(int node) {
    std::vector<int> sources;
    for (int from = section_.first; from < node; ++from) sources.push_back(from);
    switch (random_.below(5)) {
      case 0:
        for (int from : sources) {
          if (from == sources.back() || chance(3)) p_.edges.push_back({.from = from, .to = node});
        }
        break;
      case 1:
        add_bits(node, sources);
        break;
      case 2:
        add_subset(node, sources);
        break;
      case 3:
        add_slots(node, sources);
        break;
      default:
        add_bits(node, {sources.begin() + static_cast<std::ptrdiff_t>(sources.size() / 2), sources.end()});
        sources.resize(sources.size() / 2);
        if (!sources.empty()) add_slots(node, sources);
    }
  }

  void add_bits(int node, const std::vector<int>& sources) {
    for (int from : sources) {
      if (from != sources.back() && chance(2)) continue;
      Gene gene = choice(2, -1);
      gene.kind = GeneKind::kBit;
      const Condition& to = present_[static_cast<size_t>(node)];
      depend(gene, to.gene >= 0 ? to : present_[static_cast<size_t>(from)]);
      p_.edges.push_back({.from = from, .to = node, .gene = add(gene), .values = ValueSet({1})});
    }
  }

  void add_subset(int node, const std::vector<int>& sources) {
    const int inputs = static_cast<int>(sources.size()), picks = 1 + random_.below(std::min(inputs, 3));
    const std::vector<uint8_t> members = subset_members(inputs, picks);
    Gene gene = choice(static_cast<int>(members.size()) / picks, node);
    gene.kind = GeneKind::kSubset;
    gene.inputs = inputs, gene.picks = picks;
    depend(gene, present_[static_cast<size_t>(node)]);
    const int index = add(gene);
    for (int i = 0; i < inputs; ++i) {
      ValueSet values;
      for (size_t m = 0; m < members.size(); ++m) {
        if (members[m] == i) values.insert(static_cast<int>(m) / picks);
      }
      p_.edges.push_back({.from = sources[static_cast<size_t>(i)], .to = node, .gene = index, .values = values});
    }
  }

  /// Different inputs one by one; the operation may say how many, and whether their order counts.
  void add_slots(int node, const std::vector<int>& sources) {
    const auto n = static_cast<size_t>(node);
    const int inputs = static_cast<int>(sources.size());
    const int slots = 1 + random_.below(std::min(inputs, traits_.most_slots)), order = random_.below(3);
    const int operation = operation_[n];
    const bool counted = operation >= 0 && present_[n].gene < 0 && chance(2);
    const int choices = operation < 0 ? 0 : p_.genes[static_cast<size_t>(operation)].choices;
    int before = -1;
    for (int slot = 1; slot <= slots; ++slot) {
      Gene gene = choice(inputs, node);
      gene.distinct = before;
      depend(gene, present_[n]);
      if (counted && slot > 1) {
        if (slot > choices) return;
        ValueSet more;
        for (int v = slot - 1; v < choices; ++v) more.insert(v);
        depend(gene, {operation, more});
      }
      before = add(gene);
      Edge edge{.from = 0, .to = node, .gene = before, .role = slot};
      if (order == 1) edge.ordered_by = before, edge.ordered = all_values(inputs);
      if (order == 2 && operation >= 0) edge.ordered_by = operation, edge.ordered = ValueSet({0});
      for (int i = 0; i < inputs; ++i) {
        edge.from = sources[static_cast<size_t>(i)];
        edge.values = ValueSet({i});
        p_.edges.push_back(edge);
      }
    }
  }

  static ValueSet all_values(int count) {
    ValueSet all;
    for (int v = 0; v < count; ++v) all.insert(v);
    return all;
  }

  int shared_column() { return shared_column_ < 0 ? shared_column_ = column() : shared_column_; }

  struct Condition {
    int gene = -1;
    ValueSet values;
  };
  static void depend(Gene& gene, const Condition& condition) {
    if (condition.gene < 0) return;
    gene.parent = condition.gene;
    gene.when = condition.values;
  }

  /// Whether a gene decides nothing about other nodes: only then can it be absent where its node is pruned away.
  bool only_at(int gene, int node) const {
    auto edges_at_node = [&](int g) {
      return std::ranges::all_of(p_.edges,
                                 [&](const Edge& e) { return e.gene != g || e.from == node || e.to == node; });
    };
    if (!edges_at_node(gene)) return false;
    for (const FeatureUse& u : p_.feature_uses) {
      if (u.gene == gene && u.node != node) return false;
    }
    for (int child = 0; child < p_.gene_count(); ++child) {
      const Gene& c = p_.genes[static_cast<size_t>(child)];
      if (c.parent == gene && c.node != node && !(c.kind == GeneKind::kBit && edges_at_node(child))) return false;
    }
    return true;
  }

  void finish() {
    p_.features = columns_;
    p_.absent = kAbsent;
    for (int g = 0; g < p_.gene_count(); ++g) {
      Gene& gene = p_.genes[static_cast<size_t>(g)];
      const bool pruned = section_.prune && gene.node >= section_.first && gene.node < section_.first + section_.nodes;
      if (pruned && !only_at(g, gene.node)) gene.node = -1;
      gene.optional = gene.parent >= 0 || (pruned && gene.node >= 0);
    }
  }

  void constrain() {
    const int middle = section_.first + section_.nodes / 2;
    section_.connected = chance(2);
    if (chance(3)) section_.max_edges = section_.nodes + random_.below(3);
    if (chance(3)) section_.min_in_degree = 1;
    if (chance(3)) section_.max_in_degree = 2 + random_.below(2);
    if (chance(4)) section_.required = {middle};
    if (chance(4) && section_.nodes > 3) section_.pairs = {{section_.first + 1, middle}};
    if (!chance(2) || p_.genes.empty()) return;
    ValueCount count{.name = "a count", .terms = {}, .min = random_.below(2), .max = 2 + random_.below(2)};
    for (int g = 0; g < p_.gene_count() && count.terms.size() < 4; ++g) {
      if (p_.genes[static_cast<size_t>(g)].choices > 1)
        count.terms.push_back({g, some_values(p_.genes[static_cast<size_t>(g)].choices)});
    }
    space_.counts.push_back(count);
  }

  const ProgramTraits& traits_;
  Random& random_;
  SpaceProgram space_;
  GraphProgram& p_ = space_.graph;
  Section section_;
  std::vector<Condition> present_;  // (N) when a node is there
  std::vector<int> operation_;      // (N)
  int columns_ = 1, shared_column_ = -1;
  int shared_ = -1, alike_use_ = -1;
  size_t shared_use_ = 0;
};

}  // namespace

SpaceProgram random_program(const ProgramTraits& traits, Random& random) {
  for (;;) {
    SpaceProgram space = Maker(traits, random).make();
    if (!space.graph.genes.empty()) return space;
  }
}

}  // namespace optiproxy::test
