// One architecture as a graph, by one thread of any device: relaxed to probabilities of its genes' values (paper §3.2)
// with the gradient back to the logits, or discrete.
//
// A choice is a Gumbel-softmax over its alpha; a bit a Gumbel-sigmoid of its beta; a subset a softmax over all subsets
// of the sum of its members' betas, which for one of n is the Gumbel-softmax over inputs.  A gene that depends on
// another is there with the probability that its parent is and has one of the values that wake it.
#pragma once

#include <cmath>

#include "normalise.h"
#include "program_tables.h"

namespace optiproxy {

/// Logits and Gumbel noise of one architecture: alpha (A) and beta (B) in the order of the genes.
struct NoisyLogits {
  const float* alpha;
  const float* noise_alpha;
  const float* beta;
  const float* noise_beta;
};

namespace lane {

/// Logits of the values in, probabilities out.
OPTIPROXY_HOST_DEVICE void softmax(int n, float* values) {
  float high = -INFINITY, sum = 0;
  for (int i = 0; i < n; ++i) high = high < values[i] ? values[i] : high;
  for (int i = 0; i < n; ++i) sum += values[i] = std::exp(values[i] - high);
  for (int i = 0; i < n; ++i) values[i] /= sum;
}

/// Probability of one of `values`, given that the gene is there.
OPTIPROXY_HOST_DEVICE float share(const ProgramView::GeneRow& gene, const ValueSet& values, const float* soft) {
  float sum = 0;
  for (int v = 0; v < gene.choices; ++v) sum += values.contains(v) ? soft[gene.value + v] : 0;
  return sum;
}

OPTIPROXY_HOST_DEVICE void add_to_share(const ProgramView::GeneRow& gene, const ValueSet& values, float slope,
                                        float* d_soft) {
  for (int v = 0; v < gene.choices; ++v) {
    if (values.contains(v)) d_soft[gene.value + v] += slope;
  }
}

/// Probabilities (P) of all genes' values, and activities (G): the probabilities of genes being there.
OPTIPROXY_HOST_DEVICE void relax_genes(const ProgramView& p, const NoisyLogits& l, float tau, float* soft,
                                       float* activity) {
  for (int g = 0; g < p.genes; ++g) {
    const ProgramView::GeneRow& gene = p.gene[g];
    float* of = soft + gene.value;
    const float* logit = (gene.kind == GeneKind::kChoice ? l.alpha : l.beta) + gene.logit;
    const float* noise = (gene.kind == GeneKind::kChoice ? l.noise_alpha : l.noise_beta) + gene.logit;
    switch (gene.kind) {
      case GeneKind::kChoice:
        for (int v = 0; v < gene.choices; ++v) of[v] = (logit[v] + noise[v]) / tau;
        softmax(gene.choices, of);
        break;
      case GeneKind::kBit:
        of[1] = 1 / (1 + std::exp(-(logit[0] + noise[0]) / tau));
        of[0] = 1 - of[1];
        break;
      case GeneKind::kSubset: {
        const uint8_t* member = p.members + gene.member;
        for (int v = 0; v < gene.choices; ++v) {
          float sum = 0;
          for (int i = 0; i < gene.picks; ++i, ++member) sum += logit[*member] + noise[*member];
          of[v] = sum / tau;
        }
        softmax(gene.choices, of);
        break;
      }
    }
    activity[g] = gene.parent < 0 ? 1 : activity[gene.parent] * share(p.gene[gene.parent], gene.when, soft);
  }
}

/// Gradients of alpha (A) and beta (B) from those of probabilities and activities, which are used up.
OPTIPROXY_HOST_DEVICE void pull_back_genes(const ProgramView& p, float tau, const float* soft, const float* activity,
                                           float* d_soft, float* d_activity, float* d_alpha, float* d_beta) {
  for (int g = p.genes - 1; g >= 0; --g) {  // children before the genes that wake them
    const ProgramView::GeneRow& gene = p.gene[g];
    if (gene.parent >= 0) {
      const ProgramView::GeneRow& parent = p.gene[gene.parent];
      add_to_share(parent, gene.when, d_activity[g] * activity[gene.parent], d_soft);
      d_activity[gene.parent] += d_activity[g] * share(parent, gene.when, soft);
    }
    const float* of = soft + gene.value;
    float* d = d_soft + gene.value;
    float* d_logit = (gene.kind == GeneKind::kChoice ? d_alpha : d_beta) + gene.logit;
    if (gene.kind == GeneKind::kBit) {
      d_logit[0] = (d[1] - d[0]) * of[1] * (1 - of[1]) / tau;
      continue;
    }
    float dot = 0;
    for (int v = 0; v < gene.choices; ++v) dot += of[v] * d[v];
    for (int v = 0; v < gene.choices; ++v) d[v] = of[v] * (d[v] - dot) / tau;
    if (gene.kind == GeneKind::kChoice) {
      for (int v = 0; v < gene.choices; ++v) d_logit[v] = d[v];
      continue;
    }
    for (int i = 0; i < gene.inputs; ++i) d_logit[i] = 0;
    const uint8_t* member = p.members + gene.member;
    for (int v = 0; v < gene.choices; ++v) {
      for (int i = 0; i < gene.picks; ++i, ++member) d_logit[*member] += d[v];
    }
  }
}

/// Feature rows (N, F), linear in the probabilities of the genes' values.
OPTIPROXY_HOST_DEVICE void relax_features(const ProgramView& p, const float* soft, const float* activity, float* x) {
  for (int i = 0; i < p.nodes * p.features; ++i) x[i] = p.fixed_x[i];
  for (int u = 0; u < p.uses; ++u) {
    const ProgramView::UseRow& use = p.use[u];
    const ProgramView::GeneRow& gene = p.gene[use.gene];
    float* node = x + use.node * p.features;
    // Values may share a column, whose share is then the sum of theirs.
    for (int v = 0; v < gene.choices; ++v) {
      node[p.columns[use.column + v]] += activity[use.gene] * soft[gene.value + v];
    }
    if (gene.parent >= 0) node[p.absent] += 1 - activity[use.gene];
  }
}

/// Adjacency (N, N), likewise.
OPTIPROXY_HOST_DEVICE void relax_adjacency(const ProgramView& p, const float* soft, const float* activity,
                                           float* adjacency) {
  for (int i = 0; i < p.nodes * p.nodes; ++i) adjacency[i] = 0;
  for (int e = 0; e < p.edges; ++e) {
    const ProgramView::EdgeRow& edge = p.edge[e];
    const float weight = edge.gene < 0 ? 1 : activity[edge.gene] * share(p.gene[edge.gene], edge.values, soft);
    adjacency[edge.from * p.nodes + edge.to] += weight;
  }
}

/// Adds to the gradients of probabilities and activities what flows from d_x (N, F)...
OPTIPROXY_HOST_DEVICE void pull_back_features(const ProgramView& p, const float* soft, const float* activity,
                                              const float* d_x, float* d_soft, float* d_activity) {
  for (int u = 0; u < p.uses; ++u) {
    const ProgramView::UseRow& use = p.use[u];
    const ProgramView::GeneRow& gene = p.gene[use.gene];
    const float* d_node = d_x + use.node * p.features;
    float dot = 0;
    for (int v = 0; v < gene.choices; ++v) {
      const float d = d_node[p.columns[use.column + v]];
      d_soft[gene.value + v] += activity[use.gene] * d;
      dot += soft[gene.value + v] * d;
    }
    if (gene.parent >= 0) d_activity[use.gene] += dot - d_node[p.absent];
  }
}

/// ...and from d_adjacency (N, N).
OPTIPROXY_HOST_DEVICE void pull_back_adjacency(const ProgramView& p, const float* soft, const float* activity,
                                               const float* d_adjacency, float* d_soft, float* d_activity) {
  for (int e = 0; e < p.edges; ++e) {
    const ProgramView::EdgeRow& edge = p.edge[e];
    if (edge.gene < 0) continue;
    const ProgramView::GeneRow& gene = p.gene[edge.gene];
    const float slope = d_adjacency[edge.from * p.nodes + edge.to];
    add_to_share(gene, edge.values, activity[edge.gene] * slope, d_soft);
    d_activity[edge.gene] += slope * share(gene, edge.values, soft);
  }
}

/// Feature rows (N, F) of a discrete architecture (G)...
OPTIPROXY_HOST_DEVICE void encode_features(const ProgramView& p, const uint8_t* genes, float* x) {
  for (int i = 0; i < p.nodes * p.features; ++i) x[i] = p.fixed_x[i];
  for (int u = 0; u < p.uses; ++u) {
    const ProgramView::UseRow& use = p.use[u];
    const int value = genes[use.gene];
    const int column = value < p.gene[use.gene].choices ? p.columns[use.column + value] : p.absent;
    x[use.node * p.features + column] += 1;
  }
}

/// ...and its adjacency (N, N).
OPTIPROXY_HOST_DEVICE void encode_adjacency(const ProgramView& p, const uint8_t* genes, float* adjacency) {
  for (int i = 0; i < p.nodes * p.nodes; ++i) adjacency[i] = 0;
  for (int e = 0; e < p.edges; ++e) {
    const ProgramView::EdgeRow& edge = p.edge[e];
    if (edge.gene < 0 || edge.values.contains(genes[edge.gene])) adjacency[edge.from * p.nodes + edge.to] = 1;
  }
}

}  // namespace lane
}  // namespace optiproxy
