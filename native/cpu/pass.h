// What a pass through a network takes and gives, whatever the network.  B graphs of N nodes, M = B*N rows, F features.
#pragma once

#include <cstdint>

#include "../core/random.h"
#include "kernels.h"
#include "topology.h"

namespace optiproxy::cpu {

/// One batch by reference.
struct NetworkInput {
  int graphs;                   // B
  int nodes;                    // N
  const int32_t* sizes;         // (B)
  const Topology* topology;     // of these graphs or of more
  const int32_t* index;         // (B) where each graph stands in the topology; null: 0, 1, 2...
  const float* x;               // (B, N, F); null where `classes` stand for it
  const BatchClasses* classes;  // a GCN's rows of the first layer that repeat; null where x is given

  int at(int graph) const { return index == nullptr ? graph : index[graph]; }
};

/// What backward shall compute; null pointers are left out and cost nothing.  `out` and `back` go together.
struct NetworkGradients {
  float* parameters = nullptr;  // (P), overwritten
  float* x = nullptr;           // (B, N, F), overwritten
  float* out = nullptr;         // (B, N, N), overwritten
  float* back = nullptr;        // likewise
};

/// Which random numbers drop activations out.
struct Dropout {
  float rate;
  uint64_t seed;
  uint32_t member;
  uint32_t round;
  uint32_t step;

  /// mask (count) of one place in the network; places are numbered below 256.
  void draw(const Kernels& kernels, uint32_t place, size_t count, float* mask) const;
};

}  // namespace optiproxy::cpu
