// One queue: who waits in which order, who is at work, and how long each will wait if the line is played forward with
// what was learnt. Higher priority first, then older first.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <unordered_set>

#include "jobwire/job_state.h"
#include "jobwire/time.h"
#include "node/moving_average.h"

namespace jobwire::node {

class WaitingLine {
 public:
  // A job's place in the order. A copy: the job's own state may change before it leaves the line.
  struct Ticket {
    std::int32_t priority = 0;
    UnixMs created_at = 0;
    const JobState* job = nullptr;  // lives as long as it stands in the line
    bool operator<(const Ticket& other) const;
  };
  struct Place {
    std::int64_t position = 0;  // 1 is next; 0: not counted yet
    std::optional<DurationMs> wait;
  };

  void wait(const Ticket& ticket, UnixMs now);
  void stop_waiting(const Ticket& ticket);
  void begin_work(const JobState& job, UnixMs now);
  void end_work(const JobState& job, UnixMs now);
  void learn_wait(DurationMs waited) { waits_.add(waited); }

  // Time until an active job ends, and from start to end of a waiting one; nullopt: not known.
  using Duration = std::function<std::optional<DurationMs>(const JobState&)>;
  // Counts positions and waits anew, at most once a second and only where something waits or has changed.
  void refresh(UnixMs now, const Duration& remaining, const Duration& whole);

  const Place* find(const Ticket& ticket) const;
  std::size_t waiting() const { return waiting_.size(); }
  std::size_t active() const { return active_.size(); }
  bool idle() const { return waiting_.empty() && active_.empty(); }
  bool has_served() const { return !waits_.empty() || workers_ > 0; }
  const MovingAverage& waits() const { return waits_; }
  UnixMs moved_at() const { return moved_at_; }

 private:
  std::size_t free_workers(UnixMs now) const;

  std::map<Ticket, Place> waiting_;
  std::unordered_set<const JobState*> active_;
  MovingAverage waits_;
  std::size_t workers_ = 0;  // as many as were last seen at work at once while others waited
  UnixMs moved_at_ = 0;      // a job came, began or ended
  UnixMs refreshed_at_ = 0;
};

}  // namespace jobwire::node
