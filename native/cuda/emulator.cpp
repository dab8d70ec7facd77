#include "emulator.h"

#include <ucontext.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "../core/error.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

namespace optiproxy::cuda::emulated {
namespace {

constexpr int kWarp = 32;
constexpr size_t kStackBytes = size_t{256} * 1024;
/// Floats behind the shared ones that nobody may write to.
constexpr int kGuard = 64;
constexpr uint32_t kUntouched = 0x7fc0dead;  // a NaN

enum class Wait { kNothing, kBlock, kLanes, kEnd };

struct Fiber {
  ucontext_t context;
  std::unique_ptr<char[]> stack = std::make_unique<char[]>(kStackBytes);
  Place place;
  Wait wait;
  uint32_t line;  // of the barrier that it waits at
  float given;    // to the warp
};

struct Machine {
  ucontext_t scheduler;
  std::vector<std::unique_ptr<Fiber>> fibers;
  int threads = 0;
  std::vector<float> shared;
  const std::function<void()>* body = nullptr;
  Fiber* running = nullptr;
  Order order = Order::kForward;
  void* fake_stack = nullptr;  // of the scheduler
  const void* stack_bottom = nullptr;
  size_t stack_size = 0;
};

thread_local Machine machine;

/// Tells the address sanitizer that the stack is about to change, and that it has.
void before_switch([[maybe_unused]] void** save, [[maybe_unused]] const void* bottom, [[maybe_unused]] size_t size) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(save, bottom, size);
#endif
}
void after_switch([[maybe_unused]] void* saved, [[maybe_unused]] const void** bottom, [[maybe_unused]] size_t* size) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(saved, bottom, size);
#endif
}

void yield(Wait wait, uint32_t line) {
  Fiber& self = *machine.running;
  self.wait = wait;
  self.line = line;
  void* fake = nullptr;
  before_switch(wait == Wait::kEnd ? nullptr : &fake, machine.stack_bottom, machine.stack_size);
  swapcontext(&self.context, &machine.scheduler);
  after_switch(fake, &machine.stack_bottom, &machine.stack_size);
}

void fiber_main() {
  after_switch(nullptr, &machine.stack_bottom, &machine.stack_size);
  (*machine.body)();
  yield(Wait::kEnd, 0);
}

void resume(Fiber& fiber) {
  machine.running = &fiber;
  before_switch(&machine.fake_stack, fiber.stack.get(), kStackBytes);
  swapcontext(&machine.scheduler, &fiber.context);
  after_switch(machine.fake_stack, nullptr, nullptr);
  machine.running = nullptr;
}

void start(Fiber& fiber, const Place& place) {
  fiber.place = place;
  fiber.wait = Wait::kNothing;
  getcontext(&fiber.context);
  fiber.context.uc_stack.ss_sp = fiber.stack.get();
  fiber.context.uc_stack.ss_size = kStackBytes;
  fiber.context.uc_link = nullptr;
  makecontext(&fiber.context, fiber_main, 0);
}

[[noreturn]] void divergent(const char* name, const Fiber& waiting, const Fiber& other) {
  const auto said = [](const Fiber& f) {
    return "thread " + std::to_string(f.place.thread) +
           (f.wait == Wait::kEnd ? std::string(" has ended") : " waits at line " + std::to_string(f.line));
  };
  throw Error("INTERNAL", std::string("kernel ") + name + ": expected all threads at one barrier; " + said(waiting) +
                              ", " + said(other));
}

/// Lets go the threads first..last - 1 if all of them wait at the same barrier of this kind.
bool release(const char* name, Wait kind, int first, int last) {
  const Fiber& one = *machine.fibers[static_cast<size_t>(first)];
  if (one.wait != kind) return false;
  for (int t = first; t < last; ++t) {
    const Fiber& other = *machine.fibers[static_cast<size_t>(t)];
    if (other.wait != kind || other.line != one.line) divergent(name, one, other);
  }
  for (int t = first; t < last; ++t) machine.fibers[static_cast<size_t>(t)]->wait = Wait::kNothing;
  return true;
}

void run_block(const char* name, const int (&block)[3]) {
  const int threads = machine.threads;
  for (int t = 0; t < threads; ++t) {
    start(*machine.fibers[static_cast<size_t>(t)], {t, {block[0], block[1], block[2]}});
  }
  for (bool alive = true; alive;) {
    for (int i = 0; i < threads; ++i) {
      Fiber& fiber = *machine.fibers[static_cast<size_t>(machine.order == Order::kForward ? i : threads - 1 - i)];
      if (fiber.wait == Wait::kNothing) resume(fiber);
    }
    // Every thread waits now, or has ended.
    alive = false;
    for (int first = 0; first < threads; first += kWarp) {
      alive |= release(name, Wait::kLanes, first, std::min(first + kWarp, threads));
    }
    if (!alive) alive = release(name, Wait::kBlock, 0, threads);
  }
  for (const auto& fiber : machine.fibers) {
    if (fiber->place.thread < threads && fiber->wait != Wait::kEnd) divergent(name, *fiber, *machine.fibers.front());
  }
}

}  // namespace

const Place& place() { return machine.running->place; }

void sync_block(uint32_t line) { yield(Wait::kBlock, line); }

float shuffle_xor(float value, int bits, uint32_t line) {
  Fiber& self = *machine.running;
  self.given = value;
  yield(Wait::kLanes, line);
  const float taken = machine.fibers[static_cast<size_t>(self.place.thread ^ bits)]->given;
  // Nobody may give anew before all have taken.
  yield(Wait::kLanes, line);
  return taken;
}

float* shared_floats() { return machine.shared.data(); }

void run(const char* name, const int (&blocks)[3], int threads, int shared_floats,
         const std::function<void()>& thread) {
  require(
      threads > 0 && threads <= 1024 && threads % kWarp == 0,
      std::string("kernel ") + name + ": expected whole warps, 32 to 1024 threads, given " + std::to_string(threads));
  machine.body = &thread;
  machine.threads = threads;
  while (machine.fibers.size() < static_cast<size_t>(threads)) machine.fibers.push_back(std::make_unique<Fiber>());
  const auto size = static_cast<size_t>(shared_floats);
  for (int z = 0; z < blocks[2]; ++z) {
    for (int y = 0; y < blocks[1]; ++y) {
      for (int x = 0; x < blocks[0]; ++x) {
        machine.shared.assign(size + kGuard, std::bit_cast<float>(kUntouched));
        run_block(name, {x, y, z});
        const bool held = std::all_of(machine.shared.begin() + static_cast<std::ptrdiff_t>(size), machine.shared.end(),
                                      [](float f) { return std::bit_cast<uint32_t>(f) == kUntouched; });
        if (!held) {
          throw Error("INTERNAL", std::string("kernel ") + name + ": a block wrote behind its " +
                                      std::to_string(shared_floats) + " shared floats");
        }
      }
    }
  }
}

void set_order(Order order) { machine.order = order; }

}  // namespace optiproxy::cuda::emulated
