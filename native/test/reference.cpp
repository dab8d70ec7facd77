#include "reference.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace optiproxy::test {
namespace {

/// relu(side · (x · weight)) of one graph: (N, H)
Numbers aggregate(size_t n, size_t f, size_t h, const double* side, const double* x, const double* weight) {
  const Numbers product = reference_product(n, f, h, x, weight);
  Numbers mixed = reference_product(n, n, h, side, product.data());
  for (double& v : mixed) v = std::max(v, 0.0);
  return mixed;
}

/// One layer of one graph: x (N, fan_in) -> (N, H)
Numbers layer(const LayerViews& v, size_t n, size_t h, const Numbers& p, const double* out, const double* back,
              const Numbers& x) {
  const auto f = static_cast<size_t>(v.fan_in);
  const Numbers a = aggregate(n, f, h, out, x.data(), p.data() + v.weight_out);
  const Numbers b = aggregate(n, f, h, back, x.data(), p.data() + v.weight_in);
  Numbers u = reference_product(n, h, h, a.data(), p.data() + v.linear_weight);
  const Numbers below = reference_product(n, h, h, b.data(), p.data() + v.linear_weight + h * h);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < h; ++j) u[i * h + j] += below[i * h + j] + p[v.linear_bias + j];
    reference_layer_norm(h, u.data() + i * h, p.data() + v.norm_gain, p.data() + v.norm_bias);
  }
  return u;
}

}  // namespace

Numbers reference_product(size_t m, size_t k, size_t n, const double* a, const double* b) {
  Numbers c(m * n, 0.0);
  for (size_t i = 0; i < m; ++i) {
    for (size_t p = 0; p < k; ++p) {
      const double x = a[i * k + p];
      if (x == 0) continue;  // one-hot rows and sparse adjacencies: most of it
      for (size_t j = 0; j < n; ++j) c[i * n + j] += x * b[p * n + j];
    }
  }
  return c;
}

void reference_layer_norm(size_t h, double* row, const double* gain, const double* shift) {
  double mean = 0, variance = 0;
  for (size_t j = 0; j < h; ++j) mean += row[j] / static_cast<double>(h);
  for (size_t j = 0; j < h; ++j) variance += (row[j] - mean) * (row[j] - mean) / static_cast<double>(h);
  for (size_t j = 0; j < h; ++j) row[j] = (row[j] - mean) / std::sqrt(variance + 1e-5) * gain[j] + shift[j];
}

Sides reference_normalise(int graphs, int nodes, const Numbers& adjacency) {
  const auto b = static_cast<size_t>(graphs), n = static_cast<size_t>(nodes);
  Sides sides{adjacency, Numbers(b * n * n)};
  for (size_t g = 0; g < b; ++g) {
    double* out = sides.out.data() + g * n * n;
    double* back = sides.back.data() + g * n * n;
    for (size_t i = 0; i < n; ++i) {
      out[i * n + i] += 1;
      double sum = 0;
      for (size_t j = 0; j < n; ++j) sum += out[i * n + j];
      for (size_t j = 0; j < n; ++j) out[i * n + j] /= sum;
    }
    for (size_t i = 0; i < n; ++i) {
      double sum = 0;
      for (size_t j = 0; j < n; ++j) sum += out[j * n + i];
      for (size_t j = 0; j < n; ++j) back[i * n + j] = out[j * n + i] / sum;
    }
  }
  return sides;
}

Numbers reference_predict(const ModelConfig& model, const Numbers& p, const Graphs& graphs, const Sides& sides,
                          const Masks* masks) {
  if (model.kind == NetworkKind::kMlp) return reference_mlp(model, p, graphs, sides, masks);
  if (model.kind == NetworkKind::kTransformer) return reference_transformer(model, p, graphs, sides, masks);
  const ParameterLayout layout(model);
  const auto n = static_cast<size_t>(graphs.nodes), f = static_cast<size_t>(graphs.features);
  const auto h = static_cast<size_t>(model.hidden), o = static_cast<size_t>(model.outputs);
  Numbers predictions;
  for (size_t g = 0; g < static_cast<size_t>(graphs.graphs); ++g) {
    const auto from = graphs.x.begin() + static_cast<std::ptrdiff_t>(g * n * f);
    Numbers x(from, from + static_cast<std::ptrdiff_t>(n * f));
    for (int l = 0; l < model.layers; ++l) {
      x = layer(layout.layer(l), n, h, p, sides.out.data() + g * n * n, sides.back.data() + g * n * n, x);
      if (masks == nullptr) continue;
      for (size_t i = 0; i < n * h; ++i) x[i] *= masks->layers[static_cast<size_t>(l)][g * n * h + i];
    }
    const auto size = static_cast<size_t>(graphs.sizes[g]);
    Numbers pooled(h, 0.0);
    for (size_t i = 0; i < size; ++i) {
      for (size_t j = 0; j < h; ++j) pooled[j] += x[i * h + j] / static_cast<double>(size);
    }
    for (size_t j = 0; j < h; ++j) {
      pooled[j] = reference_gelu(pooled[j]) * (masks == nullptr ? 1 : masks->head[g * h + j]);
    }
    const Numbers y = reference_product(1, h, o, pooled.data(), p.data() + layout.head());
    predictions.insert(predictions.end(), y.begin(), y.end());
  }
  return predictions;
}

Numbers reference_predict(const ModelConfig& model, const Numbers& parameters, const Graphs& graphs) {
  return reference_predict(model, parameters, graphs,
                           reference_normalise(graphs.graphs, graphs.nodes, graphs.adjacency));
}

double reference_loss(const ModelConfig& model, const Numbers& y, const Numbers& target, const LossConfig& loss) {
  const auto o = static_cast<size_t>(model.outputs), b = y.size() / o;
  double total = 0;
  for (size_t k = 0; k < o; ++k) {
    double squares = 0, hinge = 0, pairs = 0, measured = 0;
    for (size_t i = 0; i < b; ++i) {
      if (std::isnan(target[i * o + k])) continue;
      ++measured;
      const double error = y[i * o + k] - target[i * o + k];
      squares += error * error;
      for (size_t j = 0; j < b; ++j) {
        if (!(target[i * o + k] > target[j * o + k])) continue;
        ++pairs;
        hinge += std::max(0.0, static_cast<double>(loss.margin) - (y[i * o + k] - y[j * o + k]));
      }
    }
    total += squares / std::max(1.0, measured) + (pairs > 0 ? loss.ranking * hinge / pairs : 0);
  }
  return total;
}

Graphs reference_relax(const SimpleProgram& program, const Numbers& noisy_alpha, const Numbers& noisy_beta,
                       double tau) {
  const auto n = static_cast<size_t>(program.nodes), f = static_cast<size_t>(program.features);
  const auto k = static_cast<size_t>(program.choices), v = program.variable_nodes.size(), e = program.free_edges.size();
  const size_t r = v > 0 ? noisy_alpha.size() / (v * k) : noisy_beta.size() / e;
  Graphs graphs{.graphs = static_cast<int>(r),
                .nodes = program.nodes,
                .features = program.features,
                .adjacency = Numbers(r * n * n, 0.0),
                .x = Numbers(r * n * f, 0.0),
                .sizes = std::vector<int32_t>(r, program.nodes)};
  for (size_t i = 0; i < r; ++i) {
    double* x = graphs.x.data() + i * n * f;
    double* adjacency = graphs.adjacency.data() + i * n * n;
    auto node = [](int32_t index) { return static_cast<size_t>(index); };
    for (const NodeFeature& fixed : program.fixed_features) x[node(fixed.node) * f + node(fixed.feature)] = 1;
    for (const Edge& edge : program.fixed_edges) adjacency[node(edge.from) * n + node(edge.to)] = 1;
    for (size_t w = 0; w < v; ++w) {
      const double* logit = noisy_alpha.data() + (i * v + w) * k;
      double sum = 0;
      for (size_t c = 0; c < k; ++c) sum += std::exp(logit[c] / tau);
      for (size_t c = 0; c < k; ++c) {
        x[node(program.variable_nodes[w]) * f + node(program.choice_features[c])] += std::exp(logit[c] / tau) / sum;
      }
    }
    for (size_t w = 0; w < e; ++w) {
      const Edge& edge = program.free_edges[w];
      adjacency[node(edge.from) * n + node(edge.to)] = 1 / (1 + std::exp(-noisy_beta[i * e + w] / tau));
    }
  }
  return graphs;
}

void reference_adamw(const AdamWConfig& c, double lr, int t, const Numbers& gradient, Numbers& p, Numbers& m,
                     Numbers& v) {
  for (size_t i = 0; i < p.size(); ++i) {
    m[i] = c.beta1 * m[i] + (1 - c.beta1) * gradient[i];
    v[i] = c.beta2 * v[i] + (1 - c.beta2) * gradient[i] * gradient[i];
    const double first = m[i] / (1 - std::pow(c.beta1, t)), second = v[i] / (1 - std::pow(c.beta2, t));
    p[i] = p[i] * (1 - lr * c.weight_decay) - lr * first / (std::sqrt(second) + c.epsilon);
  }
}

double reference_gelu(double x) { return 0.5 * x * std::erfc(-x / std::numbers::sqrt2); }

double reference_gelu_slope(double x) {
  const double density = std::exp(-0.5 * x * x) / std::sqrt(2 * std::numbers::pi);
  return 0.5 * std::erfc(-x / std::numbers::sqrt2) + x * density;
}

}  // namespace optiproxy::test
