// What the CUDA backend launches.  Matrices are row-major float32 on the device; K members or K batches are one launch,
// the members `step` floats apart.  Sums are taken in an order that depends on shapes alone, so that a run gives the
// same bits as the one before.
#pragma once

#include <cstdint>

#include "dialect.h"

namespace optiproxy::cuda {

/// A matrix of each member: entry (i, j) of member k stands at data[k * step + i * row + j * column].
struct Matrices {
  const float* data;
  int64_t row, column, step;
};

/// C (members, m, n; ldc) = or += A (m, k) · B (k, n).
struct Product {
  int members, m, n, k;
  Matrices a, b;
  float* c;
  int64_t ldc, c_step;
  bool accumulate;
};
void product(const Product& p, DeviceStream stream);

/// Rows of u (members, m, h) + bias (h) are normalised to x_hat with 1/deviation in rstd (m); y = x_hat * gain + shift,
/// times mask (m, h) where there is one.  x_hat may be u.  Parameters are `parameter_step` floats apart from member to
/// member.
struct LayerNorm {
  int members, m, h;
  const float* u;
  const float *bias, *gain, *shift;
  int64_t parameter_step;
  const float* mask;
  float *x_hat, *rstd, *y;
};
void layer_norm(const LayerNorm& p, DeviceStream stream);

/// d_u (members, m, h) from d_y; and from both d_bias, d_gain and d_shift (h) of each member, unless they are null.
struct LayerNormBackward {
  int members, m, h;
  const float* d_y;
  const float* gain;
  int64_t parameter_step;
  const float *mask, *x_hat, *rstd;
  float* d_u;
  float *d_bias, *d_gain, *d_shift;
};
void layer_norm_backward(const LayerNormBackward& p, DeviceStream stream);

/// Normalised adjacencies (N, N), `out` and `back`: those of graph g of member m stand m * member + g * graph floats
/// further on.  Members may share them, and graphs.
struct Adjacencies {
  const float *out, *back;
  int64_t member, graph;
};

/// Graphs of N nodes, at most kMostNodes (cuda_backend.h): rows i of out (members, graphs, N, 2H) = relu of the sum
/// over j of a[i][j] times row j of `in`, the first H columns by `a.out`, the others by `a.back`.
struct Aggregate {
  int members, graphs, nodes, hidden;
  Adjacencies a;
  const float* in;
  float* out;
};
void aggregate(const Aggregate& p, DeviceStream stream);

/// The gradient of that: d_mixed (members, graphs, N, 2H), where mixed is positive and 0 elsewhere, becomes d_in, and
/// d_out and d_back (members, graphs, N, N) unless they are null, or is added to those; `in` as it went in.  d_in may
/// not be d_mixed.
struct AggregateBackward {
  int members, graphs, nodes, hidden;
  Adjacencies a;
  const float *mixed, *d_mixed, *in;
  float* d_in;
  float *d_out, *d_back;
  bool accumulate;
};
void aggregate_backward(const AggregateBackward& p, DeviceStream stream);

/// Numbers of real nodes, (graphs) of each member, `member` apart: 0 where members share them.
struct Sizes {
  const int32_t* data;
  int64_t member;
};

/// pooled (members, graphs, H): the mean of the first `size` of N rows (members, graphs, N, H), then activated =
/// gelu(pooled) and slope = gelu'(pooled), both times mask (members, graphs, H) where there is one.
struct Pool {
  int members, graphs, nodes, hidden;
  Sizes sizes;
  const float *rows, *mask;
  float *activated, *slope;
};
void pool(const Pool& p, DeviceStream stream);

/// d_rows (members, graphs, N, H) from d_activated (members, graphs, H); 0 behind the real nodes.
struct PoolBackward {
  int members, graphs, nodes, hidden;
  Sizes sizes;
  const float *d_activated, *slope;
  float* d_rows;
};
void pool_backward(const PoolBackward& p, DeviceStream stream);

}  // namespace optiproxy::cuda
