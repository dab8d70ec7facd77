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

Numbers normalised(size_t h, Numbers rows, const double* gain, const double* shift) {
  for (size_t i = 0; i < rows.size(); i += h) reference_layer_norm(h, rows.data() + i, gain, shift);
  return rows;
}

/// Attention of n nodes: context (n, A) of qkv (n, 3A); out and back (-, N).
Numbers attend(size_t n, size_t a, const Numbers& qkv, const double* leans, const double* out, const double* back,
               size_t stride) {
  const size_t depth = a / kAttentionHeads;
  Numbers context(n * a, 0.0);
  for (size_t head = 0; head < kAttentionHeads; ++head) {
    for (size_t i = 0; i < n; ++i) {
      Numbers chances;
      double total = 0;
      for (size_t j = 0; j < n; ++j) {
        double dot = 0;
        for (size_t c = head * depth; c < (head + 1) * depth; ++c) dot += qkv[i * 3 * a + c] * qkv[j * 3 * a + a + c];
        const double lean = leans[head * 2] * out[i * stride + j] + leans[head * 2 + 1] * back[i * stride + j];
        chances.push_back(std::exp(dot / std::sqrt(static_cast<double>(depth)) + lean));
        total += chances.back();
      }
      for (size_t j = 0; j < n; ++j) {
        for (size_t c = head * depth; c < (head + 1) * depth; ++c) {
          context[i * a + c] += chances[j] / total * qkv[j * 3 * a + 2 * a + c];
        }
      }
    }
  }
  return context;
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

Numbers reference_transformer(const ModelConfig& model, const Numbers& p, const Graphs& graphs, const Sides& sides,
                              const Masks* masks) {
  const ParameterLayout layout(model);
  const size_t nodes = z(graphs.nodes), f = z(graphs.features), h = z(model.hidden),
               a = z(attention_width(model.hidden));
  auto at = [&](size_t offset) { return p.data() + offset; };
  Numbers predictions;
  for (size_t g = 0; g < z(graphs.graphs); ++g) {
    const size_t n = z(graphs.sizes[g]);  // padding is not there
    Numbers stream = reference_product(n, f, h, graphs.x.data() + g * nodes * f, at(layout.embedding().weight));
    for (size_t i = 0; i < n * h; ++i) stream[i] += p[layout.embedding().place + i];
    auto add = [&](const Numbers& rows, int place) {
      for (size_t i = 0; i < n * h; ++i) {
        stream[i] += rows[i] * (masks == nullptr ? 1 : masks->layers[z(place)][g * nodes * h + i]);
      }
    };
    for (int l = 0; l < model.layers; ++l) {
      const BlockViews& v = layout.block(l);
      const Numbers first = normalised(h, stream, at(v.attention_norm.gain), at(v.attention_norm.bias));
      const Numbers context =
          attend(n, a, reference_product(n, h, 3 * a, first.data(), at(v.qkv)), at(v.leans),
                 sides.out.data() + g * nodes * nodes, sides.back.data() + g * nodes * nodes, nodes);
      add(map_rows(n, a, h, context, at(v.out_weight), at(v.out_bias)), 2 * l);
      const Numbers second = normalised(h, stream, at(v.map_norm.gain), at(v.map_norm.bias));
      Numbers wide = map_rows(n, h, 2 * h, second, at(v.up_weight), at(v.up_bias));
      for (double& x : wide) x = reference_gelu(x);
      add(map_rows(n, 2 * h, h, wide, at(v.down_weight), at(v.down_bias)), 2 * l + 1);
    }
    const Numbers last = normalised(h, stream, at(layout.last_norm().gain), at(layout.last_norm().bias));
    Numbers pooled(h, 0.0);
    for (size_t i = 0; i < n * h; ++i) pooled[i % h] += last[i] / static_cast<double>(n);
    for (size_t j = 0; j < h; ++j) pooled[j] = reference_gelu(pooled[j]) * (masks ? masks->head[g * h + j] : 1);
    const Numbers y = reference_product(1, h, z(model.outputs), pooled.data(), at(layout.head()));
    predictions.insert(predictions.end(), y.begin(), y.end());
  }
  return predictions;
}

}  // namespace optiproxy::test
