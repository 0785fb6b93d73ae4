// What the SQLite log knows of its jobs without asking the file: where each stands, and its recent events, those since
// the last snapshots. Their rows are not indexed by job, so that an append writes one row at the end of one table.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "log/event_log.h"

namespace jobwire::log {

struct KeptVerdict {
  std::uint64_t fingerprint = 0;
  Appended first;
};

struct RecentEvents {
  std::vector<std::int64_t> chatter;    // offsets, ascending
  std::vector<std::int64_t> lifecycle;  // offsets, ascending
  std::unordered_map<std::string, KeptVerdict> event_ids;
  bool empty() const { return chatter.empty() && lifecycle.empty(); }
  std::int64_t oldest() const;
};

struct JobHead {
  std::int64_t seq = 0;
  std::int64_t number = 0;  // the job's key in the file: the offset of its first event, never used again
};

class JobHeads {
 public:
  using Recent = std::unordered_map<std::int64_t, RecentEvents>;  // by job number

  const JobHead* find(const JobId& job) const;
  const RecentEvents* recent(std::int64_t number) const;
  const Recent& recent() const { return recent_; }

  void restore(const JobId& job, JobHead head) { heads_[job] = head; }
  void restore(const JobEvent& event, std::int64_t number);
  // Takes in an event that follows the job's last one; answers the job's number.
  std::int64_t add(const JobEvent& event);
  // Undoes add(); newest first.
  void take_back(const JobEvent& event);
  // Forgets the job and hands over what is recent of it; seq 0: there was no such job.
  JobHead forget(const JobId& job, RecentEvents* recent);
  // Events up to `through` are recent no more.
  void settle(std::int64_t through);

 private:
  void keep(const JobEvent& event, std::int64_t number);
  std::unordered_map<JobId, JobHead> heads_;
  Recent recent_;
};

}  // namespace jobwire::log
