// Threads that run numbered tasks.  A task's arithmetic may not depend on which thread runs it, so results are the same
// at any thread count.
#pragma once

#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace optiproxy::cpu {

class ThreadPool {
 public:
  /// `threads` in all, the caller's own included: 1 starts none.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }
  /// Runs task(index, thread) for each index below `tasks` and waits.  The first exception is rethrown here.
  /// Task t runs on thread t mod T.
  void run(int tasks, const std::function<void(int index, int thread)>& task);

  using Time = std::chrono::steady_clock::time_point;
  /// Runs tasks of many steps until the deadline.  turn(t, until) takes steps of task t (at least one) until `until`
  /// and returns the part of the task that is done, which replaces progress[t]; tasks at 1 are left alone.  Every other
  /// task gets a turn, whatever the deadline; then whichever is least far goes next, so that all end together even
  /// where they are more than the threads.  Returns the mean progress.
  double run_turns(std::vector<double>& progress, Time deadline, const std::function<double(int, Time)>& turn);

 private:
  void work(int thread);
  void run_share(int thread);

  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  const std::function<void(int, int)>* task_ = nullptr;
  int tasks_ = 0;
  int running_ = 0;
  unsigned generation_ = 0;
  bool stop_ = false;
  std::exception_ptr failure_;
};

}  // namespace optiproxy::cpu
