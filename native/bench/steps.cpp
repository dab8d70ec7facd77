// optiproxy_native_bench WORKLOAD STEPS: runs one workload of the hot path, for a profiler, an instruction counter or a
// clock, and prints what a step took.  Without arguments it lists the workloads.  The ISA is OPTIPROXY_ISA's or the
// best.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "../core/candidate_pool.h"
#include "../core/climb.h"
#include "../core/gaussian_process.h"
#include "../core/random.h"
#include "../cpu/cpu_backend.h"
#include "../cpu/isa.h"
#include "space.h"

namespace {

using namespace optiproxy;

std::vector<uint8_t> random_genes(const Space& space, int count) {
  Rng rng({1, Purpose::kUniform, 0, 0, 0});
  std::vector<uint8_t> genes(static_cast<size_t>(count) * space.genes());
  for (size_t at = 0; at < genes.size(); at += space.genes()) space.draw(rng, genes.data() + at);
  return genes;
}

std::unique_ptr<Backend> make_backend(const GraphProgram& program, int hidden, int members) {
  const ModelConfig model{program.features, hidden, 2, 1};
  auto backend = std::make_unique<cpu::CpuBackend>(model, members, 1);
  const size_t each = backend->layout().size();
  std::vector<float> all(each * static_cast<size_t>(members));
  for (int m = 0; m < members; ++m) {
    initialise_parameters(model, 1, static_cast<uint32_t>(m), 0,
                          std::span(all).subspan(static_cast<size_t>(m) * each, each));
  }
  backend->set_parameters(all);
  return backend;
}

void train(int hidden, int batch, int steps) {
  const Space space = nasbench201();
  const GraphProgram& program = space.graph();
  const auto backend = make_backend(program, hidden, 1);
  std::vector<float> targets;
  Rng rng({2, Purpose::kUniform, 0, 0, 0});
  for (int i = 0; i < batch; ++i) targets.push_back(static_cast<float>(rng.uniform()));
  FitPlan plan;
  plan.epochs = steps;
  plan.batch = batch;
  plan.loss = {0.2f, 0.1f};
  plan.dropout = 0.1f;
  backend->begin_fit(program.encode(random_genes(space, batch)), targets, plan);
  backend->fit(1e9);
}

void climb(int hidden, int restarts, int steps) {
  const Space space = nasbench201();
  const GraphProgram& program = space.graph();
  const auto backend = make_backend(program, hidden, 1);
  ClimbPlan plan;
  plan.restarts = restarts;
  plan.steps = steps;
  plan.tau_start = 0.7;
  plan.tau_end = 0.2;
  backend->begin_climb(program, latin_hypercube_start(program, 1, plan), {1.0f}, plan);
  backend->climb(1e9);
}

/// A step is `count` random candidates.
void score(int hidden, int count, int steps) {
  const Space space = nasbench201();
  const auto backend = make_backend(space.graph(), hidden, 1);
  CandidatePool pool(space);
  for (int step = 0; step < steps; ++step) {
    pool.clear();
    pool.add_uniform(static_cast<size_t>(count), 1, static_cast<uint32_t>(step));
    while (pool.score(*backend, 1, 1, 1 << 20)) continue;
  }
}

/// A step is `count` random candidates that nobody scores.
void sample(int computation, int count, int steps) {
  CandidatePool pool(nasbench201(computation == 0 ? Isomorphism::kEncoding : Isomorphism::kComputation));
  for (int step = 0; step < steps; ++step) {
    pool.clear();
    pool.add_uniform(static_cast<size_t>(count), 1, static_cast<uint32_t>(step));
  }
}

/// A process that has learnt `count` random architectures; a step learns them anew.
std::unique_ptr<GaussianProcess> learn(const Space& space, int count, int steps) {
  auto process = std::make_unique<GaussianProcess>(space, random_genes(space, 1000));
  std::vector<float> targets;
  Rng rng({2, Purpose::kUniform, 0, 0, 0});
  for (int i = 0; i < count; ++i) targets.push_back(static_cast<float>(rng.uniform() - 0.5));
  for (int step = 0; step < steps; ++step) process->fit(random_genes(space, count), targets, false);
  return process;
}

void process_fit(int count, int, int steps) { learn(nasbench201(), count, steps); }

/// A step is `width` candidates.
void process_predict(int count, int width, int steps) {
  const Space space = nasbench201();
  const auto process = learn(space, count, 1);
  const std::vector<uint8_t> genes = random_genes(space, width);
  std::vector<float> means(static_cast<size_t>(width)), deviations(means);
  for (int step = 0; step < steps; ++step) process->predict(genes, means, deviations);
}

cpu::Floats filled(int rows, int columns) {
  return cpu::Floats(static_cast<size_t>(rows) * static_cast<size_t>(columns), 0.5f);
}

/// A step multiplies (m, k) by (k, n); `transposed`: the first lies there as (k, m), as where weights get gradients.
void multiply(int m, int n, int k, bool transposed, int steps) {
  const cpu::Kernels& kernels = cpu::select_kernels();
  const cpu::Floats a = filled(m, k), b = filled(k, n);
  cpu::Floats c = filled(m, n);
  for (int step = 0; step < steps; ++step) {
    kernels.gemm(m, n, k, a.data(), transposed ? 1 : k, transposed ? m : 1, b.data(), n, c.data(), n, cpu::kStore);
  }
}

/// The linear map of a batch of `graphs`: (8 graphs, 2H) by (2H, H).
void product(int hidden, int graphs, int steps) { multiply(8 * graphs, hidden, 2 * hidden, false, steps); }

/// The gradient of its weights.
void gradient_product(int hidden, int graphs, int steps) { multiply(2 * hidden, hidden, 8 * graphs, true, steps); }

struct Workload {
  const char* name;
  void (*run)(int hidden, int width, int steps);
  int hidden;  // or measured architectures
  int width;
};

constexpr Workload kWorkloads[] = {
    {"train-144-7", train, 144, 7},
    {"train-144-20", train, 144, 20},
    {"train-48-20", train, 48, 20},
    {"climb-144-5", climb, 144, 5},
    {"climb-144-50", climb, 144, 50},
    {"climb-48-5", climb, 48, 5},
    {"score-144", score, 144, 10000},
    {"score-48", score, 48, 10000},
    {"score-48-1000", score, 48, 1000},
    {"product-144-7", product, 144, 7},
    {"product-144-20", product, 144, 20},
    {"product-48-20", product, 48, 20},
    {"gradient-product-144-7", gradient_product, 144, 7},
    {"gradient-product-144-20", gradient_product, 144, 20},
    {"gradient-product-48-20", gradient_product, 48, 20},
    {"process-fit-256", process_fit, 256, 0},
    {"process-predict-256", process_predict, 256, 1000},
    {"sample", sample, 0, 10000},
    {"sample-1000", sample, 0, 1000},
    {"sample-computation-1000", sample, 1, 1000},  // the same with keys by what is computed
};

}  // namespace

int main(int argc, char** argv) {
  const int steps = argc == 3 ? std::atoi(argv[2]) : 0;
  if (steps < 1) {
    for (const Workload& w : kWorkloads) std::printf("%s\n", w.name);
    return argc == 1 ? 0 : 2;
  }
  for (const Workload& w : kWorkloads) {
    if (argv[1] != std::string(w.name)) continue;
    // Processor time: another process on the same core does not count.
    const std::clock_t start = std::clock();
    w.run(w.hidden, w.width, steps);
    const double ms = 1e3 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    std::printf("%s: %.4f ms a step\n", w.name, ms / steps);
    return 0;
  }
  std::fprintf(stderr, "workload: expected one of the list that no arguments print, given %s\n", argv[1]);
  return 2;
}
