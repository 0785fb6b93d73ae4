#include "jobwire/job_state.h"

#include <algorithm>
#include <array>

namespace jobwire {
namespace {

constexpr std::array<std::string_view, 5> kNames{"queued", "active", "completed", "failed", "cancelled"};

}  // namespace

std::string_view status_name(JobStatus status) { return kNames[static_cast<std::size_t>(status)]; }

std::optional<JobStatus> status_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<JobStatus>(i);
  }
  return std::nullopt;
}

void put(Metadata& metadata, std::string_view key, std::string_view value) {
  const auto at = std::lower_bound(metadata.begin(), metadata.end(), key,
                                   [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
  if (at != metadata.end() && at->first == key) {
    at->second.text = value;
  } else {
    metadata.insert(at, {std::string(key), {std::string(value)}});
  }
}

}  // namespace jobwire
