// What a backend promises beyond its arithmetic: the same bits at any number of threads, however the work is sliced
// and whatever a graph stands beside; and that a fit and a climb are the loops their plans describe.
#include <algorithm>
#include <numeric>

#include "../core/climb.h"
#include "../core/random.h"
#include "../cpu/cpu_backend.h"
#include "support.h"
#include "test.h"

namespace optiproxy::test {
namespace {

const ModelConfig kModel{6, 21, 2, 2};
constexpr int kMembers = 3;

FitPlan fit_plan() {
  return {.epochs = 5,
          .batch = 4,
          .adamw = {.lr = 1e-2},
          .schedule = {.decay = Decay::kCosine},
          .loss = {0.2f, 0.1f},
          .dropout = 0.1f,
          .seed = 99,
          .round = 3};
}

ClimbPlan climb_plan() {
  return {.restarts = 11,
          .steps = 6,
          .adamw = {.lr = 5e-2},
          .schedule = {},
          .tau_start = 0.7,
          .tau_end = 0.2,
          .seed = 98,
          .round = 2};
}

using MakeBackend = std::function<std::unique_ptr<Backend>(const ModelConfig&)>;

/// Parameters after a fit, where a climb through them ends, and predictions: everything a backend computes.
std::vector<float> everything(NetworkKind kind, const MakeBackend& make, double milliseconds) {
  const SimpleProgram program = free_program(5, 4);
  const ModelConfig model = model_on(program, kind, 21, 2, 2);
  const auto backend = make(model);
  backend->set_parameters(random_ensemble(model, kMembers, 5));
  Random random(1);
  const Graphs graphs = random_graphs(random, 13, 7, kModel.features);
  backend->begin_fit(batch_of(graphs), random.normals(26), fit_plan());
  while (backend->fit(milliseconds) < 1) continue;
  backend->begin_climb(program, latin_hypercube_start(program, kMembers, climb_plan()), {1.0f, -0.5f}, climb_plan());
  while (backend->climb(milliseconds) < 1) continue;
  std::vector<float> all(backend->layout().size() * kMembers);
  backend->get_parameters(all);
  all.insert(all.end(), backend->relaxation().alpha.begin(), backend->relaxation().alpha.end());
  all.insert(all.end(), backend->relaxation().beta.begin(), backend->relaxation().beta.end());
  const Graphs many = random_graphs(random, 75, 7, kModel.features);
  std::vector<float> predictions(kMembers * 75 * 2);
  backend->predict(batch_of(many), predictions);
  all.insert(all.end(), predictions.begin(), predictions.end());
  return all;
}

std::vector<float> everything(NetworkKind kind, int threads, double milliseconds) {
  return everything(
      kind, [&](const ModelConfig& model) { return make_backend(model, kMembers, threads); }, milliseconds);
}

}  // namespace

/// With the same dropout masks and the same noise: a search on one asks for what it asks on the other.
BACKEND_TEST(backend_agrees_with_the_cpu) {
  const auto on_cpu = [](const ModelConfig& model) { return std::make_unique<cpu::CpuBackend>(model, kMembers, 1); };
  for (NetworkKind kind : kinds()) {
    const double error = relative_error(everything(kind, 1, 1e9), doubles(everything(kind, on_cpu, 1e9)));
    CHECK_CASE(error < 1e-4, name_of(kind) + ": relative error " + text(error));
  }
}

BACKEND_TEST(backend_gives_the_same_bits_at_any_number_of_threads) {
  for (NetworkKind kind : kinds()) {
    const std::vector<float> one = everything(kind, 1, 1e9);
    CHECK(std::ranges::all_of(one, [](float v) { return std::isfinite(v); }));
    CHECK_CASE(one == everything(kind, 2, 1e9), name_of(kind));
    CHECK_CASE(one == everything(kind, 3, 1e9), name_of(kind));
  }
}

BACKEND_TEST(backend_gives_the_same_bits_however_work_is_sliced) {
  for (NetworkKind kind : kinds()) {
    const std::vector<float> whole = everything(kind, 1, 1e9);
    CHECK_CASE(whole == everything(kind, 1, 0), name_of(kind));
    CHECK_CASE(whole == everything(kind, 2, 0), name_of(kind));
    CHECK_CASE(whole == everything(kind, 2, 0.2), name_of(kind));
  }
}

BACKEND_TEST(backend_does_one_step_a_member_in_the_shortest_slice) {
  const auto backend = make_backend(kModel, kMembers, 2);
  Random random(2);
  backend->begin_fit(batch_of(random_graphs(random, 13, 7, kModel.features)), random.normals(26), fit_plan());
  const int steps = 5 * 4;  // epochs of ceil(13 / 4) batches
  for (int i = 1; i <= steps; ++i) CHECK_CLOSE(backend->fit(0), static_cast<double>(i) / steps, 1e-12);
  CHECK_EQUAL(backend->fit(0), 1.0);  // finished work stays finished
  const SimpleProgram program = chain_program(3, 4);
  backend->begin_climb(program, latin_hypercube_start(program, kMembers, climb_plan()), {1, 0}, climb_plan());
  for (int i = 1; i <= 6; ++i) CHECK_CLOSE(backend->climb(0), i / 6.0, 1e-12);
  CHECK_EQUAL(backend->climb(0), 1.0);
}

namespace {

void check_alone(const ModelConfig& model) {
  const auto backend = make_backend(model, 2, 2);
  backend->set_parameters(random_ensemble(model, 2, 5));
  Random random(3);
  constexpr int kCount = 37;
  const Graphs all = random_graphs(random, kCount, 7, model.features);
  std::vector<float> together(2 * kCount * 3), alone(2 * 3);
  backend->predict(batch_of(all), together);
  for (int g = 0; g < kCount; ++g) {
    backend->predict(batch_of(pick_graphs(all, std::span(&g, 1))), alone);
    for (size_t i = 0; i < alone.size(); ++i) {
      CHECK_CASE(alone[i] == together[(i / 3 * kCount + static_cast<size_t>(g)) * 3 + i % 3],
                 name_of(model.kind) + " graph " + std::to_string(g));
    }
  }
}

}  // namespace

BACKEND_TEST(backend_predicts_a_graph_alone_as_in_a_batch) {
  for (NetworkKind kind : kinds()) {
    for (int hidden : {5, 48, 144}) check_alone(model_of_kind({6, hidden, 2, 3}, kind, 7));
  }
}

BACKEND_TEST(backend_predictions_match_the_reference_for_each_member) {
  Random random(4);
  for (NetworkKind kind : kinds()) {
    const ModelConfig model = model_of_kind(kModel, kind, 6);
    const std::vector<float> parameters = random_ensemble(model, kMembers, 5);
    const auto backend = make_backend(model, kMembers, 2);
    backend->set_parameters(parameters);
    const Graphs graphs = random_graphs(random, 40, 6, model.features, true);
    std::vector<float> predictions(kMembers * 80);
    backend->predict(batch_of(graphs), predictions);
    const size_t p = backend->layout().size();
    for (size_t m = 0; m < kMembers; ++m) {
      const Numbers wanted = reference_predict(model, doubles(std::span(parameters).subspan(m * p, p)), graphs);
      CHECK(relative_error(std::span(predictions).subspan(m * 80, 80), wanted) < 1e-5);
    }
  }
}

/// A fit is: each epoch a shuffle by (seed, member, round, epoch), cut into nearly equal batches, a schedule, AdamW.
BACKEND_TEST(backend_fit_follows_its_plan) {
  for (const Schedule& schedule : {Schedule{}, Schedule{Decay::kCosine}, Schedule{Decay::kStep, 0.5, 2}}) {
    FitPlan plan = fit_plan();
    plan.dropout = 0;
    plan.schedule = schedule;
    const auto backend = make_backend(kModel, 2, 1), scratch = make_backend(kModel, 1, 1);
    const std::vector<float> start = random_ensemble(kModel, 2, 5);
    backend->set_parameters(start);
    Random random(6);
    constexpr int kCount = 10;
    const Graphs graphs = random_graphs(random, kCount, 5, kModel.features);
    const std::vector<float> targets = random.normals(kCount * 2);
    backend->begin_fit(batch_of(graphs), targets, plan);
    backend->fit(1e9);
    std::vector<float> given(start.size());
    backend->get_parameters(given);

    const size_t size = backend->layout().size();
    for (uint32_t member = 0; member < 2; ++member) {
      Numbers p = doubles(std::span(start).subspan(member * size, size)), m(size, 0.0), v(size, 0.0);
      int step = 0;
      const int batches = 3, total = plan.epochs * batches;
      for (int epoch = 0; epoch < plan.epochs; ++epoch) {
        std::vector<int> order(kCount);
        std::iota(order.begin(), order.end(), 0);
        Rng rng({plan.seed, Purpose::kShuffle, member, plan.round, static_cast<uint32_t>(epoch)});
        shuffle(order, rng);
        for (int batch = 0; batch < batches; ++batch, ++step) {
          const std::vector<int> chosen(order.begin() + batch * kCount / batches,
                                        order.begin() + (batch + 1) * kCount / batches);
          std::vector<float> target, gradient(size);
          for (int i : chosen) target.insert(target.end(), targets.begin() + i * 2, targets.begin() + i * 2 + 2);
          scratch->set_parameters(floats(p));
          scratch->loss_and_gradient(0, batch_of(pick_graphs(graphs, chosen)), target, plan.loss, gradient);
          const double factor =
              schedule.decay == Decay::kStep ? schedule.factor(epoch, plan.epochs) : schedule.factor(step, total);
          reference_adamw(plan.adamw, plan.adamw.lr * factor, step + 1, doubles(gradient), p, m, v);
        }
      }
      const double error = relative_error(std::span(given).subspan(member * size, size), p);
      CHECK_CASE(error < 1e-4, "member " + std::to_string(member) + ": relative error " + text(error));
    }
  }
}

/// A climb is: Gumbel noise by (seed, member, restart, round, step), a linear temperature, a schedule, AdamW uphill, of
/// alpha and beta at once or in turns.
void check_climb(const SimpleProgram& program, int turn, double beta_lr) {
  const std::vector<float> parameters = random_ensemble(kModel, 2, 5), weights = {0.7f, -1.0f};
  ClimbPlan plan = climb_plan();
  plan.turn = turn;
  plan.beta_lr = beta_lr;
  plan.schedule = program.free_edges.empty() ? Schedule{Decay::kStep, 0.5, 2} : Schedule{Decay::kCosine};
  const auto backend = make_backend(kModel, 2, 2);
  backend->set_parameters(parameters);
  const Relaxation start = latin_hypercube_start(program, 2, plan);
  backend->begin_climb(program, start, weights, plan);
  while (backend->climb(0) < 1) continue;

  const size_t ops = static_cast<size_t>(program.variables() * program.choices), edges = program.free_edges.size();
  Numbers alpha, beta;
  for (uint32_t lane = 0; lane < 2u * static_cast<uint32_t>(plan.restarts); ++lane) {
    const uint32_t member = lane / static_cast<uint32_t>(plan.restarts),
                   restart = lane % static_cast<uint32_t>(plan.restarts);
    Numbers a = doubles(std::span(start.alpha).subspan(lane * ops, ops));
    Numbers b = doubles(std::span(start.beta).subspan(lane * edges, edges));
    Numbers m_a(ops, 0.0), v_a(ops, 0.0), m_b(edges, 0.0), v_b(edges, 0.0);
    int alpha_steps = 0, beta_steps = 0;
    for (int step = 0; step < plan.steps; ++step) {
      Rng rng({plan.seed, Purpose::kGumbel, member << 16 | restart, plan.round, static_cast<uint32_t>(step)});
      Relaxation noise, gradient;
      for (size_t i = 0; i < ops; ++i) noise.alpha.push_back(gumbel(rng));
      for (size_t i = 0; i < edges; ++i) noise.beta.push_back(gumbel(rng));
      backend->relaxed_gradient(static_cast<int>(member), program, {floats(a), floats(b)}, noise, plan.tau(step),
                                weights, gradient);
      for (auto* d : {&gradient.alpha, &gradient.beta}) {
        for (float& g : *d) g = -g;
      }
      const double factor = plan.schedule.factor(step, plan.steps);
      const bool first = turn == 0 || step % (2 * turn) < turn;  // whose turn it is
      if (turn == 0 || first || edges == 0)
        reference_adamw(plan.adamw, plan.adamw.lr * factor, ++alpha_steps, doubles(gradient.alpha), a, m_a, v_a);
      if (turn == 0 || !first)
        reference_adamw(plan.adamw, (beta_lr > 0 ? beta_lr : plan.adamw.lr) * factor, ++beta_steps,
                        doubles(gradient.beta), b, m_b, v_b);
    }
    alpha.insert(alpha.end(), a.begin(), a.end());
    beta.insert(beta.end(), b.begin(), b.end());
  }
  CHECK(relative_error(backend->relaxation().alpha, alpha) < 1e-4);
  CHECK(relative_error(backend->relaxation().beta, beta) < 1e-4);
}

BACKEND_TEST(backend_climb_follows_its_plan) {
  for (const SimpleProgram& program : {free_program(3, 4), chain_program(4, 4)}) {
    check_climb(program, 0, 0);
    check_climb(program, 2, 0.013);
  }
}

BACKEND_TEST(backend_climbs_uphill) {
  ClimbPlan plan = climb_plan();
  plan.steps = 60;
  const SimpleProgram program = free_program(4, 4);
  const auto backend = make_backend(kModel, 1, 1);
  backend->set_parameters(random_ensemble(kModel, 1, 5));
  const Relaxation start = latin_hypercube_start(program, 1, plan);
  const Relaxation quiet{std::vector<float>(start.alpha.size(), 0.0f), std::vector<float>(start.beta.size(), 0.0f)};
  const std::vector<float> weights = {1, 1};
  backend->begin_climb(program, start, weights, plan);
  backend->climb(1e9);
  Relaxation gradient;
  const double before = backend->relaxed_gradient(0, program, start, quiet, 1, weights, gradient);
  const double after = backend->relaxed_gradient(0, program, backend->relaxation(), quiet, 1, weights, gradient);
  CHECK_CASE(after > before + 0.1 * std::fabs(before), text(before) + " -> " + text(after));
}

}  // namespace optiproxy::test
