#include "node/waiting_line.h"

#include <algorithm>
#include <queue>
#include <vector>

namespace jobwire::node {
namespace {

constexpr DurationMs kRefreshEvery = 1'000;
// A free worker takes the next job within this time; where that does not happen, there is no free worker.
constexpr DurationMs kPickUp = 5'000;
constexpr std::int64_t kPlayedForward = 1'000;  // jobs further back get a position only

}  // namespace

bool WaitingLine::Ticket::operator<(const Ticket& other) const {
  if (priority != other.priority) return priority > other.priority;
  if (created_at != other.created_at) return created_at < other.created_at;
  return job->id < other.job->id;
}

void WaitingLine::wait(const Ticket& ticket, UnixMs now) {
  waiting_.try_emplace(ticket);
  moved_at_ = std::max(moved_at_, now);
}

void WaitingLine::stop_waiting(const Ticket& ticket) { waiting_.erase(ticket); }

void WaitingLine::begin_work(const JobState& job, UnixMs now) {
  active_.insert(&job);
  workers_ = waiting_.empty() ? std::max(workers_, active_.size()) : active_.size();
  moved_at_ = std::max(moved_at_, now);
}

void WaitingLine::end_work(const JobState& job, UnixMs now) {
  active_.erase(&job);
  moved_at_ = std::max(moved_at_, now);
}

std::size_t WaitingLine::free_workers(UnixMs now) const {
  return active_.size() >= workers_ || now - moved_at_ > kPickUp ? 0 : workers_ - active_.size();
}

void WaitingLine::refresh(UnixMs now, const Duration& remaining, const Duration& whole) {
  if (waiting_.empty() || now - refreshed_at_ < kRefreshEvery) return;
  refreshed_at_ = now;
  std::priority_queue<DurationMs, std::vector<DurationMs>, std::greater<>> free_in;  // one entry a worker
  for (std::size_t i = free_workers(now); i > 0; --i) free_in.push(0);
  for (const JobState* job : active_) {
    if (const auto left = remaining(*job)) free_in.push(*left);
  }
  std::int64_t position = 0;
  for (auto& [ticket, place] : waiting_) {
    place = {++position, {}};
    if (free_in.empty() || position > kPlayedForward) continue;
    place.wait = free_in.top();
    free_in.pop();
    if (const auto duration = whole(*ticket.job)) free_in.push(*place.wait + *duration);
  }
}

const WaitingLine::Place* WaitingLine::find(const Ticket& ticket) const {
  const auto found = waiting_.find(ticket);
  return found == waiting_.end() ? nullptr : &found->second;
}

}  // namespace jobwire::node
