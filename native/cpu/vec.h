// The vector type of one ISA unit: W floats and the handful of operations that the kernels need.  Included only by
// kernels_*.cpp, which are compiled with that ISA's flags; everything is in an anonymous namespace and C headers are
// the only ones allowed, so that no shared symbol can be built with instructions an older processor lacks.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(OPTIPROXY_ISA_AVX512) || defined(OPTIPROXY_ISA_AVX2) || defined(OPTIPROXY_ISA_BASELINE_X86)
#include <immintrin.h>
#elif defined(OPTIPROXY_ISA_NEON)
#include <arm_neon.h>
#endif

namespace {

#if defined(OPTIPROXY_ISA_AVX512)

constexpr int W = 16;
typedef __m512 vf;
inline vf load(const float* p) { return _mm512_loadu_ps(p); }
inline void store(float* p, vf v) { _mm512_storeu_ps(p, v); }
inline __mmask16 lanes(int n) { return static_cast<__mmask16>((1u << n) - 1u); }
inline vf load_n(const float* p, int n) { return _mm512_maskz_loadu_ps(lanes(n), p); }
inline void store_n(float* p, vf v, int n) { _mm512_mask_storeu_ps(p, lanes(n), v); }
inline vf set1(float x) { return _mm512_set1_ps(x); }
inline vf add(vf a, vf b) { return _mm512_add_ps(a, b); }
inline vf sub(vf a, vf b) { return _mm512_sub_ps(a, b); }
inline vf mul(vf a, vf b) { return _mm512_mul_ps(a, b); }
inline vf div(vf a, vf b) { return _mm512_div_ps(a, b); }
inline vf fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }
inline vf max(vf a, vf b) { return _mm512_max_ps(a, b); }
inline vf min(vf a, vf b) { return _mm512_min_ps(a, b); }
inline vf sqrt(vf a) { return _mm512_sqrt_ps(a); }
inline float sum(vf a) { return _mm512_reduce_add_ps(a); }
/// x where a > 0, else 0.
inline vf where_positive(vf a, vf x) {
  return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(a, _mm512_setzero_ps(), _CMP_GT_OQ), x);
}
inline vf nearest(vf a) { return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
/// 2^n for whole n within the normal range.
inline vf pow2(vf n) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_add_epi32(_mm512_cvtps_epi32(n), _mm512_set1_epi32(127)), 23));
}

#elif defined(OPTIPROXY_ISA_AVX2)

constexpr int W = 8;
typedef __m256 vf;
inline vf load(const float* p) { return _mm256_loadu_ps(p); }
inline void store(float* p, vf v) { _mm256_storeu_ps(p, v); }
inline __m256i lanes(int n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
inline vf load_n(const float* p, int n) { return _mm256_maskload_ps(p, lanes(n)); }
inline void store_n(float* p, vf v, int n) { _mm256_maskstore_ps(p, lanes(n), v); }
inline vf set1(float x) { return _mm256_set1_ps(x); }
inline vf add(vf a, vf b) { return _mm256_add_ps(a, b); }
inline vf sub(vf a, vf b) { return _mm256_sub_ps(a, b); }
inline vf mul(vf a, vf b) { return _mm256_mul_ps(a, b); }
inline vf div(vf a, vf b) { return _mm256_div_ps(a, b); }
inline vf fma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }
inline vf max(vf a, vf b) { return _mm256_max_ps(a, b); }
inline vf min(vf a, vf b) { return _mm256_min_ps(a, b); }
inline vf sqrt(vf a) { return _mm256_sqrt_ps(a); }
inline float sum(vf a) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_shuffle_ps(s, s, 1)));
}
inline vf where_positive(vf a, vf x) { return _mm256_and_ps(_mm256_cmp_ps(a, _mm256_setzero_ps(), _CMP_GT_OQ), x); }
inline vf nearest(vf a) { return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
inline vf pow2(vf n) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23));
}

#elif defined(OPTIPROXY_ISA_BASELINE_X86)

constexpr int W = 4;
typedef __m128 vf;
inline vf load(const float* p) { return _mm_loadu_ps(p); }
inline void store(float* p, vf v) { _mm_storeu_ps(p, v); }
inline vf set1(float x) { return _mm_set1_ps(x); }
inline vf add(vf a, vf b) { return _mm_add_ps(a, b); }
inline vf sub(vf a, vf b) { return _mm_sub_ps(a, b); }
inline vf mul(vf a, vf b) { return _mm_mul_ps(a, b); }
inline vf div(vf a, vf b) { return _mm_div_ps(a, b); }
inline vf fma(vf a, vf b, vf c) { return _mm_add_ps(_mm_mul_ps(a, b), c); }
inline vf max(vf a, vf b) { return _mm_max_ps(a, b); }
inline vf min(vf a, vf b) { return _mm_min_ps(a, b); }
inline vf sqrt(vf a) { return _mm_sqrt_ps(a); }
inline float sum(vf a) {
  const __m128 s = _mm_add_ps(a, _mm_movehl_ps(a, a));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_shuffle_ps(s, s, 1)));
}
inline vf where_positive(vf a, vf x) { return _mm_and_ps(_mm_cmpgt_ps(a, _mm_setzero_ps()), x); }
inline vf nearest(vf a) { return _mm_cvtepi32_ps(_mm_cvtps_epi32(a)); }
inline vf pow2(vf n) {
  return _mm_castsi128_ps(_mm_slli_epi32(_mm_add_epi32(_mm_cvtps_epi32(n), _mm_set1_epi32(127)), 23));
}

#elif defined(OPTIPROXY_ISA_NEON)

constexpr int W = 4;
typedef float32x4_t vf;
inline vf load(const float* p) { return vld1q_f32(p); }
inline void store(float* p, vf v) { vst1q_f32(p, v); }
inline vf set1(float x) { return vdupq_n_f32(x); }
inline vf add(vf a, vf b) { return vaddq_f32(a, b); }
inline vf sub(vf a, vf b) { return vsubq_f32(a, b); }
inline vf mul(vf a, vf b) { return vmulq_f32(a, b); }
inline vf div(vf a, vf b) { return vdivq_f32(a, b); }
inline vf fma(vf a, vf b, vf c) { return vfmaq_f32(c, a, b); }
inline vf max(vf a, vf b) { return vmaxq_f32(a, b); }
inline vf min(vf a, vf b) { return vminq_f32(a, b); }
inline vf sqrt(vf a) { return vsqrtq_f32(a); }
inline float sum(vf a) { return vaddvq_f32(a); }
inline vf where_positive(vf a, vf x) {
  return vreinterpretq_f32_u32(vandq_u32(vcgtq_f32(a, vdupq_n_f32(0)), vreinterpretq_u32_f32(x)));
}
inline vf nearest(vf a) { return vrndnq_f32(a); }
inline vf pow2(vf n) { return vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(vcvtnq_s32_f32(n), vdupq_n_s32(127)), 23)); }

#else
#error "define one OPTIPROXY_ISA_* before including vec.h"
#endif

#if defined(OPTIPROXY_ISA_BASELINE_X86) || defined(OPTIPROXY_ISA_NEON)
inline vf load_n(const float* p, int n) {
  float t[W] = {};
  memcpy(t, p, static_cast<size_t>(n) * sizeof(float));
  return load(t);
}
inline void store_n(float* p, vf v, int n) {
  float t[W];
  store(t, v);
  memcpy(p, t, static_cast<size_t>(n) * sizeof(float));
}
#endif

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

/// e^x, relative error below 2e-7; x is clamped to ±87.
inline vf exp(vf x) {
  x = max(min(x, set1(87.0f)), set1(-87.0f));
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

}  // namespace
