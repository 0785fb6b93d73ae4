// Time is passed in: the core owns no clock.
#pragma once

#include <cstdint>

namespace jobwire {

using UnixMs = std::int64_t;      // milliseconds since the Unix epoch, UTC; 0 means "not yet"
using DurationMs = std::int64_t;  // milliseconds

struct Clock {
  virtual ~Clock() = default;
  virtual UnixMs now() const = 0;
};

}  // namespace jobwire
