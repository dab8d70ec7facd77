// Predictions of all members on a device, of graphs or of discrete architectures, in passes of bounded size.
#pragma once

#include <span>

#include "../core/graph.h"
#include "../core/program_tables.h"
#include "gcn_pass.h"

namespace optiproxy::cuda {

class DevicePredictor {
 public:
  /// `bytes` of activations, about, are what a pass has room for.
  DevicePredictor(Device& device, const ModelConfig& config, const ParameterLayout& layout, int members,
                  int64_t bytes = int64_t{384} << 20);
  /// predictions (K, B, O).
  void graphs(const Parameters& weights, const GraphBatch& graphs, std::span<float> predictions);
  /// predictions (K, n, O) of genes (n, G).
  void architectures(const Parameters& weights, const GraphProgram& program, std::span<const uint8_t> genes,
                     std::span<float> predictions);

  /// Prepares passes over `all` architectures that lie on the device; returns how many one may be of at most.
  int begin(const GraphProgram& program, int all);
  /// predictions (K, graphs, O) on the device of architectures (graphs, G) of the program that was begun.
  const float* pass(const Parameters& weights, const uint8_t* genes, int graphs);

 private:
  struct Shape {
    int graphs, nodes, genes;
    bool shared;  // one topology for all graphs
    bool operator==(const Shape&) const = default;
  };
  /// Room for passes of a shape, for at most as many graphs as one shall have.
  void reserve(Shape shape);
  void forward(const Parameters& weights, int graphs);
  /// Brings a pass's predictions, of the graphs from `first` on, to where they belong.
  void take(int first, int graphs, int all, std::span<float> predictions);

  Device& device_;
  const ModelConfig config_;
  const int members_;
  const int64_t bytes_;
  GcnPass pass_;
  Arena arena_, tables_;
  Shape shape_{};
  ProgramView program_{};
  float *x_ = nullptr, *adjacency_ = nullptr, *out_ = nullptr, *back_ = nullptr, *result_ = nullptr;
  int32_t* sizes_ = nullptr;
  uint8_t* genes_ = nullptr;
  std::vector<float> host_;  // (K, graphs, O) of a pass
};

}  // namespace optiproxy::cuda
