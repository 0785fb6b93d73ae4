#include "node/estimates.h"

#include <algorithm>
#include <array>

namespace jobwire::node {
namespace {

constexpr std::array<const char*, 3> kQueues{"premium", "normal", "large"};

// A job's own progress says how long it takes once so much of it has been reported over so long a time.
constexpr Percent kTellingProgress{500};
constexpr DurationMs kTellingTime = 1'000;

bool is_over(const JobState& job) { return job.removed || is_terminal(job.status); }

// Part of `whole`, in hundredths of a percent.
std::int64_t part(DurationMs done, DurationMs whole) {
  if (whole <= 0 || done >= whole) return kWhole.hundredths;
  return done <= 0 ? 0 : done * kWhole.hundredths / whole;
}

}  // namespace

Estimates::Estimates(EstimateOptions options, const JobTable& table, const Clock& clock)
    : options_(options), table_(table), clock_(clock), profiles_(options.most_types) {
  for (const char* queue : kQueues) lines_[queue];
}

void Estimates::restored() {
  for (const auto& [version, record] : table_.all()) {
    const JobState& job = record->state;
    const bool first_attempt = job.attempt == 1;
    if (first_attempt && job.started_at > job.created_at && !job.identity.queue.empty() && !job.removed) {
      line_of(job.identity.queue)->learn_wait(job.started_at - job.created_at);
    }
    if (is_over(job)) {
      learn_from(job);
    } else {
      track(job, first_attempt ? job.created_at : job.updated_at);
    }
  }
}

void Estimates::changed(const Change& change) {
  const JobState& job = change.job.state;
  if (!is_over(job)) return track(job, change.event.at);
  const auto found = tracked_.find(job.id);
  const bool ended_now = found != tracked_.end() || change.previous_version == 0;  // else it was removed after its end
  if (found != tracked_.end()) {
    leave_line(found->second, change.event.at);
    tracked_.erase(found);
  }
  if (ended_now) learn_from(job);
}

void Estimates::learn_from(const JobState& ended) {
  if (!ended.removed && ended.status == JobStatus::completed && ended.started_at != 0) profiles_.learn(ended);
}

void Estimates::track(const JobState& job, UnixMs queued_at) {
  const auto [at, is_new] = tracked_.try_emplace(job.id);
  Tracked& tracked = at->second;
  if (is_new) tracked.queued_at = queued_at;
  const bool waiting = job.status == JobStatus::queued;
  if (!is_new && waiting == tracked.waiting && (tracked.line || job.identity.queue.empty())) return;
  WaitingLine* line = line_of(job.identity.queue);
  if (!is_new && line && tracked.waiting && !waiting) line->learn_wait(job.started_at - tracked.queued_at);
  move(tracked, job, line);
}

void Estimates::move(Tracked& tracked, const JobState& job, WaitingLine* line) {
  leave_line(tracked, job.updated_at);
  tracked.line = line;
  tracked.waiting = job.status == JobStatus::queued;
  tracked.ticket = {job.priority, job.created_at, &job};
  if (!line) return;
  if (tracked.waiting) {
    line->wait(tracked.ticket, job.updated_at);
  } else {
    line->begin_work(job, job.updated_at);
  }
}

void Estimates::leave_line(Tracked& tracked, UnixMs now) {
  if (!tracked.line) return;
  if (tracked.waiting) {
    tracked.line->stop_waiting(tracked.ticket);
  } else {
    tracked.line->end_work(*tracked.ticket.job, now);
  }
}

WaitingLine* Estimates::line_of(const std::string& queue) {
  if (queue.empty()) return nullptr;
  const auto known = lines_.find(queue);
  if (known != lines_.end()) return &known->second;
  make_room_for_queue();
  return &lines_[queue];
}

void Estimates::make_room_for_queue() {
  if (lines_.size() < options_.most_queues) return;
  auto oldest = lines_.end();
  for (auto at = lines_.begin(); at != lines_.end(); ++at) {
    if (!at->second.idle() || std::find(kQueues.begin(), kQueues.end(), at->first) != kQueues.end()) continue;
    if (oldest == lines_.end() || at->second.moved_at() < oldest->second.moved_at()) oldest = at;
  }
  if (oldest != lines_.end()) lines_.erase(oldest);
}

void Estimates::refresh() {
  const UnixMs now = clock_.now();
  const WaitingLine::Duration left = [&](const JobState& job) { return remaining(job, now); };
  const WaitingLine::Duration all = [&](const JobState& job) { return whole(job); };
  for (auto& [queue, line] : lines_) line.refresh(now, left, all);
}

bool Estimates::has_learnt(const Profile* profile) const {
  return profile && profile->samples() >= options_.samples_to_learn;
}

std::optional<DurationMs> Estimates::whole(const JobState& job) const {
  const Profile* profile = profiles_.find(job);
  return has_learnt(profile) ? std::optional(profile->whole()) : std::nullopt;
}

std::optional<DurationMs> Estimates::by_own_pace(const JobState& job, UnixMs now) const {
  const DurationMs measured = job.last_report_at - job.started_at;
  if (job.started_at == 0 || job.progress < kTellingProgress || measured < kTellingTime) return {};
  if (now - job.last_report_at >= options_.silent_after) return {};
  const DurationMs left = measured * kWhole.hundredths / job.progress.hundredths - (now - job.started_at);
  return left > 0 ? std::optional(left) : std::nullopt;
}

// What was learnt counts at the beginning, the job's own pace the more, the further it is or the longer it takes.
std::optional<DurationMs> Estimates::remaining(const JobState& job, UnixMs now) const {
  const Profile* profile = profiles_.find(job);
  const auto learnt = has_learnt(profile) ? profile->remaining(job, now) : std::nullopt;
  const auto own = by_own_pace(job, now);
  if (!learnt || !own) return learnt ? learnt : own;
  const std::int64_t weight =
      std::max<std::int64_t>(job.progress.hundredths, part(now - job.started_at, profile->whole()));
  return (*learnt * (kWhole.hundredths - weight) + *own * weight) / kWhole.hundredths;
}

std::optional<JobEstimate> Estimates::of(const JobState& job) const {
  if (is_over(job)) return {};
  return job.status == JobStatus::queued ? of_waiting(job) : of_active(job);
}

JobEstimate Estimates::of_waiting(const JobState& job) const {
  JobEstimate estimate;
  estimate.job_id = job.id;
  const auto line = lines_.find(job.identity.queue);
  if (line == lines_.end()) return estimate;
  if (const auto* place = line->second.find({job.priority, job.created_at, &job})) {
    if (place->position > 0) estimate.queue_position = place->position;
    estimate.wait = place->wait;
  }
  const auto duration = whole(job);
  if (estimate.wait && duration) estimate.remaining = *estimate.wait + *duration;
  estimate.learning = !estimate.wait && (!duration || !line->second.has_served());
  return estimate;
}

JobEstimate Estimates::of_active(const JobState& job) const {
  const UnixMs now = clock_.now();
  JobEstimate estimate;
  estimate.job_id = job.id;
  estimate.remaining = remaining(job, now);
  estimate.learning = !estimate.remaining && !has_learnt(profiles_.find(job));
  if (now - job.last_report_at >= options_.silent_after) estimate.silent = now - job.last_report_at;
  return estimate;
}

std::vector<QueueCounts> Estimates::queues() const {
  std::vector<QueueCounts> counts;
  counts.reserve(lines_.size());
  for (const auto& [queue, line] : lines_) {
    QueueCounts& count = counts.emplace_back();
    count.queue = queue;
    count.waiting = static_cast<std::int64_t>(line.waiting());
    count.active = static_cast<std::int64_t>(line.active());
    if (!line.waits().empty()) count.average_wait = line.waits().value();
  }
  return counts;
}

}  // namespace jobwire::node
