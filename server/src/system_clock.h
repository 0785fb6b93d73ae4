// The machine's clock, where the core is given one.
#pragma once

#include <chrono>

#include "jobwire/time.h"

namespace jobwire {

struct SystemClock : Clock {
  UnixMs now() const override {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
  }
};

}  // namespace jobwire
