#include "jobwire/backoff.h"

#include <algorithm>

namespace jobwire {

DurationMs Backoff::next(Random& random) {
  const int doublings = std::min(failures_++, 30);
  const DurationMs ceiling = options_.base > (options_.cap >> doublings) ? options_.cap : options_.base << doublings;
  // Drawn above the floor rather than raised to it: raised delays would all fall into one moment.
  const DurationMs span = std::max<DurationMs>(ceiling - options_.floor, 0);
  return options_.floor + static_cast<DurationMs>(random.below(static_cast<std::uint64_t>(span) + 1));
}

}  // namespace jobwire
