// The same numerics as slow, plain loops in double precision: what the fast code is held against.  B graphs of N nodes,
// F features, H hidden, O outputs.
#pragma once

#include <cstdint>
#include <vector>

#include "../core/model.h"
#include "../core/plans.h"
#include "../core/program.h"
#include "simple_program.h"

namespace optiproxy::test {

using Numbers = std::vector<double>;

/// Graphs by their adjacencies, before any normalisation.
struct Graphs {
  int graphs = 0;
  int nodes = 0;
  int features = 0;
  Numbers adjacency;           // (B, N, N), A[i][j] = weight of the edge i -> j
  Numbers x;                   // (B, N, F)
  std::vector<int32_t> sizes;  // (B)
};

/// Both sides of the aggregation, (B, N, N) each.
struct Sides {
  Numbers out;
  Numbers back;
};

/// Dropout masks: what each activation is multiplied with.
struct Masks {
  std::vector<Numbers> layers;  // (B, N, H) each; an MLP's (B, H); two a block of a transformer
  Numbers head;                 // (B, H)
};

/// out = rownorm(A + I), back = rownorm(outᵀ), for each of `graphs` matrices.
Sides reference_normalise(int graphs, int nodes, const Numbers& adjacency);

/// Predictions (B, O) with the graphs' adjacency replaced by `sides`.  `masks` null: no dropout.
Numbers reference_predict(const ModelConfig& model, const Numbers& parameters, const Graphs& graphs, const Sides& sides,
                          const Masks* masks = nullptr);
Numbers reference_predict(const ModelConfig& model, const Numbers& parameters, const Graphs& graphs);

/// The same of networks other than the GCN.
Numbers reference_mlp(const ModelConfig& model, const Numbers& parameters, const Graphs& graphs, const Sides& sides,
                      const Masks* masks);

Numbers reference_transformer(const ModelConfig& model, const Numbers& parameters, const Graphs& graphs,
                              const Sides& sides, const Masks* masks);

/// a (m, k) · b (k, n)
Numbers reference_product(size_t m, size_t k, size_t n, const double* a, const double* b);
/// A row (h), normalised in place.
void reference_layer_norm(size_t h, double* row, const double* gain, const double* shift);

double reference_loss(const ModelConfig& model, const Numbers& prediction, const Numbers& target,
                      const LossConfig& loss);

/// Relaxed architectures as graphs: softmax((alpha + noise)/tau) and sigmoid((beta + noise)/tau) put into the program.
/// alpha (R, V, K), beta (R, E), noise already added.
Graphs reference_relax(const SimpleProgram& program, const Numbers& noisy_alpha, const Numbers& noisy_beta, double tau);

/// Probabilities of every gene's values (P) and of every gene being there (G), of one architecture; the logits are
/// those of alpha (A) and beta (B) with noise already added.
struct Chances {
  Numbers values;
  Numbers active;
};
Chances reference_chances(const GraphProgram& program, const double* noisy_alpha, const double* noisy_beta, double tau);

/// reference_relax of any program: what a gene decides is there with the probability of its values.  alpha (R, A), beta
/// (R, B).
Graphs reference_relax_general(const GraphProgram& program, const Numbers& noisy_alpha, const Numbers& noisy_beta,
                               double tau);

/// Discrete architectures (n, G) as graphs.
Graphs reference_graphs(const GraphProgram& program, const std::vector<uint8_t>& genes);

/// One AdamW update; `t` counts from 1.
void reference_adamw(const AdamWConfig& config, double lr, int t, const Numbers& gradient, Numbers& p, Numbers& m,
                     Numbers& v);

double reference_gelu(double x);
double reference_gelu_slope(double x);

}  // namespace optiproxy::test
