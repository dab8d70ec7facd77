// A training step and a climb step allocate nothing once their buffers have grown.
#include <atomic>
#include <cstdlib>
#include <new>

#include "../core/climb.h"
#include "../cpu/climb.h"
#include "../cpu/fit.h"
#include "../cpu/isa.h"
#include "support.h"
#include "test.h"

namespace {

std::atomic<long> allocations{0};

void* try_to_allocate(std::size_t size, std::size_t alignment) noexcept {
  ++allocations;
  const std::size_t whole = (size + alignment - 1) / alignment * alignment;
  return std::aligned_alloc(alignment, whole > 0 ? whole : alignment);
}

void* allocate(std::size_t size, std::size_t alignment) {
  void* memory = try_to_allocate(size, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

// The whole test program counts; the other tests do not look.
void* operator new(std::size_t size) { return allocate(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return try_to_allocate(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return try_to_allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace optiproxy::test {
namespace {

using Clock = std::chrono::steady_clock;

FitPlan plan_of(int epochs) {
  FitPlan plan;
  plan.epochs = epochs;
  plan.batch = 7;
  plan.loss = {0.2f, 0.1f};
  plan.dropout = 0.1f;
  return plan;
}

}  // namespace

TEST(a_training_step_allocates_nothing) {
  Random random(1);
  const SimpleProgram program = chain_program(6, 5);
  Genes genes;
  for (int i = 0; i < 20 * 6; ++i) genes.push_back(static_cast<uint8_t>(random.below(5)));
  const GraphBatch one_hot = program.encode(genes);
  const GraphBatch dense = batch_of(random_graphs(random, 20, 8, program.features, true));
  for (NetworkKind kind : kinds()) {
    const ModelConfig model = model_on(program, kind, 48, 2, 1);
    const ParameterLayout layout(model);
    for (const GraphBatch& graphs : {one_hot, dense}) {
      std::vector<float> parameters = random_parameters(model, 1);
      const cpu::FitData data(graphs, random.normals(20), plan_of(40), kind);
      cpu::MemberFit fit(model, layout, cpu::select_kernels(), 0, parameters.data());
      fit.begin(data);
      while (fit.progress() < 0.25) fit.run(data, Clock::now());  // buffers grow to what the largest batch needs
      const long before = allocations;
      fit.run(data, Clock::now() + std::chrono::hours(1));
      CHECK_EQUAL(fit.progress(), 1.0);
      CHECK_EQUAL(allocations - before, 0L);
    }
  }
}

namespace {

void check_climb(const GraphProgram& program, NetworkKind kind) {
  const ModelConfig model = model_on(program, kind, 48, 2, 1);
  const ParameterLayout layout(model);
  std::vector<float> parameters = random_parameters(model, 1);
  cpu::NetworkWeights weights(layout, cpu::select_kernels(), parameters.data());
  weights.transpose();
  ClimbPlan plan;
  plan.restarts = 5;
  plan.steps = 20;
  Relaxation point = latin_hypercube_start(program, 1, plan);
  cpu::ClimbTask task(model, layout, cpu::select_kernels(), program, 0, 0, plan.restarts);
  task.begin(point.alpha, point.beta);
  const std::vector<float> objective = {1.0f};
  while (task.steps_done() < 3) task.run(weights, objective, plan, Clock::now());
  const long before = allocations;
  task.run(weights, objective, plan, Clock::now() + std::chrono::hours(1));
  CHECK_EQUAL(task.steps_done(), plan.steps);
  CHECK_EQUAL(allocations - before, 0L);
}

}  // namespace

TEST(a_climb_step_allocates_nothing) {
  for (const SimpleProgram& simple : {chain_program(4, 4), free_program(4, 4)}) {
    for (NetworkKind kind : kinds()) check_climb(simple, kind);
  }
}

}  // namespace optiproxy::test
