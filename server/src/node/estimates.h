// Estimates are not state: positions and times that change without the job changing. Learnt from what was seen on this
// node since it started; never invented ("learning" until there is something to learn from).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "jobwire/message.h"
#include "jobwire/time.h"
#include "node/job_table.h"
#include "node/node.h"

namespace jobwire::node {

struct EstimateOptions {
  DurationMs silent_after = 10'000;  // "no report for N s" is told from here on
  int samples_to_learn = 1;          // ended jobs (of this type and queue) before a number is given
};

class Estimates {
 public:
  Estimates(EstimateOptions options, const JobTable& table, const Clock& clock);

  void restored();                   // learns from the jobs that the table holds after a start
  void changed(const Change& change);
  // Recomputes positions and times of queues that changed, at most once a second per queue.
  void refresh();
  std::optional<JobEstimate> of(const JobState& job) const;  // nullopt: the job has ended
  std::vector<QueueCounts> queues() const;                   // premium, normal and large always among them

 private:
  EstimateOptions options_;
  const JobTable& table_;
  const Clock& clock_;
};

}  // namespace jobwire::node
