// Debian's hardening takes a jump from one stack to another for an attack.
#undef _FORTIFY_SOURCE

#include "emulator.h"

#include <setjmp.h>
#include <ucontext.h>

#include <algorithm>
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
// What every GPU takes without being asked for more.
constexpr int kMostBlocks = 65535, kMostShared = 48 * 1024;
constexpr size_t kStackBytes = size_t{256} * 1024;
/// Bytes behind the shared memory that nobody may write to.
constexpr size_t kGuard = 256;

/// What byte i of shared memory is before it is written: as a float a NaN.
unsigned char untouched(size_t i) { return static_cast<unsigned char>(0x7fc0deadu >> (i % 4 * 8)); }

enum class Wait { kNothing, kBlock, kLanes, kEnd };

struct Fiber {
  ucontext_t context;
  jmp_buf place_left;  // where it waits
  bool started = false;
  std::unique_ptr<char[]> stack = std::make_unique<char[]>(kStackBytes);
  Place place;
  Wait wait;
  uint32_t line;  // of the barrier that it waits at
  float given;    // to the warp
};

struct Machine {
  ucontext_t scheduler;
  jmp_buf scheduler_left;
  std::vector<std::unique_ptr<Fiber>> fibers;
  int threads = 0;
  std::vector<unsigned char> shared;
  const std::function<void()>* body = nullptr;
  Fiber* running = nullptr;
  Order order = Order::kForward;
  void* fake_stack = nullptr;  // of the scheduler
  const void* stack_bottom = nullptr;
  size_t stack_size = 0;
};

thread_local Machine machine;

#if defined(__SANITIZE_ADDRESS__)

/// To a fiber and back by the system's calls, of which the sanitizer is told.
void to_fiber(Fiber& fiber) {
  __sanitizer_start_switch_fiber(&machine.fake_stack, fiber.stack.get(), kStackBytes);
  swapcontext(&machine.scheduler, &fiber.context);
  __sanitizer_finish_switch_fiber(machine.fake_stack, nullptr, nullptr);
}
void to_scheduler(Fiber& fiber) {
  void* fake = nullptr;
  __sanitizer_start_switch_fiber(&fake, machine.stack_bottom, machine.stack_size);
  swapcontext(&fiber.context, &machine.scheduler);
  __sanitizer_finish_switch_fiber(fake, &machine.stack_bottom, &machine.stack_size);
}
void arrived() { __sanitizer_finish_switch_fiber(nullptr, &machine.stack_bottom, &machine.stack_size); }

#else

/// To a fiber and back by jumps, which leave the signal mask alone: a system call a switch is most of the time.
void to_fiber(Fiber& fiber) {
  if (_setjmp(machine.scheduler_left) != 0) return;
  if (fiber.started) _longjmp(fiber.place_left, 1);
  fiber.started = true;
  setcontext(&fiber.context);
}
void to_scheduler(Fiber& fiber) {
  if (_setjmp(fiber.place_left) == 0) _longjmp(machine.scheduler_left, 1);
}
void arrived() {}

#endif

void yield(Wait wait, uint32_t line) {
  Fiber& self = *machine.running;
  self.wait = wait;
  self.line = line;
  to_scheduler(self);
}

/// A fiber lives on from block to block and from kernel to kernel.
void fiber_main() {
  arrived();
  for (;;) {
    (*machine.body)();
    yield(Wait::kEnd, 0);
  }
}

void resume(Fiber& fiber) {
  machine.running = &fiber;
  to_fiber(fiber);
  machine.running = nullptr;
}

std::unique_ptr<Fiber> make_fiber() {
  auto fiber = std::make_unique<Fiber>();
  getcontext(&fiber->context);
  fiber->context.uc_stack.ss_sp = fiber->stack.get();
  fiber->context.uc_stack.ss_size = kStackBytes;
  fiber->context.uc_link = nullptr;
  makecontext(&fiber->context, fiber_main, 0);
  return fiber;
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
    Fiber& fiber = *machine.fibers[static_cast<size_t>(t)];
    fiber.place = {t, {block[0], block[1], block[2]}};
    fiber.wait = Wait::kNothing;
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

void* shared() { return machine.shared.data(); }

void run(const char* name, const int (&blocks)[3], int threads, int shared_bytes, const std::function<void()>& thread) {
  require(
      threads > 0 && threads <= 1024 && threads % kWarp == 0,
      std::string("kernel ") + name + ": expected whole warps, 32 to 1024 threads, given " + std::to_string(threads));
  const bool some = blocks[0] >= 1 && blocks[1] >= 1 && blocks[2] >= 1;
  require(some && blocks[1] <= kMostBlocks && blocks[2] <= kMostBlocks && shared_bytes <= kMostShared,
          std::string("kernel ") + name +
              ": expected as many blocks along y and z, and as much shared memory, as a GPU takes");
  machine.body = &thread;
  machine.threads = threads;
  while (machine.fibers.size() < static_cast<size_t>(threads)) machine.fibers.push_back(make_fiber());
  const auto size = static_cast<size_t>(shared_bytes);
  for (int z = 0; z < blocks[2]; ++z) {
    for (int y = 0; y < blocks[1]; ++y) {
      for (int x = 0; x < blocks[0]; ++x) {
        machine.shared.resize(size + kGuard);
        for (size_t i = 0; i < machine.shared.size(); ++i) machine.shared[i] = untouched(i);
        try {
          run_block(name, {x, y, z});
        } catch (...) {
          machine.fibers.clear();  // some are in the middle of a kernel
          throw;
        }
        bool held = true;
        for (size_t i = size; i < machine.shared.size(); ++i) held &= machine.shared[i] == untouched(i);
        if (!held) {
          throw Error("INTERNAL", std::string("kernel ") + name + ": a block wrote behind the " +
                                      std::to_string(shared_bytes) + " bytes that it shares");
        }
      }
    }
  }
}

void set_order(Order order) { machine.order = order; }

}  // namespace optiproxy::cuda::emulated
