// Random numbers in bulk: dropout masks and Gumbel noise.

namespace {

/// W Philox4x32-10 blocks side by side, of the counters first, first + 1, ...
inline void philox_blocks(uint32_t first, const uint32_t* counter, const uint32_t* key, vu (&w)[4]) {
  static const uint32_t kLane[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  uint32_t k0 = key[0], k1 = key[1];
  w[0] = add_u(set1u(first), load_u(kLane));
  for (int i = 0; i < 3; ++i) w[i + 1] = set1u(counter[i]);
  for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
    vu high_a, low_a, high_b, low_b;
    mul_wide(w[0], set1u(0xD2511F53u), &high_a, &low_a);
    mul_wide(w[2], set1u(0xCD9E8D57u), &high_b, &low_b);
    w[0] = xor_u(xor_u(high_b, w[1]), set1u(k0));
    w[1] = low_b;
    w[2] = xor_u(xor_u(high_a, w[3]), set1u(k1));
    w[3] = low_a;
  }
}

void dropout_mask(int64_t count, const MaskStream* stream, float* mask) {
  // 16 counters give 64 words, two masks a word: 128 elements, laid out alike whatever W is.
  constexpr int kBlock = 128;
  const vu threshold = set1u(stream->threshold);
  const vf scale = set1(stream->scale);
  for (int64_t i = 0; i < count; i += kBlock) {
    float last[kBlock];
    float* to = count - i < kBlock ? last : mask + i;
    for (int lane = 0; lane < 16; lane += W) {
      vu words[4];
      philox_blocks(static_cast<uint32_t>(i / 8 + lane), stream->counter, stream->key, words);
      for (int j = 0; j < 4; ++j) {
        store(to + j * 32 + lane, where_at_least(lower16(words[j]), threshold, scale));
        store(to + j * 32 + 16 + lane, where_at_least(upper16(words[j]), threshold, scale));
      }
    }
    if (to == last) memcpy(mask + i, last, static_cast<size_t>(count - i) * sizeof(float));
  }
}

/// (w + 1/2) / 2^32, never 0.
inline vf unit(vu w) {
  return mul(fma(to_float(upper16(w)), set1(65536.0f), add(to_float(lower16(w)), set1(0.5f))), set1(0x1p-32f));
}

/// -ln(-ln u).  Where u is near 1 its distance v to 1 keeps the digits: -ln(1 - v) = -ln(y) v / (1 - y), y the float
/// nearest to 1 - v (Kahan).
inline vf gumbel_of(vu word) {
  const vf u = unit(word), v = unit(xor_u(word, set1u(UINT32_MAX)));
  const vf below = sub(zero(), log(u));
  const vf y = sub(set1(1.0f), min(v, set1(0.75f))), lost = sub(set1(1.0f), y);
  const vf ratio = div(v, max(lost, set1(0x1p-26f)));
  const vf above = add(v, where_positive(lost, sub(mul(sub(zero(), log(y)), ratio), v)));
  const vf exponential = add(below, where_positive(sub(u, set1(0.5f)), sub(above, below)));
  return sub(zero(), log(exponential));
}

void gumbel(int64_t count, const uint32_t* words, float* noise) {
  int64_t i = 0;
  for (; i + W <= count; i += W) store(noise + i, gumbel_of(load_u(words + i)));
  if (i == count) return;
  uint32_t last[W] = {};
  memcpy(last, words + i, static_cast<size_t>(count - i) * sizeof(uint32_t));
  store_n(noise + i, gumbel_of(load_u(last)), static_cast<int>(count - i));
}

}  // namespace
