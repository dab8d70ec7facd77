#include <algorithm>
#include <chrono>
#include <functional>
#include <numeric>
#include <string>
#include <tuple>
#include <utility>

#include "../core/backend_checks.h"
#include "../core/error.h"
#include "climb.h"
#include "cuda_backend.h"
#include "fit.h"
#include "predict.h"
#include "scan.h"

namespace optiproxy::cuda {
namespace {

class CudaBackend final : public Backend {
 public:
  CudaBackend(const ModelConfig& config, int members);

  std::string_view isa() const override { return device_name(); }
  const ParameterLayout& layout() const override { return layout_; }
  void set_parameters(std::span<const float> parameters) override;
  void get_parameters(std::span<float> parameters) const override;
  void begin_fit(GraphBatch graphs, std::vector<float> targets, const FitPlan& plan) override;
  double fit(double milliseconds) override;
  void begin_climb(const GraphProgram& program, Relaxation start, std::vector<float> weights,
                   const ClimbPlan& plan) override;
  double climb(double milliseconds) override;
  const Relaxation& relaxation() const override { return relaxation_; }
  void predict(const GraphBatch& graphs, std::span<float> predictions) override;
  void score(const GraphProgram& program, std::span<const uint8_t> genes, std::span<float> predictions) override;
  Scan* random_scan(const Space& space, uint64_t seed, uint32_t round) override;
  double loss_and_gradient(int member, const GraphBatch& graphs, std::span<const float> targets, const LossConfig& loss,
                           std::span<float> gradient) override;
  double relaxed_gradient(int member, const GraphProgram& program, const Relaxation& point, const Relaxation& noise,
                          float tau, std::span<const float> weights, Relaxation& gradient) override;

 private:
  void check_nodes(int nodes) const;
  /// Lets go of what was begun.
  void stop();
  Parameters of_member(int member) { return {parameters_.data + member * parameters_.step, parameters_.step}; }
  /// Calls `work`; what a device did not do may have left anything behind, so nothing is done with it again.
  template <typename Work>
  auto guarded(Work work) const {
    if (!broken_.empty()) {
      throw Error("DEVICE_FAILED", "device: an earlier call failed: " + broken_ +
                                       " (hint: a fault of the GPU lasts until the process is started again)");
    }
    try {
      return work();
    } catch (const Error& error) {
      if (std::string_view(error.code()) == "DEVICE_FAILED") broken_ = error.what();
      throw;
    }
  }
  class GuardedScan final : public Scan {
   public:
    explicit GuardedScan(CudaBackend& backend) : backend_(backend) {}
    size_t score(uint32_t first, size_t count) override {
      return backend_.guarded([&] { return backend_.scan_.score(first, count); });
    }
    std::vector<std::vector<Rank>> best(std::span<const Rank> above, std::span<const Rank> below,
                                        size_t most) override {
      return backend_.guarded([&] { return backend_.scan_.best(above, below, most); });
    }

   private:
    CudaBackend& backend_;
  };
  /// Runs `work` for about `milliseconds` in runs of steps that grow as long as there is time.
  template <typename Work>
  double slice(Work& work, double milliseconds);

  const ModelConfig config_;
  const int members_;
  const ParameterLayout layout_;
  const BackendChecks checks_;
  mutable Device device_;
  Arena arena_;
  Parameters parameters_{};
  size_t floats_ = 0;
  DevicePredictor predictor_;
  DeviceScan scan_;
  GuardedScan guarded_scan_{*this};
  mutable std::string broken_;
  // Begun, and not taken to the device yet: too long for the caller of begin_... to wait for.
  std::function<void()> begin_fit_, begin_climb_;
  std::unique_ptr<DeviceFit> fit_;
  std::unique_ptr<DeviceClimb> climb_;
  Relaxation relaxation_;
};

CudaBackend::CudaBackend(const ModelConfig& config, int members)
    : config_(config),
      members_(members),
      layout_(config),
      checks_(config, layout_, members),
      arena_(device_),
      predictor_(device_, config, layout_, members),
      scan_(device_, predictor_, members, config.outputs) {
  // A member's parameters begin at whole fours, as the optimiser and the products read them.
  parameters_.step = static_cast<int64_t>((layout_.size() + 3) / 4 * 4);
  floats_ = static_cast<size_t>(parameters_.step) * static_cast<size_t>(members);
  arena_.place([&](Arena& arena) { parameters_.data = arena.take<float>(floats_); });
  device_.clear(parameters_.data, floats_ * sizeof(float));
}

/// Graphs that shared memory has no room for.
void CudaBackend::check_nodes(int nodes) const {
  require(nodes <= kMostNodes, "device: on a GPU expected graphs of at most " + std::to_string(kMostNodes) +
                                   " nodes, given " + std::to_string(nodes) + " (hint: larger ones run on the cpu)");
}

void CudaBackend::stop() {
  begin_fit_ = begin_climb_ = nullptr;
  fit_.reset();
  climb_.reset();
}

void CudaBackend::set_parameters(std::span<const float> parameters) {
  checks_.set_parameters(parameters.size());
  stop();
  guarded([&] {
    const size_t size = layout_.size();
    for (int m = 0; m < members_; ++m) {
      device_.upload(of_member(m).data, parameters.subspan(static_cast<size_t>(m) * size, size));
    }
  });
}

void CudaBackend::get_parameters(std::span<float> parameters) const {
  checks_.get_parameters(parameters.size());
  guarded([&] {
    const size_t size = layout_.size();
    for (int m = 0; m < members_; ++m) {
      device_.download(parameters.subspan(static_cast<size_t>(m) * size, size),
                       static_cast<const float*>(parameters_.data + m * parameters_.step));
    }
  });
}

void CudaBackend::begin_fit(GraphBatch graphs, std::vector<float> targets, const FitPlan& plan) {
  checks_.begin_fit(graphs, targets.size(), plan);
  check_nodes(graphs.nodes);
  stop();
  begin_fit_ = [=, this, graphs = std::move(graphs), targets = std::move(targets)] {
    fit_ =
        std::make_unique<DeviceFit>(device_, config_, layout_, parameters_, members_, floats_, graphs, targets, plan);
  };
}

template <typename Work>
double CudaBackend::slice(Work& work, double milliseconds) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const auto spent = [&] { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); };
  // One step tells how long steps are; what is sent at once then fits into the time that is left.
  int steps = 1, taken = 0;
  do {
    work.run(steps);
    device_.wait();
    taken += steps;
    const double left = milliseconds - spent();
    steps = std::clamp(static_cast<int>(std::min(left / spent() * taken, 1e6)), 1, work.limit());
  } while (work.done() < work.total() && spent() < milliseconds);
  return static_cast<double>(work.done()) / work.total();
}

double CudaBackend::fit(double milliseconds) {
  require(fit_ != nullptr || begin_fit_ != nullptr, "fit: nothing was begun");
  return guarded([&] {
    if (begin_fit_ != nullptr) std::exchange(begin_fit_, nullptr)();
    return slice(*fit_, milliseconds);
  });
}

void CudaBackend::begin_climb(const GraphProgram& program, Relaxation start, std::vector<float> weights,
                              const ClimbPlan& plan) {
  checks_.begin_climb(program, start, weights.size(), plan);
  check_nodes(program.nodes);
  stop();
  relaxation_ = std::move(start);
  begin_climb_ = [=, this, weights = std::move(weights)] {
    climb_ = std::make_unique<DeviceClimb>(device_, config_, layout_, parameters_, members_, program, relaxation_,
                                           weights, plan);
  };
}

double CudaBackend::climb(double milliseconds) {
  require(climb_ != nullptr || begin_climb_ != nullptr, "climb: nothing was begun");
  return guarded([&] {
    if (begin_climb_ != nullptr) std::exchange(begin_climb_, nullptr)();
    const double done = slice(*climb_, milliseconds);
    climb_->read(relaxation_);
    return done;
  });
}

void CudaBackend::predict(const GraphBatch& graphs, std::span<float> predictions) {
  checks_.predict(graphs, predictions.size());
  check_nodes(graphs.nodes);
  guarded([&] { predictor_.graphs(parameters_, graphs, predictions); });
}

void CudaBackend::score(const GraphProgram& program, std::span<const uint8_t> genes, std::span<float> predictions) {
  checks_.score(program, genes, predictions.size());
  check_nodes(program.nodes);
  guarded([&] { predictor_.architectures(parameters_, program, genes, predictions); });
}

Scan* CudaBackend::random_scan(const Space& space, uint64_t seed, uint32_t round) {
  checks_.score(space.graph(), {}, 0);
  check_nodes(space.graph().nodes);
  guarded([&] { scan_.begin(space, seed, round, parameters_); });
  return &guarded_scan_;
}

double CudaBackend::loss_and_gradient(int member, const GraphBatch& graphs, std::span<const float> targets,
                                      const LossConfig& config, std::span<float> gradient) {
  checks_.loss_and_gradient(member, graphs, targets.size(), gradient.size());
  check_nodes(graphs.nodes);
  return guarded([&] {
    GcnPass pass(config_, layout_);
    Arena arena(device_);
    PassInput input{};
    const std::vector<float> wanted(targets.begin(), targets.end());
    float *target = nullptr, *prediction = nullptr, *slope = nullptr, *result = nullptr;
    double* value = nullptr;
    arena.place([&](Arena& a) {
      pass.place(a, 1, graphs.graphs, graphs.nodes, Backward::kLater, false);
      const int64_t square = graphs.shared_topology ? 0 : int64_t{graphs.nodes} * graphs.nodes;
      input = {a.take(graphs.x), 0, {a.take(graphs.out), a.take(graphs.back), 0, square}, {a.take(graphs.sizes), 0}};
      target = a.take(wanted);
      for (float** buffer : {&prediction, &slope}) *buffer = a.take<float>(wanted.size());
      value = a.take<double>(static_cast<size_t>(config_.outputs));
      result = a.take<float>(gradient.size());
    });
    const DeviceStream stream = device_.stream();
    pass.forward(stream, graphs.graphs, of_member(member), input, {}, prediction);
    loss({1, graphs.graphs, config_.outputs, prediction, target, config, slope, value}, stream);
    pass.backward(stream, of_member(member), input, slope, {.parameters = result});
    device_.download(gradient, static_cast<const float*>(result));
    std::vector<double> parts(static_cast<size_t>(config_.outputs));
    device_.download(std::span(parts), static_cast<const double*>(value));
    return std::accumulate(parts.begin(), parts.end(), 0.0);
  });
}

double CudaBackend::relaxed_gradient(int member, const GraphProgram& program, const Relaxation& point,
                                     const Relaxation& noise, float tau, std::span<const float> weights,
                                     Relaxation& gradient) {
  checks_.relaxed_gradient(member, program, point, noise, weights.size());
  check_nodes(program.nodes);
  return guarded([&] {
    const auto lanes = static_cast<int>(lanes_of(program, point));
    RelaxedLanes relaxed(device_, config_, layout_, program, 1, lanes, weights);
    const StepValues values{.adamw = {}, .moves = {}, .number = 0, .tau = tau};
    relaxed.send_ahead(std::span(&values, 1));
    for (const auto& [logits, at, with] : {std::tuple(&relaxed.alphas, &point.alpha, &noise.alpha),
                                           std::tuple(&relaxed.betas, &point.beta, &noise.beta)}) {
      device_.upload(logits->point, std::span(*at));
      device_.upload(logits->noise, std::span(*with));
    }
    relaxed.ascend(of_member(member), device_.stream());
    gradient.alpha.resize(point.alpha.size());
    gradient.beta.resize(point.beta.size());
    device_.download(std::span(gradient.alpha), static_cast<const float*>(relaxed.alphas.gradient));
    device_.download(std::span(gradient.beta), static_cast<const float*>(relaxed.betas.gradient));
    std::vector<float> predictions(static_cast<size_t>(lanes) * weights.size());
    device_.download(std::span(predictions), static_cast<const float*>(relaxed.prediction));
    double total = 0;
    for (size_t i = 0; i < predictions.size(); ++i) {
      total += static_cast<double>(weights[i % weights.size()]) * predictions[i];
    }
    return total;
  });
}

}  // namespace

std::unique_ptr<Backend> make_cuda_backend(const ModelConfig& config, int members) {
  // Before there is a device: a wrong network is wrong with or without a GPU.
  require(config.kind == NetworkKind::kGcn,
          "device: on a GPU expected a gcn network (hint: other networks run on the cpu)");
  return std::make_unique<CudaBackend>(config, members);
}

}  // namespace optiproxy::cuda
