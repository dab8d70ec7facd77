// optiproxy_native_tests [--isas] [FILTER...]: runs the tests whose names contain a filter, on the ISA that
// OPTIPROXY_ISA names or else the best.  --isas lists what OPTIPROXY_ISA may be here, so that a script can walk them
// all.  With OPTIPROXY_BACKEND, which names a backend (support.h), only the tests of what every backend promises.
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "../cpu/isa.h"
#include "test.h"

namespace {

using namespace optiproxy;

bool wanted(const char* name, int argc, char** argv) {
  if (argc < 2) return true;
  for (int i = 1; i < argc; ++i) {
    if (std::strstr(name, argv[i]) != nullptr) return true;
  }
  return false;
}

/// Whether the test passed.
bool run(const test::TestCase& test) {
  using Clock = std::chrono::steady_clock;
  test::failures() = 0;
  const auto start = Clock::now();
  try {
    test.run();
  } catch (const std::exception& error) {
    test::fail(test.name, 0, std::string("unexpected exception: ") + error.what());
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  const bool passed = test::failures() == 0;
  std::printf("%s  %s (%.2f s)\n", passed ? "ok    " : "FAILED", test.name, seconds);
  std::fflush(stdout);
  return passed;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--isas") == 0) {
    for (const std::string& isa : cpu::available_isas()) std::printf("%s\n", isa.c_str());
    return 0;
  }
  const char* backend = std::getenv("OPTIPROXY_BACKEND");
  try {
    std::printf("isa: %s\n", backend != nullptr ? backend : cpu::select_kernels().isa);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  int passed = 0, failed = 0;
  for (const test::TestCase& test : test::tests()) {
    if (backend != nullptr && test.of != test::Of::kEveryBackend) continue;
    if (wanted(test.name, argc, argv)) ++(run(test) ? passed : failed);
  }
  // A filter that matches nothing must not look like success.
  if (passed + failed == 0) std::printf("no test matches\n");
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 && passed > 0 ? 0 : 1;
}
