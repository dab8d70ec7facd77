// Kernels over rows of activations: layer normalisation, ReLU, pooling, GELU, and the dot products behind the
// adjacency's gradient.

namespace {

/// Normalises rows whose columns source(i, j, n) gives.
template <typename Source>
inline void normalise_rows(int m, int h, Source source, const float* gain, const float* shift, const float* mask,
                           float* x_hat, float* rstd, float* y) {
  const float scale = 1.0f / static_cast<float>(h);
  for (int i = 0; i < m; ++i, x_hat += h, y += h) {
    vf total = zero();
    for_vectors(h, [&](int j, int n) {
      const vf v = source(i, j, n);
      store_some(x_hat + j, v, n);
      total = add(total, v);
    });
    const float mean = sum(total) * scale;
    const vf centre = set1(mean);
    vf squares = zero();
    for_vectors(h, [&](int j, int n) {
      const vf d = sub(load_some(x_hat + j, n), centre);
      squares = n == W ? fma(d, d, squares) : add(squares, first_lanes(mul(d, d), n));
    });
    const float r = 1.0f / sqrtf(sum(squares) * scale + 1e-5f);
    rstd[i] = r;
    for_vectors(h, [&](int j, int n) {
      const vf v = mul(sub(load_some(x_hat + j, n), centre), set1(r));
      store_some(x_hat + j, v, n);
      vf out = fma(v, load_some(gain + j, n), load_some(shift + j, n));
      if (mask != nullptr) out = mul(out, load_some(mask + j, n));
      store_some(y + j, out, n);
    });
    if (mask != nullptr) mask += h;
  }
}

void layer_norm(int m, int h, const float* u, const float* bias, const float* gain, const float* shift,
                const float* mask, float* x_hat, float* rstd, float* y) {
  const auto source = [=](int i, int j, int n) {
    return add(load_some(u + static_cast<int64_t>(i) * h + j, n), load_some(bias + j, n));
  };
  normalise_rows(m, h, source, gain, shift, mask, x_hat, rstd, y);
}

void layer_norm_of_pairs(int m, int h, const RowPair* pair, const float* bias, const float* gain, const float* shift,
                         const float* mask, float* x_hat, float* rstd, float* y) {
  const auto source = [=](int i, int j, int n) {
    const vf first = load_some(pair->first + static_cast<int64_t>(pair->first_row[i]) * h + j, n);
    return add(add(first, load_some(pair->second + static_cast<int64_t>(pair->second_row[i]) * h + j, n)),
               load_some(bias + j, n));
  };
  normalise_rows(m, h, source, gain, shift, mask, x_hat, rstd, y);
}

/// Normalised rows are summed as they are made; gain and shift, which all nodes share, come last.
void pooled_norm(int m, int h, int nodes, const RowPair* pairs, const float* bias, const float* gain,
                 const float* shift, float* y) {
  const float scale = 1.0f / static_cast<float>(h);
  float u[kMaxHidden];
  for (int i = 0; i < m; ++i, y += h) {
    for (int node = 0; node < nodes; ++node) {
      const float* a = pairs[node].first + static_cast<int64_t>(pairs[node].first_row[i]) * h;
      const float* b = pairs[node].second + static_cast<int64_t>(pairs[node].second_row[i]) * h;
      vf total = zero();
      for_vectors(h, [&](int j, int n) {
        const vf v = add(add(load_some(a + j, n), load_some(b + j, n)), load_some(bias + j, n));
        store_some(u + j, v, n);
        total = add(total, v);
      });
      const vf centre = set1(sum(total) * scale);
      vf squares = zero();
      for_vectors(h, [&](int j, int n) {
        const vf d = sub(load_some(u + j, n), centre);
        squares = n == W ? fma(d, d, squares) : add(squares, first_lanes(mul(d, d), n));
      });
      const vf r = set1(1.0f / sqrtf(sum(squares) * scale + 1e-5f));
      for_vectors(h, [&](int j, int n) {
        const vf before = node == 0 ? zero() : load_some(y + j, n);
        store_some(y + j, fma(sub(load_some(u + j, n), centre), r, before), n);
      });
    }
    const vf share = set1(1.0f / static_cast<float>(nodes));
    for_vectors(h, [&](int j, int n) {
      store_some(y + j, fma(mul(load_some(y + j, n), share), load_some(gain + j, n), load_some(shift + j, n)), n);
    });
  }
}

/// d_u = rstd * (g - mean(g) - x_hat * mean(g * x_hat)) with g = d_y * mask * gain.
void layer_norm_backward(int m, int h, const float* d_y, const float* gain, const float* mask, const float* x_hat,
                         const float* rstd, float* d_u, float* d_bias, float* d_gain, float* d_shift) {
  const float scale = 1.0f / static_cast<float>(h);
  for (int i = 0; i < m; ++i, d_y += h, x_hat += h, d_u += h) {
    vf total = zero(), dot = zero();
    for_vectors(h, [&](int j, int n) {
      vf d = load_some(d_y + j, n);
      if (mask != nullptr) d = mul(d, load_some(mask + j, n));
      const vf x = load_some(x_hat + j, n);
      if (d_gain != nullptr) {
        store_some(d_gain + j, fma(d, x, load_some(d_gain + j, n)), n);
        store_some(d_shift + j, add(d, load_some(d_shift + j, n)), n);
      }
      const vf g = mul(d, load_some(gain + j, n));
      store_some(d_u + j, g, n);
      total = add(total, g);
      dot = fma(g, x, dot);
    });
    const vf mean = set1(sum(total) * scale), lean = set1(sum(dot) * scale), r = set1(rstd[i]);
    for_vectors(h, [&](int j, int n) {
      const vf d = mul(r, sub(sub(load_some(d_u + j, n), mean), mul(load_some(x_hat + j, n), lean)));
      store_some(d_u + j, d, n);
      if (d_bias != nullptr) store_some(d_bias + j, add(d, load_some(d_bias + j, n)), n);
    });
    if (mask != nullptr) mask += h;
  }
}

void relu_backward(int64_t count, const float* s, float* d) {
  int64_t i = 0;
  for (; i + W <= count; i += W) store(d + i, where_positive(load(s + i), load(d + i)));
  for (; i < count; ++i) d[i] = s[i] > 0 ? d[i] : 0.0f;
}

/// C dot products at once, so that their sums do not wait for one another.
template <int C>
inline void dots_with(int width, const float* a, const float* b, int64_t ldb, float* out) {
  vf total[C];
  for (int c = 0; c < C; ++c) total[c] = zero();
  for_vectors(width, [&](int j, int n) {
    const vf x = load_some(a + j, n);
    for (int c = 0; c < C; ++c) total[c] = fma(x, load_some(b + c * ldb + j, n), total[c]);
  });
  for (int c = 0; c < C; ++c) out[c] += sum(total[c]);
}

void row_dots(int m, int n, int width, const float* a, int64_t lda, const float* b, int64_t ldb, float* out) {
  for (int i = 0; i < m; ++i, a += lda, out += n) {
    int j = 0;
    for (; j + 4 <= n; j += 4) dots_with<4>(width, a, b + j * ldb, ldb, out + j);
    for (; j < n; ++j) dots_with<1>(width, a, b + j * ldb, ldb, out + j);
  }
}

void mean_rows(int size, int h, const float* x, float* y) {
  const vf scale = set1(1.0f / static_cast<float>(size));
  for_vectors(h, [&](int j, int n) {
    vf total = zero();
    for (int i = 0; i < size; ++i) total = add(total, load_some(x + static_cast<int64_t>(i) * h + j, n));
    store_some(y + j, mul(total, scale), n);
  });
}

/// Exact GELU, x Φ(x).  Φ by Abramowitz and Stegun 7.1.26: absolute error of erf below 1.5e-7.
void gelu(int64_t count, const float* x, const float* mask, float* g, float* slope) {
  for_vectors(static_cast<int>(count), [&](int i, int n) {
    const vf v = load_some(x + i, n);
    const vf magnitude = max(v, sub(zero(), v));
    const vf density = exp(mul(set1(-0.5f), mul(v, v)));  // e^{-x²/2}, shared by erf and the slope
    const vf t = div(set1(1.0f), fma(set1(0.3275911f * 0.70710678f), magnitude, set1(1.0f)));
    vf p = set1(1.061405429f);
    p = fma(p, t, set1(-1.453152027f));
    p = fma(p, t, set1(1.421413741f));
    p = fma(p, t, set1(-0.284496736f));
    p = fma(p, t, set1(0.254829592f));
    const vf upper = mul(set1(0.5f), mul(mul(p, t), density));  // 1 - Φ(|x|)
    const vf cdf = add(where_positive(v, sub(set1(1.0f), add(upper, upper))), upper);
    const vf keep = mask == nullptr ? set1(1.0f) : load_some(mask + i, n);
    store_some(g + i, mul(mul(v, cdf), keep), n);
    if (slope != nullptr) store_some(slope + i, mul(fma(mul(v, density), set1(0.398942280f), cdf), keep), n);
  });
}

}  // namespace
