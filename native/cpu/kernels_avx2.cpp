// The kernels compiled for AVX2 with FMA.
#define OPTIPROXY_ISA_AVX2
#define OPTIPROXY_ISA_NAME "avx2"
#define OPTIPROXY_ISA_TABLE kernels_avx2
#include "kernels_table.inl"
