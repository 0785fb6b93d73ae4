#include "jobwire/backoff.h"

#include <algorithm>

namespace jobwire {

DurationMs doubled(DurationMs first, int times, DurationMs most) {
  while (times-- > 0 && first < most) first *= 2;
  return std::min(first, most);
}

DurationMs Backoff::next(Random& random) {
  const DurationMs ceiling = doubled(options_.base, failures_++, options_.cap);
  // Drawn above the floor rather than raised to it: raised delays would all fall into one moment.
  const DurationMs span = std::max<DurationMs>(ceiling - options_.floor, 0);
  return options_.floor + static_cast<DurationMs>(random.below(static_cast<std::uint64_t>(span) + 1));
}

}  // namespace jobwire
