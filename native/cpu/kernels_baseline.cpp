// The kernels compiled for x86-64 (SSE2).
#define OPTIPROXY_ISA_BASELINE_X86
#define OPTIPROXY_ISA_NAME "baseline"
#define OPTIPROXY_ISA_TABLE kernels_baseline
#include "kernels_table.inl"
