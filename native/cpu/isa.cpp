#include "isa.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "../core/error.h"

#if defined(__x86_64__) || defined(_M_X64)
#define OPTIPROXY_X86 1
#if defined(_MSC_VER)
#include <immintrin.h>
#include <intrin.h>
#else
#include <cpuid.h>
#endif
#endif

namespace optiproxy::cpu {
namespace {

#if defined(OPTIPROXY_X86)

struct Registers {
  uint32_t eax, ebx, ecx, edx;
};

Registers cpuid(uint32_t leaf) {
#if defined(_MSC_VER)
  int r[4];
  __cpuidex(r, static_cast<int>(leaf), 0);
  return {static_cast<uint32_t>(r[0]), static_cast<uint32_t>(r[1]), static_cast<uint32_t>(r[2]),
          static_cast<uint32_t>(r[3])};
#else
  Registers r{};
  __get_cpuid_count(leaf, 0, &r.eax, &r.ebx, &r.ecx, &r.edx);
  return r;
#endif
}

/// Which register states the operating system saves: without its help wide registers are lost at a task switch, so a
/// processor that has an instruction may still not run it.
uint64_t saved_states() {
#if defined(_MSC_VER)
  return _xgetbv(0);
#else
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t{high} << 32) | low;
#endif
}

bool bit(uint32_t word, int index) { return ((word >> index) & 1u) != 0; }

struct Features {
  bool avx2 = false;
  bool avx512 = false;
};

Features detect() {
  Features found;
  if (cpuid(0).eax < 7) return found;
  const Registers one = cpuid(1), seven = cpuid(7);
  if (!bit(one.ecx, 27)) return found;  // OSXSAVE
  const uint64_t states = saved_states();
  const bool ymm = (states & 0x6) == 0x6, zmm = (states & 0xe6) == 0xe6;
  found.avx2 = ymm && bit(one.ecx, 28) && bit(one.ecx, 12) && bit(seven.ebx, 5);
  found.avx512 =
      found.avx2 && zmm && bit(seven.ebx, 16) && bit(seven.ebx, 17) && bit(seven.ebx, 30) && bit(seven.ebx, 31);
  return found;
}

#endif

struct Unit {
  const char* name;
  const Kernels& (*kernels)();
};

std::vector<Unit> available_units() {
  std::vector<Unit> units;
#if defined(OPTIPROXY_X86)
  units.push_back({"baseline", kernels_baseline});
  const Features f = detect();
  if (f.avx2) units.push_back({"avx2", kernels_avx2});
  if (f.avx512) units.push_back({"avx512", kernels_avx512});
#else
  units.push_back({"neon", kernels_neon});
#endif
  return units;
}

}  // namespace

std::vector<std::string> available_isas() {
  std::vector<std::string> names;
  for (const Unit& unit : available_units()) names.emplace_back(unit.name);
  return names;
}

const Kernels& select_kernels() {
  const std::vector<Unit> units = available_units();
  const char* forced = std::getenv("OPTIPROXY_ISA");
  if (forced == nullptr || *forced == '\0') return units.back().kernels();
  const auto found = std::ranges::find_if(units, [&](const Unit& unit) { return std::string(unit.name) == forced; });
  if (found == units.end()) {
    std::string names;
    for (const Unit& unit : units) names += (names.empty() ? "" : ", ") + std::string(unit.name);
    throw Error("INVALID_ARGUMENT", "OPTIPROXY_ISA: expected one of " + names +
                                        " (what this machine can run), given \"" + std::string(forced) +
                                        "\" (hint: unset it to use the best)");
  }
  return found->kernels();
}

}  // namespace optiproxy::cpu
