// Matrix products on register tiles: kRows x 3 vectors of C stay in registers while A is broadcast and B streams.  The
// sum over k runs in order for every element, whatever the tile, so results do not depend on where a row stands.

namespace {

#if defined(OPTIPROXY_ISA_AVX512) || defined(OPTIPROXY_ISA_NEON)
constexpr int kRows = 8;  // 24 accumulators of 32 registers
#else
constexpr int kRows = 4;  // 12 accumulators of 16 registers
#endif

template <int R, int C, bool Partial>
inline void gemm_tile(int k, const float* a, int64_t a_row, int64_t a_col, const float* b, int64_t ldb, float* c,
                      int64_t ldc, int last, int mode) {
  vf acc[R][C];
  for (int r = 0; r < R; ++r) {
    for (int j = 0; j < C; ++j) {
      const float* from = c + r * ldc + j * W;
      acc[r][j] = mode != kAccumulate ? zero() : (Partial && j == C - 1) ? load_n(from, last) : load(from);
    }
  }
  for (int p = 0; p < k; ++p, a += a_col, b += ldb) {
    vf row[C];
    for (int j = 0; j < C; ++j) row[j] = (Partial && j == C - 1) ? load_n(b + j * W, last) : load(b + j * W);
    for (int r = 0; r < R; ++r) {
      const vf x = set1(a[r * a_row]);
      for (int j = 0; j < C; ++j) acc[r][j] = fma(x, row[j], acc[r][j]);
    }
  }
  for (int r = 0; r < R; ++r) {
    for (int j = 0; j < C; ++j) {
      float* to = c + r * ldc + j * W;
      if (Partial && j == C - 1) {
        store_n(to, acc[r][j], last);
      } else {
        store(to, acc[r][j]);
      }
    }
  }
}

template <int C, bool Partial>
void gemm_columns(int m, int k, const float* a, int64_t a_row, int64_t a_col, const float* b, int64_t ldb, float* c,
                  int64_t ldc, int last, int mode) {
  int i = 0;
  for (; i + kRows <= m; i += kRows) {
    gemm_tile<kRows, C, Partial>(k, a + i * a_row, a_row, a_col, b, ldb, c + i * ldc, ldc, last, mode);
  }
  if constexpr (kRows == 8) {
    if (i + 4 <= m) {
      gemm_tile<4, C, Partial>(k, a + i * a_row, a_row, a_col, b, ldb, c + i * ldc, ldc, last, mode);
      i += 4;
    }
  }
  if (i + 2 <= m) {
    gemm_tile<2, C, Partial>(k, a + i * a_row, a_row, a_col, b, ldb, c + i * ldc, ldc, last, mode);
    i += 2;
  }
  if (i < m) gemm_tile<1, C, Partial>(k, a + i * a_row, a_row, a_col, b, ldb, c + i * ldc, ldc, last, mode);
}

void gemm(int m, int n, int k, const float* a, int64_t a_row, int64_t a_col, const float* b, int64_t ldb, float* c,
          int64_t ldc, int mode) {
  int j = 0;
  for (; j + 3 * W <= n; j += 3 * W) gemm_columns<3, false>(m, k, a, a_row, a_col, b + j, ldb, c + j, ldc, W, mode);
  const int whole = (n - j) / W, last = (n - j) % W;
  b += j;
  c += j;
  if (whole == 2 && last > 0) {
    gemm_columns<3, true>(m, k, a, a_row, a_col, b, ldb, c, ldc, last, mode);
  } else if (whole == 2) {
    gemm_columns<2, false>(m, k, a, a_row, a_col, b, ldb, c, ldc, W, mode);
  } else if (whole == 1 && last > 0) {
    gemm_columns<2, true>(m, k, a, a_row, a_col, b, ldb, c, ldc, last, mode);
  } else if (whole == 1) {
    gemm_columns<1, false>(m, k, a, a_row, a_col, b, ldb, c, ldc, W, mode);
  } else if (last > 0) {
    gemm_columns<1, true>(m, k, a, a_row, a_col, b, ldb, c, ldc, last, mode);
  }
}

}  // namespace
