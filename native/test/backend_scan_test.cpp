// Scans that a backend draws for itself against those that are drawn for it.
#include "../core/candidate_pool.h"
#include "random_program.h"
#include "test.h"

namespace optiproxy::test {
namespace {

/// Scores as a backend does, and draws nothing.
class WithoutScan final : public CandidateScorer {
 public:
  explicit WithoutScan(Backend& backend) : backend_(backend) {}
  void score(const GraphProgram& program, std::span<const uint8_t> genes, std::span<float> scores) override {
    backend_.score(program, genes, scores);
  }

 private:
  Backend& backend_;
};

struct Found {
  Genes candidates;
  size_t scanned;
  bool operator==(const Found&) const = default;
};

struct Question {
  const Space& space;
  ScanPlan plan;
  size_t known, limit;
};

Found scan(const Question& q, CandidateScorer& scorer, int members, int outputs) {
  CandidatePool pool(q.space);
  pool.add_known(drawn_architectures(q.space, q.known, 5));
  pool.begin_scan(q.plan, members);
  while (pool.scan(scorer, members, outputs, q.limit) < 1) {
  }
  const auto all = pool.candidates();
  return {{all.begin(), all.end()}, pool.tally().scanned};
}

}  // namespace

BACKEND_TEST(scans_by_the_backend_find_what_scans_of_drawn_ones_find) {
  Random random(91);
  const auto spaces = static_cast<int>(or_few(150, 30));
  int scanned = 0, constrained = 0, normalised = 0, kept = 0;
  for (int turn = 0; turn < spaces; ++turn) {
    const Space space(turn % 10 == 9 ? edge_cell_space(4, 5, Isomorphism::kEncoding)
                                     : random_program({.constraints = turn % 4 != 0}, random));
    // Not all of it, or it would be enumerated; of a small space each comes several times, all the same.
    // On a GPU, and on the CPU, some that many blocks share, and that are drawn and passed on in parts.
    const auto most = static_cast<double>(turn < 4 ? or_few(150'000, 200) : 200);
    const auto count = static_cast<uint64_t>(std::min(most, space.count() / 2));
    if (count == 0) continue;
    const int members = 1 + turn % 3, outputs = 1 + turn % 2;
    const ModelConfig model = model_on(space.graph(), NetworkKind::kGcn, 8, 1 + turn % 2, outputs);
    const auto backend = make_backend(model, members, 1);
    backend->set_parameters(random_ensemble(model, members, 92));
    const size_t keep = std::array<size_t, 4>{1, 6, 40, 0}[static_cast<size_t>(turn) % 4];
    const size_t known = turn % 3 == 0 ? 0 : 15, limit = turn % 2 == 0 ? count : count / 3 + 1;
    const ScanPlan plan{.count = count, .keep = keep, .seed = 0x123456789abcu, .round = 3};
    CHECK_EQUAL(backend->random_scan(space, 1, 0) != nullptr, backend->isa().starts_with("cuda"));
    WithoutScan drawn_for_it(*backend);
    const Found wanted = scan({space, plan, known, count}, drawn_for_it, members, outputs);
    const Found given = scan({space, plan, known, limit}, *backend, members, outputs);
    CHECK_CASE(given == wanted, "space " + std::to_string(turn) + ", keep " + std::to_string(keep));
    ++scanned;
    constrained += wanted.scanned < count;
    normalised += space.normalises();
    kept += !wanted.candidates.empty();
  }
  // That there was something to see.
  CHECK(scanned > spaces / 2 && constrained > 4 && normalised > 4 && kept > spaces / 3);
}

}  // namespace optiproxy::test
