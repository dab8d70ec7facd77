// The optimiser and transposes: passes over flat buffers.

namespace {

/// One step's constants in vectors.
struct AdamWVectors {
  vf b1, c1, b2, c2, shrink, step, root, eps;
  explicit AdamWVectors(const AdamWStep& s)
      : b1(set1(s.beta1)),
        c1(set1(s.rest1)),
        b2(set1(s.beta2)),
        c2(set1(s.rest2)),
        shrink(set1(s.shrink)),
        step(set1(s.step)),
        root(set1(s.root_correct)),
        eps(set1(s.epsilon)) {}

  /// Updates n parameters and their moments, and returns the parameters.
  vf update(const float* gradient, float* p, float* m, float* v, int n) const {
    const vf g = load_some(gradient, n);
    const vf first = fma(b1, load_some(m, n), mul(c1, g));
    const vf second = fma(b2, load_some(v, n), mul(c2, mul(g, g)));
    store_some(m, first, n);
    store_some(v, second, n);
    const vf move = div(mul(step, first), fma(sqrt(second), root, eps));
    const vf next = sub(mul(load_some(p, n), shrink), move);
    store_some(p, next, n);
    return next;
  }
};

void adamw(int64_t count, const AdamWStep* s, const float* gradient, float* p, float* m, float* v) {
  const AdamWVectors vectors(*s);
  int64_t i = 0;
  for (; i + W <= count; i += W) vectors.update(gradient + i, p + i, m + i, v + i, W);
  if (i < count) vectors.update(gradient + i, p + i, m + i, v + i, static_cast<int>(count - i));
}

/// out (n, m) = rows (m, n) transposed, where row(at, count) gives `count` columns of the row-major matrix from offset
/// `at` on.
template <typename Row>
inline void transpose_rows(int m, int n, float* out, Row row) {
  for (int i = 0; i < m; i += W) {
    const int rows = m - i < W ? m - i : W;
    for (int j = 0; j < n; j += W) {
      const int columns = n - j < W ? n - j : W;
      vf tile[W];
      for (int r = 0; r < W; ++r) tile[r] = r < rows ? row(static_cast<int64_t>(i + r) * n + j, columns) : zero();
      transpose_tile(tile);
      for (int c = 0; c < columns; ++c) store_some(out + static_cast<int64_t>(j + c) * m + i, tile[c], rows);
    }
  }
}

void transpose(int m, int n, const float* in, float* out) {
  transpose_rows(m, n, out, [in](int64_t at, int count) { return load_some(in + at, count); });
}

void adamw_transposed(int rows, int columns, const AdamWStep* s, const float* gradient, float* p, float* m, float* v,
                      float* transposed) {
  const AdamWVectors vectors(*s);
  transpose_rows(rows, columns, transposed,
                 [&](int64_t at, int count) { return vectors.update(gradient + at, p + at, m + at, v + at, count); });
}

}  // namespace
