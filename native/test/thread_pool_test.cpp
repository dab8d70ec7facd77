#include "../cpu/thread_pool.h"

#include <atomic>
#include <stdexcept>

#include "test.h"

namespace optiproxy::test {

TEST(thread_pool_runs_each_task_once_on_its_thread) {
  for (int threads : {1, 2, 3, 5}) {
    cpu::ThreadPool pool(threads);
    CHECK_EQUAL(pool.threads(), threads);
    for (int tasks : {0, 1, 2, 3, 7, 100}) {
      std::vector<std::atomic<int>> runs(static_cast<size_t>(tasks)), on(static_cast<size_t>(tasks));
      pool.run(tasks, [&](int index, int thread) {
        ++runs[static_cast<size_t>(index)];
        on[static_cast<size_t>(index)] = thread;
      });
      for (size_t i = 0; i < runs.size(); ++i) {
        CHECK_EQUAL(runs[i].load(), 1);
        CHECK_EQUAL(on[i].load(), static_cast<int>(i) % threads);
      }
    }
  }
}

TEST(thread_pool_survives_many_runs) {
  cpu::ThreadPool pool(3);
  long total = 0;
  for (int round = 0; round < 3000; ++round) {
    std::atomic<long> sum = 0;
    pool.run(round % 8, [&](int index, int) { sum += index + 1; });
    total += sum;
    const long n = round % 8;
    CHECK_EQUAL(sum.load(), n * (n + 1) / 2);
  }
  CHECK_EQUAL(total, 375L * (0 + 1 + 3 + 6 + 10 + 15 + 21 + 28));
}

TEST(thread_pool_rethrows_and_goes_on) {
  for (int threads : {1, 2, 3}) {
    cpu::ThreadPool pool(threads);
    for (int bad = 0; bad < 4; ++bad) {
      CHECK_THROWS(pool.run(4,
                            [&](int index, int) {
                              if (index == bad) throw std::runtime_error("task failed");
                            }),
                   "task failed");
    }
    CHECK_THROWS(pool.run(6, [](int, int) { throw std::runtime_error("all failed"); }), "all failed");
    std::atomic<int> runs = 0;
    pool.run(5, [&](int, int) { ++runs; });
    CHECK_EQUAL(runs.load(), 5);
  }
}

TEST(thread_pool_ends_without_having_run) {
  for (int i = 0; i < 50; ++i) cpu::ThreadPool pool(4);
  CHECK(true);
}

}  // namespace optiproxy::test
