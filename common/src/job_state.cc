#include "jobwire/job_state.h"

#include "words.h"

namespace jobwire {
namespace {

constexpr char kNames[] = "queued\0active\0completed\0failed\0cancelled\0";

}  // namespace

std::string_view status_name(JobStatus status) { return word_at(kNames, static_cast<std::size_t>(status)); }

std::optional<JobStatus> status_from_name(std::string_view name) {
  const std::size_t status = place_of(name, kNames);
  if (status == count_of(kNames)) return std::nullopt;
  return static_cast<JobStatus>(status);
}

void put(Metadata& metadata, std::string_view key, std::string_view value) {
  // From the end: most come in their order.
  auto at = metadata.end();
  int order = 1;
  while (order > 0 && at != metadata.begin()) order = std::string_view((--at)->first).compare(key);
  if (order != 0) {
    if (order < 0) ++at;
    at = metadata.emplace(at);
    at->first = key;
  }
  at->second.text = value;
}

}  // namespace jobwire
