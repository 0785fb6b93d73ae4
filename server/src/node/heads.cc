#include "node/heads.h"

#include <algorithm>
#include <utility>

namespace jobwire::node {
namespace {

constexpr std::size_t kMostSpare = 256;

}  // namespace

const Heads::Head* Heads::find(const JobId& id) const {
  const auto found = heads_.find(id);
  return found == heads_.end() ? nullptr : &found->second;
}

void Heads::advance(JobEvent& event, const JobState* stored, Ticket ticket, UnixMs now) {
  const auto found = heads_.find(event.job_id);
  Head& head = found == heads_.end() ? begin(event.job_id, stored) : found->second;
  if (head.first == 0) head.first = ticket;
  head.last = ticket;
  event.seq = head.state.seq + 1;
  event.offset = head.state.version + 1;
  event.at = std::max(now, head.state.updated_at);
  apply(head.state, event);
}

Heads::Head& Heads::begin(const JobId& id, const JobState* stored) {
  Map::iterator at;
  if (spare_.empty()) {
    at = heads_.try_emplace(id).first;
  } else {
    Map::node_type node = std::move(spare_.back());
    spare_.pop_back();
    node.key() = id;
    at = heads_.insert(std::move(node)).position;
  }
  Head& head = at->second;
  head.first = head.last = 0;
  head.creates = stored == nullptr;
  if (stored) {
    head.state = *stored;
  } else {
    head.state = JobState{};
    head.state.id = id;
  }
  return head;
}

void Heads::settle(const JobId& id, Ticket ticket) {
  const auto found = heads_.find(id);
  if (found != heads_.end() && found->second.last == ticket) retire(found);
}

void Heads::discard(const JobId& id, Ticket ticket) {
  ++discards_;
  const auto found = heads_.find(id);
  if (found != heads_.end() && found->second.first <= ticket) retire(found);
}

std::size_t Heads::creating() const {
  return static_cast<std::size_t>(
      std::count_if(heads_.begin(), heads_.end(), [](const auto& entry) { return entry.second.creates; }));
}

void Heads::retire(Map::iterator head) {
  Map::node_type node = heads_.extract(head);
  if (spare_.size() >= kMostSpare) return;
  node.mapped().state.payload = {};  // may be large, and validation never reads them
  node.mapped().state.result = {};
  spare_.push_back(std::move(node));
}

}  // namespace jobwire::node
