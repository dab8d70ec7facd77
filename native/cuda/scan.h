// A scan of random architectures on a device: only what ranks among the best comes back.
#pragma once

#include "../core/scan.h"
#include "../core/space.h"
#include "candidates.h"
#include "predict.h"

namespace optiproxy::cuda {

class DeviceScan {
 public:
  /// `bytes` of scratch, about, are what a draw has room for.
  DeviceScan(Device& device, DevicePredictor& predictor, int members, int outputs, int64_t bytes = int64_t{64} << 20);

  /// Architectures are scored with `weights` from now on.
  void begin(const Space& space, uint64_t seed, uint32_t round, const Parameters& weights);
  /// See core/scan.h.
  size_t score(uint32_t first, size_t count);
  std::vector<std::vector<Rank>> best(std::span<const Rank> above, std::span<const Rank> below, size_t most);

 private:
  void reserve(int count);
  void draw_all(uint32_t first, int count);

  Device& device_;
  DevicePredictor& predictor_;
  const int members_, outputs_;
  const int64_t bytes_;
  Arena tables_, arena_, selection_;
  SpaceView space_{};
  const GraphProgram* program_ = nullptr;
  Parameters weights_{};
  uint64_t seed_ = 0;
  uint32_t round_ = 0;
  int nodes_ = 1;            // of the largest section
  int room_ = 0, rows_ = 0;  // architectures in all, and of one draw
  int valid_ = 0;
  uint8_t *drawn_ = nullptr, *genes_ = nullptr;
  uint64_t* masks_ = nullptr;
  uint32_t *numbers_ = nullptr, *found_ = nullptr;
  Rank* ranks_ = nullptr;
};

}  // namespace optiproxy::cuda
