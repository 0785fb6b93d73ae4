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
  std::size_t at = metadata.size();
  while (at > 0 && metadata[at - 1].first > key) --at;
  if (at > 0 && metadata[at - 1].first == key) {
    metadata[at - 1].second.text = value;
    return;
  }
  // Added at the end and moved to its place: a fraction of the code of insert(), of which every page downloads a copy.
  metadata.emplace_back();
  for (std::size_t i = metadata.size() - 1; i > at; --i) metadata[i].swap(metadata[i - 1]);
  metadata[at].first = key;
  metadata[at].second.text = value;
}

}  // namespace jobwire
