// optiproxy_cuda_bench [small]: what the CUDA backend takes on this device, as one line of JSON: ceilings of the
// device, a train step and a climb step of eight members of hidden 256 and a scan of a million candidates, and their
// launches one by one.  `small` is a workload for host fibers.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "../core/candidate_pool.h"
#include "../core/climb.h"
#include "../cuda/cuda_backend.h"
#include "../cuda/device.h"
#include "space.h"

namespace {

using namespace optiproxy;
using namespace optiproxy::cuda;

struct Workload {
  int members = 8, hidden = 256, layers = 2, batch = 1024, restarts = 200, steps = 100;
  uint64_t candidates = 1 << 20;
  int keep = 100;
  int copied = 1 << 26, summed = 1 << 20, rounds = 2048;  // fours copied; threads that sum, and how often
  int repeats = 5;
};

constexpr Workload kSmall{.members = 2,
                          .hidden = 12,
                          .batch = 4,
                          .restarts = 4,
                          .steps = 10,
                          .candidates = 100,
                          .keep = 5,
                          .copied = 1 << 10,
                          .summed = 1 << 7,
                          .rounds = 1,
                          .repeats = 1};

constexpr int kThreads = 256;
/// What a thread adds up at once, so that no sum waits for another, and turns that a compiler writes out.
constexpr int kSums = 8, kUnrolled = 16;

OPTIPROXY_KERNEL empty_kernel() {}

OPTIPROXY_KERNEL copy_kernel(const Four* from, Four* to, int count) {
  const int i = block_x() * kThreads + thread_in_block();
  if (i < count) to[i] = from[i];
}

OPTIPROXY_KERNEL fma_kernel(float* out, int rounds, float factor) {
  float sum[kSums];
  for (int s = 0; s < kSums; ++s) sum[s] = static_cast<float>(thread_in_block() + s);
  for (int r = 0; r < rounds; ++r) {
    for (int u = 0; u < kUnrolled; ++u) {
      for (int s = 0; s < kSums; ++s) sum[s] = sum[s] * factor + 1.0f;
    }
  }
  float total = 0;
  for (int s = 0; s < kSums; ++s) total += sum[s];
  out[block_x() * kThreads + thread_in_block()] = total;
}

/// Seconds of the only launch of `work` by the device's clock: the least of some after one that does not count.
double seconds_of_launch(int repeats, const std::function<void()>& work) {
  double least = 1e300;
  for (int i = -1; i < repeats; ++i) {
    Profile times;
    profile() = &times;
    work();
    profile() = nullptr;
    if (i >= 0) least = std::min(least, times.begin()->second.milliseconds / 1e3);
  }
  return least;
}

void print_ceilings(const Workload& w) {
  Device device;
  Arena arena(device);
  Four *from = nullptr, *to = nullptr;
  float* out = nullptr;
  const auto blocks = [](int threads) { return (threads + kThreads - 1) / kThreads; };
  const int threads = blocks(w.summed) * kThreads;
  arena.place([&](Arena& a) {
    from = a.take<Four>(static_cast<size_t>(w.copied));
    to = a.take<Four>(static_cast<size_t>(w.copied));
    out = a.take<float>(static_cast<size_t>(threads));
  });
  device.clear(from, static_cast<size_t>(w.copied) * sizeof(Four));
  const double launching = seconds_of_launch(w.repeats, [&] {
    launch("empty", {{1, 1, 1}, kWarp, 0}, device.stream(), empty_kernel);
  });
  const double copying = seconds_of_launch(w.repeats, [&] {
    launch("copy", {{blocks(w.copied), 1, 1}, kThreads, 0}, device.stream(), copy_kernel, from, to, w.copied);
  });
  const double summing = seconds_of_launch(w.repeats, [&] {
    launch("fma", {{blocks(w.summed), 1, 1}, kThreads, 0}, device.stream(), fma_kernel, out, w.rounds, 0.5f);
  });
  std::printf("\"ceilings\":{\"bandwidth\":%.6g,\"flops\":%.6g},\"emptyLaunch\":%.6g",
              2.0 * w.copied * sizeof(Four) / copying, 2.0 * kSums * kUnrolled * w.rounds * threads / summing,
              1e3 * launching);
}

/// What `work` takes, which waits for itself, after `begin`: milliseconds, the least of some repeats after one that
/// does not count; then what its launches take one by one.
void print(const char* name, const Workload& w, int units, const std::function<void()>& begin,
           const std::function<void()>& work) {
  using Clock = std::chrono::steady_clock;
  double least = 1e300;
  for (int i = -1; i < w.repeats; ++i) {
    begin();
    const auto start = Clock::now();
    work();
    const double taken = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    if (i >= 0) least = std::min(least, taken);
  }
  Profile times;
  begin();
  profile() = &times;
  work();
  profile() = nullptr;
  std::printf(",\"%s\":{\"units\":%d,\"milliseconds\":%.6g,\"launches\":[", name, units, least);
  const char* comma = "";
  for (const auto& [kernel, of] : times) {
    std::printf("%s{\"kernel\":\"%s\",\"launches\":%d,\"milliseconds\":%.6g}", comma, kernel.c_str(), of.launches,
                of.milliseconds);
    comma = ",";
  }
  std::printf("]}");
}

void bench(const Workload& w) {
  // As NAS-Bench-201's, with more operations, so that there are more architectures than a scan goes through.
  const Space space = cell_space({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, Isomorphism::kEncoding);
  const GraphProgram& program = space.graph();
  const ModelConfig model{program.features, w.hidden, w.layers, 1};
  const auto backend = make_cuda_backend(model, w.members);
  const size_t each = backend->layout().size();
  std::vector<float> parameters(each * static_cast<size_t>(w.members));
  for (int m = 0; m < w.members; ++m) {
    initialise_parameters(model, 1, static_cast<uint32_t>(m), 0,
                          std::span(parameters).subspan(static_cast<size_t>(m) * each, each));
  }
  backend->set_parameters(parameters);

  std::printf("{\"device\":\"%s\",", availability().words.c_str());
  std::printf(
      "\"shape\":{\"K\":%d,\"L\":%d,\"H\":%d,\"F\":%d,\"N\":%d,\"G\":%d,\"O\":1,\"B\":%d,\"R\":%d,\"keep\":%d},",
      w.members, w.layers, w.hidden, program.features, program.nodes, program.gene_count(), w.batch, w.restarts,
      w.keep);
  print_ceilings(w);

  // Ten batches an epoch; the first step, which takes memory and records the others, is not timed.
  constexpr int kBatches = 10;
  Rng rng({2, Purpose::kUniform, 0, 0, 0});
  const int samples = kBatches * w.batch;
  std::vector<uint8_t> genes(static_cast<size_t>(samples) * space.genes());
  for (size_t at = 0; at < genes.size(); at += space.genes()) space.draw(rng, genes.data() + at);
  std::vector<float> targets;
  for (int i = 0; i < samples; ++i) targets.push_back(static_cast<float>(rng.uniform()));
  FitPlan fit;
  fit.epochs = w.steps / kBatches;
  fit.batch = w.batch;
  fit.loss = {0.2f, 0.1f};
  fit.dropout = 0.1f;
  print(
      "train", w, w.steps - 1,
      [&] {
        backend->begin_fit(program.encode(genes), targets, fit);
        backend->fit(0);
      },
      [&] { backend->fit(1e9); });

  ClimbPlan climb;
  climb.restarts = w.restarts;
  climb.steps = w.steps;
  climb.tau_start = 0.7;
  climb.tau_end = 0.2;
  print(
      "climb", w, w.steps - 1,
      [&] {
        backend->begin_climb(program, latin_hypercube_start(program, w.members, climb), {1.0f}, climb);
        backend->climb(0);
      },
      [&] { backend->climb(1e9); });

  // All that a search does: the best are drawn again by the host, and their keys made.
  CandidatePool pool(space);
  print(
      "scan", w, static_cast<int>(w.candidates),
      [&] {
        pool.clear();
        pool.begin_scan({.count = w.candidates, .keep = static_cast<size_t>(w.keep), .seed = 1}, w.members);
      },
      [&] {
        while (pool.scan(*backend, w.members, 1, kMostScanned) < 1) {
        }
      });
  std::printf("}\n");
}

}  // namespace

int main(int argc, char** argv) {
  const bool small = argc == 2 && std::strcmp(argv[1], "small") == 0;
  if (argc > 1 && !small) {
    std::fprintf(stderr, "optiproxy_cuda_bench: expected nothing or `small`, given %s\n", argv[1]);
    return 2;
  }
  try {
    bench(small ? kSmall : Workload{});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "optiproxy_cuda_bench: %s\n", error.what());
    return 1;
  }
  return 0;
}
