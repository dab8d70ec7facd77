#include <algorithm>
#include <functional>

#include "scan.h"
#include "tables.h"

namespace optiproxy::cuda {
DeviceScan::DeviceScan(Device& device, DevicePredictor& predictor, int members, int outputs, int64_t bytes)
    : device_(device),
      predictor_(predictor),
      members_(members),
      outputs_(outputs),
      bytes_(bytes),
      tables_(device),
      arena_(device),
      selection_(device) {}

void DeviceScan::begin(const Space& space, uint64_t seed, uint32_t round, const Parameters& weights) {
  const SpaceTables& tables = space.tables();
  tables_.place([&](Arena& arena) { space_ = on_device(arena, tables); });
  nodes_ = 1;
  for (const SectionRules& rules : tables.sections) nodes_ = std::max(nodes_, rules.section().nodes);
  program_ = &space.graph();
  weights_ = weights;
  seed_ = seed;
  round_ = round;
  room_ = valid_ = 0;
}

void DeviceScan::reserve(int count) {
  if (count <= room_) return;
  room_ = 0;
  const auto g = static_cast<size_t>(program_->gene_count()), n = static_cast<size_t>(count);
  const int64_t each = 3 * int64_t{nodes_} * static_cast<int64_t>(sizeof(uint64_t)) + program_->gene_count();
  rows_ = static_cast<int>(std::clamp<int64_t>(bytes_ / each, 1, count));
  const auto rows = static_cast<size_t>(rows_);
  arena_.place([&](Arena& arena) {
    drawn_ = arena.take<uint8_t>(rows * g);
    masks_ = arena.take<uint64_t>(3 * rows * static_cast<size_t>(nodes_));
    genes_ = arena.take<uint8_t>(n * g);
    numbers_ = arena.take<uint32_t>(n);
    found_ = arena.take<uint32_t>(1);
    ranks_ = arena.take<Rank>(n * static_cast<size_t>(members_ + 1));
  });
  room_ = count;
}

void DeviceScan::draw_all(uint32_t first, int count) {
  device_.clear(found_, sizeof(uint32_t));
  for (int at = 0; at < count; at += rows_) {
    draw({.space = space_,
          .key = {static_cast<uint32_t>(seed_), static_cast<uint32_t>(seed_ >> 32)},
          .round = round_,
          .first = first + static_cast<uint32_t>(at),
          .rows = std::min(rows_, count - at),
          .drawn = drawn_,
          .masks = masks_,
          .nodes = nodes_,
          .genes = genes_,
          .numbers = numbers_,
          .found = found_},
         device_.stream());
  }
}

size_t DeviceScan::score(uint32_t first, size_t count) {
  valid_ = 0;
  reserve(static_cast<int>(count));
  draw_all(first, static_cast<int>(count));
  uint32_t found = 0;
  device_.download(std::span(&found, 1), static_cast<const uint32_t*>(found_));
  const int valid = static_cast<int>(found), g = program_->gene_count();
  if (valid == 0) return 0;
  const int most = predictor_.begin(*program_, valid);
  for (int at = 0; at < valid; at += most) {
    const int graphs = std::min(most, valid - at);
    const float* prediction = predictor_.pass(weights_, genes_ + int64_t{at} * g, graphs);
    rank_rows({members_, graphs, outputs_, prediction, numbers_ + at, room_, ranks_ + at}, device_.stream());
  }
  valid_ = valid;
  return found;
}

std::vector<std::vector<Rank>> DeviceScan::best(std::span<const Rank> above, std::span<const Rank> below, size_t most) {
  const size_t lists = above.size();
  std::vector<std::vector<Rank>> all(lists);
  most = std::min(most, static_cast<size_t>(valid_));
  if (most == 0) return all;
  const std::vector<Cutoff> cutoffs(lists, {0, static_cast<uint32_t>(most)});
  Select p{};
  selection_.place([&](Arena& arena) {
    p = {.lists = static_cast<int>(lists),
         .count = valid_,
         .stride = room_,
         .ranks = ranks_,
         .above = arena.take(std::vector(above.begin(), above.end())),
         .below = arena.take(std::vector(below.begin(), below.end())),
         .most = static_cast<uint32_t>(most),
         .cutoff = arena.take(cutoffs),
         .histogram = arena.take<uint32_t>(lists * kDigits),
         .found = arena.take<uint32_t>(lists),
         .best = arena.take<Rank>(lists * most)};
  });
  device_.clear(p.histogram, lists * kDigits * sizeof(uint32_t));
  device_.clear(p.found, lists * sizeof(uint32_t));
  select(p, device_.stream());
  std::vector<uint32_t> found(lists);
  std::vector<Rank> best(lists * most);
  device_.download(std::span(found), static_cast<const uint32_t*>(p.found));
  device_.download(std::span(best), static_cast<const Rank*>(p.best));
  for (size_t list = 0; list < lists; ++list) {
    all[list].assign(best.begin() + static_cast<std::ptrdiff_t>(list * most),
                     best.begin() + static_cast<std::ptrdiff_t>(list * most + std::min<size_t>(found[list], most)));
    std::ranges::sort(all[list], std::greater());
  }
  return all;
}

}  // namespace optiproxy::cuda
