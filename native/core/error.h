// One exception type for everything that goes wrong in the native code.  `code` is one of src/errors.ts's ErrorCode.
#pragma once

#include <stdexcept>
#include <string>

namespace optiproxy {

class Error : public std::runtime_error {
 public:
  Error(const char* code, const std::string& message) : std::runtime_error(message), code_(code) {}
  const char* code() const noexcept { return code_; }

 private:
  const char* code_;
};

/// Throws INVALID_ARGUMENT.
[[noreturn]] inline void fail(const std::string& message) { throw Error("INVALID_ARGUMENT", message); }

/// Throws INVALID_ARGUMENT unless `condition` holds.  The message is made in either case: where a call is frequent and
/// its message has to be put together, test and `fail` instead.
inline void require(bool condition, const std::string& message) {
  if (!condition) fail(message);
}

}  // namespace optiproxy
