// A loop for tests: whatever is posted from any thread runs on the thread that calls run_until().
#pragma once

#include <catch2/catch.hpp>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace jobwire::test {

class Loop {
 public:
  Loop() = default;
  Loop(const Loop&) = delete;
  // What is still posted goes with it: a task may own who posts here.
  ~Loop() {
    std::deque<std::function<void()>> lost;
    std::lock_guard lock(queue_->mutex);
    queue_->closed = true;
    lost.swap(queue_->tasks);
  }

  // May be called from any thread; once the loop itself is gone, for nothing.
  std::function<void(std::function<void()>)> post() {
    return [queue = queue_](std::function<void()> task) {
      std::lock_guard lock(queue->mutex);
      if (queue->closed) return;
      queue->tasks.push_back(std::move(task));
      queue->changed.notify_all();
    };
  }

  // Runs what is posted, and waits for more, until `done()`. Fails the test when that takes longer than a minute.
  void run_until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!done()) {
      std::function<void()> task = next(deadline);
      if (!task) FAIL("the loop waited for something that did not come");
      task();
    }
  }
  // Runs what is posted by now, and what that posts in turn.
  void run_posted() {
    while (std::function<void()> task = next({})) task();
  }
  // Loses what is posted: the process died before it ran.
  void drop_posted() {
    std::deque<std::function<void()>> lost;
    std::lock_guard lock(queue_->mutex);
    lost.swap(queue_->tasks);
  }
  std::size_t posted() const {
    std::lock_guard lock(queue_->mutex);
    return queue_->tasks.size();
  }

 private:
  struct Queue {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::function<void()>> tasks;
    bool closed = false;
  };

  std::function<void()> next(std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(queue_->mutex);
    queue_->changed.wait_until(lock, deadline, [this] { return !queue_->tasks.empty(); });
    if (queue_->tasks.empty()) return {};
    std::function<void()> task = std::move(queue_->tasks.front());
    queue_->tasks.pop_front();
    return task;
  }

  std::shared_ptr<Queue> queue_ = std::make_shared<Queue>();
};

}  // namespace jobwire::test
