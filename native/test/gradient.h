// What the tests of backward passes share: shapes, and the comparison with finite differences.
#pragma once

#include <algorithm>
#include <cstdio>
#include <string>

#include "support.h"
#include "test.h"

namespace optiproxy::test {

struct Shape {
  ModelConfig model;
  int graphs;
  int nodes;
};

/// Hidden sizes on and beside whole vectors, one to three layers and outputs; of every kind of network.
inline std::vector<Shape> shapes_of(NetworkKind kind) {
  std::vector<Shape> shapes = {
      {{3, 5, 1, 1}, 4, 5}, {{7, 17, 2, 2}, 5, 8}, {{5, 48, 3, 3}, 4, 7}, {{4, 33, 2, 1}, 3, 1}, {{6, 144, 2, 1}, 3, 6},
  };
  for (Shape& shape : shapes) shape.model = model_of_kind(shape.model, kind, shape.nodes);
  return shapes;
}

inline std::string words(const ModelConfig& m) {
  return name_of(m.kind) + " F=" + std::to_string(m.features) + " H=" + std::to_string(m.hidden) +
         " L=" + std::to_string(m.layers) + " O=" + std::to_string(m.outputs);
}

inline void expect(const Comparison& c, const std::string& what, double& worst) {
  worst = std::max(worst, c.error);
  CHECK_CASE(c.agrees, what + ": relative error " + text(c.error));
}

}  // namespace optiproxy::test
