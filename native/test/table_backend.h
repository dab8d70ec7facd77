// A backend whose predictions are known, so that the best are too.
#pragma once

#include <functional>
#include <stdexcept>
#include <utility>

#include "support.h"

namespace optiproxy::test {

/// Predicts from a function of member and architecture instead of a network.  Of several outputs only the first is
/// that; the others would turn any order round.
class TableBackend final : public Backend {
 public:
  using Value = std::function<float(int member, std::span<const uint8_t> architecture)>;
  explicit TableBackend(Value value, int outputs = 1) : value_(std::move(value)), outputs_(outputs) {}

  /// How many architectures were scored in all, and at once.
  size_t scored = 0, most = 0;
  /// The next scoring throws.
  bool fails = false;

  void score(const GraphProgram& program, std::span<const uint8_t> genes, std::span<float> predictions) override {
    if (std::exchange(fails, false)) throw std::runtime_error("no score");
    const auto g = static_cast<size_t>(program.gene_count()), o = static_cast<size_t>(outputs_);
    const size_t count = genes.size() / g;
    scored += count;
    most = std::max(most, count);
    for (size_t i = 0; i < predictions.size(); ++i) {
      const size_t at = i / o;
      const float value = value_(static_cast<int>(at / count), genes.subspan(at % count * g, g));
      predictions[i] = i % o == 0 ? value : -100 * value;
    }
  }

  std::string_view isa() const override { return "table"; }
  const ParameterLayout& layout() const override { return layout_; }
  void set_parameters(std::span<const float>) override {}
  void get_parameters(std::span<float>) const override {}
  void begin_fit(GraphBatch, std::vector<float>, const FitPlan&) override {}
  double fit(double) override { return 1; }
  void begin_climb(const GraphProgram&, Relaxation, std::vector<float>, const ClimbPlan&) override {}
  double climb(double) override { return 1; }
  const Relaxation& relaxation() const override { return relaxation_; }
  void predict(const GraphBatch&, std::span<float>) override {}
  double loss_and_gradient(int, const GraphBatch&, std::span<const float>, const LossConfig&,
                           std::span<float>) override {
    return 0;
  }
  double relaxed_gradient(int, const GraphProgram&, const Relaxation&, const Relaxation&, float, std::span<const float>,
                          Relaxation&) override {
    return 0;
  }

 private:
  const Value value_;
  const int outputs_;
  const ParameterLayout layout_{ModelConfig{1, 1, 1, 1}};
  Relaxation relaxation_;
};

}  // namespace optiproxy::test
