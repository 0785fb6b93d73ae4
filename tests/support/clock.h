// A clock that a test moves.
#pragma once

#include <atomic>

#include "jobwire/time.h"

namespace jobwire::test {

class ManualClock : public Clock {
 public:
  explicit ManualClock(UnixMs start = 1'764'000'000'000) : now_(start) {}
  UnixMs now() const override { return now_.load(); }
  void set(UnixMs now) { now_.store(now); }
  void advance(DurationMs by) { now_.fetch_add(by); }

 private:
  std::atomic<UnixMs> now_;
};

}  // namespace jobwire::test
