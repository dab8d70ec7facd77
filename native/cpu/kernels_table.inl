// Fills the table of one ISA unit.  The unit defines OPTIPROXY_ISA_*, OPTIPROXY_ISA_NAME and OPTIPROXY_ISA_TABLE first.
#include "kernels.h"
#include "vec.h"

using optiproxy::cpu::AdamWStep;
using optiproxy::cpu::kAccumulate;
using optiproxy::cpu::kStoreRelu;
using optiproxy::cpu::MaskStream;

#include "kernels_gemm.inl"
#include "kernels_optim.inl"
#include "kernels_rows.inl"

namespace optiproxy::cpu {

const Kernels& OPTIPROXY_ISA_TABLE() {
  static constexpr Kernels table = {
      OPTIPROXY_ISA_NAME, W,        gemm,      transpose, layer_norm,   layer_norm_backward,
      relu_backward,      row_dots, mean_rows, gelu,      dropout_mask, adamw};
  return table;
}

}  // namespace optiproxy::cpu
