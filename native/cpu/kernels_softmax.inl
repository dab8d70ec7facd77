// Kernels of attention: softmax over rows, which are as short as a graph has nodes, and sums of products.

namespace {

void softmax(int m, int n, float scale, float* p) {
  const vf by = set1(scale);
  for (int i = 0; i < m; ++i, p += n) {
    float high = p[0];
    for (int j = 1; j < n; ++j) high = p[j] > high ? p[j] : high;
    const vf top = set1(high);
    vf total = zero();
    for_vectors(n, [&](int j, int lanes) {
      const vf e = exp(mul(sub(load_some(p + j, lanes), top), by));
      store_some(p + j, e, lanes);
      total = add(total, load_some(p + j, lanes));  // zeros behind the row's end
    });
    const vf share = set1(1.0f / sum(total));
    for_vectors(n, [&](int j, int lanes) { store_some(p + j, mul(load_some(p + j, lanes), share), lanes); });
  }
}

/// scale * p * (d - <p, d>)
void softmax_backward(int m, int n, float scale, const float* p, float* d) {
  const vf by = set1(scale);
  for (int i = 0; i < m; ++i, p += n, d += n) {
    vf dot = zero();
    for_vectors(n, [&](int j, int lanes) { dot = fma(load_some(p + j, lanes), load_some(d + j, lanes), dot); });
    const vf mean = set1(sum(dot));
    for_vectors(n, [&](int j, int lanes) {
      store_some(d + j, mul(mul(load_some(p + j, lanes), by), sub(load_some(d + j, lanes), mean)), lanes);
    });
  }
}

void multiply_add(int64_t count, const float* x, const float* factor, const float* base, float* y) {
  for_vectors(static_cast<int>(count), [&](int i, int n) {
    const vf v = load_some(x + i, n);
    const vf times = factor == nullptr ? set1(1.0f) : load_some(factor + i, n);
    store_some(y + i, base == nullptr ? mul(v, times) : fma(v, times, load_some(base + i, n)), n);
  });
}

}  // namespace
