#include "log/job_heads.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace jobwire::log {
namespace {

std::vector<std::int64_t>& list_of(RecentEvents& recent, const JobEvent& event) {
  return is_lifecycle(event) ? recent.lifecycle : recent.chatter;
}

void drop_through(std::vector<std::int64_t>& offsets, std::int64_t through) {
  offsets.erase(offsets.begin(), std::upper_bound(offsets.begin(), offsets.end(), through));
}

}  // namespace

std::int64_t RecentEvents::oldest() const {
  if (chatter.empty()) return lifecycle.front();
  return lifecycle.empty() ? chatter.front() : std::min(chatter.front(), lifecycle.front());
}

const JobHead* JobHeads::find(const JobId& job) const {
  const auto found = heads_.find(job);
  return found == heads_.end() ? nullptr : &found->second;
}

const RecentEvents* JobHeads::recent(std::int64_t number) const {
  const auto found = recent_.find(number);
  return found == recent_.end() ? nullptr : &found->second;
}

void JobHeads::restore(const JobEvent& event, std::int64_t number) {
  heads_[event.job_id] = {event.seq, number};
  keep(event, number);
}

std::int64_t JobHeads::add(const JobEvent& event) {
  JobHead& head = heads_[event.job_id];
  if (head.seq == 0) head.number = event.offset;
  head.seq = event.seq;
  keep(event, head.number);
  return head.number;
}

void JobHeads::keep(const JobEvent& event, std::int64_t number) {
  RecentEvents& recent = recent_[number];
  list_of(recent, event).push_back(event.offset);
  if (event.event_id.empty()) return;
  recent.event_ids[event.event_id] = {fingerprint(event), Appended{event.offset, event.seq, event.at}};
}

void JobHeads::take_back(const JobEvent& event) {
  const auto head = heads_.find(event.job_id);
  const auto recent = recent_.find(head->second.number);
  list_of(recent->second, event).pop_back();
  recent->second.event_ids.erase(event.event_id);
  if (recent->second.empty()) recent_.erase(recent);
  if (--head->second.seq == 0) heads_.erase(head);
}

JobHead JobHeads::forget(const JobId& job, RecentEvents* recent) {
  const auto found = heads_.find(job);
  if (found == heads_.end()) return {};
  const JobHead head = found->second;
  heads_.erase(found);
  if (auto node = recent_.extract(head.number)) *recent = std::move(node.mapped());
  return head;
}

void JobHeads::settle(std::int64_t through) {
  for (auto entry = recent_.begin(); entry != recent_.end();) {
    RecentEvents& recent = entry->second;
    drop_through(recent.chatter, through);
    drop_through(recent.lifecycle, through);
    std::erase_if(recent.event_ids, [through](const auto& kept) { return kept.second.first.offset <= through; });
    entry = recent.empty() ? recent_.erase(entry) : std::next(entry);
  }
}

}  // namespace jobwire::log
