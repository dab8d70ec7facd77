#include <algorithm>

#include "predict.h"
#include "steps.h"
#include "tables.h"

namespace optiproxy::cuda {
namespace {

/// Floats of a row of activations in a pass without a backward pass, in hidden units (see GcnPass::place).
constexpr int64_t kWidth = 6;

size_t count(int a, int b) { return static_cast<size_t>(a) * static_cast<size_t>(b); }

}  // namespace

DevicePredictor::DevicePredictor(Device& device, const ModelConfig& config, const ParameterLayout& layout, int members,
                                 int64_t bytes)
    : device_(device),
      config_(config),
      members_(members),
      bytes_(bytes),
      pass_(config, layout),
      arena_(device),
      tables_(device) {}

void DevicePredictor::reserve(Shape shape) {
  const int64_t each = kWidth * config_.hidden * static_cast<int64_t>(sizeof(float)) * members_ * shape.nodes;
  const int64_t most = std::max<int64_t>(1, bytes_ / each);
  shape.graphs = static_cast<int>(std::min<int64_t>(most, shape.graphs));
  if (shape == shape_) return;
  shape_ = {};
  const auto graphs = static_cast<size_t>(shape.graphs);
  const size_t square = count(shape.nodes, shape.nodes) * (shape.shared ? 1 : graphs);
  const size_t results = graphs * count(members_, config_.outputs);
  arena_.place([&](Arena& arena) {
    pass_.place(arena, members_, shape.graphs, shape.nodes, Backward::kNever, false);
    x_ = arena.take<float>(graphs * count(shape.nodes, config_.features));
    for (float** buffer : {&adjacency_, &out_, &back_}) *buffer = arena.take<float>(square);
    sizes_ = arena.take<int32_t>(graphs);
    genes_ = arena.take<uint8_t>(graphs * static_cast<size_t>(shape.genes));
    result_ = arena.take<float>(results);
  });
  host_.resize(results);
  shape_ = shape;
}

void DevicePredictor::forward(const Parameters& weights, int graphs) {
  const int64_t square = shape_.shared ? 0 : int64_t{shape_.nodes} * shape_.nodes;
  const PassInput input{.x = x_, .x_member = 0, .adjacencies = {out_, back_, 0, square}, .sizes = {sizes_, 0}};
  pass_.forward(device_.stream(), graphs, weights, input, {}, result_);
}

void DevicePredictor::take(int first, int graphs, int all, std::span<float> predictions) {
  const size_t each = count(graphs, config_.outputs);
  const std::span<float> taken(host_.data(), each * static_cast<size_t>(members_));
  device_.download(taken, static_cast<const float*>(result_));
  for (size_t m = 0; m < static_cast<size_t>(members_); ++m) {
    const size_t to = m * count(all, config_.outputs) + count(first, config_.outputs);
    std::ranges::copy(taken.subspan(m * each, each), predictions.begin() + static_cast<std::ptrdiff_t>(to));
  }
}

void DevicePredictor::graphs(const Parameters& weights, const GraphBatch& batch, std::span<float> predictions) {
  if (batch.graphs == 0) return;
  const bool shared = batch.shared_topology;
  reserve({batch.graphs, batch.nodes, 0, shared});
  const size_t square = count(batch.nodes, batch.nodes), row = count(batch.nodes, batch.features);
  const std::span<const float> x(batch.x), out(batch.out), back(batch.back);
  for (int first = 0; first < batch.graphs; first += shape_.graphs) {
    const int graphs = std::min(shape_.graphs, batch.graphs - first);
    const auto from = static_cast<size_t>(first), n = static_cast<size_t>(graphs);
    device_.upload(x_, x.subspan(from * row, n * row));
    device_.upload(out_, shared ? out : out.subspan(from * square, n * square));
    device_.upload(back_, shared ? back : back.subspan(from * square, n * square));
    device_.upload(sizes_, std::span(batch.sizes).subspan(from, n));
    forward(weights, graphs);
    take(first, graphs, batch.graphs, predictions);
  }
}

int DevicePredictor::begin(const GraphProgram& program, int all) {
  reserve({all, program.nodes, program.gene_count(), program.shared_topology()});
  const ProgramTables tables(program);
  tables_.place([&](Arena& arena) { program_ = on_device(arena, tables); });
  if (shape_.shared) {
    const size_t square = count(program.nodes, program.nodes);
    std::vector<float> out(square), back(square);
    program.fill_topology(nullptr, out.data(), back.data());
    device_.upload(out_, std::span<const float>(out));
    device_.upload(back_, std::span<const float>(back));
  }
  const std::vector<int32_t> sizes(static_cast<size_t>(shape_.graphs), program.nodes);
  device_.upload(sizes_, std::span<const int32_t>(sizes));
  return shape_.graphs;
}

const float* DevicePredictor::pass(const Parameters& weights, const uint8_t* genes, int graphs) {
  encode({program_, graphs, shape_.shared, genes, x_, adjacency_, out_, back_}, device_.stream());
  forward(weights, graphs);
  return result_;
}

void DevicePredictor::architectures(const Parameters& weights, const GraphProgram& program,
                                    std::span<const uint8_t> genes, std::span<float> predictions) {
  const auto g = static_cast<size_t>(program.gene_count());
  const int all = static_cast<int>(genes.size() / g);
  if (all == 0) return;
  const int most = begin(program, all);
  for (int first = 0; first < all; first += most) {
    const int graphs = std::min(most, all - first);
    device_.upload(genes_, genes.subspan(static_cast<size_t>(first) * g, static_cast<size_t>(graphs) * g));
    pass(weights, genes_, graphs);
    take(first, graphs, all, predictions);
  }
}

}  // namespace optiproxy::cuda
