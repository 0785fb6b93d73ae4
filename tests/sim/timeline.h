// Virtual time: what is to happen, in order. A run of minutes takes milliseconds, and the same seed the same course.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "jobwire/time.h"

namespace jobwire::sim {

class Timeline final : public Clock {
 public:
  static constexpr UnixMs kStart = 1'764'000'000'000;

  UnixMs now() const override { return now_; }
  void at(UnixMs time, std::function<void()> task) {
    events_.push({time > now_ ? time : now_, next_++, std::move(task)});
  }
  void after(DurationMs delay, std::function<void()> task) { at(now_ + delay, std::move(task)); }

  void run_until(UnixMs end) {
    while (!events_.empty() && events_.top().time <= end) {
      Event event = std::move(const_cast<Event&>(events_.top()));  // moved out just before it is popped
      events_.pop();
      now_ = event.time;
      event.task();
    }
    now_ = end;
  }
  void run_for(DurationMs duration) { run_until(now_ + duration); }

 private:
  struct Event {
    UnixMs time;
    std::uint64_t number;  // those of one moment come in the order in which they were planned
    std::function<void()> task;
    bool operator<(const Event& other) const { return time != other.time ? time > other.time : number > other.number; }
  };

  UnixMs now_ = kStart;
  std::uint64_t next_ = 0;
  std::priority_queue<Event> events_;
};

}  // namespace jobwire::sim
