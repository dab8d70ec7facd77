// Graph batches and search spaces compiled to programs.
#include <set>

#include "../core/graph.h"
#include "support.h"
#include "test.h"

namespace optiproxy::test {

TEST(graph_batch_normalises_as_worked_by_hand) {
  // 0 -> 1, 0 -> 2, 1 -> 2.  out's rows: thirds, halves, one; back's rows: 1 | 1/3 and 1/2 | 1/3, 1/2 and 1, each over
  // its sum.
  const std::vector<float> adjacency = {0, 1, 1, 0, 0, 1, 0, 0, 0}, x = {1, 2, 3};
  const std::vector<int32_t> sizes = {3};
  const GraphBatch batch = make_graph_batch(1, 3, 1, adjacency, x, sizes);
  const double third = 1.0 / 3, half = 0.5;
  const Numbers out = {third, third, third, 0, half, half, 0, 0, 1};
  const Numbers back = {1, 0, 0, 0.4, 0.6, 0, third / (11.0 / 6), half / (11.0 / 6), 6.0 / 11};
  CHECK(relative_error(batch.out, out) < 1e-6);
  CHECK(relative_error(batch.back, back) < 1e-6);
  CHECK(batch.x == x && batch.sizes == sizes && !batch.shared_topology);
}

TEST(graph_batch_refuses_lengths_and_sizes) {
  const std::vector<float> adjacency(8), x(6);
  auto make = [&](std::vector<int32_t> sizes, size_t a, size_t b) {
    make_graph_batch(2, 2, 1, std::span(adjacency).first(a), std::span(x).first(b), sizes);
  };
  make({1, 2}, 8, 4);
  CHECK_THROWS(make({1, 2}, 7, 4), "lengths do not match");
  CHECK_THROWS(make({1, 2}, 8, 5), "lengths do not match");
  CHECK_THROWS(make({1}, 8, 4), "lengths do not match");
  CHECK_THROWS(make({1, 3}, 8, 4), "outside 1..nodes");
  CHECK_THROWS(make({0, 1}, 8, 4), "outside 1..nodes");
}

TEST(program_refuses_what_is_not_sound) {
  const GraphProgram sound = free_program(3, 4).graph();
  sound.check();
  auto refuse = [&](const char* message, auto change) {
    GraphProgram program = sound;
    change(program);
    CHECK_THROWS(program.check(), message);
  };
  refuse("program.nodes: expected 1..256, given 0", [](GraphProgram& p) { p.nodes = 0; });
  refuse("program.nodes: expected 1..256, given 257", [](GraphProgram& p) { p.nodes = 257; });
  refuse("program.features: expected 1..4096", [](GraphProgram& p) { p.features = 0; });
  refuse("program.absent: out of range", [](GraphProgram& p) { p.absent = 6; });
  refuse("expected 1..4096 genes, given 0", [](GraphProgram& p) { p.genes.clear(); });
  refuse("genes[0].choices: expected 1..255", [](GraphProgram& p) { p.genes[0].choices = 256; });
  refuse("genes[0].choices: expected 1..255", [](GraphProgram& p) { p.genes[0].choices = 0; });
  refuse("genes[3]: expected 2 choices of a bit", [](GraphProgram& p) { p.genes[3].choices = 3; });
  refuse("genes[1].parent: expected an earlier gene", [](GraphProgram& p) { p.genes[1].parent = 1; });
  refuse("genes[1]: a gene with a parent must be optional", [](GraphProgram& p) { p.genes[1].parent = 0; });
  refuse("genes[1].distinct: expected an earlier gene", [](GraphProgram& p) { p.genes[1].distinct = 1; });
  refuse("genes[1].node: out of range", [](GraphProgram& p) { p.genes[1].node = 5; });
  refuse("genes[1]: an optional gene needs", [](GraphProgram& p) { p.genes[1].optional = true; });
  refuse("picks <= inputs", [](GraphProgram& p) { p.genes[1].kind = GeneKind::kSubset; });
  refuse("expected the number of subsets", [](GraphProgram& p) {
    p.genes[1].kind = GeneKind::kSubset;
    p.genes[1].inputs = 4, p.genes[1].picks = 2;
  });
  refuse("featureUses: expected one column for each choice",
         [](GraphProgram& p) { p.feature_uses[0].columns.pop_back(); });
  refuse("featureUses: a feature is out of range", [](GraphProgram& p) { p.feature_uses[0].columns[0] = 6; });
  refuse("featureUses: a feature is out of range", [](GraphProgram& p) { p.feature_uses[0].columns[0] = -1; });
  refuse("featureUses: a node is out of range", [](GraphProgram& p) { p.feature_uses[0].node = 5; });
  refuse("featureUses: a gene is out of range", [](GraphProgram& p) { p.feature_uses[0].gene = 99; });
  refuse("featureUses: a gene and node stand twice", [](GraphProgram& p) { p.feature_uses[1] = p.feature_uses[0]; });
  refuse("fixedFeatures: a node or feature is out of range", [](GraphProgram& p) { p.fixed_features[0] = {5, 0}; });
  refuse("fixedFeatures: a node or feature is out of range", [](GraphProgram& p) { p.fixed_features[0] = {0, 6}; });
  refuse("an edge is out of range or a loop", [](GraphProgram& p) { p.edges[0] = {0, 5}; });
  refuse("an edge is out of range or a loop", [](GraphProgram& p) { p.edges[0] = {-1, 0}; });
  refuse("an edge is out of range or a loop", [](GraphProgram& p) { p.edges[0] = {2, 2}; });
  refuse("the gene of an edge is out of range", [](GraphProgram& p) { p.edges[0].gene = 99; });
  refuse("the role of an edge", [](GraphProgram& p) { p.edges[0].role = 4; });
  refuse("stands twice", [](GraphProgram& p) { p.edges.push_back(p.edges[0]); });
  refuse("stands twice", [](GraphProgram& p) { p.edges.push_back(p.edges.back()); });
}

TEST(subsets_come_in_lexicographic_order) {
  CHECK((subset_members(4, 2) == std::vector<uint8_t>{0, 1, 0, 2, 0, 3, 1, 2, 1, 3, 2, 3}));
  CHECK((subset_members(3, 1) == std::vector<uint8_t>{0, 1, 2}));
  CHECK((subset_members(3, 3) == std::vector<uint8_t>{0, 1, 2}));
}

TEST(program_counts_its_architectures) {
  const SimpleProgram program = free_program(2, 3);
  CHECK_EQUAL(program.genes(), 2 + 3);
  CHECK_EQUAL(program.values(1), 3);
  CHECK_EQUAL(program.values(2), 2);
  CHECK_EQUAL(program.count(), 9.0 * 8);
  CHECK_CLOSE(chain_program(60, 5).count() / std::pow(5.0, 60), 1, 1e-12);  // past 2^53 it is rounded
}

TEST(program_numbers_each_architecture_once) {
  for (const SimpleProgram& program : {free_program(2, 3), free_program(3, 2), chain_program(3, 5),
                                       chain_program(1, 255), chain_program(4, 1), free_program(1, 1)}) {
    const Genes all = all_architectures(program);
    const Space space = program;
    const auto genes = static_cast<size_t>(program.genes());
    CHECK_EQUAL(static_cast<double>(all.size() / genes), program.count());
    Genes numbered(all.size());
    std::set<Genes, GenesOrder> distinct;
    for (size_t number = 0; number * genes < all.size(); ++number) {
      space.write_numbered(number, numbered.data() + number * genes);
      distinct.emplace(numbered.begin() + static_cast<std::ptrdiff_t>(number * genes),
                       numbered.begin() + static_cast<std::ptrdiff_t>((number + 1) * genes));
    }
    CHECK(numbered == all);
    CHECK_EQUAL(distinct.size() * genes, all.size());
    space.graph().check_genes(numbered);
  }
  // Past 32 bits: 5^20 of them; the last one has the last value everywhere, the one before it only in gene 0 another.
  const Space large = chain_program(20, 5);
  const auto last = static_cast<uint64_t>(large.count()) - 1;
  Genes end(20), before(20);
  large.write_numbered(last, end.data());
  large.write_numbered(last - 1, before.data());
  CHECK(end == Genes(20, 4));
  CHECK_EQUAL(int{before[0]}, 3);
  CHECK(std::equal(before.begin() + 1, before.end(), end.begin() + 1));
}

TEST(program_refuses_genes_out_of_range) {
  const GraphProgram program = free_program(2, 3).graph();
  program.check_genes(std::vector<uint8_t>{});
  program.check_genes(std::vector<uint8_t>{0, 2, 1, 0, 1, 2, 2, 1, 1, 1});
  CHECK_THROWS(program.check_genes(std::vector<uint8_t>{0, 2, 1, 0}), "genes: expected a multiple of 5 bytes, given 4");
  CHECK_THROWS(program.check_genes(std::vector<uint8_t>{0, 3, 1, 0, 1}),
               "gene 1 of architecture 0: expected 0..2, given 3");
  CHECK_THROWS(program.check_genes(std::vector<uint8_t>{0, 2, 1, 0, 1, 0, 0, 0, 0, 2}),
               "gene 4 of architecture 1: expected 0..1, given 2");
}

TEST(program_encodes_as_worked_by_hand) {
  // Nodes 0..3: input (feature 0), two free nodes with choices 1..2, output (feature 3).  Fixed: 0 -> 1 -> 2 -> 3;
  // free, in order: 0 -> 2, 0 -> 3, 1 -> 3.
  const SimpleProgram program = free_program(2, 2);
  const std::vector<uint8_t> genes = {0, 1, 1, 0, 0, /* */ 1, 1, 0, 1, 1};
  const GraphBatch batch = program.encode(genes);
  const std::vector<float> x = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1,  //
                                1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1};
  CHECK(batch.x == x);
  CHECK(batch.graphs == 2 && batch.nodes == 4 && batch.features == 4 && !batch.shared_topology);
  CHECK((batch.sizes == std::vector<int32_t>{4, 4}));
  const Numbers adjacency = {0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0,  //
                             0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0};
  const Sides sides = reference_normalise(2, 4, adjacency);
  CHECK(relative_error(batch.out, sides.out) < 1e-6);
  CHECK(relative_error(batch.back, sides.back) < 1e-6);
}

TEST(program_without_free_edges_shares_one_topology) {
  const SimpleProgram program = chain_program(3, 2);
  const GraphBatch batch = program.encode(std::vector<uint8_t>{0, 1, 0, 1, 1, 1});
  CHECK(batch.shared_topology);
  CHECK_EQUAL(batch.out.size(), size_t{25});
  CHECK(batch.out_of(1) == batch.out.data() && batch.back_of(1) == batch.back.data());
  CHECK_EQUAL(program.encode(std::vector<uint8_t>{}).graphs, 0);
}

}  // namespace optiproxy::test
