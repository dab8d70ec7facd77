#include "reference_kernel.h"

#include <cmath>
#include <map>
#include <set>
#include <utility>

namespace optiproxy::test {
namespace {

/// An architecture's graph: the features of every node, ascending, and its edges.
struct PlainNodes {
  std::vector<std::multiset<int>> features;
  std::vector<std::vector<size_t>> next, before;
};

PlainNodes nodes_of(const GraphProgram& program, const uint8_t* genes) {
  PlainNodes nodes;
  const auto n = static_cast<size_t>(program.nodes);
  nodes.features.resize(n);
  nodes.next.resize(n);
  nodes.before.resize(n);
  for (const NodeFeature& f : program.fixed_features) nodes.features[static_cast<size_t>(f.node)].insert(f.feature);
  for (const FeatureUse& use : program.feature_uses) {
    const size_t value = genes[use.gene];
    const int feature = value < use.columns.size() ? use.columns[value] : program.absent;
    if (feature >= 0) nodes.features[static_cast<size_t>(use.node)].insert(feature);
  }
  for (const Edge& edge : program.edges) {
    if (edge.gene >= 0 && !edge.values.contains(genes[edge.gene])) continue;
    nodes.next[static_cast<size_t>(edge.from)].push_back(static_cast<size_t>(edge.to));
    nodes.before[static_cast<size_t>(edge.to)].push_back(static_cast<size_t>(edge.from));
  }
  return nodes;
}

std::string joined(const std::multiset<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += "<" + part + ">";
  return all;
}

/// Sum over all walks from a node to an end of discount^steps times the walk's probability.
double walks(const PlainNodes& nodes, const std::vector<std::vector<size_t>>& next, size_t node, double discount) {
  if (next[node].empty()) return nodes.features[node].empty() ? 0 : 1;
  double sum = 0;
  for (size_t to : next[node])
    sum += discount * walks(nodes, next, to, discount) / static_cast<double>(next[node].size());
  return sum;
}

using Counts = std::map<std::string, double>;

Counts counts_of(const std::vector<std::string>& labels, size_t depth, size_t nodes) {
  Counts counts;
  for (size_t i = 0; i < nodes; ++i) ++counts[labels[depth * nodes + i]];
  if (counts.size() > 1) counts.erase("");
  return counts;
}

double product(const Counts& a, const Counts& b) {
  double sum = 0;
  for (const auto& [label, count] : a) {
    if (b.contains(label)) sum += count * b.at(label);
  }
  return sum;
}

/// What the views see of an architecture.
struct Seen {
  Genes genes;
  std::vector<Counts> labels;  // (depths)
  Numbers flow;
};

std::vector<Seen> seen(const GraphProgram& program, const Genes& all) {
  std::vector<Seen> each;
  const auto g = static_cast<std::ptrdiff_t>(program.genes.size());
  for (auto at = all.begin(); at != all.end(); at += g) {
    Seen one{.genes = {at, at + g}, .labels = {}, .flow = reference_flow(program, &*at)};
    const auto labels = reference_labels(program, &*at);
    for (size_t depth = 0; depth < kLabelDepths; ++depth)
      one.labels.push_back(counts_of(labels, depth, static_cast<size_t>(program.nodes)));
    each.push_back(one);
  }
  return each;
}

/// Of every flow number, 0 of those that hardly vary.
Numbers variances_of(const std::vector<Seen>& reference) {
  Numbers variances;
  const auto m = static_cast<double>(reference.size());
  for (size_t d = 0; d < reference[0].flow.size(); ++d) {
    double mean = 0, variance = 0;
    for (const Seen& one : reference) mean += one.flow[d] / m;
    for (const Seen& one : reference) variance += (one.flow[d] - mean) * (one.flow[d] - mean) / m;
    variances.push_back(variance < 1e-9 ? 0 : variance);
  }
  return variances;
}

Views views_of(const Seen& a, const Seen& b, const Numbers& variances) {
  Views views{};
  for (size_t gene = 0; gene < a.genes.size(); ++gene)
    views[0] += a.genes[gene] == b.genes[gene] ? 1 / static_cast<double>(a.genes.size()) : 0;
  for (size_t depth = 0; depth < kLabelDepths; ++depth) {
    const Counts &one = a.labels[depth], &other = b.labels[depth];
    views[1] += product(one, other) / std::sqrt(product(one, one) * product(other, other)) / kLabelDepths;
  }
  double sum = 0, varying = 0;
  for (size_t d = 0; d < variances.size(); ++d) {
    if (variances[d] == 0) continue;
    sum += (a.flow[d] - b.flow[d]) * (a.flow[d] - b.flow[d]) / variances[d];
    ++varying;
  }
  views[2] = varying == 0 ? 1 : std::exp(-sum / varying / 2);
  return views;
}

}  // namespace

std::vector<std::string> reference_labels(const GraphProgram& program, const uint8_t* genes) {
  const PlainNodes nodes = nodes_of(program, genes);
  const size_t n = nodes.features.size();
  std::vector<std::string> all;
  for (const auto& features : nodes.features) {
    std::string label;
    for (int feature : features) label += std::to_string(feature) + ";";
    all.push_back(label);
  }
  for (size_t depth = 1; depth < kLabelDepths; ++depth) {
    const std::vector<std::string> last(all.end() - static_cast<std::ptrdiff_t>(n), all.end());
    for (size_t i = 0; i < n; ++i) {
      std::multiset<std::string> out, in;
      for (size_t to : nodes.next[i]) out.insert(last[to]);
      for (size_t from : nodes.before[i]) in.insert(last[from]);
      all.push_back(last[i].empty() ? "" : last[i] + " out " + joined(out) + " in " + joined(in));
    }
  }
  return all;
}

Numbers reference_flow(const GraphProgram& program, const uint8_t* genes) {
  const PlainNodes nodes = nodes_of(program, genes);
  Numbers flow;
  for (const auto& next : {nodes.next, nodes.before}) {
    for (double discount : {0.6, 1.0}) {
      Numbers sums(static_cast<size_t>(program.features), 0.0);
      for (size_t node = 0; node < next.size(); ++node) {
        for (int feature : nodes.features[node])
          sums[static_cast<size_t>(feature)] += walks(nodes, next, node, discount);
      }
      flow.insert(flow.end(), sums.begin(), sums.end());
    }
  }
  return flow;
}

std::vector<Views> reference_similarities(const GraphProgram& program, const Genes& reference, const Genes& some,
                                          const Genes& others) {
  const Numbers variances = variances_of(seen(program, reference));
  const auto other_side = seen(program, others);
  std::vector<Views> all;
  for (const Seen& a : seen(program, some)) {
    for (const Seen& b : other_side) all.push_back(views_of(a, b, variances));
  }
  return all;
}

Numbers reference_covariances(const KernelShape& shape, const std::vector<Views>& similarities) {
  Numbers all;
  for (const Views& views : similarities) {
    double mean = 0;
    for (size_t view = 0; view < kViews; ++view) mean += views[view] * shape.weights[view] / 4;
    all.push_back(std::exp((mean - 1) / KernelShape::kScales[shape.scale]));
  }
  return all;
}

Inverse reference_inverse(Numbers matrix, size_t n) {
  Inverse inverse{.matrix = Numbers(n * n, 0.0)};
  for (size_t i = 0; i < n; ++i) inverse.matrix[i * n + i] = 1;
  const auto both = [&](auto change) {
    change(matrix);
    change(inverse.matrix);
  };
  for (size_t column = 0; column < n; ++column) {
    size_t pivot = column;
    for (size_t i = column; i < n; ++i) {
      if (std::fabs(matrix[i * n + column]) > std::fabs(matrix[pivot * n + column])) pivot = i;
    }
    // A swap of rows turns the sign, which a positive determinant does not need.
    inverse.log_determinant += std::log(std::fabs(matrix[pivot * n + column]));
    const double scale = matrix[pivot * n + column];
    both([&](Numbers& m) {
      for (size_t j = 0; j < n; ++j) std::swap(m[pivot * n + j], m[column * n + j]);
      for (size_t j = 0; j < n; ++j) m[column * n + j] /= scale;
    });
    for (size_t i = 0; i < n; ++i) {
      const double factor = matrix[i * n + column];
      if (i == column) continue;
      both([&](Numbers& m) {
        for (size_t j = 0; j < n; ++j) m[i * n + j] -= factor * m[column * n + j];
      });
    }
  }
  return inverse;
}

double reference_form(const Numbers& matrix, const double* x, const double* y, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) sum += x[i] * matrix[i * n + j] * y[j];
  }
  return sum;
}

}  // namespace optiproxy::test
