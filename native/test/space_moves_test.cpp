// Changes of one gene: what they wake and put to sleep, which there are, and that all of them are found.
#include "random_program.h"
#include "reference_space.h"
#include "test.h"

namespace optiproxy::test {
namespace {

using Set = std::set<Genes, GenesOrder>;
constexpr ProgramTraits kTiny{.least_nodes = 3, .most_nodes = 5, .most_choices = 3};

Genes drawn(const Space& space, Rng& rng) {
  Genes genes(space.genes(), 77);
  space.draw(rng, genes.data());
  return genes;
}

/// Whether one gene has a new value and all others that are there before and after are as before.
bool one_apart(const ReferenceSpace& space, const Genes& a, const Genes& b) {
  int changed = 0;
  for (size_t g = 0; g < a.size(); ++g) changed += space.active(a, g) && space.active(b, g) && a[g] != b[g];
  return changed == 1;
}

bool wakes(const ReferenceSpace& space, const Genes& before, const Genes& after) {
  for (size_t g = 0; g < before.size(); ++g) {
    if (!space.active(before, g) && space.active(after, g)) return true;
  }
  return false;
}

Set valid_ones(const SpaceProgram& program) {
  Set all;
  for (const Genes& genes : all_byte_vectors(program.graph)) {
    if (ReferenceSpace(program).valid(genes)) all.insert(genes);
  }
  return all;
}

}  // namespace

TEST(space_sets_a_gene_and_what_depends_on_it) {
  Random random(121);
  int woken = 0, asleep = 0, refused = 0;
  for (int i = 0; i < 300; ++i) {
    const SpaceProgram program = random_program({.least_nodes = 3, .most_nodes = 8}, random);
    const Space space(program);
    const ReferenceSpace reference(program);
    Rng rng({static_cast<uint64_t>(i), Purpose::kUniform, 0, 0, 0}), fresh({1, Purpose::kMutate, 0, 0, 0});
    for (int draw = 0; draw < 5; ++draw) {
      const Genes before = drawn(space, rng);
      for (size_t g = 0; g < before.size(); ++g) {
        if (!reference.active(before, g)) continue;
        for (int value = 0; value < program.graph.genes[g].choices; ++value) {
          Genes after = before;
          after[g] = static_cast<uint8_t>(value);
          const bool possible = !reference.clashes(after, g);
          after = before;
          const bool any = draw % 2 == 0;
          CHECK_EQUAL(space.set(after.data(), g, value, any ? &fresh : nullptr), possible);
          refused += !possible;
          if (!possible) continue;
          CHECK(reference.consistent(after));
          CHECK_EQUAL(int{after[g]}, value);
          for (size_t other = 0; other < before.size(); ++other) {
            const bool was = reference.active(before, other), is = reference.active(after, other);
            if (was && is && other != g) CHECK_EQUAL(int{after[other]}, int{before[other]});
            asleep += was && !is, woken += is && !was;
            if (was || !is || any) continue;
            // The first value that is free: all lower ones are taken.
            for (uint8_t lower = 0; lower < after[other]; ++lower) {
              Genes tried = after;
              tried[other] = lower;
              CHECK(reference.clashes(tried, other));
            }
          }
        }
      }
    }
  }
  CHECK(woken > 500 && asleep > 500 && refused > 500);
}

TEST(space_neighbours_are_all_that_differ_in_one_gene) {
  Random random(122);
  int found = 0, waking = 0;
  for (int i = 0; i < 150; ++i) {
    const SpaceProgram program = small_random_program(kTiny, 2000, random);
    const Space space(program);
    const ReferenceSpace reference(program);
    const Set valid = valid_ones(program);
    Rng rng({static_cast<uint64_t>(i), Purpose::kUniform, 0, 0, 0});
    for (int draw = 0; draw < 6; ++draw) {
      const Genes centre = drawn(space, rng);  // valid or not
      Set near;
      space.for_neighbours(centre.data(), [&](const uint8_t* genes) {
        const Genes neighbour(genes, genes + centre.size());
        CHECK(near.insert(neighbour).second);
        CHECK(valid.contains(neighbour) && one_apart(reference, centre, neighbour));
        waking += wakes(reference, centre, neighbour);
      });
      for (const Genes& other : valid) {
        if (one_apart(reference, centre, other) && !wakes(reference, centre, other)) CHECK(near.contains(other));
      }
      found += static_cast<int>(near.size());
    }
  }
  CHECK(found > 2000 && waking > 100);
}

TEST(space_mutates_to_every_neighbour_and_to_nothing_else) {
  Random random(123);
  int sizes = 0;
  for (int i = 0; i < 40; ++i) {
    const SpaceProgram program = small_random_program(kTiny, 600, random);
    const Space space(program);
    const ReferenceSpace reference(program);
    const Set valid = valid_ones(program);
    if (valid.empty()) continue;
    const Genes& centre = *std::next(valid.begin(), random.below(static_cast<int>(valid.size())));
    Set wanted, reached;  // with every value of what is woken
    for (const Genes& other : valid) {
      if (one_apart(reference, centre, other)) wanted.insert(other);
    }
    Rng rng({9, Purpose::kMutate, 0, 0, static_cast<uint32_t>(i)});
    Genes mutant(space.genes(), 77);
    for (int tries = 0; tries < (wanted.empty() ? 3 : 4000); ++tries) {
      const bool moved = space.mutate(rng, centre.data(), mutant.data());
      CHECK_EQUAL(moved, !wanted.empty());
      if (moved) reached.insert(mutant);
    }
    CHECK(reached == wanted);
    sizes += static_cast<int>(wanted.size());
  }
  CHECK_CASE(sizes > 150, text(sizes));
}

TEST(space_mutation_ends_where_there_is_no_other) {
  const Space single(chain_program(3, 1).graph());
  Rng rng({1, Purpose::kMutate, 0, 0, 0});
  const Genes only(3, 0);
  Genes mutant(3);
  CHECK(!single.mutate(rng, only.data(), mutant.data()));
}

}  // namespace optiproxy::test
