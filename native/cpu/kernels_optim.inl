// Dropout masks and the optimiser: passes over flat buffers.

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
