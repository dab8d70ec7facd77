// How long launches take, one by one, for benches: each is waited for, so that the whole takes longer than it does
// otherwise.
#pragma once

#include <map>
#include <string>

namespace optiproxy::cuda {

struct LaunchTimes {
  int launches = 0;
  double milliseconds = 0;
};

/// By the kernel's name.
using Profile = std::map<std::string, LaunchTimes>;

/// Where this thread's launches are entered; null, unless somebody sets it, where they are not.
inline Profile*& profile() {
  thread_local Profile* current = nullptr;
  return current;
}

}  // namespace optiproxy::cuda
