// Genes relaxed to probabilities of their values, of one program (see lane.h).
#pragma once

#include "lane.h"
#include "program_tables.h"

namespace optiproxy {

class GeneRelaxation {
 public:
  explicit GeneRelaxation(const GraphProgram& program) : tables_(program) {}

  ProgramView view() const { return tables_.view(); }
  size_t alpha() const { return static_cast<size_t>(tables_.alpha); }    // A
  size_t beta() const { return static_cast<size_t>(tables_.beta); }      // B
  size_t values() const { return static_cast<size_t>(tables_.values); }  // P, values of all genes
  size_t first_value(size_t gene) const { return static_cast<size_t>(tables_.genes[gene].value); }

  /// Probabilities (P) and activities (G).
  void relax(const NoisyLogits& logits, float tau, float* soft, float* activity) const {
    lane::relax_genes(view(), logits, tau, soft, activity);
  }

 private:
  const ProgramTables tables_;
};

}  // namespace optiproxy
