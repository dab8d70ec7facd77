// The kernels compiled for arm64 NEON.
#define OPTIPROXY_ISA_NEON
#define OPTIPROXY_ISA_NAME "neon"
#define OPTIPROXY_ISA_TABLE kernels_neon
#include "kernels_table.inl"
