#include "node/job_table.h"

#include <utility>

namespace jobwire::node {
namespace {

bool is_live(const JobState& job) { return job.seq != 0 && !job.removed; }

// Which parts of the identity are known; they are set once, so an identity changed when this did.
unsigned known_parts(const JobIdentity& identity) {
  return (identity.type.empty() ? 0u : 1u) | (identity.queue.empty() ? 0u : 2u) | (identity.user_id.empty() ? 0u : 4u) |
         (identity.ref.empty() ? 0u : 8u) | (identity.parent_id.empty() ? 0u : 16u);
}

}  // namespace

JobTable::Applied JobTable::apply(const JobEvent& event) {
  Entry& job = entry(event.job_id);
  const std::int64_t previous_version = job.state.version;
  const unsigned known_before = known_parts(job.state.identity);
  const bool live_before = is_live(job.state);
  const bool ran_before = job.state.seq > 0 && job.state.status == JobStatus::active;
  jobwire::apply(job.state, event);
  live_ = live_ + (is_live(job.state) ? 1 : 0) - (live_before ? 1 : 0);
  job.encoded = {};
  index(job);
  return {&job, previous_version, (known_parts(job.state.identity) & ~known_before) != 0,
          !ran_before && is_live(job.state) && job.state.status == JobStatus::active};
}

void JobTable::restore(JobState state) {
  forget(state.id);
  Entry& job = entry(state.id);
  job.state = std::move(state);
  live_ += is_live(job.state) ? 1 : 0;
  index(job);
}

void JobTable::forget(const JobId& id) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return;
  Entry& job = *found->second;
  live_ -= is_live(job.state) ? 1 : 0;
  all_.erase(job.in_all.at);
  leave_channel(job.in_user, ChannelKind::user, job.state.identity.user_id.value);
  leave_channel(job.in_queue, ChannelKind::queue, job.state.identity.queue);
  jobs_.erase(found);
}

const JobRecord* JobTable::find(const JobId& id) const {
  const auto found = jobs_.find(id);
  return found == jobs_.end() ? nullptr : found->second.get();
}

const JobTable::ByVersion* JobTable::channel(const Channel& channel) const {
  switch (channel.kind) {
    case ChannelKind::all_jobs:
      return &all_;
    case ChannelKind::user:
    case ChannelKind::queue: {
      const auto found = channels_.find(channel);
      return found == channels_.end() ? nullptr : &found->second;
    }
    case ChannelKind::job:
    case ChannelKind::admin:  // carries no jobs
      break;
  }
  return nullptr;
}

JobTable::Entry& JobTable::entry(const JobId& id) {
  auto& slot = jobs_[id];
  if (!slot) {
    slot = std::make_unique<Entry>();
    slot->state.id = id;
  }
  return *slot;
}

void JobTable::index(Entry& job) {
  index_in(all_, job.in_all, job);
  index_in_channel(job.in_user, ChannelKind::user, job.state.identity.user_id.value, job);
  index_in_channel(job.in_queue, ChannelKind::queue, job.state.identity.queue, job);
}

void JobTable::index_in_channel(Place& place, ChannelKind kind, const std::string& id, const JobRecord& record) {
  if (place.list) return index_in(*place.list, place, record);
  if (!id.empty()) index_in(channels_[Channel{kind, id}], place, record);
}

void JobTable::index_in(ByVersion& list, Place& place, const JobRecord& record) {
  if (place.list) {
    auto node = list.extract(place.at);
    node.key() = record.state.version;
    place.at = list.insert(list.end(), std::move(node));
  } else {
    place = {&list, list.emplace_hint(list.end(), record.state.version, &record)};
  }
}

void JobTable::leave_channel(Place& place, ChannelKind kind, const std::string& id) {
  if (!place.list) return;
  place.list->erase(place.at);
  if (place.list->empty()) channels_.erase(Channel{kind, id});
}

}  // namespace jobwire::node
