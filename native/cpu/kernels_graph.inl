// Kernels over the edges of graphs: sums of weighted rows, in both directions of a pass, and sums of rows that repeat.

namespace {

/// Calls f(offset, lanes, count<C>) over `width` columns, three vectors at a time as long as there are as many.
template <int C>
struct Vectors {
  static constexpr int count = C;
};
template <typename F>
inline void for_blocks(int width, F f) {
  int j = 0;
  for (; j + 3 * W <= width; j += 3 * W) f(j, W, Vectors<3>{});
  for (; j + W <= width; j += W) f(j, W, Vectors<1>{});
  if (j < width) f(j, width - j, Vectors<1>{});
}

void aggregate(int m, int h, const SparseRows* a, const int32_t* rows, const float* in, int64_t ld_in, float* out,
               int64_t ld_out) {
  for (int i = 0; i < m; ++i, out += ld_out) {
    const int32_t row = rows == nullptr ? i : rows[i], first = a->start[row], last = a->start[row + 1];
    for_blocks(h, [&](int j, int n, auto block) {
      constexpr int C = decltype(block)::count;
      vf acc[C];
      for (int c = 0; c < C; ++c) acc[c] = zero();
      for (int32_t e = first; e < last; ++e) {
        const vf weight = set1(a->weight[e]);
        const float* from = in + a->column[e] * ld_in + j;
        for (int c = 0; c < C; ++c) acc[c] = fma(weight, load_some(from + c * W, n), acc[c]);
      }
      for (int c = 0; c < C; ++c) store_some(out + j + c * W, max(acc[c], zero()), n);
    });
  }
}

void aggregate_backward(int m, int h, const SparseRows* a, const float* s, const float* d, int64_t ld, float* out,
                        int64_t ld_out) {
  for (int i = 0; i < m; ++i, out += ld_out) {
    const int32_t first = a->start[i], last = a->start[i + 1];
    for_blocks(h, [&](int j, int n, auto block) {
      constexpr int C = decltype(block)::count;
      vf acc[C];
      for (int c = 0; c < C; ++c) acc[c] = zero();
      for (int32_t e = first; e < last; ++e) {
        const vf weight = set1(a->weight[e]);
        const int64_t from = a->column[e] * ld + j;
        for (int c = 0; c < C; ++c) {
          const vf slope = where_positive(load_some(s + from + c * W, n), load_some(d + from + c * W, n));
          acc[c] = fma(weight, slope, acc[c]);
        }
      }
      for (int c = 0; c < C; ++c) store_some(out + j + c * W, acc[c], n);
    });
  }
}

void scatter(int m, int h, const SparseRows* a, const int32_t* rows, const float* s, const float* d, float* out) {
  for (int i = 0; i < m; ++i, s += h, d += h) {
    for (int32_t e = a->start[rows[i]]; e < a->start[rows[i] + 1]; ++e) {
      const vf weight = set1(a->weight[e]);
      float* to = out + static_cast<int64_t>(a->column[e]) * h;
      for_vectors(h, [&](int j, int n) {
        const vf slope = where_positive(load_some(s + j, n), load_some(d + j, n));
        store_some(to + j, fma(weight, slope, load_some(to + j, n)), n);
      });
    }
  }
}

void add_rows(int m, int h, const float* in, const int32_t* to, float* out) {
  for (int i = 0; i < m; ++i, in += h) {
    float* sum = out + static_cast<int64_t>(to[i]) * h;
    for_vectors(h, [&](int j, int n) { store_some(sum + j, add(load_some(sum + j, n), load_some(in + j, n)), n); });
  }
}

void combine_rows(int m, int h, int terms, const RowTerm* term, const int32_t* at, float* out) {
  for (int i = 0; i < m; ++i, out += h) {
    for_blocks(h, [&](int j, int n, auto block) {
      constexpr int C = decltype(block)::count;
      vf acc[C];
      for (int c = 0; c < C; ++c) acc[c] = zero();
      for (int t = 0; t < terms; ++t) {
        const vf weight = set1(term[t].weight[at[i] * term[t].weight_step]);
        const float* from = term[t].rows + term[t].row[at[i]] * term[t].ld + j;
        for (int c = 0; c < C; ++c) acc[c] = fma(weight, load_some(from + c * W, n), acc[c]);
      }
      for (int c = 0; c < C; ++c) store_some(out + j + c * W, max(acc[c], zero()), n);
    });
  }
}

}  // namespace
