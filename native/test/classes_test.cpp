// Rows of the first layer that repeat: found, numbered, and worth the same as rows that are computed one by one.
#include <numeric>

#include "../cpu/gcn.h"
#include "../cpu/isa.h"
#include "support.h"
#include "test.h"

namespace optiproxy::test {
namespace {

GraphBatch random_batch(const SimpleProgram& program, int count, Random& random) {
  Genes genes;
  for (int i = 0; i < count * program.genes(); ++i) {
    genes.push_back(static_cast<uint8_t>(random.below(program.values(i % program.genes()))));
  }
  return program.encode(genes);
}

struct Pass {
  std::vector<float> prediction, gradient;
};

/// Forward and backward of the graphs `index` of a batch, by classes or by dense rows.
Pass pass(const ModelConfig& model, const GraphBatch& all, const std::vector<int32_t>& index, bool by_classes) {
  const ParameterLayout layout(model);
  std::vector<float> parameters = random_parameters(model, 3);
  cpu::NetworkWeights weights(layout, cpu::select_kernels(), parameters.data());
  weights.transpose();
  cpu::Gcn gcn(model, layout, cpu::select_kernels());
  const cpu::Topology topology(all);
  const cpu::RowClasses classes(all, topology);
  CHECK(classes.usable());
  cpu::BatchClasses batch;
  const auto row = static_cast<size_t>(all.nodes * all.features);
  std::vector<float> x;
  std::vector<int32_t> sizes;
  for (int32_t g : index) {
    const auto at = all.x.begin() + static_cast<std::ptrdiff_t>(static_cast<size_t>(g) * row);
    x.insert(x.end(), at, at + static_cast<std::ptrdiff_t>(row));
    sizes.push_back(all.sizes[static_cast<size_t>(g)]);
  }
  const int count = static_cast<int>(index.size());
  // Another minibatch first: what it leaves behind may not count.
  const std::vector<int32_t> other = {all.graphs - 1};
  batch.assign(classes, other.data(), 1);
  batch.assign(classes, index.data(), count);
  const cpu::NetworkInput input{.graphs = count,
                                .nodes = all.nodes,
                                .sizes = sizes.data(),
                                .topology = &topology,
                                .index = index.data(),
                                .x = by_classes ? nullptr : x.data(),
                                .classes = by_classes ? &batch : nullptr};
  const cpu::Dropout dropout{0.1f, 5, 1, 2, 3};
  Pass result{std::vector<float>(index.size() * static_cast<size_t>(model.outputs)),
              std::vector<float>(layout.size(), NAN)};
  Random random(4);
  gcn.forward(weights, input, &dropout, result.prediction.data());
  const std::vector<float> slope = random.normals(result.prediction.size());
  gcn.backward(weights, input, slope.data(), {.parameters = result.gradient.data()});
  return result;
}

}  // namespace

TEST(classes_give_what_dense_rows_give) {
  Random random(1);
  for (const SimpleProgram& program : {chain_program(6, 5), free_program(4, 3)}) {
    for (int hidden : {5, 48, 144}) {
      for (int layers : {1, 2, 3}) {
        const ModelConfig model{program.features, hidden, layers, 2};
        const GraphBatch all = random_batch(program, 40, random);
        std::vector<int32_t> index;
        for (int i = 0; i < 20; ++i) index.push_back(random.below(all.graphs));
        const Pass by_classes = pass(model, all, index, true), dense = pass(model, all, index, false);
        CHECK(relative_error(by_classes.prediction, doubles(dense.prediction)) < 1e-5);
        CHECK(relative_error(by_classes.gradient, doubles(dense.gradient)) < 1e-5);
      }
    }
  }
}

TEST(classes_are_as_few_as_the_distinct_neighbourhoods) {
  Random random(2);
  // A chain in - a - b - c - out of 3 operations: against an edge a row knows its node and the one before.
  const SimpleProgram program = chain_program(3, 3);
  const GraphBatch all = program.encode(all_architectures(program));
  const cpu::RowClasses classes(all, cpu::Topology(all));
  CHECK(classes.usable());
  CHECK_EQUAL(all.graphs, 27);
  // Backwards: in; a after in; b after a and c after b, which are alike; out after c.
  CHECK_EQUAL(classes.count(cpu::kBack), 1 + 3 + 9 + 3);
  CHECK_EQUAL(classes.count(cpu::kOut), 3 + 9 + 3 + 1);
}

TEST(dense_features_have_no_classes) {
  Random random(3);
  const GraphBatch soft = batch_of(random_graphs(random, 30, 6, 7, true));
  CHECK(!cpu::RowClasses(soft, cpu::Topology(soft)).usable());
}

}  // namespace optiproxy::test
