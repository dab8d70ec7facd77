// Tasks of many steps that threads take in turns.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>

#include "../cpu/thread_pool.h"
#include "test.h"

namespace optiproxy::test {
namespace {

using Time = cpu::ThreadPool::Time;
using std::chrono::milliseconds;

/// Far more than any of these tasks takes.
constexpr std::chrono::seconds kLong{20};

Time now() { return std::chrono::steady_clock::now(); }
size_t at(int task) { return static_cast<size_t>(task); }

/// Lets two threads into a turn together, so that no scheduler decides how far one gets ahead.  Gives up waiting after
/// a time: then what is wrong is seen in the counts, not in a test that hangs.
class Rendezvous {
 public:
  void meet() {
    std::unique_lock lock(mutex_);
    if (missed > 0) return;
    const unsigned mine = met_;
    if (++waiting_ == 2) {
      waiting_ = 0;
      ++met_;
      both_.notify_all();
    } else if (!both_.wait_for(lock, milliseconds(5000), [&] { return met_ != mine; })) {
      --waiting_;
      ++missed;
    }
  }
  int missed = 0;

 private:
  std::mutex mutex_;
  std::condition_variable both_;
  int waiting_ = 0;
  unsigned met_ = 0;
};

}  // namespace

TEST(turns_past_the_deadline_are_one_for_each_task) {
  for (const int threads : {1, 2, 3, 8}) {
    cpu::ThreadPool pool(threads);
    for (const size_t tasks : {size_t{1}, size_t{2}, size_t{5}, size_t{40}}) {
      std::vector<double> progress(tasks);
      for (size_t t = 0; t < tasks; ++t) progress[t] = t % 3 == 2 ? 1 : 0.25;  // some are finished
      std::vector<std::atomic<int>> turns(tasks);
      const Time deadline = now() - milliseconds(1);
      std::atomic<int> wrong = 0;
      const double mean = pool.run_turns(progress, deadline, [&](int t, Time until) {
        ++turns[at(t)];
        wrong += until > deadline;
        return 0.5;
      });
      double sum = 0;
      for (size_t t = 0; t < tasks; ++t) {
        const bool finished = t % 3 == 2;
        CHECK_EQUAL(turns[t].load(), finished ? 0 : 1);
        CHECK_EQUAL(progress[t], finished ? 1.0 : 0.5);
        sum += progress[t];
      }
      CHECK_EQUAL(wrong.load(), 0);
      CHECK_CLOSE(mean, sum / static_cast<double>(tasks), 1e-12);
    }
  }
}

TEST(turns_of_finished_tasks_are_none) {
  cpu::ThreadPool pool(3);
  std::vector<double> progress(7, 1.0);
  const double mean = pool.run_turns(progress, now() + milliseconds(1000), [&](int, Time) {
    CHECK(false);
    return 0.0;
  });
  CHECK_EQUAL(mean, 1.0);
}

TEST(turns_end_every_task_and_run_none_twice_at_once) {
  constexpr int kSteps = 200;
  for (const int threads : {1, 2, 3, 5, 8}) {
    for (const size_t tasks : {size_t{1}, size_t{3}, size_t{5}, size_t{11}}) {
      cpu::ThreadPool pool(threads);
      std::vector<double> progress(tasks, 0.0);
      std::vector<std::atomic<int>> running(tasks), steps(tasks);
      std::atomic<int> twice = 0, after = 0;
      const double mean = pool.run_turns(progress, now() + kLong, [&](int t, Time) {
        twice += running[at(t)]++ != 0;
        after += steps[at(t)] >= kSteps;
        steps[at(t)] += 3;
        std::this_thread::yield();
        --running[at(t)];
        return std::min(1.0, steps[at(t)] / static_cast<double>(kSteps));
      });
      CHECK_EQUAL(mean, 1.0);
      CHECK_EQUAL(twice.load(), 0);
      CHECK_EQUAL(after.load(), 0);
      for (size_t t = 0; t < tasks; ++t) {
        CHECK_EQUAL(progress[t], 1.0);
        CHECK_EQUAL(steps[t].load(), 201);
      }
    }
  }
}

TEST(turns_keep_to_the_deadline_and_go_on_from_there) {
  cpu::ThreadPool pool(2);
  constexpr int kSteps = 400;
  std::vector<double> progress(5, 0.0);
  std::vector<int> steps(5, 0);
  const auto turn = [&](int t, Time until) {
    do {
      const Time end = now() + std::chrono::microseconds(100);
      while (now() < end) {
      }
      ++steps[at(t)];
    } while (now() < until && steps[at(t)] < kSteps);
    return steps[at(t)] / static_cast<double>(kSteps);
  };
  CHECK(pool.run_turns(progress, now() + milliseconds(5), turn) < 1);
  int slices = 1;
  for (; pool.run_turns(progress, now() + milliseconds(5), turn) < 1 && slices < 10000; ++slices) {
    for (size_t t = 0; t < 5; ++t) CHECK_EQUAL(progress[t], steps[t] / static_cast<double>(kSteps));
  }
  CHECK(slices < 10000);
  CHECK((steps == std::vector<int>(5, kSteps)));  // no step is taken past the end
}

TEST(turns_go_to_the_task_that_is_least_far) {
  // One thread: what comes next is known.  Each turn moves its task on by its own stride.
  cpu::ThreadPool pool(1);
  std::vector<double> progress = {0.5, 0, 1, 0.3};
  const std::vector<double> stride = {0.25, 0.5, 0, 0.1};
  std::vector<int> order;
  pool.run_turns(progress, now() + kLong, [&](int t, Time) {
    order.push_back(t);
    return std::min(1.0, progress[at(t)] + stride[at(t)]);
  });
  // First every task once, the least far first; then 0.5 (task 1) and 0.4 (3) and 0.75 (0)...
  CHECK((std::vector<int>(order.begin(), order.begin() + 5) == std::vector<int>{1, 3, 0, 3, 1}));
  CHECK((progress == std::vector<double>(4, 1.0)));
}

TEST(turns_end_together_where_tasks_are_more_than_threads) {
  for (const int tasks : {2, 3, 5, 7}) {
    constexpr int kTurns = 60;
    cpu::ThreadPool pool(2);
    std::vector<double> progress(at(tasks), 0.0);
    std::vector<int> turns(at(tasks), 0);
    std::mutex mutex;
    Rendezvous rendezvous;
    int widest = 0;
    pool.run_turns(progress, now() + kLong, [&](int t, Time) {
      {
        const std::lock_guard lock(mutex);
        widest = std::max(widest, turns[at(t)] - *std::ranges::min_element(turns));
      }
      rendezvous.meet();
      const std::lock_guard lock(mutex);
      return ++turns[at(t)] / static_cast<double>(kTurns);
    });
    CHECK_EQUAL(rendezvous.missed, 0);  // both threads have work to the end
    CHECK(widest <= 1);                 // no task begins a turn while another is two behind
    CHECK((turns == std::vector<int>(at(tasks), kTurns)));
  }
}

TEST(turns_rethrow_and_go_on) {
  for (const int threads : {1, 2, 4}) {
    cpu::ThreadPool pool(threads);
    for (int bad = 0; bad < 5; ++bad) {
      std::vector<double> progress(5, 0.0);
      const auto failing = [&](int t, Time) {
        if (t == bad) throw std::runtime_error("turn failed");
        return 0.5;
      };
      CHECK_THROWS(pool.run_turns(progress, now(), failing), "turn failed");
      for (int t = 0; t < 5; ++t) CHECK(progress[at(t)] == 0.5 || (progress[at(t)] == 0 && (t == bad || threads == 1)));
      // The same tasks, none of which fails any more.
      CHECK_EQUAL(pool.run_turns(progress, now(), [](int, Time) { return 1.0; }), 1.0);
      CHECK((progress == std::vector<double>(5, 1.0)));
    }
    std::vector<double> progress(3, 0.0);
    CHECK_THROWS(pool.run_turns(progress, now(), [](int, Time) -> double { throw std::runtime_error("all failed"); }),
                 "all failed");
    CHECK((progress == std::vector<double>(3, 0.0)));
  }
}

}  // namespace optiproxy::test
