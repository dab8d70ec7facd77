// What every backend refuses, in the same words.  Each throws INVALID_ARGUMENT.
#pragma once

#include "backend.h"

namespace optiproxy {

class BackendChecks {
 public:
  /// Checks the number of members; the layout has checked the model.
  BackendChecks(const ModelConfig& config, const ParameterLayout& layout, int members);

  void set_parameters(size_t parameters) const;
  void get_parameters(size_t parameters) const;
  void begin_fit(const GraphBatch& graphs, size_t targets, const FitPlan& plan) const;
  void begin_climb(const GraphProgram& program, const Relaxation& start, size_t weights, const ClimbPlan& plan) const;
  void predict(const GraphBatch& graphs, size_t predictions) const;
  void score(const GraphProgram& program, std::span<const uint8_t> genes, size_t predictions) const;
  void loss_and_gradient(int member, const GraphBatch& graphs, size_t targets, size_t gradient) const;
  void relaxed_gradient(int member, const GraphProgram& program, const Relaxation& point, const Relaxation& noise,
                        size_t weights) const;

 private:
  void graphs(const GraphBatch& graphs) const;
  void program(const char* what, const GraphProgram& program) const;
  const ModelConfig config_;
  const size_t size_;  // P
  const int members_;
};

/// Lanes of a relaxation of a program.
size_t lanes_of(const GraphProgram& program, const Relaxation& relaxation);

}  // namespace optiproxy
