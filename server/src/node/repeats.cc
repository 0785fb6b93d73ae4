#include "node/repeats.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

namespace jobwire::node {
namespace {

std::size_t hash_of(const JobEvent& event) {
  return std::hash<std::string>{}(event.event_id) * 31 + std::hash<JobId>{}(event.job_id);
}

bool same_id(const JobEvent& a, const JobEvent& b) { return a.event_id == b.event_id && a.job_id == b.job_id; }

}  // namespace

// Sorting hashes costs one allocation for all events, where a set would cost one for each. Of two pairs whose hashes
// collide only the first is found: the log tells the other's repeat.
std::vector<Repeat> repeats_among(const std::vector<JobEvent>& events, const std::vector<std::uint32_t>& indexes) {
  std::vector<std::pair<std::size_t, std::uint32_t>> hashes;
  hashes.reserve(indexes.size());
  for (const std::uint32_t index : indexes) {
    if (!events[index].event_id.empty()) hashes.emplace_back(hash_of(events[index]), index);
  }
  std::sort(hashes.begin(), hashes.end());
  std::vector<Repeat> repeats;
  std::size_t first = 0;
  for (std::size_t k = 1; k < hashes.size(); ++k) {
    const auto [hash, index] = hashes[k];
    const auto [elder_hash, elder] = hashes[first];
    if (hash != elder_hash) {
      first = k;
    } else if (same_id(events[elder], events[index])) {
      repeats.push_back({index, elder});
    }
  }
  std::sort(repeats.begin(), repeats.end(), [](const Repeat& a, const Repeat& b) { return a.index < b.index; });
  return repeats;
}

}  // namespace jobwire::node
