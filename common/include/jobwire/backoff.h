// Exponential backoff with full jitter: uniform in [0, min(cap, base * 2^failures)] (AWS Architecture Blog, 2015).
#pragma once

#include "jobwire/random.h"
#include "jobwire/time.h"

namespace jobwire {

// `first`, doubled that many times, but no more than `most`.
DurationMs doubled(DurationMs first, int times, DurationMs most);

struct BackoffOptions {
  DurationMs base = 500;
  DurationMs cap = 30'000;
  DurationMs floor = 100;  // no delay is shorter
};

class Backoff {
 public:
  explicit Backoff(BackoffOptions options = {}) : options_(options) {}
  DurationMs next(Random& random);  // counts one failure more
  void reset() { failures_ = 0; }
  int failures() const { return failures_; }

 private:
  BackoffOptions options_;
  int failures_ = 0;
};

}  // namespace jobwire
