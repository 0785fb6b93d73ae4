// What the server knows of those who work on jobs, for dialects that tell it.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "dialect/dialect.h"
#include "node/node.h"

namespace jobwire::hub {

// What the process uses, as the composition root measures it.
struct ProcessFigures {
  std::int64_t memory_bytes = 0;
  std::int64_t cpu_ms = 0;  // since it began
  std::int64_t load_hundredths = 0;
};

class Figures {
 public:
  Figures(const node::Node& node, const Clock& clock, std::function<ProcessFigures()> process);

  void changed(const node::Change& change);
  // How many workers: what a queue's status needs. However many jobs there are, it costs the same.
  dialect::SystemFigures counts() const;
  // Everything. At most one look at the jobs a second: asked for more often, the last figures.
  const dialect::SystemFigures& all();

 private:
  void place(const JobState& job);
  void leave_worker(const JobId& job);
  void list_workers(dialect::SystemFigures& figures) const;
  void count_ended(dialect::SystemFigures& figures) const;
  void measure(dialect::SystemFigures& figures);

  const node::Node& node_;
  const Clock& clock_;
  std::function<ProcessFigures()> process_;
  std::map<JobId, std::string> active_;          // the worker of each job at work; may be empty
  std::map<std::string, std::int64_t> at_work_;  // each named worker that has some: how many
  std::int64_t nameless_ = 0;                    // jobs at work whose worker has not said its name
  mutable std::map<std::string, UnixMs> seen_;   // each named worker, when it last had a job
  mutable UnixMs forgot_at_ = 0;
  dialect::SystemFigures last_;
  std::int64_t cpu_ms_ = 0;
  UnixMs measured_at_ = 0;
};

}  // namespace jobwire::hub
