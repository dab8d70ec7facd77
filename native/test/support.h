// What several test files need: random inputs, comparisons, small search spaces.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "../core/backend.h"
#include "../core/random.h"
#include "reference.h"
#include "simple_program.h"

namespace optiproxy::test {

/// Random inputs, the same on every platform (the standard's distributions are not).
class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  double uniform(double low = 0, double high = 1) {
    return low + (high - low) * (static_cast<double>(engine_() >> 11) + 0.5) * 0x1p-53;
  }
  double normal();
  int below(int bound) { return static_cast<int>(engine_() % static_cast<uint64_t>(bound)); }
  std::vector<float> floats(size_t count, double low, double high);
  std::vector<float> normals(size_t count);

 private:
  std::mt19937_64 engine_;
};

Numbers doubles(std::span<const float> values);
std::vector<float> floats(std::span<const double> values);
inline std::span<const float> part(std::span<const float> all, const NamedView& view) {
  return all.subspan(view.offset, view.length);
}

/// Norm of the difference over the norm of what is wanted.
double relative_error(std::span<const float> given, std::span<const double> wanted);

struct Comparison {
  double error;
  bool agrees;
};

/// What float32 must keep to: 1e-4 relative to the double-precision vectors.
Comparison compare_golden(std::span<const float> given, std::span<const double> wanted);

/// Compares `gradient` with central differences of `f` along random directions, in the coordinates of `point` that
/// begin at `offset`.  Accepts 1e-4: the differences are taken of a double-precision function, so what is left is
/// float32's rounding and, rarely, a ReLU or hinge that a step crosses.
Comparison compare_slopes(const std::function<double(const Numbers&)>& f, const Numbers& point, size_t offset,
                          std::span<const float> gradient, Random& random);

/// Pearson's statistic of `counts` against equal chances.
double chi_square(std::span<const int> counts);
/// Whether `statistic` is plausible with `freedom` degrees: below mean + 5 deviations.
bool plausible(double statistic, size_t freedom);

/// DAGs with padding (sizes N, N-1, N-2, ... in turn) and one-hot features; `soft`: weights within (0, 1) and dense
/// features.
Graphs random_graphs(Random& random, int graphs, int nodes, int features, bool soft = false);
GraphBatch batch_of(const Graphs& graphs);
/// The graphs of `indices`, in that order.
Graphs pick_graphs(const Graphs& all, std::span<const int> indices);

/// The backend that OPTIPROXY_BACKEND names: `cpu`, or the CUDA backend's kernels on host fibers, `cuda-emulated` or
/// `cuda-emulated-reversed`; in a build for a GPU `cuda`.  Only the CPU has threads.
std::unique_ptr<Backend> make_backend(const ModelConfig& model, int members, int threads);
/// `cases`, or where tests run on fibers, which are slow, `few`.
size_t or_few(size_t cases, size_t few);

/// Every kind of network that the backend has.
std::span<const NetworkKind> kinds();
std::string name_of(NetworkKind kind);
/// The same shape in another kind, for graphs of `nodes` nodes of which some edges vary.
ModelConfig model_of_kind(ModelConfig model, NetworkKind kind, int nodes);
/// For the graphs of a program.
ModelConfig model_on(const GraphProgram& program, NetworkKind kind, int hidden, int layers, int outputs);

/// Fresh parameters with gains and shifts moved off 1 and 0, so that every gradient is tried.
std::vector<float> random_parameters(const ModelConfig& model, uint64_t seed, uint32_t member = 0);

/// Those of each of `members`.
std::vector<float> random_ensemble(const ModelConfig& model, int members, uint64_t seed);

/// A chain of `variables` nodes with `choices` operations between an input and an output node.
SimpleProgram chain_program(int variables, int choices);
/// The same nodes, with every edge i < j free but the chain's own, which is fixed.
SimpleProgram free_program(int variables, int choices);
/// free_program whose first and last operation share a feature.
SimpleProgram alike_program(int variables, int choices);
/// NAS-Bench-201's graph: the edges of a cell of 4 nodes with 5 operations, joined where one ends and the next begins.
SimpleProgram line_graph_program();

Relaxation random_relaxation(const GraphProgram& program, int lanes, Random& random);
Numbers sum(std::span<const float> a, std::span<const float> b);

/// Gumbel(0, 1) of the next word, by the formula.
inline float gumbel(Rng& rng) { return static_cast<float>(-std::log(-std::log(rng.uniform()))); }

using Genes = std::vector<uint8_t>;

/// Orders architectures.  Spelt out: GCC 12 warns, wrongly, about memcmp inside the default order of byte vectors.
struct GenesOrder {
  bool operator()(const Genes& a, const Genes& b) const { return std::ranges::lexicographical_compare(a, b); }
};

/// All architectures of a small space, in the order of their numbers: gene 0 changes fastest.
Genes all_architectures(const SimpleProgram& program);
Genes random_architectures(const SimpleProgram& program, size_t count, Random& random);

/// Sets an environment variable and puts back what was there.
class ScopedEnvironment {
 public:
  ScopedEnvironment(const char* name, const char* value);
  ~ScopedEnvironment();
  ScopedEnvironment(const ScopedEnvironment&) = delete;
  ScopedEnvironment& operator=(const ScopedEnvironment&) = delete;

 private:
  std::string name_, before_;
};

}  // namespace optiproxy::test
