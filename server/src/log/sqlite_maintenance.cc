// Snapshots, the settling of records into bounded history, and forgetting.
#include <algorithm>
#include <utility>

#include "log/sqlite_statements.h"
#include "log/sqlite_store.h"

namespace jobwire::log {

void SqliteStore::plan_snapshots(std::vector<JobSnapshot> snapshots, std::int64_t through) {
  for (JobSnapshot& snapshot : snapshots) {
    const JobHead* head = heads_.find(snapshot.job_id);
    if (!head || snapshot.version < head->number) continue;  // forgotten since, and perhaps created anew
    plan_.snapshots[head->number] = {std::move(snapshot), head->seq};
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

Status SqliteStore::maintain(int rows) {
  if (stage_ == Stage::idle) begin_copying();
  std::size_t next = next_task_;
  Status written = transaction([&] {
    const int enough = database_->getTotalChanges() + rows;
    while (next < tasks_.size() && database_->getTotalChanges() < enough) tasks_[next++]();
    write_state(work_.floor);
  });
  if (!written) return written;
  next_task_ = next;
  if (next_task_ < tasks_.size()) return Done{};
  if (stage_ == Stage::copying) {
    heads_.settle(work_.through);
    begin_dropping();
  } else {
    tasks_.clear();
    work_ = {};
    stage_ = Stage::idle;
  }
  return Done{};
}

Status SqliteStore::probe() {
  return transaction([this] { write_state(0); });
}

// In order of job numbers: neighbours in the tables are written together.
void SqliteStore::begin_copying() {
  stage_ = Stage::copying;
  work_ = std::exchange(plan_, {});
  next_task_ = 0;
  drop_from_ = work_.through + 1;
  for (const auto& [number, planned] : work_.snapshots) {
    tasks_.push_back([this, job = number, snapshot = &planned] { save_snapshot(job, *snapshot); });
  }
  if (work_.through == 0) return;
  std::vector<std::int64_t> numbers;
  for (const auto& [number, recent] : heads_.recent()) {
    numbers.push_back(number);
    drop_from_ = std::min(drop_from_, recent.oldest());
  }
  std::sort(numbers.begin(), numbers.end());
  for (const std::int64_t number : numbers) tasks_.push_back([this, number] { settle_job(number); });
}

void SqliteStore::begin_dropping() {
  constexpr std::int64_t kAtOnce = 1000;  // records
  stage_ = Stage::dropping;
  tasks_.clear();
  next_task_ = 0;
  for (; drop_from_ <= work_.through; drop_from_ += kAtOnce) {
    const std::int64_t last = std::min(drop_from_ + kAtOnce - 1, work_.through);
    tasks_.push_back([this, last] { Use(sql_->drop_records).with(last).run(); });
  }
  for (const std::int64_t offset : work_.forgotten_records) {
    tasks_.push_back([this, offset] { Use(sql_->drop_record).with(offset).run(); });
  }
  for (const std::int64_t number : work_.forgotten) tasks_.push_back([this, number] { forget_job(number); });
}

void SqliteStore::save_snapshot(std::int64_t number, const Plan::Snapshot& planned) {
  const JobSnapshot& snapshot = planned.snapshot;
  Use(sql_->save_snapshot).with(number, snapshot.job_id.value, snapshot.version, planned.seq, snapshot.bytes).run();
}

void SqliteStore::settle_job(std::int64_t number) {
  const RecentEvents* recent = heads_.recent(number);
  if (!recent) return;  // forgotten since
  settle_list(number, recent->chatter, false);
  settle_list(number, recent->lifecycle, true);
  settle_event_ids(number, *recent);
}

void SqliteStore::settle_list(std::int64_t number, const std::vector<std::int64_t>& offsets, bool lifecycle) {
  const auto end = std::upper_bound(offsets.begin(), offsets.end(), work_.through);
  const auto count = static_cast<std::size_t>(end - offsets.begin());
  if (count == 0) return;
  const std::size_t limit = lifecycle ? limits_.lifecycle : limits_.chatter;
  for (auto offset = end - static_cast<std::ptrdiff_t>(std::min(count, limit)); offset != end; ++offset) {
    Use(sql_->settle).with(number, std::int64_t{lifecycle}, *offset).run();
  }
  Use(sql_->trim).with(number, std::int64_t{lifecycle}, static_cast<std::int64_t>(limit)).run();
}

void SqliteStore::settle_event_ids(std::int64_t number, const RecentEvents& recent) {
  std::int64_t newest = 0;  // seq
  for (const auto& [id, kept] : recent.event_ids) {
    if (kept.first.offset <= work_.through) newest = std::max(newest, kept.first.seq);
  }
  if (newest > limits_.event_ids) Use(sql_->trim_ids).with(number, newest - limits_.event_ids).run();
  for (const auto& [id, kept] : recent.event_ids) {
    if (kept.first.offset > work_.through || !limits_.remembers(kept.first.seq, newest)) continue;
    Use(sql_->insert_id)
        .with(number, id, static_cast<std::int64_t>(kept.fingerprint), kept.first.offset, kept.first.seq, kept.first.at)
        .run();
  }
}

void SqliteStore::forget_job(std::int64_t number) {
  Use(sql_->drop_snapshot).with(number).run();
  Use(sql_->drop_history).with(number).run();
  Use(sql_->drop_ids).with(number).run();
}

void SqliteStore::write_state(std::int64_t floor) { Use(sql_->save_state).with(head_, last_at_, floor).run(); }

}  // namespace jobwire::log
