#include "../cpu/isa.h"

#include <algorithm>

#include "../cpu/cpu_backend.h"
#include "support.h"
#include "test.h"

namespace optiproxy::test {

TEST(isa_can_be_forced_to_each_that_runs_here) {
  const std::vector<std::string> isas = cpu::available_isas();
  CHECK(!isas.empty());
  for (const std::string& isa : isas) {
    const ScopedEnvironment forced("OPTIPROXY_ISA", isa.c_str());
    CHECK_EQUAL(std::string(cpu::select_kernels().isa), isa);
    CHECK_EQUAL(cpu::CpuBackend({2, 3, 1, 1}, 1, 1).isa(), isa);
  }
  const ScopedEnvironment unforced("OPTIPROXY_ISA", "");
  CHECK_EQUAL(std::string(cpu::select_kernels().isa), isas.back());
}

TEST(isa_that_is_unknown_is_refused) {
  for (const char* name : {"sse9", "AVX2", "avx2 "}) {
    const ScopedEnvironment forced("OPTIPROXY_ISA", name);
    CHECK_THROWS(cpu::select_kernels(), "OPTIPROXY_ISA: expected one of " + cpu::available_isas().front());
    CHECK_THROWS(cpu::select_kernels(), "given \"" + std::string(name) + "\"");
    CHECK_THROWS(cpu::CpuBackend({2, 3, 1, 1}, 1, 1), "OPTIPROXY_ISA");
  }
}

}  // namespace optiproxy::test
