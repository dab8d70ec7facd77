// The flat hash set of architectures against the standard library's set.
#include "../core/gene_set.h"

#include <set>

#include "support.h"
#include "test.h"

namespace optiproxy::test {
namespace {

/// An architecture of few values, so that many are met again; every byte counts, the last ones too.
Genes random_genes(Random& random, size_t genes, int values) {
  Genes architecture;
  for (size_t g = 0; g < genes; ++g) architecture.push_back(static_cast<uint8_t>(random.below(values)));
  return architecture;
}

/// What a GeneSet should hold: membership, and the order in which they came.
struct Model {
  std::set<Genes, GenesOrder> known;
  std::vector<Genes> order;

  bool insert(const Genes& architecture) {
    const bool fresh = known.insert(architecture).second;
    if (fresh) order.push_back(architecture);
    return fresh;
  }
  void clear() {
    known.clear();
    order.clear();
  }
};

void check_equal(const GeneSet& set, const Model& model, const std::string& what) {
  CHECK_EQUAL(set.size(), model.order.size());
  Genes all;
  for (size_t i = 0; i < model.order.size(); ++i) {
    CHECK_CASE(std::ranges::equal(set.at(i), model.order[i]), what + " at " + std::to_string(i));
    CHECK_CASE(set.contains(model.order[i].data()), what + " contains " + std::to_string(i));
    all.insert(all.end(), model.order[i].begin(), model.order[i].end());
  }
  CHECK_CASE(std::ranges::equal(set.all(), all), what + " all");
}

}  // namespace

TEST(gene_set_does_what_a_standard_set_does) {
  Random random(31);
  for (size_t genes = 1; genes <= 20; ++genes) {
    for (int values : {2, 5, 255}) {
      const std::string what = "G=" + std::to_string(genes) + " values=" + std::to_string(values);
      GeneSet set(genes);
      Model model;
      check_equal(set, model, what + " empty");
      for (int turn = 0; turn < 1500; ++turn) {
        const int action = random.below(500);
        Genes architecture = random_genes(random, genes, values);
        // Half the time one that came before, or nearly: one byte changed.
        if (!model.order.empty() && action % 2 == 0) {
          architecture = model.order[static_cast<size_t>(random.below(static_cast<int>(model.order.size())))];
          if (action % 4 == 0) {
            uint8_t& gene = architecture[static_cast<size_t>(random.below(static_cast<int>(genes)))];
            gene = static_cast<uint8_t>((gene + 1) % values);
          }
        }
        if (action == 0) {
          check_equal(set, model, what + " before clear");
          set.clear();
          model.clear();
        } else if (action < 200) {
          CHECK_CASE(set.contains(architecture.data()) == model.known.contains(architecture), what);
        } else {
          CHECK_CASE(set.insert(architecture.data()) == model.insert(architecture), what);
          CHECK_CASE(set.contains(architecture.data()), what);
        }
      }
      check_equal(set, model, what);
    }
  }
}

TEST(gene_set_grows_to_many_architectures) {
  constexpr size_t kMany = 100000;
  for (const size_t genes : {size_t{6}, size_t{8}, size_t{13}}) {
    Random random(genes);
    GeneSet set(genes);
    Model model;
    while (model.order.size() < kMany) {
      const Genes architecture = random_genes(random, genes, 8);
      CHECK_EQUAL(set.insert(architecture.data()), model.insert(architecture));
    }
    check_equal(set, model, "grown");
    for (const Genes& architecture : model.order) CHECK(!set.insert(architecture.data()));
    for (int i = 0; i < 20000; ++i) {
      const Genes architecture = random_genes(random, genes, 8);
      CHECK_EQUAL(set.contains(architecture.data()), model.known.contains(architecture));
    }
    set.clear();
    CHECK_EQUAL(set.size(), size_t{0});
    CHECK(std::ranges::none_of(model.order, [&](const Genes& a) { return set.contains(a.data()); }));
    CHECK(set.insert(model.order.back().data()));
    CHECK(std::ranges::equal(set.at(0), model.order.back()));
  }
}

TEST(gene_set_holds_every_value_of_one_gene) {
  GeneSet set(1);
  for (int value = 255; value >= 0; --value) {
    const auto gene = static_cast<uint8_t>(value);
    CHECK(!set.contains(&gene));
    CHECK(set.insert(&gene));
  }
  CHECK_EQUAL(set.size(), size_t{256});
  for (size_t i = 0; i < 256; ++i) CHECK_EQUAL(int{set.at(i)[0]}, 255 - static_cast<int>(i));
}

/// Given as a view of the set's own memory.
TEST(gene_set_takes_an_architecture_of_its_own) {
  GeneSet set(3);
  Random random(7);
  for (int i = 0; i < 200; ++i) set.insert(random_genes(random, 3, 6).data());
  const size_t size = set.size();
  for (size_t i = 0; i < size; ++i) CHECK(!set.insert(set.at(i).data()));
  CHECK_EQUAL(set.size(), size);
}

}  // namespace optiproxy::test
