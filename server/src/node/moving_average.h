// Average of durations: the plain mean of the first eight, from then on each new one counts for an eighth.
#pragma once

#include <algorithm>
#include <cstdint>

#include "jobwire/time.h"

namespace jobwire::node {

class MovingAverage {
 public:
  void add(DurationMs sample) {
    samples_ = std::min(samples_ + 1, kWindow);
    scaled_ += (std::clamp<DurationMs>(sample, 0, kLongest) * kScale - scaled_) / samples_;
  }
  bool empty() const { return samples_ == 0; }
  int samples() const { return samples_; }  // counted up to 8
  DurationMs value() const { return scaled_ / kScale; }

 private:
  static constexpr int kWindow = 8;
  static constexpr std::int64_t kScale = 256;                               // so that integer division does not stick
  static constexpr DurationMs kLongest = 10LL * 365 * 24 * 60 * 60 * 1000;  // ten years
  std::int64_t scaled_ = 0;
  int samples_ = 0;
};

}  // namespace jobwire::node
