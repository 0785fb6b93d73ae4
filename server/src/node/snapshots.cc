#include "node/snapshots.h"

#include <utility>

#include "jobwire/codec.h"

namespace jobwire::node {

void Snapshots::restored(const log::Restored& restored) {
  saved_through_ = restored.events.empty() ? restored.head : restored.events.front().offset - 1;
}

void Snapshots::applied(const JobTable::Applied& change) {
  if (change.previous_version > visited_ && change.previous_version <= through_) {
    moved_.push_back(change.record->state.id);
  }
}

void Snapshots::tick(const JobTable& table, std::int64_t head, log::EventLog& log) {
  if (!collecting()) {
    if (head - saved_through_ < every_) return;
    through_ = head;
    visited_ = saved_through_;
  }
  collect(table);
  if (visited_ < through_ || !moved_.empty()) return;
  log.save_snapshots(std::move(collected_), through_);
  collected_.clear();
  saved_through_ = through_;
  through_ = visited_ = 0;
}

void Snapshots::collect(const JobTable& table) {
  std::size_t left = jobs_per_tick_;
  auto at = table.all().upper_bound(visited_);
  for (; left > 0 && at != table.all().end() && at->first <= through_; ++at, --left) {
    collect_one(*at->second);
    visited_ = at->first;
  }
  if (at == table.all().end() || at->first > through_) visited_ = through_;
  for (; left > 0 && !moved_.empty(); --left) {
    if (const JobRecord* job = table.find(moved_.back())) collect_one(*job);
    moved_.pop_back();
  }
}

void Snapshots::collect_one(const JobRecord& job) {
  collected_.push_back({job.state.id, job.state.version, encode_job(job.state, Visibility::store)});
}

}  // namespace jobwire::node
