// Threads that run numbered tasks with a static partition: task t runs on thread t mod T.  A task's arithmetic may not
// depend on which thread runs it, so results are the same at any thread count.
#pragma once

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
  void run(int tasks, const std::function<void(int index, int thread)>& task);

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
