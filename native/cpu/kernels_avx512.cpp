// The kernels compiled for AVX-512 (F, VL, BW, DQ).
#define OPTIPROXY_ISA_AVX512
#define OPTIPROXY_ISA_NAME "avx512"
#define OPTIPROXY_ISA_TABLE kernels_avx512
#include "kernels_table.inl"
