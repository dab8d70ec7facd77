// Networks other than the GCN as plain loops, a graph at a time.
#include <cmath>

#include "reference.h"

namespace optiproxy::test {
namespace {

size_t z(int n) { return static_cast<size_t>(n); }

/// x·W + b of rows x (m, in).
Numbers map_rows(size_t m, size_t in, size_t out, const Numbers& x, const double* weight, const double* bias) {
  Numbers y = reference_product(m, in, out, x.data(), weight);
  for (size_t i = 0; i < m * out; ++i) y[i] += bias[i % out];
  return y;
}

}  // namespace

Numbers reference_mlp(const ModelConfig& model, const Numbers& p, const Graphs& graphs, const Sides& sides,
                      const Masks* masks) {
  const ParameterLayout layout(model);
  const size_t n = z(graphs.nodes), f = z(graphs.features), h = z(model.hidden);
  Numbers predictions;
  for (size_t g = 0; g < z(graphs.graphs); ++g) {
    const size_t size = z(graphs.sizes[g]);
    Numbers x;
    for (size_t i = 0; i < n * f; ++i) x.push_back(i / f < size ? graphs.x[g * n * f + i] : 0);
    for (int32_t place : model.free_edges) {
      const size_t from = z(place) / n, to = z(place) % n;
      x.push_back(from < size && to < size ? sides.out[(g * n + from) * n + to] : 0);
    }
    for (int l = 0; l < model.layers; ++l) {
      const DenseViews& v = layout.dense(l);
      x = map_rows(1, x.size(), h, x, p.data() + v.weight, p.data() + v.bias);
      reference_layer_norm(h, x.data(), p.data() + v.norm_gain, p.data() + v.norm_bias);
      for (size_t j = 0; j < h; ++j) x[j] = reference_gelu(x[j]) * (masks ? masks->layers[z(l)][g * h + j] : 1);
    }
    const Numbers y = reference_product(1, h, z(model.outputs), x.data(), p.data() + layout.head());
    predictions.insert(predictions.end(), y.begin(), y.end());
  }
  return predictions;
}

}  // namespace optiproxy::test
