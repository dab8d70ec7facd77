// A test harness of one header: TEST registers, CHECK records a failure and goes on, main.cpp runs.
#pragma once

#include <cmath>
#include <cstdio>
#include <sstream>
#include <string>
#include <vector>

namespace optiproxy::test {

/// What a test is of.
enum class Of { kOne, kEveryBackend };

struct TestCase {
  const char* name;
  void (*run)();
  Of of;
};

inline std::vector<TestCase>& tests() {
  static std::vector<TestCase> all;
  return all;
}

struct Registration {
  Registration(const char* name, Of of, void (*run)()) { tests().push_back({name, run, of}); }
};

/// Failures of the test that runs.
inline int& failures() {
  static int count = 0;
  return count;
}

inline void fail(const char* file, int line, const std::string& what) {
  // One wrong kernel fails thousands of comparisons; the first ones say it all.
  constexpr int kShown = 10;
  if (++failures() <= kShown) std::printf("    %s:%d: %s\n", file, line, what.c_str());
  if (failures() == kShown) std::printf("    (further failures of this test are not shown)\n");
}

template <typename T>
std::string text(const T& value) {
  std::ostringstream out;
  out.precision(9);
  if constexpr (requires { out << value; }) {
    out << value;
  } else {
    out << "(value)";
  }
  return out.str();
}

/// What an exception says, or "" if `body` throws nothing.
template <typename Body>
std::string thrown(Body body) {
  try {
    body();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

}  // namespace optiproxy::test

#define OPTIPROXY_TEST(name, of)                                                          \
  static void test_##name();                                                              \
  static const ::optiproxy::test::Registration registered_##name(#name, of, test_##name); \
  static void test_##name()

#define TEST(name) OPTIPROXY_TEST(name, ::optiproxy::test::Of::kOne)

/// A test of what every backend promises, on one from make_backend (support.h).
#define BACKEND_TEST(name) OPTIPROXY_TEST(name, ::optiproxy::test::Of::kEveryBackend)

#define CHECK(condition)                                                                   \
  do {                                                                                     \
    if (!(condition)) ::optiproxy::test::fail(__FILE__, __LINE__, "expected " #condition); \
  } while (false)

/// As CHECK, with words that say which case it was.
#define CHECK_CASE(condition, words)                                                                                   \
  do {                                                                                                                 \
    if (!(condition)) ::optiproxy::test::fail(__FILE__, __LINE__, std::string("expected " #condition ": ") + (words)); \
  } while (false)

#define CHECK_EQUAL(given, wanted)                                                                                     \
  do {                                                                                                                 \
    const auto given_ = (given);                                                                                       \
    const auto wanted_ = (wanted);                                                                                     \
    if (!(given_ == wanted_)) {                                                                                        \
      ::optiproxy::test::fail(                                                                                         \
          __FILE__, __LINE__,                                                                                          \
          "expected " #given " = " + ::optiproxy::test::text(wanted_) + ", given " + ::optiproxy::test::text(given_)); \
    }                                                                                                                  \
  } while (false)

/// |given - wanted| <= tolerance; fails for NaN.
#define CHECK_CLOSE(given, wanted, tolerance)                                                                          \
  do {                                                                                                                 \
    const double given_ = (given), wanted_ = (wanted), tolerance_ = (tolerance);                                       \
    if (!(std::fabs(given_ - wanted_) <= tolerance_)) {                                                                \
      ::optiproxy::test::fail(__FILE__, __LINE__,                                                                      \
                              "expected " #given " = " + ::optiproxy::test::text(wanted_) + " within " +               \
                                  ::optiproxy::test::text(tolerance_) + ", given " + ::optiproxy::test::text(given_)); \
    }                                                                                                                  \
  } while (false)

/// The statement throws an exception whose message contains `part`.
#define CHECK_THROWS(statement, part)                                                                      \
  do {                                                                                                     \
    const std::string message_ = ::optiproxy::test::thrown([&] { statement; });                            \
    if (message_.empty() || message_.find(part) == std::string::npos) {                                    \
      ::optiproxy::test::fail(                                                                             \
          __FILE__, __LINE__,                                                                              \
          std::string("expected " #statement " to throw \"") + (part) + "\", given \"" + message_ + "\""); \
    }                                                                                                      \
  } while (false)
