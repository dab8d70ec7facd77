// What the CUDA backend scans with, on host fibers in both orders: the best of many ranks, draws and passes in pieces.
#include <array>
#include <functional>

#include "../cuda/device.h"
#include "../cuda/emulator.h"
#include "../cuda/scan.h"
#include "random_program.h"
#include "test.h"

namespace optiproxy::test {
namespace {

using namespace cuda;

std::vector<Rank> sorted(std::vector<Rank> ranks) {
  std::ranges::sort(ranks, std::greater());
  return ranks;
}

std::vector<Rank> best_by_sorting(std::span<const Rank> ranks, Rank above, Rank below, size_t most) {
  std::vector<Rank> between;
  std::ranges::copy_if(ranks, std::back_inserter(between), [&](Rank r) { return above < r && r < below; });
  between = sorted(between);
  if (between.size() > most) between.resize(most);
  return between;
}

/// Of `lists` lists of `count` ranks, `stride` apart.
void check_select(int lists, int count, int stride, uint32_t most, const std::vector<Rank>& ranks,
                  const std::vector<Rank>& above, const std::vector<Rank>& below) {
  const auto k = static_cast<size_t>(lists);
  std::vector<Cutoff> cutoffs(k, {0, most});
  std::vector<uint32_t> histogram(k * kDigits, 0), found(k, 0);
  std::vector<Rank> best(k * most, 0);
  select({lists, count, stride, ranks.data(), above.data(), below.data(), most, cutoffs.data(), histogram.data(),
          found.data(), best.data()},
         {});
  for (size_t list = 0; list < k; ++list) {
    const auto first = best.begin() + static_cast<std::ptrdiff_t>(list * most);
    const auto of = std::span(ranks).subspan(list * static_cast<size_t>(stride), static_cast<size_t>(count));
    const std::vector<Rank> wanted = best_by_sorting(of, above[list], below[list], most);
    CHECK_CASE(sorted({first, first + std::min(found[list], most)}) == wanted,
               "count " + std::to_string(count) + ", most " + std::to_string(most) + ", list " + std::to_string(list));
    CHECK_EQUAL(size_t{found[list]}, wanted.size());
  }
}

}  // namespace

TEST(cuda_select_finds_the_greatest_ranks) {
  Random random(31);
  for (const auto order : {emulated::Order::kReversed, emulated::Order::kForward}) {
    emulated::set_order(order);
    for (int turn = 0; turn < 40; ++turn) {
      const int lists = 1 + turn % 3, count = std::array{1, 2, 255, 256, 257, 1500}[static_cast<size_t>(turn) % 6];
      const int stride = count + turn % 2 * 5, levels = turn % 4 == 0 ? 2 : 1 << 30;
      std::vector<Rank> ranks(static_cast<size_t>(lists * stride), ~Rank{0});
      for (int list = 0; list < lists; ++list) {
        for (int i = 0; i < count; ++i) {
          const auto score = static_cast<float>(random.below(levels)) - 1;
          ranks[static_cast<size_t>(list * stride + i)] = rank_of(score, static_cast<uint32_t>(i));
        }
      }
      for (const uint32_t most : {1u, 7u, 100u, 2000u}) {
        std::vector<Rank> above(static_cast<size_t>(lists)), below(static_cast<size_t>(lists), ~Rank{0});
        check_select(lists, count, stride, most, ranks, above, below);
        for (size_t list = 0; list < above.size(); ++list) {
          Rank a = ranks[list * static_cast<size_t>(stride)], b = ranks[list * static_cast<size_t>(stride + 1)];
          above[list] = std::min(a, b);
          below[list] = list == 1 ? above[list] : std::max(a, b);
        }
        check_select(lists, count, stride, most, ranks, above, below);
      }
    }
  }
}

TEST(cuda_scans_are_the_same_however_memory_cuts_them) {
  emulated::set_order(emulated::Order::kForward);
  Random random(32);
  const Space space(random_program({.constraints = false}, random));
  const ModelConfig model = model_on(space.graph(), NetworkKind::kGcn, 6, 2, 1);
  const ParameterLayout layout(model);
  const std::vector<float> parameters = random_parameters(model, 33);
  std::vector<float> copy = parameters;
  copy.resize((copy.size() + 3) / 4 * 4);
  const Parameters weights{copy.data(), static_cast<int64_t>(copy.size())};
  const std::array<Rank, 2> above{0, 0}, below{~Rank{0}, ~Rank{0}};
  std::vector<std::vector<Rank>> wanted;
  size_t valid = 0, more = 0;
  for (const auto& [pass, scratch] :
       {std::pair{int64_t{1} << 28, int64_t{1} << 26}, std::pair{int64_t{1} << 28, int64_t{1} << 12},
        std::pair{int64_t{1} << 16, int64_t{1} << 26}, std::pair{int64_t{1}, int64_t{1}}}) {
    Device device;
    DevicePredictor predictor(device, model, layout, 1, pass);
    DeviceScan scan(device, predictor, 1, 1, scratch);
    scan.begin(space, 7, 2, weights);
    const size_t scored = scan.score(3, 150);
    const auto given = scan.best(above, below, 20);
    if (wanted.empty()) {
      wanted = given;
      valid = scored;
      more = scan.score(0, 160);
      CHECK(valid > 100 && valid <= 150 && more >= valid);
    }
    CHECK_EQUAL(scored, valid);
    CHECK(given == wanted && given[0].size() == 20);
    // More, then fewer than there is room for.
    CHECK_EQUAL(scan.score(0, 160), more);
    CHECK_EQUAL(scan.score(3, 150), valid);
    CHECK(scan.best(above, below, 20) == wanted);
  }
}

}  // namespace optiproxy::test
