// Epochs: each start of a log writes a random id and its first offset. A cursor is good only within its epoch's range,
// so a cursor of a future that a restored backup never had is noticed: either its epoch is not in the backup, or its
// offset lies past the point at which the next start (the one on the backup) began an epoch of its own.
#pragma once

#include <cstdint>
#include <vector>

#include "jobwire/random.h"
#include "log/event_log.h"

namespace jobwire::log {

// More starts than this within the life of a tombstone: clients of the oldest are answered by a reset.
inline constexpr std::size_t kMostEpochs = 1000;

// Ids are even. A cursor between the pages of an answer names its epoch with this bit set, because it tells less: jobs
// up to its offset were told as they stood then, and one that had gone past it may be back below it in a restored
// backup. So it is good in its own epoch only, in which nothing can have been restored.
inline constexpr std::uint64_t kBetweenPages = 1;

// Appends the epoch of a start at `head`, under an id that none of `epochs` has, and drops those that no good cursor
// can name any more: all of their range lies below `tombstone_floor`, or kMostEpochs newer ones are there.
void begin_epoch(std::vector<Epoch>& epochs, Random& random, std::int64_t head, std::int64_t tombstone_floor);

}  // namespace jobwire::log
