// A device on the host: what it finds, and that it keeps what a real one does.
#include "../cuda/device.h"
#include "support.h"
#include "test.h"

namespace optiproxy::test {
namespace {

using namespace cuda;

OPTIPROXY_KERNEL add_at(float* to, int at) {
  if (thread_in_block() == 0) to[at] += 1;
}

void add(Device& device, float* to, int at) { launch("add", {{1, 1, 1}, kWarp, 0}, device.stream(), add_at, to, at); }

}  // namespace

TEST(cuda_device_keeps_what_is_sent_and_replays_what_is_recorded) {
  Device device;
  Arena arena(device);
  const std::vector<float> given = {1, 2, 3};
  float *sent = nullptr, *cleared = nullptr;
  for (int turn = 0; turn < 2; ++turn) {
    arena.place([&](Arena& a) {
      sent = a.take(given);
      cleared = a.take<float>(5);
    });
    CHECK_EQUAL(reinterpret_cast<uintptr_t>(cleared) % 16, uintptr_t{0});
    device.clear(cleared, 5 * sizeof(float));
    Recording recording(device, [&] {
      add(device, sent, 1);
      add(device, cleared, 4);
    });
    recording.replay(3);
    std::vector<float> first(3), second(5);
    device.download(std::span(first), static_cast<const float*>(sent));
    device.download(std::span(second), static_cast<const float*>(cleared));
    CHECK(first == (std::vector<float>{1, 5, 3}));
    CHECK(second == (std::vector<float>{0, 0, 0, 0, 3}));
  }
}

#if !defined(__SANITIZE_ADDRESS__)
TEST(cuda_device_finds_a_write_behind_its_memory) {
  Device device;
  Arena arena(device);
  float* eight = nullptr;
  arena.place([&](Arena& a) { eight = a.take<float>(8); });
  device.clear(eight, 8 * sizeof(float));
  add(device, eight, 7);
  device.wait();
  add(device, eight, 8);
  CHECK_THROWS(device.wait(), "a kernel wrote behind the memory that it was given");
}
#endif

}  // namespace optiproxy::test
