// Snapshots of changed jobs for the log, so that a restart need not read every event again. A collection is spread over
// several ticks: it is complete up to the offset at which it began, and a job that changes meanwhile is saved newer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "log/event_log.h"
#include "node/job_table.h"

namespace jobwire::node {

class Snapshots {
 public:
  // A collection begins once `every` records came since the last; one tick encodes at most `jobs_per_tick` jobs.
  Snapshots(std::int64_t every, std::size_t jobs_per_tick) : every_(every), jobs_per_tick_(jobs_per_tick) {}

  void restored(const log::Restored& restored);
  void applied(const JobTable::Applied& change);
  void tick(const JobTable& table, std::int64_t head, log::EventLog& log);
  bool collecting() const { return through_ != 0; }

 private:
  void collect(const JobTable& table);
  void collect_one(const JobRecord& job);

  std::int64_t every_;
  std::size_t jobs_per_tick_;
  std::int64_t saved_through_ = 0;
  // While collecting:
  std::int64_t through_ = 0;  // every job changed in (saved_through_, through_] is to be saved; 0: not collecting
  std::int64_t visited_ = 0;  // those with a version up to here are collected
  std::vector<JobId> moved_;  // changed before they were visited, and so no longer ahead of `visited_`
  std::vector<log::JobSnapshot> collected_;
};

}  // namespace jobwire::node
