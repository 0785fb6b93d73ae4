// Events of one submission that carry the eventId of an earlier one of it.
#pragma once

#include <cstdint>
#include <vector>

#include "jobwire/job_event.h"

namespace jobwire::node {

struct Repeat {
  std::uint32_t index;
  std::uint32_t elder;  // the first with the same job and eventId
};

// Among the events at `indexes`, which rise; ordered by index.
std::vector<Repeat> repeats_among(const std::vector<JobEvent>& events, const std::vector<std::uint32_t>& indexes);

}  // namespace jobwire::node
