#include "acquisition.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "../core/acquisition.h"
#include "args.h"
#include "task.h"

namespace optiproxy::node {
namespace {

/// Deviations (n) of these means.
std::vector<float> read_deviations(const Napi::Value& value, size_t count) {
  std::vector<float> deviations = read_floats(value, "deviations");
  require(deviations.size() == count, "deviations: expected one for every mean");
  require(std::ranges::all_of(deviations, [](float d) { return d >= 0; }), "deviations: expected numbers from 0 on");
  return deviations;
}

Napi::Float32Array array_of(Napi::Env env, const std::vector<float>& numbers) {
  auto array = Napi::Float32Array::New(env, numbers.size());
  std::ranges::copy(numbers, array.Data());
  return array;
}

}  // namespace

Napi::Value log_improvement(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const std::vector<float> front = read_floats(info[0], "front"), reference = read_floats(info[1], "reference");
    const std::vector<float> means = read_floats(info[2], "means");
    const std::vector<float> deviations = read_deviations(info[3], means.size());
    const FrontImprovement improvement(front, reference);
    const size_t o = improvement.objectives();
    require(means.size() % o == 0, "means: expected as many of each candidate as the reference has");
    std::vector<float> logs(means.size() / o);
    for (size_t i = 0; i < logs.size(); ++i) {
      logs[i] = static_cast<float>(
          improvement.log(std::span(means).subspan(i * o, o), std::span(deviations).subspan(i * o, o)));
    }
    return array_of(info.Env(), logs);
  });
}

Napi::Value log_feasibility(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    constexpr double kMost = std::numeric_limits<double>::max();
    const std::vector<float> means = read_floats(info[0], "means");
    const std::vector<float> deviations = read_deviations(info[1], means.size());
    const double low = read_number(info[2], "low", -kMost, kMost), high = read_number(info[3], "high", low, kMost);
    std::vector<float> logs(means.size());
    for (size_t i = 0; i < logs.size(); ++i)
      logs[i] = static_cast<float>(log_probability(means[i], deviations[i], low, high));
    return array_of(info.Env(), logs);
  });
}

}  // namespace optiproxy::node
