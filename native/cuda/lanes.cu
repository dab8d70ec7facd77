// Architectures as graphs: minibatches of a fit, relaxed ones of a climb, discrete ones to be scored.
#include "steps.h"

namespace optiproxy::cuda {
namespace {

constexpr int kThreads = 128;
/// Of blocks whose threads have a lane each: lanes may be few, and shall be spread over the whole chip.
constexpr int kLanes = kWarp;

/// Where one lane's part of a buffer begins.
OPTIPROXY_DEVICE float* part(float* all, int64_t lane, int width) { return all + lane * width; }
OPTIPROXY_DEVICE const float* part(const float* all, int64_t lane, int width) { return all + lane * width; }

OPTIPROXY_KERNEL gather_kernel(Gather p) {
  const int t = thread_in_block();
  const Dataset& data = p.data;
  const int64_t to = int64_t{block_y()} * p.graphs + block_x();
  const int64_t from = p.index[int64_t{*p.clock.at} * p.members * p.graphs + to];
  const auto copy = [&](int width, const float* source, float* target, float missing) {
    for (int i = t; i < width; i += kThreads) target[to * width + i] = from < 0 ? missing : source[from * width + i];
  };
  copy(data.nodes * data.features, data.x, p.x, 0);
  copy(data.outputs, data.targets, p.targets, NAN);
  if (!data.shared) {
    copy(data.nodes * data.nodes, data.out, p.out, 0);
    copy(data.nodes * data.nodes, data.back, p.back, 0);
  }
  if (t == 0) p.sizes[to] = from < 0 ? 1 : data.sizes[from];
}

/// A thread a lane: a lane's genes wait for one another, and lanes are many.
OPTIPROXY_KERNEL relax_kernel(Lanes p) {
  const int64_t lane = int64_t{block_x()} * kLanes + thread_in_block();
  if (lane >= p.lanes) return;
  const ProgramView& program = p.program;
  const int square = program.nodes * program.nodes;
  float* soft = part(p.soft, lane, program.values);
  float* activity = part(p.activity, lane, program.genes);
  lane::relax_genes(program,
                    {part(p.alpha, lane, program.alpha), part(p.noise_alpha, lane, program.alpha),
                     part(p.beta, lane, program.beta), part(p.noise_beta, lane, program.beta)},
                    now(p.clock).tau, soft, activity);
  lane::relax_features(program, soft, activity, part(p.x, lane, program.nodes * program.features));
  if (p.shared) return;
  float* adjacency = part(p.adjacency, lane, square);
  lane::relax_adjacency(program, soft, activity, adjacency);
  normalise_adjacency(program.nodes, adjacency, part(p.out, lane, square), part(p.back, lane, square));
}

OPTIPROXY_KERNEL pull_back_kernel(LanesBackward p) {
  const int64_t lane = int64_t{block_x()} * kLanes + thread_in_block();
  if (lane >= p.at.lanes) return;
  const ProgramView& program = p.at.program;
  const int square = program.nodes * program.nodes;
  const float* soft = part(p.at.soft, lane, program.values);
  const float* activity = part(p.at.activity, lane, program.genes);
  float* d_soft = part(p.d_soft, lane, program.values);
  float* d_activity = part(p.d_activity, lane, program.genes);
  for (int i = 0; i < program.values; ++i) d_soft[i] = 0;
  for (int i = 0; i < program.genes; ++i) d_activity[i] = 0;
  lane::pull_back_features(program, soft, activity, part(p.d_x, lane, program.nodes * program.features), d_soft,
                           d_activity);
  if (!p.at.shared) {
    float* d_adjacency = part(p.d_adjacency, lane, square);
    normalise_adjacency_backward(program.nodes, part(p.at.adjacency, lane, square), part(p.at.out, lane, square),
                                 part(p.at.back, lane, square), part(p.d_out, lane, square),
                                 part(p.d_back, lane, square), d_adjacency);
    lane::pull_back_adjacency(program, soft, activity, d_adjacency, d_soft, d_activity);
  }
  lane::pull_back_genes(program, now(p.at.clock).tau, soft, activity, d_soft, d_activity,
                        part(p.d_alpha, lane, program.alpha), part(p.d_beta, lane, program.beta));
}

OPTIPROXY_KERNEL encode_kernel(Encode p) {
  const int64_t lane = int64_t{block_x()} * kLanes + thread_in_block();
  if (lane >= p.lanes) return;
  const ProgramView& program = p.program;
  const uint8_t* genes = p.genes + lane * program.genes;
  lane::encode_features(program, genes, part(p.x, lane, program.nodes * program.features));
  if (p.shared) return;
  const int square = program.nodes * program.nodes;
  float* adjacency = part(p.adjacency, lane, square);
  lane::encode_adjacency(program, genes, adjacency);
  normalise_adjacency(program.nodes, adjacency, part(p.out, lane, square), part(p.back, lane, square));
}

Grid grid_of(int lanes) { return {{(lanes + kLanes - 1) / kLanes, 1, 1}, kLanes, 0}; }

}  // namespace

void gather(const Gather& p, DeviceStream stream) {
  launch("gather", {{p.graphs, p.members, 1}, kThreads, 0}, stream, gather_kernel, p);
}

void relax(const Lanes& p, DeviceStream stream) { launch("relax", grid_of(p.lanes), stream, relax_kernel, p); }

void pull_back(const LanesBackward& p, DeviceStream stream) {
  launch("pull_back", grid_of(p.at.lanes), stream, pull_back_kernel, p);
}

void encode(const Encode& p, DeviceStream stream) { launch("encode", grid_of(p.lanes), stream, encode_kernel, p); }

}  // namespace optiproxy::cuda
