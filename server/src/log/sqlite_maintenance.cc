// Snapshots, the settling of records into bounded history, and forgetting.
#include <algorithm>
#include <utility>

#include "log/sqlite_statements.h"
#include "log/sqlite_store.h"

namespace jobwire::log {

void SqliteStore::plan_snapshots(std::vector<JobSnapshot> snapshots, std::int64_t through) {
  for (JobSnapshot& snapshot : snapshots) {
    const JobHead* head = heads_.find(snapshot.job_id);
    if (!head) continue;  // forgotten since
    const RecentEvents* recent = heads_.recent(head->number);
    const std::int64_t seq = head->seq - (recent ? recent->newer_than(snapshot.version) : 0);
    plan_.snapshots[head->number] = {std::move(snapshot), seq};
  }
  plan_.through = std::max(plan_.through, std::min(through, head_));
}

void SqliteStore::plan_forget(const std::vector<JobId>& jobs, std::int64_t floor) {
  for (const JobId& job : jobs) {
    RecentEvents recent;
    const JobHead head = heads_.forget(job, &recent);
    if (head.seq == 0) continue;
    plan_.snapshots.erase(head.number);
    plan_.forgotten.push_back(head.number);
    for (const auto* offsets : {&recent.chatter, &recent.lifecycle}) {
      plan_.forgotten_records.insert(plan_.forgotten_records.end(), offsets->begin(), offsets->end());
    }
  }
  plan_.floor = std::max(plan_.floor, floor);
}

Status SqliteStore::maintain() {
  if (plan_.empty()) return Done{};
  const Status written = transaction([this] {
    write_snapshots();
    settle_records();
    write_forgotten();
    write_state();
  });
  if (!written) return written;
  heads_.settle(plan_.through);
  plan_ = {};
  return Done{};
}

Status SqliteStore::probe() {
  if (!plan_.empty()) return maintain();
  return transaction([this] { write_state(); });
}

void SqliteStore::write_snapshots() {
  for (const auto& [number, planned] : plan_.snapshots) {
    const JobSnapshot& snapshot = planned.snapshot;
    Use(sql_->save_snapshot).with(number, snapshot.job_id.value, snapshot.version, planned.seq, snapshot.bytes).run();
  }
}

void SqliteStore::settle_records() {
  if (plan_.through == 0) return;
  std::vector<std::int64_t> numbers;  // in order: neighbours in the tables are written together
  for (const auto& [number, recent] : heads_.recent()) numbers.push_back(number);
  std::sort(numbers.begin(), numbers.end());
  for (const std::int64_t number : numbers) {
    const RecentEvents& recent = *heads_.recent(number);
    settle_list(number, recent.chatter, false);
    settle_list(number, recent.lifecycle, true);
    settle_event_ids(number, recent);
  }
  Use(sql_->drop_records).with(plan_.through).run();
}

void SqliteStore::settle_list(std::int64_t number, const std::vector<std::int64_t>& offsets, bool lifecycle) {
  const auto end = std::upper_bound(offsets.begin(), offsets.end(), plan_.through);
  const auto count = static_cast<std::size_t>(end - offsets.begin());
  if (count == 0) return;
  const std::size_t limit = lifecycle ? limits_.lifecycle : limits_.chatter;
  for (auto offset = end - static_cast<std::ptrdiff_t>(std::min(count, limit)); offset != end; ++offset) {
    Use(sql_->settle).with(number, std::int64_t{lifecycle}, *offset).run();
  }
  Use(sql_->trim).with(number, std::int64_t{lifecycle}, static_cast<std::int64_t>(limit)).run();
}

void SqliteStore::settle_event_ids(std::int64_t number, const RecentEvents& recent) {
  for (const auto& [id, kept] : recent.event_ids) {
    if (kept.first.offset > plan_.through) continue;
    Use(sql_->insert_id)
        .with(number, id, static_cast<std::int64_t>(kept.fingerprint), kept.first.offset, kept.first.seq, kept.first.at)
        .run();
  }
}

void SqliteStore::write_forgotten() {
  for (const std::int64_t offset : plan_.forgotten_records) Use(sql_->drop_record).with(offset).run();
  for (const std::int64_t number : plan_.forgotten) {
    Use(sql_->drop_snapshot).with(number).run();
    Use(sql_->drop_history).with(number).run();
    Use(sql_->drop_ids).with(number).run();
  }
}

void SqliteStore::write_state() { Use(sql_->save_state).with(head_, last_at_, plan_.floor).run(); }

}  // namespace jobwire::log
