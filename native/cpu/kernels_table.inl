// Fills the table of one ISA unit.  The unit defines OPTIPROXY_ISA_*, OPTIPROXY_ISA_NAME and OPTIPROXY_ISA_TABLE first.
#include "kernels.h"
#include "vec_math.h"

using optiproxy::AdamWStep;
using optiproxy::MaskStream;
using optiproxy::cpu::kAccumulate;
using optiproxy::cpu::kMaxHidden;
using optiproxy::cpu::RowPair;
using optiproxy::cpu::RowTerm;
using optiproxy::cpu::SparseRows;

#include "kernels_gemm.inl"
#include "kernels_graph.inl"
#include "kernels_optim.inl"
#include "kernels_random.inl"
#include "kernels_rows.inl"
#include "kernels_softmax.inl"

namespace optiproxy::cpu {

const Kernels& OPTIPROXY_ISA_TABLE() {
  static constexpr Kernels table = {OPTIPROXY_ISA_NAME,
                                    W,
                                    gemm,
                                    transpose,
                                    layer_norm,
                                    layer_norm_backward,
                                    layer_norm_of_pairs,
                                    pooled_norm,
                                    aggregate,
                                    aggregate_backward,
                                    scatter,
                                    add_rows,
                                    combine_rows,
                                    relu_backward,
                                    row_dots,
                                    mean_rows,
                                    gelu,
                                    softmax,
                                    softmax_backward,
                                    multiply_add,
                                    dropout_mask,
                                    gumbel,
                                    adamw,
                                    adamw_transposed};
  return table;
}

}  // namespace optiproxy::cpu
