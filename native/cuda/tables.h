// A program's tables on a device.
#pragma once

#include "../core/program_tables.h"
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

}  // namespace optiproxy::cuda
