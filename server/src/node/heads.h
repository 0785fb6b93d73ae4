// The state that each job will have once the appends under way are stored: what further events are validated against.
//
//   advance(event, ticket)  an event is about to be appended with the batch of this ticket
//   settle(job, ticket)     that batch is stored: the head goes when nothing later is under way for the job
//   discard(job, ticket)    one of its events was not appended: nothing may be built on this head any more
//
// Batches have rising tickets and complete in that order. After a discard the appends still under way for that job were
// given with a seq that the log cannot reach before they come to it, so they conflict and are validated anew. (A log
// with several writers has to see to that itself: what was given behind an unanswered append stands or falls with it.)
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "jobwire/job_event.h"
#include "jobwire/job_state.h"
#include "jobwire/time.h"

namespace jobwire::node {

using Ticket = std::uint64_t;  // 1, 2, 3 ...; 0: none

class Heads {
 public:
  struct Head {
    JobState state;
    Ticket first = 0;  // the batch that began it
    Ticket last = 0;   // the newest batch that it counts on
    bool creates = false;
  };

  const Head* find(const JobId& id) const;
  // Stamps the event as the log will (`at` only nearly so) and applies it. `stored`: the job's state in the table, or
  // null.
  void advance(JobEvent& event, const JobState* stored, Ticket ticket, UnixMs now);
  void settle(const JobId& id, Ticket ticket);
  void discard(const JobId& id, Ticket ticket);

  std::uint64_t discards() const { return discards_; }  // grows with each: what was concluded from a head may be wrong
  std::size_t size() const { return heads_.size(); }
  std::size_t creating() const;  // jobs that the table does not hold yet

 private:
  using Map = std::unordered_map<JobId, Head>;
  Head& begin(const JobId& id, const JobState* stored);
  void retire(Map::iterator head);

  Map heads_;
  std::vector<Map::node_type> spare_;  // kept with their strings' capacity: a head costs copying, not allocating
  std::uint64_t discards_ = 0;
};

}  // namespace jobwire::node
