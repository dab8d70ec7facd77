// Draws of a search space and what decides whether they are valid, by one thread of any device.
#pragma once

#include "random.h"
#include "value_set.h"

namespace optiproxy {

/// What decides a uniform draw.  Pointers are to what a Space owns, or to a device's copy of it.
struct DrawView {
  struct GeneRow {
    int32_t choices, parent, distinct;
    int32_t chain;   // genes before it that it must differ from
    int32_t weight;  // first of its values' weights (choices), or -1 where all weigh the same
    double count;    // their sum
    ValueSet when;
  };
  bool flat;  // every gene is free of the others
  int32_t genes;
  const GeneRow* gene;
  const double* weights;
};

/// Constraints: at least `min` and at most `max` of `terms` terms hold.
struct CountRow {
  struct Term {
    int32_t gene;
    ValueSet values;
  };
  int32_t first, terms, min, max;
};

/// A cell with operations on its edges, by `to` and then by `from`; `zero` below 0 where none is.
struct CellView {
  struct Edge {
    int from, to, gene;
  };
  int32_t vertices, zero, edges;
  const Edge* edge;
};

namespace lane {

OPTIPROXY_HOST_DEVICE bool active(const DrawView& p, const uint8_t* genes, int gene) {
  const DrawView::GeneRow& g = p.gene[gene];
  return g.parent < 0 || g.when.contains(genes[g.parent]);
}

/// The value of rank r among those that `distinct` leaves: the least that has r free ones below it.
OPTIPROXY_HOST_DEVICE int free_value(const DrawView& p, const uint8_t* genes, int gene, int rank) {
  for (int value = rank;;) {
    int next = rank;
    for (int d = p.gene[gene].distinct; d >= 0; d = p.gene[d].distinct) next += genes[d] <= value;
    if (next == value) return value;
    value = next;
  }
}

/// A uniformly random encoding (G), which need not be valid.
OPTIPROXY_HOST_DEVICE void draw(const DrawView& p, Rng& rng, uint8_t* genes) {
  if (p.flat) {
    for (int g = 0; g < p.genes; ++g)
      genes[g] = static_cast<uint8_t>(rng.below(static_cast<uint32_t>(p.gene[g].choices)));
    return;
  }
  for (int g = 0; g < p.genes; ++g) {
    const DrawView::GeneRow& gene = p.gene[g];
    int value = gene.choices;
    if (!active(p, genes, g)) {
      // absent
    } else if (gene.weight >= 0) {
      double place = rounded_product(rng.uniform(), gene.count);
      const double* weight = p.weights + gene.weight;
      for (value = 0; value + 1 < gene.choices && place >= weight[value]; ++value) place -= weight[value];
    } else {
      value = static_cast<int>(rng.below(static_cast<uint32_t>(gene.choices - gene.chain)));
      if (gene.chain > 0) value = free_value(p, genes, g, value);
    }
    genes[g] = static_cast<uint8_t>(value);
  }
}

/// Whether a constraint holds.
OPTIPROXY_HOST_DEVICE bool holds(const CountRow& count, const CountRow::Term* terms, const uint8_t* genes) {
  int held = 0;
  for (int i = 0; i < count.terms; ++i) {
    const CountRow::Term& term = terms[count.first + i];
    held += term.values.contains(genes[term.gene]);
  }
  return held >= count.min && held <= count.max;
}

/// Makes the operations on edges that no input reaches, or that reach no output, zero.
OPTIPROXY_HOST_DEVICE void drop_zeros(const CellView& cell, uint8_t* genes) {
  if (cell.zero < 0) return;
  uint32_t reached = 1, reaching = 1u << (cell.vertices - 1);
  for (int i = 0; i < cell.edges; ++i) {
    const CellView::Edge& e = cell.edge[i];
    if (genes[e.gene] != cell.zero && (reached >> e.from & 1) != 0) reached |= 1u << e.to;
  }
  for (int i = cell.edges; i-- > 0;) {
    const CellView::Edge& e = cell.edge[i];
    if (genes[e.gene] != cell.zero && (reaching >> e.to & 1) != 0) reaching |= 1u << e.from;
  }
  for (int i = 0; i < cell.edges; ++i) {
    const CellView::Edge& e = cell.edge[i];
    if ((reached >> e.from & reaching >> e.to & 1) == 0) genes[e.gene] = static_cast<uint8_t>(cell.zero);
  }
}

}  // namespace lane
}  // namespace optiproxy
