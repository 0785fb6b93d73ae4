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
  // Workers only: what a queue's status needs.
  dialect::SystemFigures workers() const;
  // Everything. At most one look at the jobs a second: asked for more often, the last figures.
  const dialect::SystemFigures& all();

 private:
  void place(const JobState& job);
  void count_ended(dialect::SystemFigures& figures) const;
  void measure(dialect::SystemFigures& figures);

  const node::Node& node_;
  const Clock& clock_;
  std::function<ProcessFigures()> process_;
  std::map<JobId, std::string> active_;         // the worker of each job at work; may be empty
  mutable std::map<std::string, UnixMs> seen_;  // each named worker, when it last had a job
  dialect::SystemFigures last_;
  std::int64_t cpu_ms_ = 0;
  UnixMs measured_at_ = 0;
};

}  // namespace jobwire::hub
