#include "log/epochs.h"

#include <algorithm>

namespace jobwire::log {

void begin_epoch(std::vector<Epoch>& epochs, Random& random, std::int64_t head, std::int64_t tombstone_floor) {
  const auto taken = [&](std::uint64_t id) {
    return id == 0 || std::any_of(epochs.begin(), epochs.end(), [id](const Epoch& epoch) { return epoch.id == id; });
  };
  std::uint64_t id = random.next() & ~kBetweenPages;
  while (taken(id)) id = random.next() & ~kBetweenPages;
  epochs.push_back({id, head + 1});

  std::size_t useless = epochs.size() > kMostEpochs ? epochs.size() - kMostEpochs : 0;
  while (useless + 1 < epochs.size() && epochs[useless + 1].first_offset - 1 < tombstone_floor) ++useless;
  epochs.erase(epochs.begin(), epochs.begin() + static_cast<std::ptrdiff_t>(useless));
}

}  // namespace jobwire::log
