// What the CUDA backend launches to scan a space: architectures are drawn, those that are valid packed, ranked by what
// is predicted of them, and the best found.
#pragma once

#include "../core/lane_section.h"
#include "../core/lane_space.h"
#include "../core/rank.h"
#include "dialect.h"

namespace optiproxy::cuda {

/// A search space on the device.
struct SpaceView {
  DrawView draw;
  int32_t counts, sections, cells;
  const CountRow* count;
  const CountRow::Term* term;
  const SectionView* section;
  const CellView* cell;
};

/// Draws the architectures `first` to `first + rows - 1` of a scan (see Purpose::kScan) and appends those that are
/// valid, normalised, to `genes` (room, G) and their numbers to `numbers` (room), whose count is `found`.  The order in
/// which they come is any.
struct Draw {
  SpaceView space;
  uint32_t key[2];
  uint32_t round, first;
  int rows;
  uint8_t* drawn;   // (rows, G) scratch
  uint64_t* masks;  // (3, nodes of the largest section, rows) scratch
  int32_t nodes;    // of the largest section
  uint8_t* genes;
  uint32_t *numbers, *found;
};
void draw(const Draw& p, DeviceStream stream);

/// Ranks of `graphs` architectures by output 0 of predictions (members, graphs, O), and by its sum over the members:
/// ranks (members + 1, stride) of the architectures with these numbers.
struct RankRows {
  int members, graphs, outputs;
  const float* prediction;
  const uint32_t* numbers;
  int64_t stride;
  Rank* ranks;
};
void rank_rows(const RankRows& p, DeviceStream stream);

/// Values of a digit of ranks.
constexpr int kDigits = 256;

/// Where the search for the least rank that belongs to the best of a list stands.
struct Cutoff {
  Rank rank;      // its digits so far
  uint32_t left;  // how many are still to be found among those that begin like it
};

/// The `most` greatest of `count` distinct ranks of each list, between `above` and `below` (lists), in any order.
struct Select {
  int lists, count;
  int64_t stride;
  const Rank* ranks;          // (lists, stride)
  const Rank *above, *below;  // exclusive
  uint32_t most;
  Cutoff* cutoff;       // (lists) scratch
  uint32_t* histogram;  // (lists, kDigits) scratch
  uint32_t* found;      // (lists)
  Rank* best;           // (lists, most)
};
void select(const Select& p, DeviceStream stream);

}  // namespace optiproxy::cuda
