#include "log/memory_log.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "log/epochs.h"

namespace jobwire::log {

MemoryLog::MemoryLog(MemoryLogOptions options, MemoryStore& store, const Clock& clock, Random random, Post post)
    : options_(options), store_(store), clock_(clock), random_(random), post_(std::move(post)) {}

Result<Restored> MemoryLog::restore() {
  begin_epoch(store_.epochs, random_, store_.head, store_.tombstone_floor);
  Restored restored;
  for (const auto& [id, snapshot] : store_.snapshots) restored.snapshots.push_back(snapshot);
  std::sort(restored.snapshots.begin(), restored.snapshots.end(),
            [](const JobSnapshot& a, const JobSnapshot& b) { return a.version < b.version; });
  for (const SharedEvent& event : store_.records) {
    const auto snapshot = store_.snapshots.find(event->job_id);
    if (snapshot == store_.snapshots.end() || snapshot->second.version < event->offset)
      restored.events.push_back(*event);
  }
  for (const auto& [key, record] : store_.keyed) {
    if (!has_expired(record, clock_.now())) restored.records.push_back(record);
  }
  std::sort(restored.records.begin(), restored.records.end(),
            [](const Record& a, const Record& b) { return a.offset < b.offset; });
  restored.epochs = store_.epochs;
  restored.head = store_.head;
  restored.tombstone_floor = store_.tombstone_floor;
  return restored;
}

void MemoryLog::in_order(std::function<void()> task) {
  if (options_.hold_commits) {
    waiting_.push_back(std::move(task));
  } else {
    task();
  }
}

void MemoryLog::commit() {
  std::deque<std::function<void()>> tasks;
  tasks.swap(waiting_);
  for (const auto& task : tasks) task();
}

void MemoryLog::answer(std::function<void()> task) {
  post_([alive = std::weak_ptr<const bool>(alive_), task = std::move(task)] {
    if (!alive.expired()) task();
  });
}

void MemoryLog::append(std::vector<Append> batch, AppendDone done) {
  in_order([this, batch = std::move(batch), done = std::move(done)]() mutable { write(batch, done); });
}

void MemoryLog::write(std::vector<Append>& batch, const AppendDone& done) {
  std::vector<Outcome> outcomes;
  Logged logged;
  outcomes.reserve(batch.size());
  for (Append& append : batch) {
    outcomes.push_back(failure_.empty() ? write_one(append, logged)
                                        : NotStored{Error{ErrorCode::unavailable, failure_, "", 0}});
  }
  answer([this, logged = std::move(logged), outcomes = std::move(outcomes), done]() mutable {
    if (tail_ && !logged.empty()) tail_(logged);
    if (done) done(std::move(outcomes));
  });
}

Outcome MemoryLog::write_one(Append& append, Logged& logged) {
  JobEvent& event = append.event;
  const LookupOutcome known = find_event_id(event);
  if (const auto* repeated = std::get_if<Repeated>(&known)) return *repeated;
  if (std::holds_alternative<EventIdReused>(known)) return EventIdReused{};

  const auto found = store_.jobs.find(event.job_id);
  const std::int64_t actual = found == store_.jobs.end() ? 0 : found->second.seq;
  if (actual != append.expected_seq) return Conflict{actual};

  store_.last_at = std::max(store_.last_at, clock_.now());
  event.seq = actual + 1;
  event.offset = ++store_.head;
  event.at = store_.last_at;
  keep(store_.jobs[event.job_id], event);
  logged.events.push_back(event);
  const Appended appended{event.offset, event.seq, event.at};
  for (Record& record : append.records) write_record(std::move(record), logged);
  return appended;
}

// ---- records ----

void MemoryLog::append_records(std::vector<RecordAppend> batch, RecordsDone done) {
  in_order([this, batch = std::move(batch), done = std::move(done)]() mutable {
    std::vector<RecordOutcome> outcomes;
    Logged logged;
    for (RecordAppend& append : batch) {
      outcomes.push_back(failure_.empty() ? write_one(append, logged)
                                          : RecordNotStored{Error{ErrorCode::unavailable, failure_, "", 0}});
    }
    answer([this, logged = std::move(logged), outcomes = std::move(outcomes), done = std::move(done)]() mutable {
      if (tail_ && !logged.empty()) tail_(logged);
      if (done) done(std::move(outcomes));
    });
  });
}

RecordOutcome MemoryLog::write_one(RecordAppend& append, Logged& logged) {
  store_.last_at = std::max(store_.last_at, clock_.now());
  const std::int64_t actual = newest_of(append.record);
  if (append.expected && *append.expected != actual) return RecordConflict{actual};
  write_record(std::move(append.record), logged);
  return RecordAppended{store_.head, store_.last_at};
}

std::int64_t MemoryLog::newest_of(const Record& key) const {
  const auto found = store_.keyed.find({key.kind, key.owner, key.key});
  if (found == store_.keyed.end() || has_expired(found->second, store_.last_at)) return 0;
  return found->second.offset;
}

void MemoryLog::write_record(Record record, Logged& logged) {
  record.offset = ++store_.head;
  record.at = store_.last_at;
  if (record.key.empty()) record.key = std::to_string(record.offset);
  if (record.bytes.empty()) {
    store_.keyed.erase({record.kind, record.owner, record.key});
  } else {
    Record& kept = store_.keyed[{record.kind, record.owner, record.key}] = record;
    if (!options_.restartable) kept.bytes = {};
  }
  logged.records.push_back(std::move(record));
}

void MemoryLog::expire(UnixMs now) {
  in_order([this, now] {
    std::erase_if(store_.keyed, [now](const auto& entry) { return has_expired(entry.second, now); });
  });
}

// ---- what was written ----

void MemoryLog::keep(MemoryStore::Job& job, const JobEvent& event) {
  const auto shared = std::make_shared<const JobEvent>(event);
  const bool lifecycle = is_lifecycle(event);
  std::deque<SharedEvent>& list = lifecycle ? job.lifecycle : job.chatter;
  list.push_back(shared);
  if (list.size() > (lifecycle ? options_.history.lifecycle : options_.history.chatter)) list.pop_front();
  job.seq = event.seq;
  if (event.seq == 1) job.first = event.offset;
  if (!event.event_id.empty()) {
    job.event_ids[event.event_id] = {fingerprint(event), Appended{event.offset, event.seq, event.at}};
    forget_event_ids(job);
  }
  if (options_.restartable) store_.records.push_back(shared);
}

// Many at a time: each costs as much as it cost to keep it.
void MemoryLog::forget_event_ids(MemoryStore::Job& job) const {
  const HistoryLimits& limits = options_.history;
  if (job.event_ids.size() <= 2 * static_cast<std::size_t>(limits.event_ids)) return;
  std::erase_if(job.event_ids, [&](const auto& kept) { return !limits.remembers(kept.second.first.seq, job.seq); });
}

LookupOutcome MemoryLog::find_event_id(const JobEvent& event) const {
  if (event.event_id.empty()) return {};
  const auto job = store_.jobs.find(event.job_id);
  if (job == store_.jobs.end()) return {};
  const auto kept = job->second.event_ids.find(event.event_id);
  if (kept == job->second.event_ids.end()) return {};
  if (!options_.history.remembers(kept->second.first.seq, job->second.seq)) return {};
  if (kept->second.fingerprint != fingerprint(event)) return EventIdReused{};
  return Repeated{kept->second.first};
}

void MemoryLog::lookup(const JobEvent& event, std::function<void(LookupOutcome)> done) {
  in_order([this, event, done = std::move(done)] { answer([found = find_event_id(event), done] { done(found); }); });
}

std::vector<JobEvent> MemoryLog::newest(const JobId& job, std::size_t limit) const {
  std::vector<JobEvent> events;
  const auto found = store_.jobs.find(job);
  if (found == store_.jobs.end()) return events;
  const auto& [seq, first, chatter, lifecycle, event_ids] = found->second;
  auto c = chatter.rbegin();
  auto l = lifecycle.rbegin();
  while (events.size() < limit && (c != chatter.rend() || l != lifecycle.rend())) {
    const bool take_chatter = l == lifecycle.rend() || (c != chatter.rend() && (*c)->offset > (*l)->offset);
    events.push_back(take_chatter ? **c++ : **l++);
  }
  return events;
}

void MemoryLog::history(const JobId& job, std::size_t limit, std::function<void(Result<std::vector<JobEvent>>)> done) {
  in_order(
      [this, job, limit, done = std::move(done)] { answer([events = newest(job, limit), done] { done(events); }); });
}

void MemoryLog::save_snapshots(std::vector<JobSnapshot> snapshots, std::int64_t through) {
  if (!options_.restartable) return;
  in_order([this, snapshots = std::move(snapshots), through] {
    for (const JobSnapshot& snapshot : snapshots) {
      const auto job = store_.jobs.find(snapshot.job_id);
      const bool stale = job == store_.jobs.end() || snapshot.version < job->second.first;  // forgotten since
      if (!stale) store_.snapshots[snapshot.job_id] = snapshot;
    }
    store_.through = std::max(store_.through, std::min(through, store_.head));
    while (!store_.records.empty() && store_.records.front()->offset <= store_.through) store_.records.pop_front();
  });
}

void MemoryLog::forget(std::vector<JobId> jobs, std::int64_t floor) {
  in_order([this, jobs = std::move(jobs), floor] {
    const std::unordered_set<JobId> forgotten(jobs.begin(), jobs.end());
    for (const JobId& job : forgotten) {
      store_.jobs.erase(job);
      store_.snapshots.erase(job);
    }
    std::erase_if(store_.records, [&](const SharedEvent& event) { return forgotten.contains(event->job_id); });
    store_.tombstone_floor = std::max(store_.tombstone_floor, floor);
  });
}

void MemoryLog::drain(std::function<void()> done) {
  in_order([this, done = std::move(done)] { answer(done); });
}

}  // namespace jobwire::log
