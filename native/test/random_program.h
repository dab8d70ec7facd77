// Random search spaces of every kind that src/space compiles: a section of nodes whose operations, presence and inputs
// genes decide, and nodes around it.
#pragma once

#include "support.h"

namespace optiproxy::test {

struct ProgramTraits {
  int least_nodes = 3, most_nodes = 12;
  int most_choices = 4;
  int most_slots = 3;
  bool outside = true;      // nodes that no section accounts for
  bool constraints = true;  // sections refuse some architectures, and so do counts of values
  Isomorphism isomorphism = Isomorphism::kEncoding;
};

SpaceProgram random_program(const ProgramTraits& traits, Random& random);

/// Byte vectors in range of every gene, absent or not; infinite past 2^53.
double byte_vectors(const GraphProgram& program);
/// All of them.
std::vector<Genes> all_byte_vectors(const GraphProgram& program);

/// The next random program with at most `most` byte vectors, and not much fewer: those are mostly of one or two genes.
SpaceProgram small_random_program(const ProgramTraits& traits, double most, Random& random);

/// As the proxy gets them: drawn, then normalised.  (n, G)
Genes drawn_architectures(const Space& space, size_t count, uint64_t seed);

/// Any graph of `nodes` nodes with `choices` operations on the inner ones, as in NAS-Bench-101.
SpaceProgram matrix_space(int nodes, int choices, bool prune);
/// Operations on the edges of a cell, as in NAS-Bench-201; operation 0 is zero, 1 the identity.
SpaceProgram edge_cell_space(int vertices, int choices, Isomorphism isomorphism);

}  // namespace optiproxy::test
