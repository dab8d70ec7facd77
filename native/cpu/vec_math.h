// What the kernels need of vectors beyond single instructions, in terms of vec.h; the same rules hold.
#pragma once

#include "vec.h"

namespace {

inline vf zero() { return set1(0.0f); }

/// The first n lanes of v, zeros behind them.
inline vf first_lanes(vf v, int n) {
  float t[W];
  store(t, v);
  return load_n(t, n);
}

/// Calls f(offset, lanes) for each whole vector of `count` floats and once for the rest; `lanes` is W or fewer.
template <typename F>
inline void for_vectors(int count, F f) {
  int i = 0;
  for (; i + W <= count; i += W) f(i, W);
  if (i < count) f(i, count - i);
}

inline vf load_some(const float* p, int n) { return n == W ? load(p) : load_n(p, n); }
inline void store_some(float* p, vf v, int n) {
  if (n == W) {
    store(p, v);
  } else {
    store_n(p, v, n);
  }
}

/// A W x W tile turned over by log2(W) perfect shuffles of its rows.
inline void transpose_tile(vf (&t)[W]) {
  for (int width = W; width > 1; width /= 2) {
    vf next[W];
    for (int i = 0; i < W / 2; ++i) {
      next[2 * i] = zip_low(t[i], t[i + W / 2]);
      next[2 * i + 1] = zip_high(t[i], t[i + W / 2]);
    }
    for (int i = 0; i < W; ++i) t[i] = next[i];
  }
}

/// e^x, relative error below 2e-7; x is clamped to ±87, NaN stays NaN.
inline vf exp(vf x) {
  x = max(set1(-87.0f), min(set1(87.0f), x));  // x86 gives the second operand where one is NaN
  const vf n = nearest(mul(x, set1(1.44269504f)));
  vf r = fma(n, set1(-0.693359375f), x);  // ln 2 in two parts (Cody and Waite), so that r keeps its low bits
  r = fma(n, set1(2.12194440e-4f), r);
  vf p = set1(1.9875691500e-4f);
  p = fma(p, r, set1(1.3981999507e-3f));
  p = fma(p, r, set1(8.3334519073e-3f));
  p = fma(p, r, set1(4.1665795894e-2f));
  p = fma(p, r, set1(1.6666665459e-1f));
  p = fma(p, r, set1(5.0000001201e-1f));
  p = add(fma(mul(r, r), p, r), set1(1.0f));
  return mul(p, pow2(n));
}

/// ln x for normal x > 0, relative error below 2e-7 (the polynomial of Cephes' logf).
inline vf log(vf x) {
  vf e;
  vf m = mantissa(x, &e);
  const vf large = where_positive(sub(m, set1(1.41421356f)), set1(1.0f));  // centre m on 1
  m = fma(large, mul(m, set1(-0.5f)), m);
  e = add(e, large);
  const vf r = sub(m, set1(1.0f)), square = mul(r, r);
  vf p = set1(7.0376836292e-2f);
  p = fma(p, r, set1(-1.1514610310e-1f));
  p = fma(p, r, set1(1.1676998740e-1f));
  p = fma(p, r, set1(-1.2420140846e-1f));
  p = fma(p, r, set1(1.4249322787e-1f));
  p = fma(p, r, set1(-1.6668057665e-1f));
  p = fma(p, r, set1(2.0000714765e-1f));
  p = fma(p, r, set1(-2.4999993993e-1f));
  p = fma(p, r, set1(3.3333331174e-1f));
  vf tail = mul(mul(p, r), square);
  tail = fma(e, set1(-2.12194440e-4f), tail);
  tail = fma(square, set1(-0.5f), tail);
  return fma(e, set1(0.693359375f), add(r, tail));
}

}  // namespace
