#include "node/retention.h"

#include <algorithm>
#include <utility>

namespace jobwire::node {
namespace {

JobEvent event_for(const JobState& job, EventBody body) {
  JobEvent event;
  event.job_id = job.id;
  event.body = std::move(body);
  event.attempt = job.attempt;  // a retry in between wins
  return event;
}

bool has_ended(const JobState& job) { return is_terminal(job.status) && !job.removed; }

bool may_stall(const JobState& job) { return job.status == JobStatus::active && !job.stalled && !job.removed; }

}  // namespace

Retention::Retention(RetentionOptions options, JobTable& table, Submissions& submissions, log::EventLog& log)
    : options_(options), table_(table), submissions_(submissions), log_(log) {}

void Retention::tick(UnixMs now) {
  if (submitted_) return;
  if (submissions_.discards() != discards_) {  // a job passed over because of an append under way may be as it was
    discards_ = submissions_.discards();
    ended_.again();
    silent_.again();
  }
  std::vector<JobEvent> events = due(now);
  if (events.empty()) return;
  submitted_ = true;
  submissions_.submit(std::move(events), [this](const std::vector<Verdict>&) { submitted_ = false; });
}

std::vector<JobEvent> Retention::due(UnixMs now) {
  std::vector<JobEvent> events;
  const auto sweep = [&](Sweep& jobs, DurationMs age, auto concerns, const EventBody& body) {
    jobs.advance(table_, now - age, options_.visits_per_tick, [&](const JobRecord& job) {
      if (!concerns(job.state) || submissions_.in_flight(job.state.id)) return true;
      if (events.size() >= options_.events_per_tick) return false;
      events.push_back(event_for(job.state, body));
      return true;
    });
  };
  sweep(ended_, options_.remove_after, has_ended, event::Removed{});
  if (options_.stalled_after > 0) sweep(silent_, options_.stalled_after, may_stall, event::Stalled{});
  return events;
}

std::int64_t Retention::forget_tombstones(UnixMs now) {
  std::vector<JobId> forgotten;
  std::int64_t floor = 0;
  tombstones_.advance(table_, now - options_.tombstone_for, options_.visits_per_tick, [&](const JobRecord& job) {
    if (!job.state.removed) return true;
    forgotten.push_back(job.state.id);
    floor = job.state.version;
    return true;
  });
  if (forgotten.empty()) return 0;
  for (const JobId& id : forgotten) table_.forget(id);
  log_.forget(std::move(forgotten), floor);
  return floor;
}

}  // namespace jobwire::node
