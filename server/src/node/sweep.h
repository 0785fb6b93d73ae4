// Walks the jobs from the oldest change on, as they come of age. The log's time never decreases, so version order is
// the order of the last changes: a sweep passes each job once, and meets it again only after it has changed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "jobwire/time.h"
#include "node/job_table.h"

namespace jobwire::node {

class Sweep {
 public:
  // Visits jobs whose last change is not after `cutoff`, at most `most` of them. `visit(const JobRecord&)` must not
  // change the table, and returns false to stop before a job that is to be met again.
  template <class Visit>
  void advance(const JobTable& table, UnixMs cutoff, std::size_t most, Visit visit) {
    auto at = table.all().upper_bound(passed_);
    for (; most > 0 && at != table.all().end() && at->second->state.updated_at <= cutoff; ++at, --most) {
      if (!visit(*at->second)) return;
      passed_ = at->first;
    }
  }
  void again() { passed_ = 0; }

 private:
  std::int64_t passed_ = 0;  // version
};

}  // namespace jobwire::node
