// Cells with operations on their edges: which compute the same, against texts and sets.
#include "../core/expression.h"

#include <map>
#include <set>

#include "random_program.h"
#include "test.h"

namespace optiproxy::test {
namespace {

struct Named {
  EdgeCell cell;
  std::vector<std::string> names;  // of the operations
};

/// NAS-Bench-201's to_unique_str, as Dong & Yang wrote it: `zeros` is its consider_zero.
std::string unique_text(const Named& named, const Genes& genes, bool zeros) {
  std::vector<std::string> nodes{"0"};
  for (int to = 1; to < named.cell.vertices; ++to) {
    std::vector<std::string> terms;
    for (const EdgeCell::Edge& e : named.cell.edges) {
      if (e.to != to) continue;
      const int operation = genes[static_cast<size_t>(e.gene)];
      const std::string& from = nodes[static_cast<size_t>(e.from)];
      if (zeros && (operation == named.cell.zero || from == "#"))
        terms.push_back("#");
      else if (operation == named.cell.identity)
        terms.push_back(from);
      else
        terms.push_back("(" + from + ")@" + named.names[static_cast<size_t>(operation)]);
    }
    std::ranges::sort(terms);
    std::string sum;
    for (size_t i = 0; i < terms.size(); ++i) sum += (i > 0 ? "+" : "") + terms[i];
    nodes.push_back(sum);
  }
  return nodes.back();
}

/// What a cell computes: a sum of terms, each the input or an operation of a sum.
std::string computed_text(const Named& named, const Genes& genes) {
  std::vector<std::multiset<std::string>> sums{{"x"}};
  auto written = [](const std::multiset<std::string>& sum) {
    std::string all = "{";
    for (const std::string& term : sum) all += term + ",";
    return all + "}";
  };
  for (int to = 1; to < named.cell.vertices; ++to) {
    std::multiset<std::string> sum;
    for (const EdgeCell::Edge& e : named.cell.edges) {
      const int operation = genes[static_cast<size_t>(e.gene)];
      if (e.to != to || operation == named.cell.zero) continue;
      const auto& from = sums[static_cast<size_t>(e.from)];
      if (from.empty()) continue;
      if (operation == named.cell.identity)
        sum.insert(from.begin(), from.end());
      else
        sum.insert(named.names[static_cast<size_t>(operation)] + written(from));
    }
    sums.push_back(sum);
  }
  return written(sums.back());
}

/// Keys and texts are one to one; returns how many there are.
template <typename KeyOf, typename TextOf>
size_t check_pairs(const std::vector<Genes>& architectures, KeyOf key_of, TextOf text_of) {
  std::map<std::string, Key> of_text;
  std::set<Key> keys;
  for (const Genes& genes : architectures) {
    const Key key = key_of(genes);
    const auto [entry, fresh] = of_text.emplace(text_of(genes), key);
    CHECK_CASE(entry->second == key, entry->first);
    CHECK_CASE(keys.insert(key).second == fresh, entry->first);
  }
  return keys.size();
}

struct Classes {
  size_t skips, zeros, computation;
};

Classes check_cell(const Named& named, const std::vector<Genes>& architectures) {
  const EdgeCell& cell = named.cell;
  auto texts = [&](bool zeros) {
    return check_pairs(
        architectures, [&](const Genes& g) { return text_key(cell, g.data(), zeros); },
        [&](const Genes& g) { return unique_text(named, g, zeros); });
  };
  return {texts(false), texts(true),
          check_pairs(
              architectures, [&](const Genes& g) { return computation_key(cell, g.data()); },
              [&](const Genes& g) { return computed_text(named, g); })};
}

Named nasbench201() {
  Named named{edge_cell_space(4, 5, Isomorphism::kComputation).edge_cells[0],
              {"none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"}};
  named.cell.ranks = {1, 4, 2, 3, 0};
  return named;
}

}  // namespace

TEST(expressions_of_nasbench201_are_as_many_as_published) {
  const std::vector<Genes> all = all_byte_vectors(chain_program(6, 5).graph());
  const Classes classes = check_cell(nasbench201(), all);
  CHECK_EQUAL(classes.skips, size_t{12751});
  CHECK_EQUAL(classes.zeros, size_t{6466});
  CHECK_EQUAL(classes.computation, size_t{4930});
}

TEST(expressions_of_random_cells_match_texts) {
  Random random(141);
  size_t merged = 0, total = 0;
  for (int i = 0; i < 150; ++i) {
    Named named;
    const int operations = 2 + random.below(4);
    named.cell.vertices = 2 + random.below(7);
    named.cell.zero = random.below(operations + 1) - 1;
    named.cell.identity = random.below(operations + 1) - 1;
    if (named.cell.identity == named.cell.zero) named.cell.identity = -1;
    // Names of one letter, in no order.
    std::string letters = "abcde";
    for (size_t l = letters.size(); l > 1; --l)
      std::swap(letters[l - 1], letters[static_cast<size_t>(random.below(static_cast<int>(l)))]);
    for (int o = 0; o < operations; ++o) {
      const char letter = letters[static_cast<size_t>(o)];
      named.names.emplace_back(1, letter);
      const std::string used = letters.substr(0, static_cast<size_t>(operations));
      named.cell.ranks.push_back(static_cast<int>(std::ranges::count_if(used, [&](char c) { return c < letter; })));
    }
    int genes = 0;
    const bool all_edges = random.below(2) == 0;
    for (int to = 1; to < named.cell.vertices; ++to) {
      for (int from = 0; from < to; ++from) {
        if (all_edges || random.below(3) > 0) named.cell.edges.push_back({from, to, genes++});
      }
    }
    if (genes == 0) continue;
    // Mostly zeros and identities, or hardly any two cells are the same.
    std::vector<Genes> some;
    for (int n = 0; n < 400; ++n) {
      Genes one;
      for (int g = 0; g < genes; ++g) {
        const int usual = random.below(2) == 0 ? named.cell.zero : named.cell.identity;
        one.push_back(static_cast<uint8_t>(usual >= 0 && random.below(4) > 0 ? usual : random.below(operations)));
      }
      some.push_back(one);
    }
    const Classes classes = check_cell(named, some);
    CHECK(classes.zeros <= classes.skips);
    merged += some.size() - classes.computation;
    total += some.size();
  }
  CHECK(merged > total / 10 && merged < total);
}

TEST(space_keys_of_cells_are_those_of_their_expressions) {
  for (const auto& [rule, wanted] : {std::pair{Isomorphism::kEncoding, size_t{15625}},
                                     {Isomorphism::kSkips, size_t{12751}},
                                     {Isomorphism::kZeros, size_t{6466}},
                                     {Isomorphism::kComputation, size_t{4930}}}) {
    SpaceProgram program = edge_cell_space(4, 5, rule);
    program.edge_cells[0].ranks = nasbench201().cell.ranks;
    const Space space(program);
    std::set<Key> keys;
    for (const Genes& genes : all_byte_vectors(program.graph)) keys.insert(space.key(genes.data()));
    CHECK_EQUAL(keys.size(), wanted);
  }
}

TEST(space_drops_the_operations_of_cells_that_have_no_effect) {
  const EdgeCell cell = nasbench201().cell;
  const auto computed = [&](const Genes& genes) { return computation_key(cell, genes.data()); };
  SpaceProgram program = edge_cell_space(4, 5, Isomorphism::kEncoding);
  program.edge_cells = {cell};
  const Space space(program);
  CHECK(space.normalises());
  std::set<Key> keys;
  std::set<Genes, GenesOrder> forms;
  for (const Genes& genes : all_byte_vectors(program.graph)) {
    Genes normal(genes.size());
    space.normalise(genes.data(), normal.data());
    CHECK(computed(normal) == computed(genes));
    for (size_t g = 0; g < genes.size(); ++g) {
      bool matters = false;
      Genes other = genes;
      for (other[g] = 0; other[g] < 5; ++other[g]) matters |= computed(other) != computed(genes);
      CHECK_EQUAL(int{normal[g]}, matters ? int{genes[g]} : cell.zero);
    }
    keys.insert(space.key(genes.data()));
    forms.insert(normal);
  }
  // Each is a query of its own all the same.
  CHECK_EQUAL(keys.size(), size_t{15625});
  CHECK(forms.size() > 4930 && forms.size() < 12751);
  program.isomorphism = Isomorphism::kComputation;
  CHECK(!Space(program).normalises());
}

TEST(space_keys_tell_cells_and_what_is_beside_them_apart) {
  // Two cells of one edge and a choice of the whole network.
  SpaceProgram program;
  program.graph = chain_program(3, 3).graph();
  const EdgeCell cell{.vertices = 2, .edges = {{0, 1, 0}}, .zero = 0, .identity = 1, .ranks = {0, 1, 2}};
  program.edge_cells = {cell, cell};
  program.edge_cells[1].edges[0].gene = 2;
  program.isomorphism = Isomorphism::kComputation;
  const Space space(program);
  std::set<Key> keys;
  for (const Genes& genes : all_byte_vectors(program.graph)) keys.insert(space.key(genes.data()));
  CHECK_EQUAL(keys.size(), size_t{27});
}

TEST(space_refuses_cells_that_are_not_sound) {
  auto refuse = [](const char* message, auto change) {
    SpaceProgram program = edge_cell_space(4, 5, Isomorphism::kComputation);
    change(program.edge_cells[0]);
    CHECK_THROWS(Space{program}, message);
  };
  refuse("expected 2..8 vertices", [](EdgeCell& c) { c.vertices = 9; });
  refuse("expected edges from lower to higher vertices", [](EdgeCell& c) { c.edges[2] = {2, 1, 2}; });
  refuse("expected edges from lower to higher vertices", [](EdgeCell& c) { c.edges[2].gene = 6; });
  refuse("expected edges by `to`, then by `from`, each once", [](EdgeCell& c) { std::swap(c.edges[1], c.edges[2]); });
  refuse("expected edges by `to`, then by `from`, each once", [](EdgeCell& c) { c.edges[2] = c.edges[1]; });
  refuse("expected a rank for each choice", [](EdgeCell& c) { c.ranks.pop_back(); });
  SpaceProgram sometimes = edge_cell_space(4, 5, Isomorphism::kComputation);
  sometimes.graph.absent = 0;
  sometimes.graph.genes[3].optional = true;
  CHECK_THROWS(Space{sometimes}, "expected a rank for each choice, and genes that are always there");
  SpaceProgram none = matrix_space(4, 2, true);
  none.isomorphism = Isomorphism::kSkips;
  CHECK_THROWS(Space{none}, "program.isomorphism: expected a cell with operations on its edges");
}

}  // namespace optiproxy::test
