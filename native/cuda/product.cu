// Batched products of small matrices: a tile of 64 x 64 a block, 4 x 4 a thread, sixteen columns of A at a time.
#include "kernels.h"

namespace optiproxy::cuda {
namespace {

constexpr int kTile = 64, kDepth = 16, kThreads = 256, kOwn = 4;
/// Floats from one row of a shared tile to the next: a multiple of four, for loads of four, that is none of 32.
constexpr int kStride = kTile + 4;
static_assert(kThreads * kOwn * kOwn == kTile * kTile);
static_assert(kThreads * kOwn == kTile * kDepth);

/// Which of a matrix' indices has its entries next to one another.
enum class Along { kRow, kColumn };

OPTIPROXY_DEVICE const Four& four(const float* at) { return *reinterpret_cast<const Four*>(at); }

/// Four entries (i, j), (i, j + 1)... or with kColumn (i, j), (i + 1, j)...; 0 behind `rows` and `columns`.
template <Along along, bool whole>
OPTIPROXY_DEVICE Four load(const Matrices& m, const float* data, int i, int j, int rows, int columns) {
  Four out{};
  if constexpr (whole) {
    // Sizes are multiples of four, so that four are inside or outside together.
    if (i < rows && j < columns) out = four(data + i * m.row + j * m.column);
  } else {
    for (int e = 0; e < 4; ++e) {
      const int row = along == Along::kColumn ? i + e : i, column = along == Along::kRow ? j + e : j;
      if (row < rows && column < columns) out.v[e] = data[row * m.row + column * m.column];
    }
  }
  return out;
}

/// Four numbers to a shared tile (kDepth, kTile; kStride): next to one another, or one below the other.
template <bool below>
OPTIPROXY_DEVICE void store(float* tile, int depth, int place, const Four& values) {
  if constexpr (below) {
    for (int e = 0; e < 4; ++e) tile[(depth + e) * kStride + place] = values.v[e];
  } else {
    *reinterpret_cast<Four*>(tile + depth * kStride + place) = values;
  }
}

/// A's tile is kept transposed, so that both are read along the row.
template <Along a_along, Along b_along, bool whole>
OPTIPROXY_KERNEL product_kernel(Product p) {
  float* a_tile = shared<float>();
  float* b_tile = a_tile + kDepth * kStride;
  const int t = thread_in_block(), member = block_z();
  const int first_row = block_x() * kTile, first_column = block_y() * kTile;
  const float* a = p.a.data + member * p.a.step;
  const float* b = p.b.data + member * p.b.step;
  // Where this thread's four of either tile are: along the depth, or along the tile.
  const int a_depth = a_along == Along::kRow ? t % 4 * 4 : t / 16,
            a_place = a_along == Along::kRow ? t / 4 : t % 16 * 4;
  const int b_depth = b_along == Along::kColumn ? t % 4 * 4 : t / 16;
  const int b_place = b_along == Along::kColumn ? t / 4 : t % 16 * 4;
  float sum[kOwn][kOwn] = {};
  const int row = t / 16 * kOwn, column = t % 16 * kOwn;
  for (int depth = 0; depth < p.k; depth += kDepth) {
    const Four of_a = load<a_along, whole>(p.a, a, first_row + a_place, depth + a_depth, p.m, p.k);
    const Four of_b = load<b_along, whole>(p.b, b, depth + b_depth, first_column + b_place, p.k, p.n);
    if (depth > 0) sync_block();  // the tiles before are read
    store<a_along == Along::kRow>(a_tile, a_depth, a_place, of_a);
    store<b_along == Along::kColumn>(b_tile, b_depth, b_place, of_b);
    sync_block();
    for (int d = 0; d < kDepth; ++d) {
      const Four x = four(a_tile + d * kStride + row), y = four(b_tile + d * kStride + column);
      for (int i = 0; i < kOwn; ++i) {
        for (int j = 0; j < kOwn; ++j) sum[i][j] += x.v[i] * y.v[j];
      }
    }
  }
  for (int i = 0; i < kOwn; ++i) {
    for (int j = 0; j < kOwn; ++j) {
      const int to_row = first_row + row + i, to_column = first_column + column + j;
      if (to_row >= p.m || to_column >= p.n) continue;
      float& c = p.c[member * p.c_step + to_row * p.ldc + to_column];
      c = p.accumulate ? c + sum[i][j] : sum[i][j];
    }
  }
}

template <Along a_along, Along b_along>
void choose(const Product& p, bool whole, DeviceStream stream) {
  const Grid grid{{(p.m + kTile - 1) / kTile, (p.n + kTile - 1) / kTile, p.members},
                  kThreads,
                  bytes_of_floats(2 * kDepth * kStride)};
  launch("product", grid, stream,
         whole ? product_kernel<a_along, b_along, true> : product_kernel<a_along, b_along, false>, p);
}

/// Whether four entries along the axis can always be read at once: `other` goes from one such line to the next.
bool in_fours(const Matrices& m, int along, int64_t other) {
  return along % 4 == 0 && other % 4 == 0 && m.step % 4 == 0 && reinterpret_cast<uintptr_t>(m.data) % 16 == 0;
}

}  // namespace

void product(const Product& p, DeviceStream stream) {
  const bool a_rows = p.a.column == 1, b_rows = p.b.column == 1;
  const bool whole = in_fours(p.a, a_rows ? p.k : p.m, a_rows ? p.a.row : p.a.column) &&
                     in_fours(p.b, b_rows ? p.n : p.k, b_rows ? p.b.row : p.b.column);
  if (a_rows) {
    b_rows ? choose<Along::kRow, Along::kRow>(p, whole, stream) : choose<Along::kRow, Along::kColumn>(p, whole, stream);
  } else {
    b_rows ? choose<Along::kColumn, Along::kRow>(p, whole, stream)
           : choose<Along::kColumn, Along::kColumn>(p, whole, stream);
  }
}

}  // namespace optiproxy::cuda
