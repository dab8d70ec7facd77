#include "space.h"

#include <algorithm>
#include <cmath>

#include "error.h"

namespace optiproxy {
namespace {

constexpr int kMostChain = 16;
constexpr int kMutations = 1000;
/// The reason behind those of constraints: genes that cannot stand together.
constexpr int kInconsistent = 1;

/// Whether `before` is there whenever `gene` is, with a value that `gene` could have: so many values are never free.
bool always_takes_one(const Gene& before, const Gene& gene) {
  bool there = before.parent < 0;
  if (!there && before.parent == gene.parent) {
    there = true;
    for (int v = 0; v < 256; ++v) there = there && (!gene.when.contains(v) || before.when.contains(v));
  }
  return there && before.choices <= gene.choices;
}

}  // namespace

Space::Space(SpaceProgram program) : program_(std::move(program)) {
  std::ranges::stable_sort(program_.graph.edges, {}, &Edge::from);
  graph().check();
  for (const Section& s : program_.sections) {
    tables_.sections.emplace_back(graph(), s);
    prunes_ = prunes_ || tables_.sections.back().normalises();
  }
  for (const ValueCount& c : program_.counts) {
    for (const auto& term : c.terms) {
      require(term.gene >= 0 && term.gene < graph().gene_count(),
              "program.counts, " + c.name + ": a gene is out of range");
    }
  }
  plan_tree();
  write_tables();
  plan_keys();
}

void Space::plan_tree() {
  const auto& genes = graph().genes;
  tree_.resize(genes.size());
  for (size_t g = genes.size(); g-- > 0;) {
    Tree& t = tree_[g];
    t.children.resize(static_cast<size_t>(genes[g].choices));
    for (int d = genes[g].distinct; d >= 0; d = genes[static_cast<size_t>(d)].distinct) ++t.chain;
    require(t.chain < genes[g].choices && t.chain < kMostChain,
            "program.genes[" + std::to_string(g) + "]: no value is left that is distinct");
    require(t.chain == 0 || always_takes_one(genes[static_cast<size_t>(genes[g].distinct)], genes[g]),
            "program.genes[" + std::to_string(g) +
                "].distinct: expected a gene with no more values that is there whenever this one is");
    chains_ = chains_ || t.chain > 0;
    t.weight.assign(static_cast<size_t>(genes[g].choices), 1.0);
    for (size_t child = g + 1; child < genes.size(); ++child) {
      if (genes[child].parent != static_cast<int>(g)) continue;
      tree_shaped_ = true;
      for (size_t v = 0; v < t.weight.size(); ++v) {
        if (!genes[child].when.contains(static_cast<int>(v))) continue;
        t.weight[v] *= tree_[child].count;
        t.children[v].push_back(static_cast<int>(child));
      }
    }
    t.even = std::ranges::all_of(t.weight, [&](double w) { return w == t.weight[0]; });
    require(t.even || t.chain == 0,
            "program.genes[" + std::to_string(g) + "]: a distinct gene cannot wake others by some values only");
    t.count = 0;
    for (double w : t.weight) t.count += w;
    t.count -= t.chain * t.weight[0];
    if (genes[g].parent < 0) count_ *= t.count;
  }
}

int Space::taken(const uint8_t* architecture, size_t gene, uint8_t* values) const {
  const auto& genes = graph().genes;
  int n = 0;
  for (int d = genes[gene].distinct; d >= 0; d = genes[static_cast<size_t>(d)].distinct) {
    const uint8_t value = architecture[d];
    int at = n++;
    for (; at > 0 && values[at - 1] > value; --at) values[at] = values[at - 1];
    values[at] = value;
  }
  return n;
}

void Space::write_tables() {
  SpaceTables& t = tables_;
  t.flat = !tree_shaped_ && !chains_;
  for (size_t g = 0; g < tree_.size(); ++g) {
    const Gene& gene = graph().genes[g];
    const Tree& tree = tree_[g];
    const int32_t weight = tree.even ? -1 : static_cast<int32_t>(t.weights.size());
    t.genes.push_back({gene.choices, gene.parent, gene.distinct, tree.chain, weight, tree.count, gene.when});
    if (!tree.even) t.weights.insert(t.weights.end(), tree.weight.begin(), tree.weight.end());
  }
  for (const ValueCount& c : program_.counts) {
    t.counts.push_back({static_cast<int32_t>(t.terms.size()), static_cast<int32_t>(c.terms.size()), c.min, c.max});
    for (const ValueCount::Term& term : c.terms) t.terms.push_back({term.gene, term.values});
  }
  for (const EdgeCell& cell : program_.edge_cells) {
    if (program_.isomorphism == Isomorphism::kEncoding && cell.zero >= 0) t.cells.push_back(cell);
  }
}

void Space::write_numbered(uint64_t number, uint8_t* architecture) const {
  const auto& genes = graph().genes;
  std::vector<uint64_t> rest(tree_shaped_ ? genes.size() : 0);
  for (size_t g = 0; g < genes.size(); ++g) {
    if (!active(architecture, g)) {
      architecture[g] = static_cast<uint8_t>(genes[g].choices);
      continue;
    }
    const Tree& t = tree_[g];
    uint64_t r;
    if (genes[g].parent < 0) {
      const auto count = static_cast<uint64_t>(t.count);
      r = number % count;
      number /= count;
    } else {
      r = rest[g];
    }
    size_t v = 0;
    if (t.even) {
      const auto each = static_cast<uint64_t>(t.weight[0]);
      v = static_cast<size_t>(r / each);
      r %= each;
    } else {
      for (; r >= static_cast<uint64_t>(t.weight[v]); ++v) r -= static_cast<uint64_t>(t.weight[v]);
    }
    if (t.chain > 0) v = static_cast<size_t>(free_value(architecture, g, static_cast<int>(v)));
    architecture[g] = static_cast<uint8_t>(v);
    for (int child : t.children[v]) {
      const auto count = static_cast<uint64_t>(tree_[static_cast<size_t>(child)].count);
      rest[static_cast<size_t>(child)] = r % count;
      r /= count;
    }
  }
}

bool Space::consistent(const uint8_t* architecture) const {
  const auto& genes = graph().genes;
  if (tables_.flat) {
    for (size_t g = 0; g < genes.size(); ++g) {
      if (architecture[g] >= genes[g].choices) return false;
    }
    return true;
  }
  for (size_t g = 0; g < genes.size(); ++g) {
    if (active(architecture, g) != (architecture[g] < genes[g].choices)) return false;
    if (architecture[g] >= genes[g].choices) continue;
    for (int d = genes[g].distinct; d >= 0; d = genes[static_cast<size_t>(d)].distinct) {
      if (architecture[d] == architecture[g]) return false;
    }
  }
  return true;
}

int Space::check(const uint8_t* architecture) const {
  if (!consistent(architecture)) return kInconsistent;
  int reason = kInconsistent;
  for (const CountRow& count : tables_.counts) {
    ++reason;
    if (!lane::holds(count, tables_.terms.data(), architecture)) return reason;
  }
  SectionGraph section;
  for (const SectionRules& rules : tables_.sections) {
    if (!rules.constrains()) {
      reason += kSectionFaults;
      continue;
    }
    rules.read(architecture, section);
    const SectionFault fault = rules.fault(section);
    if (fault != SectionFault::kNone) return reason + static_cast<int>(fault);
    reason += kSectionFaults;
  }
  return 0;
}

std::vector<std::string> Space::reasons() const {
  std::vector<std::string> all{"valid", "values that cannot stand together"};
  for (const ValueCount& c : program_.counts) all.push_back(c.name);
  for (const Section& s : program_.sections) {
    for (int f = 1; f <= kSectionFaults; ++f) all.push_back(s.name + ": " + describe(static_cast<SectionFault>(f)));
  }
  return all;
}

void Space::normalise(const uint8_t* architecture, uint8_t* normal) const {
  prune(architecture, normal);
  for (const EdgeCell& cell : tables_.cells) lane::drop_zeros(cell.view(), normal);
}

void Space::prune(const uint8_t* architecture, uint8_t* pruned) const {
  std::copy_n(architecture, genes(), pruned);
  SectionGraph section;
  for (const SectionRules& rules : tables_.sections) {
    if (!rules.normalises()) continue;
    rules.read(architecture, section);
    rules.normalise(section, pruned);
  }
}

bool Space::set(uint8_t* architecture, size_t gene, int value, Rng* rng) const {
  const auto& genes = graph().genes;
  architecture[gene] = static_cast<uint8_t>(value);
  for (size_t g = gene + 1; tree_shaped_ && g < genes.size(); ++g) {
    if (genes[g].parent < 0) continue;
    const bool now = active(architecture, g), before = architecture[g] < genes[g].choices;
    if (!now) architecture[g] = static_cast<uint8_t>(genes[g].choices);
    if (!now || before) continue;
    const int free = genes[g].choices - tree_[g].chain;
    const int rank = rng == nullptr ? 0 : static_cast<int>(rng->below(static_cast<uint32_t>(free)));
    architecture[g] = static_cast<uint8_t>(free_value(architecture, g, rank));
  }
  return !chains_ || consistent(architecture);
}

bool Space::mutate(Rng& rng, const uint8_t* architecture, uint8_t* mutant) const {
  for (int tries = 0; tries < kMutations; ++tries) {
    const size_t g = rng.below(static_cast<uint32_t>(genes()));
    const int choices = graph().genes[g].choices;
    if (!active(architecture, g) || choices < 2) continue;
    const int other = static_cast<int>(rng.below(static_cast<uint32_t>(choices - 1)));
    std::copy_n(architecture, genes(), mutant);
    if (set(mutant, g, other + (other >= architecture[g]), &rng) && check(mutant) == 0) return true;
  }
  return false;
}

}  // namespace optiproxy
