#include "backend_checks.h"

#include <string>

#include "error.h"

namespace optiproxy {
namespace {

size_t count(int a, int b) { return static_cast<size_t>(a) * static_cast<size_t>(b); }

}  // namespace

BackendChecks::BackendChecks(const ModelConfig& config, const ParameterLayout& layout, int members)
    : config_(config), size_(layout.size()), members_(members) {
  require(members >= 1 && members <= 256, "members: expected 1..256, given " + std::to_string(members));
}

void BackendChecks::graphs(const GraphBatch& graphs) const {
  require(graphs.features == config_.features, "graphs: expected " + std::to_string(config_.features) +
                                                   " features a node, given " + std::to_string(graphs.features));
  require(config_.kind == NetworkKind::kGcn || graphs.nodes == config_.nodes,
          "graphs: expected " + std::to_string(config_.nodes) + " nodes, given " + std::to_string(graphs.nodes));
}

void BackendChecks::program(const char* what, const GraphProgram& program) const {
  const std::string name = std::string(what) + ": the program's ";
  require(program.features == config_.features, name + "features differ from the model's");
  if (config_.kind == NetworkKind::kGcn) return;
  require(program.nodes == config_.nodes && program.free_edges() == config_.free_edges,
          name + "nodes or edges differ from the model's");
}

void BackendChecks::set_parameters(size_t parameters) const {
  const size_t all = size_ * static_cast<size_t>(members_);
  require(parameters == all,
          "parameters: expected " + std::to_string(all) + " numbers, given " + std::to_string(parameters));
}

void BackendChecks::get_parameters(size_t parameters) const {
  require(parameters == size_ * static_cast<size_t>(members_), "parameters: buffer has the wrong length");
}

void BackendChecks::begin_fit(const GraphBatch& batch, size_t targets, const FitPlan& plan) const {
  check_plan(plan);
  graphs(batch);
  require(batch.graphs >= 1 && targets == count(batch.graphs, config_.outputs),
          "fit: expected at least one graph and one target for each graph and output");
  const int64_t steps = plan.epochs * ((int64_t{batch.graphs} + plan.batch - 1) / plan.batch);
  require(steps <= INT32_MAX, "fit: expected fewer than 2^31 steps, given " + std::to_string(steps));
}

void BackendChecks::begin_climb(const GraphProgram& space, const Relaxation& start, size_t weights,
                                const ClimbPlan& plan) const {
  check_plan(plan);
  program("climb", space);
  const size_t lanes = count(members_, plan.restarts);
  require(start.alpha.size() == lanes * static_cast<size_t>(space.alpha_width()) &&
              start.beta.size() == lanes * static_cast<size_t>(space.beta_width()),
          "climb: start has the wrong length");
  require(weights == static_cast<size_t>(config_.outputs), "climb: expected one weight for each output");
}

void BackendChecks::predict(const GraphBatch& batch, size_t predictions) const {
  graphs(batch);
  require(predictions == static_cast<size_t>(members_) * count(batch.graphs, config_.outputs),
          "predict: output has the wrong length");
}

void BackendChecks::score(const GraphProgram& space, std::span<const uint8_t> genes, size_t predictions) const {
  program("score", space);
  space.check_genes(genes);
  const size_t architectures = genes.size() / static_cast<size_t>(space.gene_count());
  require(predictions == architectures * count(members_, config_.outputs), "score: output has the wrong length");
}

void BackendChecks::loss_and_gradient(int member, const GraphBatch& batch, size_t targets, size_t gradient) const {
  graphs(batch);
  require(batch.graphs >= 1 && member >= 0 && member < members_ && targets == count(batch.graphs, config_.outputs) &&
              gradient == size_,
          "loss_and_gradient: a length or the member is out of range");
}

void BackendChecks::relaxed_gradient(int member, const GraphProgram& space, const Relaxation& point,
                                     const Relaxation& noise, size_t weights) const {
  program("relaxed_gradient", space);
  const size_t lanes = lanes_of(space, point);
  require(lanes >= 1 && member >= 0 && member < members_ &&
              point.alpha.size() == lanes * static_cast<size_t>(space.alpha_width()) &&
              point.beta.size() == lanes * static_cast<size_t>(space.beta_width()) &&
              noise.alpha.size() == point.alpha.size() && noise.beta.size() == point.beta.size() &&
              weights == static_cast<size_t>(config_.outputs),
          "relaxed_gradient: a length or the member is out of range");
}

size_t lanes_of(const GraphProgram& program, const Relaxation& relaxation) {
  const auto alpha = static_cast<size_t>(program.alpha_width()), beta = static_cast<size_t>(program.beta_width());
  return alpha > 0 ? relaxation.alpha.size() / alpha : relaxation.beta.size() / beta;
}

}  // namespace optiproxy
