// What architectures have in common: labels against strings, flows against all walks, similarities against both.
#include "../core/similarity.h"

#include <map>
#include <numeric>

#include "../core/graph_flow.h"
#include "random_program.h"
#include "reference_kernel.h"
#include "test.h"

namespace optiproxy::test {
namespace {

std::vector<uint64_t> labels_of(const GraphProgram& program, const uint8_t* genes) {
  std::vector<uint64_t> labels(kLabelDepths * static_cast<size_t>(program.nodes), 77);
  graph_labels(program, genes, labels);
  return labels;
}

/// Spaces with and without free edges, pruning, genes that depend on others.
std::vector<Space> several_spaces() {
  std::vector<Space> spaces{chain_program(4, 3), free_program(4, 3), alike_program(3, 3),
                            Space(matrix_space(6, 3, true)), Space(edge_cell_space(4, 5, Isomorphism::kEncoding))};
  Random random(211);
  for (int i = 0; i < 12; ++i) spaces.emplace_back(random_program({}, random));
  return spaces;
}

std::vector<float> similarities_of(const Similarity& similarity, const uint8_t* genes) {
  std::vector<float> all(kViews * similarity.size(), -1.0f);
  similarity.compare(genes, all);
  return all;
}

/// Nodes in a line, each leading to the next.
GraphProgram line(std::vector<NodeFeature> features) {
  GraphProgram program;
  program.nodes = static_cast<int>(features.size());
  program.features = 8;
  program.fixed_features = std::move(features);
  for (int i = 0; i + 1 < program.nodes; ++i) program.edges.push_back({.from = i, .to = i + 1});
  return program;
}

}  // namespace

TEST(labels_are_equal_where_the_surroundings_are) {
  for (const Space& space : several_spaces()) {
    const Genes some = drawn_architectures(space, 30, 1);
    std::map<std::string, uint64_t> label_of;
    std::map<uint64_t, std::string> text_of;
    for (size_t at = 0; at < some.size(); at += space.genes()) {
      const auto given = labels_of(space.graph(), some.data() + at);
      const auto wanted = reference_labels(space.graph(), some.data() + at);
      for (size_t i = 0; i < given.size(); ++i) {
        CHECK_EQUAL(given[i] == 0, wanted[i].empty());
        CHECK_EQUAL(label_of.try_emplace(wanted[i], given[i]).first->second, given[i]);
        CHECK_EQUAL(text_of.try_emplace(given[i], wanted[i]).first->second, wanted[i]);
      }
    }
  }
}

TEST(labels_know_no_order_of_nodes) {
  Random random(212);
  for (const Space& space : several_spaces()) {
    const Genes genes = drawn_architectures(space, 1, 2);
    const GraphProgram& program = space.graph();
    std::vector<int> order(static_cast<size_t>(program.nodes));
    std::iota(order.begin(), order.end(), 0);
    for (size_t i = order.size(); i > 1; --i)
      std::swap(order[i - 1], order[static_cast<size_t>(random.below(static_cast<int>(i)))]);
    const auto renamed = [&](int32_t node) { return order[static_cast<size_t>(node)]; };
    GraphProgram other = program;
    for (NodeFeature& f : other.fixed_features) f.node = renamed(f.node);
    for (FeatureUse& use : other.feature_uses) use.node = renamed(use.node);
    for (Edge& edge : other.edges) {
      edge.from = renamed(edge.from);
      edge.to = renamed(edge.to);
    }
    std::ranges::reverse(other.edges);
    std::ranges::reverse(other.feature_uses);
    const auto before = labels_of(program, genes.data()), after = labels_of(other, genes.data());
    for (size_t i = 0; i < before.size(); ++i) {
      const size_t depth = i / order.size() * order.size();
      CHECK_EQUAL(after[depth + static_cast<size_t>(order[i % order.size()])], before[i]);
    }
  }
}

TEST(labels_see_as_far_as_they_are_deep) {
  const std::vector<NodeFeature> features = {{0, 1}, {1, 2}, {2, 2}, {3, 2}, {4, 3}};
  const GraphProgram plain = line(features);
  auto changed_features = features;
  changed_features[0].feature = 4;
  GraphProgram turned = plain;  // the first edge the other way round
  std::swap(turned.edges[0].from, turned.edges[0].to);
  GraphProgram cut = plain;
  cut.edges.erase(cut.edges.begin());
  const auto before = labels_of(plain, nullptr);
  const auto differ = [&](const GraphProgram& other) {
    const auto after = labels_of(other, nullptr);
    std::vector<std::string> all(kLabelDepths);
    for (size_t i = 0; i < before.size(); ++i) all[i / 5] += before[i] == after[i] ? '.' : '!';
    return all[0] + " " + all[1] + " " + all[2];
  };
  CHECK_EQUAL(differ(line(changed_features)), "!.... !!... !!!..");
  CHECK_EQUAL(differ(turned), "..... !!... !!!..");
  CHECK_EQUAL(differ(cut), "..... !!... !!!..");
}

TEST(labels_of_nodes_without_features_are_0) {
  const auto labels = labels_of(line({{0, 1}, {1, 2}, {1, 3}, {3, 4}}), nullptr);
  for (size_t depth = 0; depth < kLabelDepths; ++depth) {
    for (size_t node = 0; node < 4; ++node) CHECK_EQUAL(labels[depth * 4 + node] == 0, node == 2);
  }
}

TEST(flow_is_the_sum_over_all_walks) {
  for (const Space& space : several_spaces()) {
    const Genes some = drawn_architectures(space, 20, 3);
    for (size_t at = 0; at < some.size(); at += space.genes()) {
      std::vector<float> flow(flow_width(space.graph()), 77.0f);
      graph_flow(space.graph(), some.data() + at, flow);
      const Numbers wanted = reference_flow(space.graph(), some.data() + at);
      CHECK_EQUAL(flow.size(), wanted.size());
      for (size_t i = 0; i < flow.size(); ++i) CHECK_CLOSE(flow[i], wanted[i], 1e-5);
    }
  }
}

TEST(flow_of_a_line) {
  std::vector<float> flow(flow_width(line({{0, 1}, {1, 2}, {2, 2}})));
  graph_flow(line({{0, 1}, {1, 2}, {2, 2}}), nullptr, flow);
  const auto at = [&](size_t direction, size_t discount, size_t feature) {
    return flow[(direction * 2 + discount) * 8 + feature];
  };
  CHECK_CLOSE(at(0, 0, 1), 0.36, 1e-6);  // two steps from the end
  CHECK_CLOSE(at(0, 0, 2), 1.6, 1e-6);
  CHECK_CLOSE(at(1, 0, 1), 1, 1e-6);
  CHECK_CLOSE(at(1, 0, 2), 0.96, 1e-6);
  CHECK_CLOSE(at(0, 1, 2), 2, 1e-6);
  CHECK_EQUAL(at(0, 0, 0), 0.0f);
}

TEST(similarity_is_what_plain_loops_say) {
  for (const Space& space : several_spaces()) {
    const size_t g = space.genes();
    const Genes reference = drawn_architectures(space, 25, 4), some = drawn_architectures(space, 6, 5),
                others = drawn_architectures(space, 5, 6);
    Similarity similarity(space, reference);
    similarity.learn(reference);  // what was learnt before leaves no trace
    similarity.learn(some);
    CHECK_EQUAL(similarity.size(), size_t{6});
    const auto wanted = reference_similarities(space.graph(), reference, others, some);
    for (size_t i = 0; i < 5; ++i) {
      const auto given = similarities_of(similarity, others.data() + i * g);
      for (size_t j = 0; j < 6; ++j) {
        for (size_t view = 0; view < kViews; ++view) CHECK_CLOSE(given[view * 6 + j], wanted[i * 6 + j][view], 2e-5);
      }
    }
  }
}

TEST(similarity_is_1_with_itself_symmetric_and_never_more) {
  for (const Space& space : several_spaces()) {
    const Genes some = drawn_architectures(space, 15, 7);
    const size_t g = space.genes();
    Similarity similarity(space, some);
    similarity.learn(some);
    std::vector<std::vector<float>> all;
    for (size_t i = 0; i < 15; ++i) all.push_back(similarities_of(similarity, some.data() + i * g));
    for (size_t view = 0; view < kViews; ++view) {
      for (size_t i = 0; i < 15; ++i) {
        CHECK_CLOSE(all[i][view * 15 + i], 1, 1e-6);
        for (size_t j = 0; j < 15; ++j) {
          const float value = all[i][view * 15 + j];
          CHECK(value >= 0 && value <= 1 + 1e-6f);
          CHECK_CLOSE(value, all[j][view * 15 + i], 1e-6);
        }
      }
    }
  }
}

TEST(similarity_where_nothing_tells_architectures_apart) {
  SimpleProgram bare = chain_program(3, 2);
  GraphProgram graph = bare.graph();
  graph.fixed_features.clear();
  graph.feature_uses.clear();
  const Space space{graph};
  const Genes some = {0, 0, 0, 1, 1, 0};
  Similarity similarity(space, std::span(some).first(3));  // one architecture: no flow varies
  similarity.learn(some);
  const auto given = similarities_of(similarity, some.data());
  const std::vector<float> wanted = {1, 1.0f / 3, 1, 1, 1, 1};
  for (size_t i = 0; i < given.size(); ++i) CHECK_CLOSE(given[i], wanted[i], 1e-6);
  CHECK_THROWS(Similarity(space, {}), "at least one architecture");
}

}  // namespace optiproxy::test
