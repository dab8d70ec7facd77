// Scores of discrete architectures: what plain loops and predictions of the same graphs give, with the same bits
// whatever else is scored.
#include <numeric>

#include "../cpu/cpu_backend.h"
#include "../cpu/isa.h"
#include "support.h"
#include "test.h"

namespace optiproxy::test {
namespace {

constexpr double kClose = 1e-5;

struct Case {
  const char* name;
  SimpleProgram program;
};

/// Several fixed features on a node, in any order, or none; edges back and forth; a node without edges.
SimpleProgram odd_program() {
  return {.nodes = 7,
          .features = 8,
          .choices = 3,
          .variable_nodes = {4, 1, 5},
          .choice_features = {7, 0, 3},
          .fixed_features = {{0, 5}, {2, 6}, {0, 1}, {2, 2}, {0, 0}},
          .fixed_edges = {{0, 1}, {1, 2}, {2, 4}, {4, 3}},
          .free_edges = {{4, 1}, {2, 1}, {0, 4}, {1, 0}, {5, 3}}};
}

/// The same without choices of operations, or without free edges.
SimpleProgram edges_only() {
  SimpleProgram program = odd_program();
  program.variable_nodes.clear();
  return program;
}
SimpleProgram operations_only() {
  SimpleProgram program = odd_program();
  program.free_edges.clear();
  return program;
}

std::vector<Case> cases() {
  return {{"chain", chain_program(6, 4)},
          {"free edges", free_program(4, 3)},
          {"line graph", line_graph_program()},
          {"many edges", free_program(9, 5)},
          {"odd", odd_program()},
          {"edges only", edges_only()},
          {"operations only", operations_only()}};
}

/// Architectures as graphs, by the reference's own reading: logits so far apart that nothing is left in between.
Graphs graphs_of(const SimpleProgram& program, const Genes& genes) {
  const auto g = static_cast<size_t>(program.genes()), v = static_cast<size_t>(program.variables());
  Numbers alpha, beta;
  for (size_t i = 0; i < genes.size(); ++i) {
    if (i % g >= v) {
      beta.push_back(genes[i] == 0 ? -1000 : 1000);
    } else {
      for (int c = 0; c < program.choices; ++c) alpha.push_back(c == genes[i] ? 0 : -1000);
    }
  }
  return reference_relax(program, alpha, beta, 1);
}

/// Largest difference over the largest value: one wrong prediction among thousands shows.
double worst_error(std::span<const float> given, std::span<const double> wanted) {
  if (given.size() != wanted.size()) return INFINITY;
  double difference = 0, scale = 0.1;  // a prediction alone may come out near zero
  for (size_t i = 0; i < wanted.size(); ++i) {
    const double off = std::fabs(given[i] - wanted[i]);
    difference = off <= difference ? difference : off;  // takes NaN
    scale = std::max(scale, std::fabs(wanted[i]));
  }
  return difference / scale;
}

std::vector<float> scores(Backend& backend, const SimpleProgram& program, const Genes& genes, size_t size) {
  std::vector<float> predictions(genes.size() / static_cast<size_t>(program.genes()) * size, NAN);
  backend.score(program, genes, predictions);
  return predictions;
}

void check_scores(const Case& c, const ModelConfig& model, size_t count, Random& random) {
  constexpr int kMembers = 2;
  const auto o = static_cast<size_t>(model.outputs), g = static_cast<size_t>(c.program.genes());
  const std::string what = std::string(c.name) + " hidden=" + std::to_string(model.hidden) +
                           " layers=" + std::to_string(model.layers) + " outputs=" + std::to_string(model.outputs) +
                           " count=" + std::to_string(count) + ": ";
  const std::vector<float> parameters = random_ensemble(model, kMembers, 21);
  const auto backend = make_backend(model, kMembers, 2);
  backend->set_parameters(parameters);
  const Genes genes = random_architectures(c.program, count, random);
  const std::vector<float> given = scores(*backend, c.program, genes, kMembers * o);

  // The kernels' other way, and for the first ones the double-precision loops.
  std::vector<float> predictions(given.size());
  backend->predict(c.program.encode(genes), predictions);
  const double of_predict = worst_error(given, doubles(predictions));
  CHECK_CASE(of_predict < kClose, what + "predict, error " + text(of_predict));
  const size_t few = std::min<size_t>(count, 20), size = parameters.size() / kMembers;
  const Graphs graphs = graphs_of(c.program, {genes.begin(), genes.begin() + static_cast<std::ptrdiff_t>(few * g)});
  for (size_t m = 0; m < kMembers; ++m) {
    const Numbers wanted = reference_predict(model, doubles(std::span(parameters).subspan(m * size, size)), graphs);
    const double of_reference = worst_error(std::span(given).subspan(m * count * o, few * o), wanted);
    CHECK_CASE(of_reference < kClose, what + "reference, error " + text(of_reference));
  }
}

}  // namespace

BACKEND_TEST(scores_match_the_reference_and_predictions) {
  Random random(41);
  for (const Case& c : cases()) {
    c.program.check();
    int turn = 0;
    for (int hidden : {5, 48, 144}) {
      for (int layers : {1, 2, 3}) {
        for (size_t count : {size_t{1}, size_t{2}, or_few(63, 9)}) {
          check_scores(c, {c.program.features, hidden, layers, 1 + turn++ % 3}, count, random);
        }
      }
    }
  }
}

/// A feature that a node is given twice counts once, as in its row of numbers.
BACKEND_TEST(scores_count_a_repeated_feature_once) {
  Random random(46);
  SimpleProgram program = odd_program();
  program.fixed_features.insert(program.fixed_features.end(), {{2, 6}, {0, 0}, {2, 6}});
  program.choice_features = {7, 3, 3};  // and operations may look alike
  program.check();
  const ModelConfig model{program.features, 21, 2, 2};
  const auto backend = make_backend(model, 1, 1);
  backend->set_parameters(random_ensemble(model, 1, 21));
  const Genes genes = random_architectures(program, 100, random);
  std::vector<float> predictions(200);
  backend->predict(program.encode(genes), predictions);
  const double error = worst_error(scores(*backend, program, genes, 2), doubles(predictions));
  CHECK_CASE(error < kClose, "error " + text(error));
}

BACKEND_TEST(scores_of_thousands_match_the_reference_and_predictions) {
  Random random(42);
  int turn = 0;
  for (const Case& c : cases()) {
    // Several parts, whose rows repeat or, with many edges, hardly do.
    const int hidden = turn % 3 == 0 ? 5 : 48;
    check_scores(c, {c.program.features, hidden, 1 + turn % 3, 1 + (turn + 1) % 3}, or_few(4999, 90), random);
    ++turn;
  }
  check_scores({"line graph", line_graph_program()}, {7, 144, 2, 2}, or_few(5000, 90), random);
}

BACKEND_TEST(scores_have_the_same_bits_at_any_number_of_threads_and_for_any_member) {
  constexpr int kMembers = 3;
  constexpr size_t kOutputs = 2;
  Random random(43);
  for (const Case& c : cases()) {
    const ModelConfig model{c.program.features, 21, 2, kOutputs};
    const std::vector<float> parameters = random_ensemble(model, kMembers, 21);
    for (size_t count : {size_t{1}, or_few(131, 40), or_few(5000, 90)}) {
      const Genes genes = random_architectures(c.program, count, random);
      const std::string what = c.name + (" count=" + std::to_string(count));
      std::vector<float> first;
      for (int threads : {1, 2, 3}) {
        const auto backend = make_backend(model, kMembers, threads);
        backend->set_parameters(parameters);
        const std::vector<float> given = scores(*backend, c.program, genes, kMembers * kOutputs);
        if (first.empty()) first = given;
        CHECK_CASE(given == first, what + " threads=" + std::to_string(threads));
      }
      const size_t size = parameters.size() / kMembers, each = count * kOutputs;
      for (size_t m = 0; m < kMembers; ++m) {
        const auto alone = make_backend(model, 1, 3);  // one member for three threads: cut into other parts
        alone->set_parameters(std::span(parameters).subspan(m * size, size));
        CHECK_CASE(
            std::ranges::equal(scores(*alone, c.program, genes, kOutputs), std::span(first).subspan(m * each, each)),
            what + " member " + std::to_string(m));
      }
    }
  }
}

BACKEND_TEST(scores_have_the_same_bits_alone_and_amid_others) {
  constexpr size_t kOutputs = 3;
  const size_t all = or_few(2000, 150);
  Random random(44);
  for (const Case& c : cases()) {
    for (int hidden : {5, 48}) {
      const ModelConfig model{c.program.features, hidden, 3, kOutputs};
      const auto backend = make_backend(model, 1, 1);
      backend->set_parameters(random_ensemble(model, 1, 21));
      const auto g = static_cast<size_t>(c.program.genes());
      const Genes genes = random_architectures(c.program, all, random);
      const std::vector<float> together = scores(*backend, c.program, genes, kOutputs);
      // Stretches of many lengths, at which rows of more and more gene sets are no longer shared.
      size_t first = 0;
      for (size_t length : {1, 1, 1, 2, 3, 5, 20, 63, 64, 65, 300, 900}) {
        if (first + length > all) break;
        const auto begin = genes.begin() + static_cast<std::ptrdiff_t>(first * g);
        const Genes some(begin, begin + static_cast<std::ptrdiff_t>(length * g));
        CHECK_CASE(std::ranges::equal(scores(*backend, c.program, some, kOutputs),
                                      std::span(together).subspan(first * kOutputs, length * kOutputs)),
                   c.name + (" from " + std::to_string(first)));
        first += length;
      }
      // In another order, some of them often.
      Genes mixed;
      std::vector<size_t> chosen;
      for (int i = 0; i < static_cast<int>(or_few(500, 60)); ++i) {
        chosen.push_back(static_cast<size_t>(random.below(i % 2 == 0 ? 5 : static_cast<int>(all))));
        const auto begin = genes.begin() + static_cast<std::ptrdiff_t>(chosen.back() * g);
        mixed.insert(mixed.end(), begin, begin + static_cast<std::ptrdiff_t>(g));
      }
      const std::vector<float> given = scores(*backend, c.program, mixed, kOutputs);
      for (size_t i = 0; i < given.size(); ++i) {
        CHECK_CASE(given[i] == together[chosen[i / kOutputs] * kOutputs + i % kOutputs], c.name);
      }
    }
  }
}

/// Programs, counts and parameters that came before leave nothing behind.
TEST(scorer_forgets_what_it_scored_before) {
  constexpr int kFeatures = 8;
  const ModelConfig model{kFeatures, 21, 2, 2};
  const ParameterLayout layout(model);
  const std::vector<float> parameters = random_parameters(model, 1), others = random_parameters(model, 2);
  cpu::Scorer used(model, layout, cpu::select_kernels());
  Random random(45);
  for (int turn = 0; turn < 3; ++turn) {
    for (SimpleProgram program : {free_program(9, 5), odd_program(), chain_program(2, 4), operations_only(),
                                  edges_only(), line_graph_program()}) {
      program.features = kFeatures;
      const cpu::ScorePlan plan(program, model.layers);
      const int count = turn == 0 ? 700 : 1 + random.below(100);
      const Genes genes = random_architectures(program, static_cast<size_t>(count), random);
      for (const auto& p : {parameters, others}) {
        std::vector<float> given(static_cast<size_t>(count) * 2, NAN), wanted = given;
        used.score(program, plan, p.data(), genes.data(), count, given.data());
        cpu::Scorer(model, layout, cpu::select_kernels())
            .score(program, plan, p.data(), genes.data(), count, wanted.data());
        CHECK(given == wanted);
      }
    }
  }
}

TEST(scorer_takes_as_many_as_stay_near_the_processor) {
  const ModelConfig small{7, 5, 2, 1}, wide{7, 4096, 2, 1}, middle{7, 1024, 2, 1};
  CHECK_EQUAL(cpu::Scorer::batch_limit(small, line_graph_program()), 5120);
  CHECK_EQUAL(cpu::Scorer::batch_limit(wide, free_program(254, 5).graph()), 5);
  CHECK_EQUAL(cpu::Scorer::batch_limit(middle, line_graph_program()), (48 << 20) / (2 * 8 * 1024 * 4));
}

BACKEND_TEST(score_refuses_what_does_not_fit) {
  const SimpleProgram program = free_program(2, 4), other = free_program(2, 5);
  const ModelConfig model{6, 21, 2, 2};
  const auto backend = make_backend(model, 3, 2);
  backend->set_parameters(random_ensemble(model, 3, 21));
  const Genes two = {0, 3, 1, 0, 1, 2, 1, 1, 1, 0};
  std::vector<float> twelve(12), eleven(11), none;
  backend->score(program, two, twelve);
  backend->score(program, Genes{}, none);
  CHECK_THROWS(backend->score(other, two, twelve), "score: the program's features differ from the model's");
  CHECK_THROWS(backend->score(program, two, eleven), "score: output has the wrong length");
  CHECK_THROWS(backend->score(program, two, none), "score: output has the wrong length");
  CHECK_THROWS(backend->score(program, Genes{}, eleven), "score: output has the wrong length");
  CHECK_THROWS(backend->score(program, Genes{0, 3, 1}, twelve), "genes: expected a multiple of 5 bytes, given 3");
  CHECK_THROWS(backend->score(program, Genes{0, 3, 1, 0, 1, 2, 4, 1, 1, 0}, twelve),
               "genes: gene 1 of architecture 1: expected 0..3, given 4");
  CHECK_THROWS(backend->score(program, Genes{0, 3, 2, 0, 1, 2, 1, 1, 1, 0}, twelve),
               "genes: gene 2 of architecture 0: expected 0..1, given 2");
}

}  // namespace optiproxy::test
