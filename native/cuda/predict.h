// Predictions of all members on a device, of graphs or of discrete architectures, in passes of bounded size.
#pragma once

#include <span>

#include "../core/graph.h"
#include "../core/program_tables.h"
#include "gcn_pass.h"

namespace optiproxy::cuda {

class DevicePredictor {
 public:
  DevicePredictor(Device& device, const ModelConfig& config, const ParameterLayout& layout, int members);
  /// predictions (K, B, O).
  void graphs(const Parameters& weights, const GraphBatch& graphs, std::span<float> predictions);
  /// predictions (K, n, O) of genes (n, G).
  void architectures(const Parameters& weights, const GraphProgram& program, std::span<const uint8_t> genes,
                     std::span<float> predictions);

 private:
  struct Shape {
    int graphs, nodes, genes;
    bool shared;  // one topology for all graphs
    bool operator==(const Shape&) const = default;
  };
  /// Room for passes of a shape, for at most as many graphs as one shall have.
  void reserve(Shape shape);
  /// Of graphs that lie on the device, from `first` on.
  void run(const Parameters& weights, int first, int graphs, int all, std::span<float> predictions);

  Device& device_;
  const ModelConfig config_;
  const int members_;
  GcnPass pass_;
  Arena arena_, tables_;
  Shape shape_{};
  float *x_ = nullptr, *adjacency_ = nullptr, *out_ = nullptr, *back_ = nullptr, *result_ = nullptr;
  int32_t* sizes_ = nullptr;
  uint8_t* genes_ = nullptr;
  std::vector<float> host_;  // (K, graphs, O) of a pass
};

}  // namespace optiproxy::cuda
