// The tables of a program, and of a space, on a device.
#pragma once

#include "../core/program_tables.h"
#include "../core/space.h"
#include "candidates.h"
#include "device.h"

namespace optiproxy::cuda {

/// A view of copies in `arena`.
inline ProgramView on_device(Arena& arena, const ProgramTables& tables) {
  ProgramView view = tables.view();
  view.gene = arena.take(tables.genes);
  view.use = arena.take(tables.uses);
  view.edge = arena.take(tables.edges);
  view.members = arena.take(tables.members);
  view.columns = arena.take(tables.columns);
  view.fixed_x = arena.take(tables.fixed_x);
  return view;
}

/// A view of copies in `arena`.
inline SpaceView on_device(Arena& arena, const SpaceTables& tables) {
  SpaceView view{.draw = tables.draw(),
                 .counts = static_cast<int32_t>(tables.counts.size()),
                 .sections = static_cast<int32_t>(tables.sections.size()),
                 .cells = static_cast<int32_t>(tables.cells.size()),
                 .count = arena.take(tables.counts),
                 .term = arena.take(tables.terms),
                 .section = nullptr,
                 .cell = nullptr};
  view.draw.gene = arena.take(tables.genes);
  view.draw.weights = arena.take(tables.weights);
  std::vector<SectionView> sections;
  for (const SectionRules& rules : tables.sections) {
    SectionView& section = sections.emplace_back(rules.view());
    section.edge = arena.take(rules.edge_rows());
    section.presence = arena.take(rules.presences());
    section.pair = arena.take(rules.pairs());
    section.own = arena.take(rules.owned());
  }
  std::vector<CellView> cells;
  for (const EdgeCell& cell : tables.cells) {
    CellView& at = cells.emplace_back(cell.view());
    at.edge = arena.take(cell.edges);
  }
  view.section = arena.take(sections);
  view.cell = arena.take(cells);
  return view;
}

}  // namespace optiproxy::cuda
