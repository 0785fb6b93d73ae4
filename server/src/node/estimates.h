// Estimates are not state: positions and times that change without the job changing. Learnt from what was seen on this
// node since it started, and from the ended jobs that it restored; never invented ("learning" until there is something
// to learn from, and no number for a job that takes longer than anything learnt).
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "jobwire/message.h"
#include "jobwire/time.h"
#include "node/job_table.h"
#include "node/node.h"
#include "node/profile.h"
#include "node/waiting_line.h"

namespace jobwire::node {

struct EstimateOptions {
  DurationMs silent_after = 10'000;  // "no report for N s" is told from here on
  int samples_to_learn = 1;          // ended jobs (of this type and queue) before a number is given; at most 8
  std::size_t most_types = 1'000;    // pairs of type and queue that are remembered
  std::size_t most_queues = 1'000;   // without jobs
};

class Estimates {
 public:
  Estimates(EstimateOptions options, const JobTable& table, const Clock& clock);

  void restored();  // learns from the jobs that the table holds after a start
  void changed(const Change& change);
  // Recomputes positions and times of queues that changed, at most once a second per queue.
  void refresh();
  std::optional<JobEstimate> of(const JobState& job) const;  // nullopt: the job has ended
  std::vector<QueueCounts> queues() const;                   // premium, normal and large always among them

 private:
  // A job that has not ended. Jobs without a queue stand in no line.
  struct Tracked {
    WaitingLine* line = nullptr;
    bool waiting = false;
    UnixMs queued_at = 0;  // this attempt
    WaitingLine::Ticket ticket;
  };

  void track(const JobState& job, UnixMs queued_at);
  void move(Tracked& tracked, const JobState& job, WaitingLine* line);
  void learn_from(const JobState& ended);
  void leave_line(Tracked& tracked, UnixMs now);
  WaitingLine* line_of(const std::string& queue);
  void make_room_for_queue();

  bool has_learnt(const Profile* profile) const;
  std::optional<DurationMs> whole(const JobState& job) const;
  std::optional<DurationMs> remaining(const JobState& job, UnixMs now) const;
  std::optional<DurationMs> by_own_pace(const JobState& job, UnixMs now) const;
  JobEstimate of_waiting(const JobState& job) const;
  JobEstimate of_active(const JobState& job) const;

  EstimateOptions options_;
  const JobTable& table_;
  const Clock& clock_;
  Profiles profiles_;
  std::map<std::string, WaitingLine> lines_;
  std::unordered_map<JobId, Tracked> tracked_;
};

}  // namespace jobwire::node
