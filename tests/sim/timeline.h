// Virtual time: what is to happen, in order. A run of minutes takes milliseconds, and the same seed the same course.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "jobwire/time.h"

namespace jobwire::sim {

class Timeline final : public Clock {
 public:
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

  UnixMs now_ = 1'764'000'000'000;
  std::uint64_t next_ = 0;
  std::priority_queue<Event> events_;
};

// JOBWIRE_SIM_TRACE=<a part of its name> prints one page's life.
inline void trace_life(const Clock& clock, const std::string& name, const char* what, const std::string& text) {
  static const char* const traced = std::getenv("JOBWIRE_SIM_TRACE");
  if (traced == nullptr || name.find(traced) == std::string::npos) return;
  std::fprintf(stderr, "%8lld %s %s %s\n", static_cast<long long>(clock.now() - 1'764'000'000'000), name.c_str(), what,
               text.c_str());
}

}  // namespace jobwire::sim
