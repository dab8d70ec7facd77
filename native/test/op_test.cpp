// The table of op tests, run over whichever ISA is forced.  A tolerance belongs to its op: some ten times the worst
// that any ISA shows, so that no digit is lost unseen.
#include "op.h"

#include "../cpu/isa.h"

namespace optiproxy::test {
namespace {

constexpr Op kOps[] = {
    {"gemm", 1e-13, op_gemm},
    {"transpose", 0, op_transpose},
    {"layer_norm", 5e-13, op_layer_norm},
    {"layer_norm far from zero", 1e-9, op_layer_norm_far_from_zero},
    {"layer_norm_backward", 2e-13, op_layer_norm_backward},
    {"layer_norm_of_pairs", 3e-13, op_layer_norm_of_pairs},
    {"pooled_norm", 6e-13, op_pooled_norm},
    {"aggregate", 3e-14, op_aggregate},
    {"aggregate_backward", 2e-14, op_aggregate_backward},
    {"scatter", 1e-14, op_scatter},
    {"add_rows", 5e-14, op_add_rows},
    {"combine_rows", 4e-14, op_combine_rows},
    {"relu_backward", 0, op_relu_backward},
    {"row_dots", 2e-13, op_row_dots},
    {"mean_rows", 3e-14, op_mean_rows},
    {"gelu", 1e-13, op_gelu},
    {"softmax", 1.5e-13, op_softmax},
    {"softmax_backward", 2e-13, op_softmax_backward},
    {"multiply_add", 1e-13, op_multiply_add},
    {"dropout_mask", 0, op_dropout_mask},
    {"gumbel", 3e-14, op_gumbel},
    {"adamw", 1.5e-14, op_adamw},
    {"adamw_transposed", 3e-14, op_adamw_transposed},
};

}  // namespace

TEST(ops_match_their_references) {
  for (const Op& op : kOps) {
    OpRun run{.k = cpu::select_kernels(), .tolerance = op.tolerance};
    op.run(run);
    std::printf("    %-26s worst NMSE %.1e, tolerance %.1e\n", op.name, run.worst, op.tolerance);
  }
}

/// One element of many, 1 % off, is beyond every tolerance.
TEST(op_comparison_rejects_one_wrong_element) {
  Random random(5);
  const std::vector<float> wanted = random.floats(1000, 0.5, 1);
  std::vector<float> given = wanted;
  given[617] *= 1.01f;
  Nmse nmse;
  nmse.add(given, doubles(wanted));
  for (const Op& op : kOps) CHECK_CASE(nmse.value() > op.tolerance, op.name);
}

TEST(op_guards_see_a_write_beside_the_output) {
  for (size_t column : {size_t{4}, size_t{5}}) {
    Guarded g = Guarded::output(3, 4, 6, 1);
    CHECK(g.guards_hold());
    g.at(2, 3) = 1;
    CHECK(g.guards_hold());
    g.at(2, column) = 1;
    CHECK(!g.guards_hold());
  }
}

}  // namespace optiproxy::test
