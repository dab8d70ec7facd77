// Dropout masks and the optimiser: passes over flat buffers.

namespace {

/// Sixteen Philox4x32-10 blocks side by side, in loops that the compiler turns into vector code.
inline void philox_blocks(uint32_t first, const uint32_t* counter, const uint32_t* key, uint32_t (&w)[4][16]) {
  uint32_t k0 = key[0], k1 = key[1];
  for (int i = 0; i < 16; ++i) {
    w[0][i] = first + static_cast<uint32_t>(i);
    w[1][i] = counter[0];
    w[2][i] = counter[1];
    w[3][i] = counter[2];
  }
  for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
    for (int i = 0; i < 16; ++i) {
      const uint64_t a = static_cast<uint64_t>(w[0][i]) * 0xD2511F53u;
      const uint64_t b = static_cast<uint64_t>(w[2][i]) * 0xCD9E8D57u;
      w[0][i] = static_cast<uint32_t>(b >> 32) ^ w[1][i] ^ k0;
      w[1][i] = static_cast<uint32_t>(b);
      w[2][i] = static_cast<uint32_t>(a >> 32) ^ w[3][i] ^ k1;
      w[3][i] = static_cast<uint32_t>(a);
    }
  }
}

void dropout_mask(int64_t count, const MaskStream* stream, float* mask) {
  // A block of 16 counters gives 64 words, two masks a word: 128 elements.
  for (int64_t i = 0; i < count; i += 128) {
    uint32_t words[4][16];
    philox_blocks(static_cast<uint32_t>(i / 8), stream->counter, stream->key, words);
    float block[128];
    for (int j = 0; j < 4; ++j) {
      for (int l = 0; l < 16; ++l) {
        block[j * 32 + l] = (words[j][l] & 0xffffu) >= stream->threshold ? stream->scale : 0.0f;
        block[j * 32 + 16 + l] = (words[j][l] >> 16) >= stream->threshold ? stream->scale : 0.0f;
      }
    }
    const int64_t n = count - i < 128 ? count - i : 128;
    memcpy(mask + i, block, static_cast<size_t>(n) * sizeof(float));
  }
}

void adamw(int64_t count, const AdamWStep* s, const float* gradient, float* p, float* m, float* v) {
  const vf b1 = set1(s->beta1), c1 = set1(s->rest1), b2 = set1(s->beta2), c2 = set1(s->rest2);
  const vf shrink = set1(s->shrink), step = set1(s->step), root = set1(s->root_correct), eps = set1(s->epsilon);
  const auto one = [&](int64_t i, int n) {
    const vf g = load_some(gradient + i, n);
    const vf first = fma(b1, load_some(m + i, n), mul(c1, g));
    const vf second = fma(b2, load_some(v + i, n), mul(c2, mul(g, g)));
    store_some(m + i, first, n);
    store_some(v + i, second, n);
    const vf move = div(mul(step, first), fma(sqrt(second), root, eps));
    store_some(p + i, sub(mul(load_some(p + i, n), shrink), move), n);
  };
  int64_t i = 0;
  for (; i + W <= count; i += W) one(i, W);
  if (i < count) one(i, static_cast<int>(count - i));
}

}  // namespace
