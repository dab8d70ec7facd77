// What backends refuse, and with which words.
#include "../core/climb.h"
#include "../cpu/cpu_backend.h"
#include "../cuda/cuda_backend.h"
#include "support.h"
#include "test.h"

namespace optiproxy::test {
namespace {

const ModelConfig kModel{6, 21, 2, 2};
const FitPlan kFit{.epochs = 5, .batch = 4, .adamw = {}, .schedule = {}, .loss = {}};
const ClimbPlan kClimb{.restarts = 11, .steps = 6, .adamw = {}, .schedule = {}};

}  // namespace

BACKEND_TEST(backend_refuses_what_does_not_fit) {
  Random random(8);
  const auto backend = make_backend(kModel, 2, 1);
  const GraphBatch graphs = batch_of(random_graphs(random, 3, 4, kModel.features)),
                   wide = batch_of(random_graphs(random, 3, 4, 7));
  std::vector<float> few(5);
  CHECK_THROWS(make_backend(kModel, 0, 1), "members: expected 1..256, given 0");
  CHECK_THROWS(make_backend({6, 0, 2, 1}, 1, 1), "model.hidden: expected 1..4096, given 0");
  CHECK_THROWS(backend->set_parameters(few), "parameters: expected");
  CHECK_THROWS(backend->get_parameters(few), "wrong length");
  CHECK_THROWS(backend->predict(graphs, few), "predict: output has the wrong length");
  CHECK_THROWS(backend->predict(wide, few), "expected 6 features a node, given 7");
  CHECK_THROWS(backend->begin_fit(graphs, few, kFit), "one target for each graph and output");
  CHECK_THROWS(backend->begin_fit(graphs, std::vector<float>(6), FitPlan{}), "epochs: expected");
  FitPlan endless = kFit;
  endless.epochs = 1000000, endless.batch = 1;
  const Graphs many = random_graphs(random, 2200, 1, kModel.features);
  CHECK_THROWS(backend->begin_fit(batch_of(many), std::vector<float>(4400), endless),
               "fewer than 2^31 steps, given 2200000000");
  CHECK_THROWS(backend->fit(1), "nothing was begun");
  CHECK_THROWS(backend->climb(1), "nothing was begun");
  const SimpleProgram program = free_program(2, 4), other = free_program(2, 5);
  const ClimbPlan plan = kClimb;
  CHECK_THROWS(backend->begin_climb(program, Relaxation{}, {1, 1}, plan), "start has the wrong length");
  CHECK_THROWS(backend->begin_climb(program, latin_hypercube_start(program, 2, plan), {1}, plan),
               "one weight for each output");
  CHECK_THROWS(backend->begin_climb(other, latin_hypercube_start(other, 2, plan), {1, 1}, plan), "features differ");
  std::vector<float> gradient(backend->layout().size());
  CHECK_THROWS(backend->loss_and_gradient(2, graphs, std::vector<float>(6), {}, gradient), "out of range");
  CHECK_THROWS(backend->loss_and_gradient(0, batch_of(random_graphs(random, 0, 4, kModel.features)), {}, {}, gradient),
               "loss_and_gradient: a length or the member is out of range");
  Relaxation result;
  CHECK_THROWS(backend->relaxed_gradient(0, program, {}, {}, 1, std::vector<float>(2), result),
               "relaxed_gradient: a length or the member is out of range");
  const Relaxation lane = random_relaxation(other, 1, random);
  CHECK_THROWS(backend->relaxed_gradient(0, other, lane, lane, 1, std::vector<float>(2), result), "features differ");
}

TEST(cpu_backend_refuses_what_does_not_fit) {
  CHECK_THROWS(cpu::CpuBackend(kModel, 1, 0), "threads: expected at least 1, given 0");
  Random random(8);
  const SimpleProgram program = free_program(2, 4);
  std::vector<float> few(5);
  cpu::CpuBackend flat(model_on(program, NetworkKind::kMlp, 5, 1, 2), 1, 1);
  CHECK_THROWS(flat.predict(batch_of(random_graphs(random, 3, 5, 6)), few), "graphs: expected 4 nodes, given 5");
  CHECK_THROWS(flat.score(chain_program(2, 4), {}, {}), "score: the program's nodes or edges differ from the model's");
}

TEST(cuda_backend_is_for_gcns_on_small_graphs) {
  CHECK_THROWS(
      cuda::make_cuda_backend({.features = 6, .hidden = 5, .layers = 1, .kind = NetworkKind::kMlp, .nodes = 3}, 1),
      "on a GPU expected a gcn network");
}

}  // namespace optiproxy::test
