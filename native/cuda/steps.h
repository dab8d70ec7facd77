// What the CUDA backend launches around the passes through the network: random numbers, minibatches, the loss, the
// optimiser, and architectures as graphs.  A launch is of all members; K members' buffers follow one another.
#pragma once

#include "../core/lane.h"
#include "../core/plans.h"
#include "clock.h"
#include "dialect.h"

namespace optiproxy::cuda {

/// mask (members, count) of 0 and the stream's scale; its counter's words of the step and of the member are filled in.
struct DropoutMask {
  int members;
  int64_t count;
  MaskStream stream;  // of member 0 (lane = member << 8 | place)
  Clock clock;
  float* mask;
};
void dropout_mask(const DropoutMask& p, DeviceStream stream);

/// Gumbel(0, 1) noise of alpha (members, restarts, A) and beta (members, restarts, B).
struct GumbelNoise {
  int members, restarts, alpha, beta;
  uint32_t key[2];
  uint32_t round;
  Clock clock;
  float *noise_alpha, *noise_beta;
};
void gumbel_noise(const GumbelNoise& p, DeviceStream stream);

/// Graphs (graphs) of a fit as they lie on the device, and their targets.
struct Dataset {
  int nodes, features, outputs;
  bool shared;              // one (N, N) pair serves all graphs
  const float* x;           // (graphs, N, F)
  const float *out, *back;  // (graphs, N, N) or (N, N)
  const int32_t* sizes;     // (graphs)
  const float* targets;     // (graphs, O)
};

/// The step's minibatch of each member: graph index[at][member][i] of the data; where it is -1, a graph that counts
/// nothing, whose target is NaN.
struct Gather {
  int members, graphs;
  Dataset data;
  const int32_t* index;  // (steps, members, graphs)
  Clock clock;
  float *x, *out, *back;  // (members, graphs, ...); out and back are not written where they are shared
  int32_t* sizes;
  float* targets;
};
void gather(const Gather& p, DeviceStream stream);

/// The loss of predictions (members, graphs, O) and its slope: over outputs the sum of the mean squared error and,
/// weighed with `ranking`, the mean hinge over pairs; graphs whose target is NaN are left out.
struct Loss {
  int members, graphs, outputs;
  const float *prediction, *target;
  LossConfig config;
  float* slope;
  double* value;  // (members, outputs) parts of the loss
};
void loss(const Loss& p, DeviceStream stream);

/// A step of AdamW (decoupled weight decay) over `fours` * 4 floats, downhill, or where `sign` is -1 uphill.
struct AdamW {
  int64_t fours;
  Clock clock;
  int group;
  float sign;
  const float* gradient;
  float *p, *m, *v;
};
void adamw(const AdamW& p, DeviceStream stream);

/// The next of the steps that have been sent ahead.
void advance(Clock clock, DeviceStream stream);

/// Relaxed architectures, `lanes` of them, at the clock's temperature (see core/lane.h).
struct Lanes {
  ProgramView program;
  int lanes;
  bool shared;  // no gene decides an edge: adjacency, out and back are not written, nor gradients read
  Clock clock;
  const float *alpha, *noise_alpha, *beta, *noise_beta;  // (lanes, A) and (lanes, B)
  float *soft, *activity;                                // (lanes, P), (lanes, G)
  float* x;                                              // (lanes, N, F)
  float *adjacency, *out, *back;                         // (lanes, N, N)
};
void relax(const Lanes& p, DeviceStream stream);

/// Gradients of alpha and beta from those of x, out and back; d_out is used up.
struct LanesBackward {
  Lanes at;
  const float *d_x, *d_back;
  float* d_out;
  float *d_adjacency, *d_soft, *d_activity;  // scratch of each lane
  float *d_alpha, *d_beta;
};
void pull_back(const LanesBackward& p, DeviceStream stream);

/// Discrete architectures (lanes, G) as graphs.
struct Encode {
  ProgramView program;
  int lanes;
  bool shared;  // adjacency, out and back are not written
  const uint8_t* genes;
  float *x, *adjacency, *out, *back;
};
void encode(const Encode& p, DeviceStream stream);

}  // namespace optiproxy::cuda
