#include "expression.h"

#include <algorithm>
#include <array>
#include <string>

namespace optiproxy {

Key text_key(const EdgeCell& cell, const uint8_t* genes, bool zeros) {
  // One letter stands for an operation: letters in the order of the names keep the order of whole texts.
  std::vector<std::string> text(static_cast<size_t>(cell.vertices));
  text[0].push_back('0');
  std::vector<std::string> terms;
  size_t e = 0;
  for (int vertex = 1; vertex < cell.vertices; ++vertex) {
    terms.clear();
    for (; e < cell.edges.size() && cell.edges[e].to == vertex; ++e) {
      const int operation = genes[cell.edges[e].gene];
      const std::string& from = text[static_cast<size_t>(cell.edges[e].from)];
      if (zeros && (operation == cell.zero || from == "#")) {
        terms.emplace_back(1, '#');
      } else if (operation == cell.identity) {
        terms.push_back(from);
      } else {
        std::string& term = terms.emplace_back(1, '(');
        term.append(from).append(")@").push_back(static_cast<char>('a' + cell.ranks[static_cast<size_t>(operation)]));
      }
    }
    std::ranges::sort(terms);
    std::string& sum = text[static_cast<size_t>(vertex)];
    for (size_t i = 0; i < terms.size(); ++i) {
      if (i > 0) sum.push_back('+');
      sum.append(terms[i]);
    }
  }
  Hasher hasher;
  hasher.add_bytes(reinterpret_cast<const uint8_t*>(text.back().data()), text.back().size());
  return hasher.key();
}

namespace {

/// Terms of a sum, in any order: the cell's input, or an operation's hash of a sum.
struct Sum {
  // Identities copy terms: a vertex has no more than 2^(v-1) of them, and cells have at most 8 vertices.
  std::array<uint64_t, 128> terms;
  int size = 0;
};

void sort(Sum& sum) { std::sort(sum.terms.begin(), sum.terms.begin() + sum.size); }

uint64_t hash(const Sum& sum) {
  uint64_t h = static_cast<uint64_t>(sum.size);
  for (int i = 0; i < sum.size; ++i) h = mix(h ^ sum.terms[static_cast<size_t>(i)]);
  return h;
}

}  // namespace

Key computation_key(const EdgeCell& cell, const uint8_t* genes) {
  std::array<Sum, 8> sums;
  std::array<uint64_t, 8> hashes;
  sums[0].terms[0] = 0x243F6A8885A308D3u;  // the input
  sums[0].size = 1;
  hashes[0] = hash(sums[0]);
  size_t e = 0;
  for (int vertex = 1; vertex < cell.vertices; ++vertex) {
    Sum& sum = sums[static_cast<size_t>(vertex)];
    for (; e < cell.edges.size() && cell.edges[e].to == vertex; ++e) {
      const int operation = genes[cell.edges[e].gene];
      const Sum& from = sums[static_cast<size_t>(cell.edges[e].from)];
      if (operation == cell.zero || from.size == 0) continue;
      if (operation == cell.identity) {
        std::copy_n(from.terms.begin(), from.size, sum.terms.begin() + sum.size);
        sum.size += from.size;
      } else {
        sum.terms[static_cast<size_t>(sum.size++)] = mix(hashes[static_cast<size_t>(cell.edges[e].from)] +
                                                         static_cast<uint64_t>(operation) * 0xD6E8FEB86659FD93u);
      }
    }
    sort(sum);
    hashes[static_cast<size_t>(vertex)] = hash(sum);
  }
  const Sum& output = sums[static_cast<size_t>(cell.vertices - 1)];
  Hasher hasher;
  for (int i = 0; i < output.size; ++i) hasher.add(output.terms[static_cast<size_t>(i)]);
  hasher.add(static_cast<uint64_t>(output.size));
  return hasher.key();
}

}  // namespace optiproxy
