#include "hub/overlay.h"

namespace jobwire::hub {
namespace {

constexpr DurationMs kSecond = 1'000;
constexpr DurationMs kMinute = 60'000;

// As exact as a person reads it, so that a countdown is not news every second: seconds, from a minute on five of them.
std::optional<DurationMs> readable(std::optional<DurationMs> duration) {
  if (!duration) return duration;
  const DurationMs step = *duration >= kMinute ? 5 * kSecond : kSecond;
  return (*duration + step / 2) / step * step;
}

std::optional<DurationMs> silence(std::optional<DurationMs> duration) {
  if (!duration) return duration;
  return *duration / (5 * kSecond) * (5 * kSecond);
}

}  // namespace

Overlay::Overlay(node::Estimates& estimates, const node::Node& node) : estimates_(estimates), node_(node) {}

void Overlay::restored() {
  for (const auto& [version, record] : node_.table().all()) {
    if (!record->state.removed && !is_terminal(record->state.status)) unfinished_.insert(record->state.id);
  }
  estimates_.restored();
}

void Overlay::changed(const node::Change& change) {
  const JobState& job = change.job.state;
  if (job.removed || is_terminal(job.status)) {
    unfinished_.erase(job.id);
    told_.erase(job.id);
  } else {
    unfinished_.insert(job.id);
  }
  estimates_.changed(change);
}

bool Overlay::is_due(UnixMs now) {
  if (now < next_at_) return false;
  next_at_ = now + kSecond;
  estimates_.refresh();
  return true;
}

std::optional<JobEstimate> Overlay::of(const JobState& job) const {
  std::optional<JobEstimate> estimate = estimates_.of(job);
  if (!estimate) return estimate;
  estimate->wait = readable(estimate->wait);
  estimate->remaining = readable(estimate->remaining);
  estimate->silent = silence(estimate->silent);
  return estimate;
}

std::optional<JobEstimate> Overlay::news_of(const JobState& job) {
  std::optional<JobEstimate> estimate = of(job);
  if (!estimate) return std::nullopt;
  const auto [at, is_new] = told_.try_emplace(job.id, *estimate);
  if (!is_new && at->second == *estimate) return std::nullopt;
  at->second = *estimate;
  return estimate;
}

push::QueueStatus Overlay::queue_status() const {
  push::QueueStatus status{estimates_.queues()};
  for (QueueCounts& counts : status.queues) counts.average_wait = readable(counts.average_wait);
  return status;
}

std::optional<push::QueueStatus> Overlay::take_queue_status() {
  push::QueueStatus status = queue_status();
  if (status == told_queues_) return std::nullopt;
  told_queues_ = status;
  return status;
}

}  // namespace jobwire::hub
