#include "jobwire/job_state.h"

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

}  // namespace jobwire
