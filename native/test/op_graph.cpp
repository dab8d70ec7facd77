// Reference loops of the kernels over edges and over rows that repeat.
#include "op.h"

namespace optiproxy::test {
namespace {

size_t z(int64_t n) { return static_cast<size_t>(n); }

/// Widths of every mixture of blocks of three vectors, single vectors and a tail.
std::vector<int> block_widths(const OpRun& run) {
  std::vector<int> all = run.widths();
  for (int vectors : {3, 4, 5, 6, 7}) {
    for (int tail : {-1, 0, 1}) all.push_back(vectors * run.w() + tail);
  }
  return all;
}

std::vector<int32_t> random_rows(Random& random, int count, int bound) {
  std::vector<int32_t> rows;
  for (int i = 0; i < count; ++i) rows.push_back(random.below(bound));
  return rows;
}

/// Rows of 0 to 4 entries behind entries of other rows, as a batch's later graphs have them.
struct Entries {
  std::vector<int32_t> start, column;
  std::vector<float> weight;

  Entries(Random& random, int rows, int columns) {
    for (int row = -1; row < rows; ++row) {
      const int count = row < 0 ? 3 : random.below(5);  // before the first row: what no row may read
      for (int e = 0; e < count; ++e) {
        column.push_back(row < 0 ? INT32_MAX : random.below(columns));
        weight.push_back(row < 0 ? NAN : static_cast<float>(random.uniform(-1, 1)));
      }
      start.push_back(static_cast<int32_t>(column.size()));
    }
  }
  cpu::SparseRows rows() const { return {start.data(), column.data(), weight.data()}; }
  /// Calls f(column, weight) over a row's entries.
  template <typename F>
  void each(int row, F f) const {
    for (size_t e = z(start[z(row)]); e < z(start[z(row) + 1]); ++e) f(z(column[e]), static_cast<double>(weight[e]));
  }
};

/// Signs of activations: some are 0 or -0, which are not positive.
Guarded activations(Random& random, int rows, int width, int ld, int shift) {
  Guarded s = Guarded::input(random, rows, width, ld, shift);
  for (size_t i = 0; i < z(rows); ++i) {
    for (size_t j = i % 3; j < z(width); j += 3) s.at(i, j) = j % 2 == 0 ? 0.0f : -0.0f;
  }
  return s;
}

constexpr int kSources = 9;

}  // namespace

void op_aggregate(OpRun& run) {
  for (int h : block_widths(run)) {
    Nmse nmse;
    for (int variant = 0; variant < 6; ++variant) {
      const bool picked = variant % 2 == 1;
      const int m = 1 + 3 * (variant / 2);
      const Entries a(run.random, picked ? 5 : m, kSources);
      const std::vector<int32_t> rows = random_rows(run.random, m, 5);
      Guarded in = Guarded::input(run.random, kSources, h, h + variant % 3, run.shift(h + variant));
      Guarded out = Guarded::output(m, h, h + variant % 4, run.shift(h + variant + 1));
      Numbers wanted;
      for (int i = 0; i < m; ++i) {
        for (size_t j = 0; j < z(h); ++j) {
          double total = 0;
          a.each(picked ? rows[z(i)] : i, [&](size_t column, double weight) { total += weight * in.at(column, j); });
          wanted.push_back(std::max(total, 0.0));
        }
      }
      const cpu::SparseRows sparse = a.rows();
      run.k.aggregate(m, h, &sparse, picked ? rows.data() : nullptr, in.data(), in.ld(), out.data(), out.ld());
      nmse.add(out.values(), wanted);
      run.guards(out, "aggregate h=" + std::to_string(h));
    }
    run.expect(nmse, "aggregate h=" + std::to_string(h));
  }
}

void op_aggregate_backward(OpRun& run) {
  for (int h : block_widths(run)) {
    Nmse nmse;
    for (int variant = 0; variant < 6; ++variant) {
      const int m = 1 + 2 * variant, ld = h + variant % 3;
      const Entries a(run.random, m, kSources);
      Guarded s = activations(run.random, kSources, h, ld, run.shift(h + variant));
      Guarded d = Guarded::input(run.random, kSources, h, ld, run.shift(h + variant + 1));
      Guarded out = Guarded::output(m, h, h + variant % 4, run.shift(variant));
      Numbers wanted;
      for (int i = 0; i < m; ++i) {
        for (size_t j = 0; j < z(h); ++j) {
          wanted.push_back(0);
          a.each(i, [&](size_t column, double weight) {
            if (s.at(column, j) > 0) wanted.back() += weight * d.at(column, j);
          });
        }
      }
      const cpu::SparseRows sparse = a.rows();
      run.k.aggregate_backward(m, h, &sparse, s.data(), d.data(), ld, out.data(), out.ld());
      nmse.add(out.values(), wanted);
      run.guards(out, "aggregate_backward h=" + std::to_string(h));
    }
    run.expect(nmse, "aggregate_backward h=" + std::to_string(h));
  }
}

void op_scatter(OpRun& run) {
  for (int h : block_widths(run)) {
    Nmse nmse;
    for (int variant = 0; variant < 4; ++variant) {
      const int m = 1 + 4 * variant;  // more rows than targets: they meet
      const Entries a(run.random, 6, kSources);
      const std::vector<int32_t> rows = random_rows(run.random, m, 6);
      Guarded s = activations(run.random, m, h, h, run.shift(h + variant));
      Guarded d = Guarded::input(run.random, m, h, h, run.shift(h + variant + 1));
      Guarded out = Guarded::output(kSources, h, h, run.shift(variant));
      out.fill(run.random, -1, 1);  // it is added to
      Numbers wanted = doubles(out.values());
      for (int i = 0; i < m; ++i) {
        for (size_t j = 0; j < z(h); ++j) {
          if (!(s.at(z(i), j) > 0)) continue;
          a.each(rows[z(i)],
                 [&](size_t column, double weight) { wanted[column * z(h) + j] += weight * d.at(z(i), j); });
        }
      }
      const cpu::SparseRows sparse = a.rows();
      run.k.scatter(m, h, &sparse, rows.data(), s.data(), d.data(), out.data());
      nmse.add(out.values(), wanted);
      run.guards(out, "scatter h=" + std::to_string(h));
    }
    run.expect(nmse, "scatter h=" + std::to_string(h));
  }
}

void op_add_rows(OpRun& run) {
  for (int h : run.widths()) {
    Nmse nmse;
    for (int m : {1, 2, 7, 20}) {
      const std::vector<int32_t> to = random_rows(run.random, m, 5);
      Guarded in = Guarded::input(run.random, m, h, h, run.shift(h + m));
      Guarded out = Guarded::output(5, h, h, run.shift(m));
      out.fill(run.random, -1, 1);
      Numbers wanted = doubles(out.values());
      for (size_t i = 0; i < z(m); ++i) {
        for (size_t j = 0; j < z(h); ++j) wanted[z(to[i]) * z(h) + j] += in.at(i, j);
      }
      run.k.add_rows(m, h, in.data(), to.data(), out.data());
      nmse.add(out.values(), wanted);
      run.guards(out, "add_rows h=" + std::to_string(h));
    }
    run.expect(nmse, "add_rows h=" + std::to_string(h));
  }
}

void op_combine_rows(OpRun& run) {
  constexpr int kItems = 11;
  for (int h : block_widths(run)) {
    Nmse nmse;
    const std::string what = "combine_rows h=" + std::to_string(h);
    for (int terms : {0, 1, 2, 3, 7}) {
      const int m = 1 + terms * 2;
      const std::vector<int32_t> at = random_rows(run.random, m, kItems);
      std::vector<Guarded> in, weights;
      std::vector<std::vector<int32_t>> rows;
      std::vector<cpu::RowTerm> all;
      for (int t = 0; t < terms; ++t) {
        // One weight for all items, or each item's own, some numbers apart.
        const int step = t % 3 == 0 ? 0 : 4 * t, count = 2 + t;
        in.push_back(Guarded::input(run.random, count, h, h + t % 4, run.shift(h + t)));
        weights.push_back(Guarded::input(run.random, step == 0 ? 1 : kItems, 1, std::max(step, 1), t));
        rows.push_back(random_rows(run.random, kItems, count));
      }
      for (size_t t = 0; t < z(terms); ++t) {
        all.push_back({in[t].data(), in[t].ld(), rows[t].data(), weights[t].data(), t % 3 == 0 ? 0 : weights[t].ld()});
      }
      Guarded out = Guarded::output(m, h, h, run.shift(h + terms));
      Numbers wanted;
      for (int32_t item : at) {
        for (size_t j = 0; j < z(h); ++j) {
          double total = 0;
          for (size_t t = 0; t < z(terms); ++t) {
            total += static_cast<double>(weights[t].at(t % 3 == 0 ? 0 : z(item), 0)) * in[t].at(z(rows[t][z(item)]), j);
          }
          wanted.push_back(std::max(total, 0.0));
        }
      }
      run.k.combine_rows(m, h, terms, all.data(), at.data(), out.data());
      nmse.add(out.values(), wanted);
      run.guards(out, what);

      // An item's bits may not depend on the items around it.
      const int chosen = run.random.below(m);
      Guarded alone = Guarded::output(1, h, h, 0);
      run.k.combine_rows(1, h, terms, all.data(), at.data() + chosen, alone.data());
      CHECK_CASE(std::memcmp(alone.data(), out.data() + chosen * h, z(h) * sizeof(float)) == 0, what + " alone");
    }
    run.expect(nmse, what);
  }
}

}  // namespace optiproxy::test
