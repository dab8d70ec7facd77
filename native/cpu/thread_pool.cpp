#include "thread_pool.h"

#include <algorithm>
#include <numeric>

namespace optiproxy::cpu {
namespace {

/// Long enough that taking turns costs nothing, short enough that tasks end within a small part of a slice.
constexpr std::chrono::microseconds kTurn{500};

/// Hands out turns, under its own lock.
class Turns {
 public:
  Turns(std::vector<double>& progress, ThreadPool::Time deadline)
      : progress_(progress), deadline_(deadline), busy_(progress.size()), served_(progress.size()) {}

  /// The next task, or -1: nothing is left to do, or other threads have what is left.
  int take() {
    const std::lock_guard lock(mutex_);
    const bool late = std::chrono::steady_clock::now() >= deadline_;
    int next = -1;
    for (int t = 0; t < static_cast<int>(progress_.size()); ++t) {
      if (busy_[at(t)] || progress_[at(t)] >= 1 || (late && served_[at(t)])) continue;
      if (next < 0 || before(t, next)) next = t;
    }
    if (next >= 0) busy_[at(next)] = true;
    return next;
  }

  void give_back(int task, double progress) {
    const std::lock_guard lock(mutex_);
    progress_[at(task)] = progress;
    busy_[at(task)] = false;
    served_[at(task)] = true;
  }

 private:
  static size_t at(int task) { return static_cast<size_t>(task); }
  bool before(int a, int b) const {
    if (served_[at(a)] != served_[at(b)]) return !served_[at(a)];
    return progress_[at(a)] < progress_[at(b)];
  }

  std::mutex mutex_;
  std::vector<double>& progress_;
  const ThreadPool::Time deadline_;
  std::vector<bool> busy_, served_;
};

}  // namespace

ThreadPool::ThreadPool(int threads) {
  for (int t = 1; t < threads; ++t) workers_.emplace_back([this, t] { work(t); });
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::run(int tasks, const std::function<void(int, int)>& task) {
  {
    const std::lock_guard lock(mutex_);
    task_ = &task;
    tasks_ = tasks;
    running_ = static_cast<int>(workers_.size());
    failure_ = nullptr;
    ++generation_;
  }
  wake_.notify_all();
  run_share(0);
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return running_ == 0; });
  task_ = nullptr;
  if (failure_) std::rethrow_exception(failure_);
}

double ThreadPool::run_turns(std::vector<double>& progress, Time deadline,
                             const std::function<double(int, Time)>& turn) {
  Turns turns(progress, deadline);
  run(threads(), [&](int, int) {
    for (int t = turns.take(); t >= 0; t = turns.take()) {
      turns.give_back(t, turn(t, std::min(deadline, std::chrono::steady_clock::now() + kTurn)));
    }
  });
  return std::accumulate(progress.begin(), progress.end(), 0.0) / static_cast<double>(progress.size());
}

void ThreadPool::run_share(int thread) {
  try {
    for (int i = thread; i < tasks_; i += threads()) (*task_)(i, thread);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
  }
}

void ThreadPool::work(int thread) {
  unsigned seen = 0;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return stop_ || generation_ != seen; });
      if (stop_) return;
      seen = generation_;
    }
    run_share(thread);
    {
      const std::lock_guard lock(mutex_);
      --running_;
    }
    done_.notify_one();
  }
}

}  // namespace optiproxy::cpu
