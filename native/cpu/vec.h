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
/// a0 b0 a1 b1 ... of the lower half, and of the upper.
inline vf zip_low(vf a, vf b) {
  const __m512i order = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  return _mm512_permutex2var_ps(a, order, b);
}
inline vf zip_high(vf a, vf b) {
  const __m512i order = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  return _mm512_permutex2var_ps(a, order, b);
}
typedef __m512i vu;
inline vu set1u(uint32_t x) { return _mm512_set1_epi32(static_cast<int>(x)); }
inline vu load_u(const uint32_t* p) { return _mm512_loadu_si512(p); }
inline vu add_u(vu a, vu b) { return _mm512_add_epi32(a, b); }
inline vu xor_u(vu a, vu b) { return _mm512_xor_si512(a, b); }
inline vu lower16(vu a) { return _mm512_and_si512(a, _mm512_set1_epi32(0xffff)); }
inline vu upper16(vu a) { return _mm512_srli_epi32(a, 16); }
inline vf to_float(vu a) { return _mm512_cvtepi32_ps(a); }
/// x = m * 2^exponent with m in [1, 2), for normal x > 0.
inline vf mantissa(vf x, vf* exponent) {
  *exponent = _mm512_getexp_ps(x);
  return _mm512_getmant_ps(x, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_src);
}
/// Both halves of the 64-bit products.
inline void mul_wide(vu a, vu b, vu* high, vu* low) {
  const vu even = _mm512_mul_epu32(a, b), odd = _mm512_mul_epu32(_mm512_srli_epi64(a, 32), b);
  *low = _mm512_mask_mov_epi32(even, 0xAAAA, _mm512_slli_epi64(odd, 32));
  *high = _mm512_mask_mov_epi32(_mm512_srli_epi64(even, 32), 0xAAAA, odd);
}
/// x where a >= b (both below 2^31), else 0.
inline vf where_at_least(vu a, vu b, vf x) { return _mm512_maskz_mov_ps(_mm512_cmpge_epi32_mask(a, b), x); }

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
inline vf zip_low(vf a, vf b) {
  return _mm256_permute2f128_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b), 0x20);
}
inline vf zip_high(vf a, vf b) {
  return _mm256_permute2f128_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b), 0x31);
}
typedef __m256i vu;
inline vu set1u(uint32_t x) { return _mm256_set1_epi32(static_cast<int>(x)); }
inline vu load_u(const uint32_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
inline vu add_u(vu a, vu b) { return _mm256_add_epi32(a, b); }
inline vu xor_u(vu a, vu b) { return _mm256_xor_si256(a, b); }
inline vu lower16(vu a) { return _mm256_and_si256(a, _mm256_set1_epi32(0xffff)); }
inline vu upper16(vu a) { return _mm256_srli_epi32(a, 16); }
inline vf to_float(vu a) { return _mm256_cvtepi32_ps(a); }
inline vf mantissa(vf x, vf* exponent) {
  const vu bits = _mm256_castps_si256(x);
  *exponent = to_float(_mm256_sub_epi32(_mm256_srli_epi32(bits, 23), set1u(127)));
  return _mm256_castsi256_ps(_mm256_or_si256(_mm256_and_si256(bits, set1u(0x7fffff)), set1u(0x3f800000)));
}
inline void mul_wide(vu a, vu b, vu* high, vu* low) {
  const vu even = _mm256_mul_epu32(a, b), odd = _mm256_mul_epu32(_mm256_srli_epi64(a, 32), b);
  *low = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA);
  *high = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
}
inline vf where_at_least(vu a, vu b, vf x) {
  return _mm256_andnot_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(b, a)), x);
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
inline vf zip_low(vf a, vf b) { return _mm_unpacklo_ps(a, b); }
inline vf zip_high(vf a, vf b) { return _mm_unpackhi_ps(a, b); }
typedef __m128i vu;
inline vu set1u(uint32_t x) { return _mm_set1_epi32(static_cast<int>(x)); }
inline vu load_u(const uint32_t* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }
inline vu add_u(vu a, vu b) { return _mm_add_epi32(a, b); }
inline vu xor_u(vu a, vu b) { return _mm_xor_si128(a, b); }
inline vu lower16(vu a) { return _mm_and_si128(a, _mm_set1_epi32(0xffff)); }
inline vu upper16(vu a) { return _mm_srli_epi32(a, 16); }
inline vf to_float(vu a) { return _mm_cvtepi32_ps(a); }
inline vf mantissa(vf x, vf* exponent) {
  const vu bits = _mm_castps_si128(x);
  *exponent = to_float(_mm_sub_epi32(_mm_srli_epi32(bits, 23), set1u(127)));
  return _mm_castsi128_ps(_mm_or_si128(_mm_and_si128(bits, set1u(0x7fffff)), set1u(0x3f800000)));
}
inline void mul_wide(vu a, vu b, vu* high, vu* low) {
  const vu even = _mm_mul_epu32(a, b), odd = _mm_mul_epu32(_mm_srli_epi64(a, 32), b);
  *low = _mm_unpacklo_epi32(_mm_shuffle_epi32(even, 0x08), _mm_shuffle_epi32(odd, 0x08));
  *high = _mm_unpacklo_epi32(_mm_shuffle_epi32(even, 0x0D), _mm_shuffle_epi32(odd, 0x0D));
}
inline vf where_at_least(vu a, vu b, vf x) { return _mm_andnot_ps(_mm_castsi128_ps(_mm_cmpgt_epi32(b, a)), x); }

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
inline vf zip_low(vf a, vf b) { return vzip1q_f32(a, b); }
inline vf zip_high(vf a, vf b) { return vzip2q_f32(a, b); }
typedef uint32x4_t vu;
inline vu set1u(uint32_t x) { return vdupq_n_u32(x); }
inline vu load_u(const uint32_t* p) { return vld1q_u32(p); }
inline vu add_u(vu a, vu b) { return vaddq_u32(a, b); }
inline vu xor_u(vu a, vu b) { return veorq_u32(a, b); }
inline vu lower16(vu a) { return vandq_u32(a, vdupq_n_u32(0xffff)); }
inline vu upper16(vu a) { return vshrq_n_u32(a, 16); }
inline vf to_float(vu a) { return vcvtq_f32_s32(vreinterpretq_s32_u32(a)); }
inline vf mantissa(vf x, vf* exponent) {
  const vu bits = vreinterpretq_u32_f32(x);
  *exponent = to_float(vsubq_u32(vshrq_n_u32(bits, 23), vdupq_n_u32(127)));
  return vreinterpretq_f32_u32(vorrq_u32(vandq_u32(bits, vdupq_n_u32(0x7fffff)), vdupq_n_u32(0x3f800000)));
}
inline void mul_wide(vu a, vu b, vu* high, vu* low) {
  const vu first = vreinterpretq_u32_u64(vmull_u32(vget_low_u32(a), vget_low_u32(b)));
  const vu second = vreinterpretq_u32_u64(vmull_u32(vget_high_u32(a), vget_high_u32(b)));
  *low = vuzp1q_u32(first, second);
  *high = vuzp2q_u32(first, second);
}
inline vf where_at_least(vu a, vu b, vf x) {
  return vreinterpretq_f32_u32(vandq_u32(vcgeq_u32(a, b), vreinterpretq_u32_f32(x)));
}

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

}  // namespace
