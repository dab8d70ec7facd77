// How many architectures a space has, each of them by its number, and draws that are uniform over them.
#include <map>

#include "random_program.h"
#include "reference_space.h"
#include "test.h"

namespace optiproxy::test {
namespace {

constexpr ProgramTraits kTiny{.least_nodes = 3, .most_nodes = 5, .most_choices = 3};

std::vector<Genes> consistent_ones(const SpaceProgram& program) {
  std::vector<Genes> all;
  for (const Genes& genes : all_byte_vectors(program.graph)) {
    if (ReferenceSpace(program).consistent(genes)) all.push_back(genes);
  }
  return all;
}

Gene choice(int choices) {
  Gene gene;
  gene.choices = choices;
  return gene;
}

/// A tree: 3 of its 4 roots' values wake subtrees of different sizes; a chain of three distinct genes, the last two of
/// which are there only sometimes and wake a gene by every value.
SpaceProgram tree_with_chain() {
  SpaceProgram space;
  GraphProgram& p = space.graph;
  p.nodes = 1, p.features = 1, p.absent = 0;
  auto wait = [](Gene gene, int parent, ValueSet when) {
    gene.optional = true;
    gene.parent = parent, gene.when = when;
    return gene;
  };
  p.genes = {choice(4), wait(choice(3), 0, ValueSet({1, 2})), wait(choice(2), 1, ValueSet({0})),
             choice(4), wait(choice(4), 0, ValueSet({2, 3})), wait(choice(4), 0, ValueSet({3}))};
  p.genes[4].distinct = 3;
  p.genes[5].distinct = 4;
  p.genes.push_back(wait(choice(2), 5, ValueSet({0, 1, 2, 3})));
  return space;
}

}  // namespace

TEST(space_counts_trees_and_chains_as_worked_by_hand) {
  // Root 0: 1; root 1: 2 + 1 + 1; root 2: 4 * 3; root 3: 3 * (2 * 2).  Times the 4 values of gene 3.
  CHECK_EQUAL(Space(tree_with_chain()).count(), 4.0 * (1 + 4 + 4 * 3 + 3 * 2 * 2));
}

TEST(space_numbers_exactly_the_consistent_encodings) {
  Random random(101);
  std::vector<SpaceProgram> programs{tree_with_chain()};
  for (int i = 0; i < 150; ++i) programs.push_back(small_random_program(kTiny, 20000, random));
  for (const SpaceProgram& program : programs) {
    const Space space(program);
    const std::vector<Genes> wanted = consistent_ones(program);
    CHECK_EQUAL(space.count(), static_cast<double>(wanted.size()));
    std::set<Genes, GenesOrder> numbered;
    for (uint64_t number = 0; number < static_cast<uint64_t>(space.count()); ++number) {
      Genes genes(space.genes(), 77);  // what was there before must not matter
      space.write_numbered(number, genes.data());
      numbered.insert(genes);
    }
    CHECK((numbered == std::set<Genes, GenesOrder>(wanted.begin(), wanted.end())));
  }
}

TEST(space_draws_uniformly_over_encodings) {
  Random random(102);
  std::vector<SpaceProgram> programs{tree_with_chain()};
  while (programs.size() < 40) {
    const SpaceProgram program = small_random_program(kTiny, 3000, random);
    const double count = Space(program).count();
    if (count >= 6 && count <= 400) programs.push_back(program);
  }
  int trees = 0, chains = 0;
  for (const SpaceProgram& program : programs) {
    const Space space(program);
    std::map<Genes, int, GenesOrder> seen;
    for (const Genes& genes : consistent_ones(program)) seen[genes] = 0;
    const size_t all = seen.size();
    Rng rng({5, Purpose::kUniform, 0, 0, 0});
    for (size_t draw = 0; draw < 50 * all; ++draw) {
      Genes genes(space.genes(), 77);
      space.draw(rng, genes.data());
      ++seen[genes];
    }
    CHECK_EQUAL(seen.size(), all);  // and nothing else
    std::vector<int> counts;
    for (const auto& [genes, count] : seen) counts.push_back(count);
    CHECK_CASE(plausible(chi_square(counts), all - 1), text(chi_square(counts)) + " with " + text(all - 1));
    for (const Gene& gene : program.graph.genes) trees += gene.parent >= 0, chains += gene.distinct >= 0;
  }
  CHECK_CASE(trees >= 20 && chains >= 5, text(trees) + ", " + text(chains));
}

TEST(space_refuses_chains_that_nothing_meets) {
  auto refuse = [](const char* message, auto change) {
    SpaceProgram program = tree_with_chain();
    change(program.graph.genes);
    CHECK_THROWS(Space{program}, message);
  };
  refuse("program.genes[5]: no value is left that is distinct", [](auto& genes) {
    for (size_t g : {size_t{3}, size_t{4}, size_t{5}}) genes[g].choices = 2;
  });
  const char* absent =
      "program.genes[5].distinct: expected a gene with no more values that is there whenever this one is";
  refuse(absent, [](auto& genes) { genes[5].when = ValueSet({1, 3}); });
  refuse(absent, [](auto& genes) { genes[5].parent = 1, genes[5].when = ValueSet({0}); });
  refuse(absent, [](auto& genes) { genes[4].choices = 5; });
  refuse("program.genes[5]: a distinct gene cannot wake others by some values only", [](auto& genes) {
    genes[6].when = ValueSet({0, 1});
  });
}

}  // namespace optiproxy::test
