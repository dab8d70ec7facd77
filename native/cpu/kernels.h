// What an ISA unit offers: raw-pointer kernels behind one table of function pointers.  Matrices are row-major float32.
#pragma once

#include <stdint.h>

#include "../core/kernel_values.h"

namespace optiproxy::cpu {

/// What `gemm` does with its product.
enum GemmMode { kStore = 0, kAccumulate = 1 };

/// Rows of weighted references: entry e of row r stands in start[r] <= e < start[r + 1].
struct SparseRows {
  const int32_t* start;
  const int32_t* column;
  const float* weight;
};

/// One term of a sum over rows that repeat: item c takes weight[c * weight_step] times row `row[c]` of rows (ld apart).
struct RowTerm {
  const float* rows;
  int64_t ld;
  const int32_t* row;
  const float* weight;
  int64_t weight_step;
};

/// Item i is the sum of row first_row[i] of `first` and row second_row[i] of `second`, both (-, h).
struct RowPair {
  const float* first;
  const int32_t* first_row;
  const float* second;
  const int32_t* second_row;
};

/// Widest row that pooled_norm takes; check_model refuses more.
constexpr int kMaxHidden = 4096;

struct Kernels {
  const char* isa;
  int vector_floats;

  /// C (m, n; ldc) = or += A·B, with A(i, p) = a[i * a_row + p * a_col] and B (k, n; ldb).
  void (*gemm)(int m, int n, int k, const float* a, int64_t a_row, int64_t a_col, const float* b, int64_t ldb, float* c,
               int64_t ldc, int mode);
  /// out (n, m) = in (m, n) transposed.
  void (*transpose)(int m, int n, const float* in, float* out);

  /// Rows of u (m, h): u + bias is normalised to x_hat with 1/deviation in `rstd` (m); y = (x_hat * gain + shift) *
  /// mask. mask (m, h) may be null.  x_hat may be u itself.
  void (*layer_norm)(int m, int h, const float* u, const float* bias, const float* gain, const float* shift,
                     const float* mask, float* x_hat, float* rstd, float* y);
  /// d_u (m, h) from d_y (m, h), which may be the same buffer; d_bias, d_gain, d_shift (h) are added to, or all null.
  void (*layer_norm_backward)(int m, int h, const float* d_y, const float* gain, const float* mask, const float* x_hat,
                              const float* rstd, float* d_u, float* d_bias, float* d_gain, float* d_shift);

  /// layer_norm of the m items of `pair`.  x_hat may be y.
  void (*layer_norm_of_pairs)(int m, int h, const RowPair* pair, const float* bias, const float* gain,
                              const float* shift, const float* mask, float* x_hat, float* rstd, float* y);
  /// y (m, h): the mean over `nodes` of layer_norm of item i of each node's pair.
  void (*pooled_norm)(int m, int h, int nodes, const RowPair* pairs, const float* bias, const float* gain,
                      const float* shift, float* y);

  /// Row i of out (m, h; ld_out) = relu of the sum over row rows[i] of `a` (row i where `rows` is null) of weight times
  /// row `column` of in (-, h; ld_in).
  void (*aggregate)(int m, int h, const SparseRows* a, const int32_t* rows, const float* in, int64_t ld_in, float* out,
                    int64_t ld_out);
  /// The same sum, without relu, of rows of d where s is positive and of 0 elsewhere; s and d are (-, h; ld).
  void (*aggregate_backward)(int m, int h, const SparseRows* a, const float* s, const float* d, int64_t ld, float* out,
                             int64_t ld_out);
  /// Adds row i of d (m, h), where s (m, h) is positive, times weight to row `column` of out (-, h), over the entries
  /// of row rows[i] of `a`.
  void (*scatter)(int m, int h, const SparseRows* a, const int32_t* rows, const float* s, const float* d, float* out);
  /// Adds row i of in (m, h) to row to[i] of out (-, h).
  void (*add_rows)(int m, int h, const float* in, const int32_t* to, float* out);
  /// Row i of out (m, h) = relu of the sum over `terms` for item at[i].
  void (*combine_rows)(int m, int h, int terms, const RowTerm* term, const int32_t* at, float* out);

  /// d (n) = 0 where s (n) is not positive.
  void (*relu_backward)(int64_t n, const float* s, float* d);
  /// out (m, n) += <a_i, b_j> over `width` columns.
  void (*row_dots)(int m, int n, int width, const float* a, int64_t lda, const float* b, int64_t ldb, float* out);

  /// y (h) = mean of the first `size` rows of x (size, h).
  void (*mean_rows)(int size, int h, const float* x, float* y);
  /// g = gelu(x) * mask, slope = gelu'(x) * mask, all (n); mask and slope may be null.
  void (*gelu)(int64_t n, const float* x, const float* mask, float* g, float* slope);

  /// Rows of p (m, n) become softmax(scale * row), NaN where one holds NaN or +infinity.
  void (*softmax)(int m, int n, float scale, float* p);
  /// d (m, n), the gradient of softmax's rows p (m, n), becomes that of what went in.
  void (*softmax_backward)(int m, int n, float scale, const float* p, float* d);
  /// y (n) = x * factor + base; factor and base may be null, which leaves them out.  y may be any of them.
  void (*multiply_add)(int64_t n, const float* x, const float* factor, const float* base, float* y);

  /// mask (n) of 0 and `scale`.
  void (*dropout_mask)(int64_t n, const MaskStream* stream, float* mask);
  /// noise (n) = -ln(-ln((word + 1/2) / 2^32)), Gumbel(0, 1), of words (n).
  void (*gumbel)(int64_t n, const uint32_t* words, float* noise);
  /// Decoupled weight decay (Loshchilov & Hutter) over flat buffers (n); m and v are the moments.
  void (*adamw)(int64_t n, const AdamWStep* step, const float* gradient, float* p, float* m, float* v);
  /// The same for a matrix (rows, columns), whose transpose (columns, rows) is kept up to date.
  void (*adamw_transposed)(int rows, int columns, const AdamWStep* step, const float* gradient, float* p, float* m,
                           float* v, float* transposed);
};

const Kernels& kernels_baseline();
const Kernels& kernels_avx2();
const Kernels& kernels_avx512();
const Kernels& kernels_neon();

}  // namespace optiproxy::cpu
