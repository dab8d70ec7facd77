// The networks that a proxy can be (the paper's is a GCN, §3.1): their shape, and where each parameter lives in the one
// flat buffer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace optiproxy {

enum class NetworkKind { kGcn, kMlp, kTransformer };

/// Heads of a transformer's attention, and its columns: the smallest multiple of them that is at least H.
constexpr int kAttentionHeads = 4;
constexpr int attention_width(int hidden) { return (hidden + kAttentionHeads - 1) / kAttentionHeads * kAttentionHeads; }

struct ModelConfig {
  int features = 0;  // F, columns of a node's feature row
  int hidden = 0;    // H
  int layers = 0;    // L
  int outputs = 1;   // O, predicted metrics
  NetworkKind kind = NetworkKind::kGcn;
  // What follows is not read by a GCN, which takes graphs of any size.
  int nodes = 0;                         // N of every graph
  std::vector<int32_t> free_edges = {};  // (E) places i * N + j, ascending, of the adjacency that vary
};

/// Throws INVALID_ARGUMENT if a size is outside what the kernels and 32-bit indices can carry.
void check_model(const ModelConfig& config);

/// Offsets (in floats) of the parameters of a GCN's layer.
struct LayerViews {
  size_t weight_out;     // W1 (fan_in, H), follows edges i -> j
  size_t weight_in;      // W2 (fan_in, H), against them
  size_t linear_weight;  // W (2H, H)
  size_t linear_bias;    // b (H)
  size_t norm_gain;      // (H)
  size_t norm_bias;      // (H)
  int fan_in;
};

/// The same of an MLP's.
struct DenseViews {
  size_t weight;  // W (fan_in, H)
  size_t bias;    // b (H)
  size_t norm_gain;
  size_t norm_bias;
  int fan_in;  // N*F + E, then H
};

/// The same of a transformer's: its tokens, its norms and its blocks.  A = attention_width(H).
struct EmbeddingViews {
  size_t weight;  // (F, H) of features
  size_t place;   // (N, H) of the node's index
};
struct NormViews {
  size_t gain;  // (H)
  size_t bias;  // (H)
};
struct BlockViews {
  NormViews attention_norm;
  size_t qkv;         // (H, 3A) queries, keys and values
  size_t leans;       // (heads, 2) of the logits towards `out` and `back`
  size_t out_weight;  // (A, H)
  size_t out_bias;    // (H)
  NormViews map_norm;
  size_t up_weight;    // (H, 2H)
  size_t up_bias;      // (2H)
  size_t down_weight;  // (2H, H)
  size_t down_bias;    // (H)
};

/// How fresh parameters are drawn: uniform(±bound), or all `constant` where bound is 0.
struct Fresh {
  double bound;
  float constant;
};

struct NamedView {
  std::string name;  // as in the golden vectors: conv0.weight_out, ..., head.weight
  size_t offset;
  size_t length;
  Fresh fresh;
};

/// A matrix whose transpose a backward pass multiplies with.
struct MatrixView {
  size_t offset;
  int rows, columns;
};

/// Gradients, moments and snapshots share this layout, so optimising, saving and copying are one call each.
class ParameterLayout {
 public:
  explicit ParameterLayout(const ModelConfig& config);
  size_t size() const { return size_; }
  const LayerViews& layer(int index) const { return layers_[static_cast<size_t>(index)]; }
  const DenseViews& dense(int index) const { return dense_[static_cast<size_t>(index)]; }
  const EmbeddingViews& embedding() const { return embedding_; }
  const BlockViews& block(int index) const { return blocks_[static_cast<size_t>(index)]; }
  const NormViews& last_norm() const { return last_norm_; }
  size_t head() const { return head_; }  // (H, O)
  const std::vector<NamedView>& views() const { return views_; }
  /// In the order of their offsets.
  const std::vector<MatrixView>& matrices() const { return matrices_; }

 private:
  void append_gcn(const ModelConfig& config);
  void append_mlp(const ModelConfig& config);
  void append_transformer(const ModelConfig& config);
  NormViews append_norm(const std::string& name, int hidden);
  size_t append(std::string name, size_t length, Fresh fresh);
  size_t append_matrix(std::string name, int rows, int columns, Fresh fresh);
  std::vector<LayerViews> layers_;
  std::vector<DenseViews> dense_;
  EmbeddingViews embedding_{};
  std::vector<BlockViews> blocks_;
  NormViews last_norm_{};
  std::vector<NamedView> views_;
  std::vector<MatrixView> matrices_;
  size_t head_ = 0;
  size_t size_ = 0;
};

/// Fresh parameters (P) of one ensemble member: Xavier-uniform convolutions, PyTorch's default uniform(±1/sqrt(fan-in))
/// for linear maps, unit gains, uniform(±1) embeddings.
void initialise_parameters(const ModelConfig& config, uint64_t seed, uint32_t member, uint32_t round,
                           std::span<float> parameters);

}  // namespace optiproxy
