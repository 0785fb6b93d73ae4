#include "jobwire/job_store.h"

#include <algorithm>
#include <utility>

namespace jobwire {
namespace {

bool is_unknown(const JobEvent& event) { return std::holds_alternative<event::Unknown>(event.body); }

// What an event that applied has changed, for a job that was in `status` before.
std::uint32_t touched_by(const JobEvent& event, JobStatus status, const JobState& now) {
  std::uint32_t fields = kChangedProgress;
  const bool only_progress =
      std::holds_alternative<event::Progress>(event.body) || std::holds_alternative<event::Log>(event.body);
  if (!only_progress || status != now.status) fields |= kChangedLifecycle;
  if (std::holds_alternative<event::Completed>(event.body) || std::holds_alternative<event::Retried>(event.body)) {
    fields |= kChangedResult;
  }
  if (std::holds_alternative<event::Started>(event.body) || event.identity != JobIdentity{}) fields |= kChangedIdentity;
  if (!event.metadata.empty()) fields |= kChangedMetadata;
  return fields;
}

// Did this change show the job's end to somebody who followed it alive?
bool ended_between(const JobState& before, const JobState& after) {
  if (!is_terminal(after.status) || before.seq == 0) return false;
  return !is_terminal(before.status) || before.attempt < after.attempt;
}

}  // namespace

void JobStore::fold(const push::Changes& changes) {
  // Where there is nothing to protect, the fresh view is shown as it comes.
  if (changes.reset) {
    doubted_.clear();
    staging_.reset();
    if (!view_.empty()) staging_.emplace();
  }
  View& view = staging_ ? *staging_ : view_;
  for (const JobState& job : changes.jobs) fold_snapshot(view, job);
  for (const JobEvent& event : changes.events) fold_event(view, event);
  for (const RemovedJob& removed : changes.removed) fold_removal(view, removed);
  if (!changes.estimates.empty()) fold(push::Estimates{changes.estimates});
  if (changes.synced && staging_) swap_in_staging();
}

void JobStore::fold(const push::Estimates& estimates) {
  for (const JobEstimate& estimate : estimates.jobs) {
    for (View* view : {&view_, staging_ ? &*staging_ : nullptr}) {
      if (view == nullptr) continue;
      const auto at = view->find(estimate.job_id);
      if (at == view->end() || at->second.estimate == estimate || is_terminal(at->second.job.status)) continue;
      at->second.estimate = estimate;
      mark(*view, estimate.job_id, kChangedEstimate);
    }
  }
}

void JobStore::fold_snapshot(View& view, const JobState& job) {
  Entry& entry = view[job.id];
  if (job.version >= entry.doubted_at && job.version >= entry.job.version) {
    if (entry.doubted_at != 0) mark(view, job.id, kChangedLifecycle);  // no longer stale
    entry.doubted_at = 0;
    entry.sync_asked = false;
    doubted_.erase(job.id);
  }
  if (job.version <= entry.job.version) return;
  mark(view, job.id, kChangedAll | (ended_between(entry.job, job) ? kChangedEnded : 0u));
  entry.job = job;
  if (is_terminal(job.status)) entry.estimate.reset();
}

void JobStore::fold_event(View& view, const JobEvent& event) {
  Entry& entry = view[event.job_id];
  JobState& job = entry.job;
  if (job.id.empty()) job.id = event.job_id;
  if (event.seq <= job.seq) return;
  if (event.seq != job.seq + 1 || is_unknown(event)) {
    doubt(entry, event.offset);
    mark(view, job.id, kChangedLifecycle);
    return;
  }
  const JobStatus before = job.status;
  apply(job, event);
  if (job.removed) {
    fold_removal(view, {event.job_id, event.offset});
    return;
  }
  const bool ended = is_terminal(job.status) && (job.seq == 1 || !is_terminal(before));
  if (ended) entry.estimate.reset();
  mark(view, job.id, job.seq == 1 ? kChangedAll | (ended ? kChangedEnded : 0u)
                                  : touched_by(event, before, job) | (ended ? kChangedEnded : 0u));
}

void JobStore::fold_removal(View& view, const RemovedJob& removed) {
  const auto at = view.find(removed.job_id);
  if (at == view.end() || at->second.job.version > removed.version) return;
  const JobId id = removed.job_id;
  view.erase(at);
  doubted_.erase(id);
  mark(view, id, kChangedRemoved);
}

void JobStore::swap_in_staging() {
  View before = std::exchange(view_, std::move(*staging_));
  staging_.reset();
  for (auto& [id, entry] : view_) {
    const auto old = before.find(id);
    if (old == before.end()) {
      mark(view_, id, kChangedAll);
      continue;
    }
    if (!is_terminal(entry.job.status) && !entry.estimate) entry.estimate = old->second.estimate;
    const bool ended = ended_between(old->second.job, entry.job);
    if (old->second.job != entry.job) mark(view_, id, kChangedAll | (ended ? kChangedEnded : 0u));
    if (old->second.doubted_at != entry.doubted_at) mark(view_, id, kChangedLifecycle);
  }
  for (const auto& [id, entry] : before) {
    if (!view_.contains(id)) mark(view_, id, kChangedRemoved);
  }
}

// Changes of a view that is still staged are told when it is swapped in.
void JobStore::mark(const View& view, const JobId& id, std::uint32_t fields) {
  if (&view != &view_) return;
  std::uint32_t& marked = changed_[id];
  if (fields & kChangedRemoved) marked &= ~std::uint32_t{kChangedAll};
  if (fields & kChangedAll) marked &= ~std::uint32_t{kChangedRemoved};
  marked |= fields;
}

void JobStore::doubt(Entry& entry, std::int64_t version) {
  entry.doubted_at = std::max(entry.doubted_at, version);
  if (!entry.sync_asked) doubted_.insert(entry.job.id);
}

std::vector<JobId> JobStore::take_stale() {
  std::vector<JobId> ids(doubted_.begin(), doubted_.end());
  doubted_.clear();
  for (const JobId& id : ids) {
    for (View* view : {&view_, staging_ ? &*staging_ : nullptr}) {
      if (view == nullptr) continue;
      if (const auto at = view->find(id); at != view->end()) at->second.sync_asked = true;
    }
  }
  return ids;
}

void JobStore::connection_lost() {
  // What was staged belongs to an answer that will not be finished.
  staging_.reset();
  doubted_.clear();
  for (auto& [id, entry] : view_) {
    entry.sync_asked = false;
    if (entry.doubted_at != 0) doubted_.insert(id);
  }
}

void JobStore::retain(const std::vector<Channel>& followed) {
  const auto is_followed = [&](const JobState& job) {
    return std::any_of(followed.begin(), followed.end(), [&](const Channel& channel) { return carries(channel, job); });
  };
  std::vector<JobId> dropped;
  for (const auto& [id, entry] : view_) {
    if (!is_followed(entry.job)) dropped.push_back(id);
  }
  for (const JobId& id : dropped) {
    view_.erase(id);
    doubted_.erase(id);
    mark(view_, id, kChangedRemoved);
  }
  if (staging_) std::erase_if(*staging_, [&](const auto& item) { return !is_followed(item.second.job); });
}

void JobStore::clear() {
  staging_.reset();
  doubted_.clear();
  for (const auto& [id, entry] : view_) mark(view_, id, kChangedRemoved);
  view_.clear();
}

std::vector<StoreChange> JobStore::take() {
  std::vector<StoreChange> changes;
  changes.reserve(changed_.size());
  for (const auto& [id, fields] : changed_) changes.push_back({id, fields});
  changed_.clear();
  return changes;
}

const JobState* JobStore::find(const JobId& id) const {
  const auto at = view_.find(id);
  return at == view_.end() || at->second.job.seq == 0 ? nullptr : &at->second.job;
}

const JobEstimate* JobStore::estimate(const JobId& id) const {
  const auto at = view_.find(id);
  return at == view_.end() || !at->second.estimate ? nullptr : &*at->second.estimate;
}

bool JobStore::is_stale(const JobId& id) const {
  const auto at = view_.find(id);
  return at != view_.end() && at->second.doubted_at != 0;
}

std::vector<const JobState*> JobStore::jobs() const {
  std::vector<const JobState*> jobs;
  for (const auto& [id, entry] : view_) {
    if (entry.job.seq != 0) jobs.push_back(&entry.job);
  }
  return jobs;
}

}  // namespace jobwire
