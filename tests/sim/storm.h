// A run of everything at once, all of it drawn from one seed.
#pragma once

#include <cstdint>
#include <functional>

#include "invariants.h"

namespace jobwire::sim {

struct StormOptions {
  DurationMs lasts = 45'000;
  bool restless = false;                // pages that change what they follow all the time, of channels that are wide
  std::function<void(World&)> prepare;  // before it begins: mutations
};

// Runs it, heals it, and returns what is wrong: while it lasted and at its end.
Findings run_storm(std::uint64_t seed, const StormOptions& options = {});

}  // namespace jobwire::sim
