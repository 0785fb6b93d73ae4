// What happens to jobs by the mere passing of time: finished ones are removed through the log, tombstones forgotten,
// and silent ones declared stalled where that is configured.
#pragma once

#include <cstdint>
#include <vector>

#include "jobwire/time.h"
#include "log/event_log.h"
#include "node/job_table.h"
#include "node/submissions.h"
#include "node/sweep.h"

namespace jobwire::node {

struct RetentionOptions {
  DurationMs remove_after = 0;  // a finished job, after its end
  DurationMs tombstone_for = 0;
  DurationMs stalled_after = 0;  // 0: never
  std::size_t visits_per_tick = 10'000;
  std::size_t events_per_tick = 2'000;
};

class Retention {
 public:
  Retention(RetentionOptions options, JobTable& table, Submissions& submissions, log::EventLog& log);

  void tick(UnixMs now);
  // Forgets tombstones; returns the highest version among them, 0: none.
  std::int64_t forget_tombstones(UnixMs now);

 private:
  std::vector<JobEvent> due(UnixMs now);

  RetentionOptions options_;
  JobTable& table_;
  Submissions& submissions_;
  log::EventLog& log_;
  Sweep ended_, tombstones_, silent_;
  std::uint64_t discards_ = 0;  // of the submissions, when the sweeps last began
  bool submitted_ = false;      // events of an earlier tick are under way
};

}  // namespace jobwire::node
