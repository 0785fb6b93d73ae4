// How the hub tells what is no job: news of inboxes, and application messages.
#include <algorithm>
#include <utility>

#include "hub/announcement.h"
#include "hub/hub.h"
#include "hub/poll.h"
#include "jobwire/json_writer.h"
#include "node/inbox_writes.h"

namespace jobwire::hub {

void Hub::attend(const std::vector<std::string>& inboxes, Follower& follower) {
  for (const std::string& inbox : inboxes) attending_.emplace(inbox, &follower);
}

void Hub::depart(const std::vector<std::string>& inboxes, Follower& follower) {
  for (const std::string& inbox : inboxes) {
    auto [at, end] = attending_.equal_range(inbox);
    while (at != end && at->second != &follower) ++at;
    if (at != end) attending_.erase(at);
  }
}

void Hub::leave(Follower& follower) {
  std::erase(others_, &follower);
  forget_dirty(follower);
}

bool Hub::may_hear(const auth::Principal& who, const std::optional<Channel>& target) const {
  if (!target) return true;
  if (target->kind != ChannelKind::job) return auth::may_follow(who, *target);
  const node::JobRecord* record = node_.find(JobId{target->id});
  return record != nullptr && auth::may_see(who, record->state);
}

std::int64_t Hub::unread(const std::vector<std::string>& inboxes) const {
  std::size_t count = 0;
  for (const std::string& inbox : inboxes) count += node_.inbox().unread(inbox);
  return static_cast<std::int64_t>(count);
}

std::string Hub::inbox_page(const auth::Principal& who, const InboxQuery& query) const {
  const std::vector<std::string> inboxes = auth::inboxes(who);
  const auto limit = static_cast<std::size_t>(query.limit);
  std::vector<const node::InboxEntry*> entries;
  for (const std::string& inbox : inboxes) {
    const auto listed = node_.inbox().list(inbox, query.before, limit + 1, query.unread);
    entries.insert(entries.end(), listed.begin(), listed.end());
  }
  std::sort(entries.begin(), entries.end(), [](const auto* a, const auto* b) { return a->offset > b->offset; });
  const bool more = entries.size() > limit;
  if (more) entries.resize(limit);
  std::string page;
  JsonWriter json(page);
  json.begin_object().key("notifications").begin_array();
  for (const node::InboxEntry* entry : entries) json.raw(*entry->text);
  json.end_array();
  if (more) json.field("next", entries.back()->offset);
  json.field("unread", unread(inboxes)).end_object();
  return page;
}

void Hub::read(const auth::Principal& who, command::Read read, std::function<void(Result<std::size_t>)> done) {
  node::mark_read(node_, auth::inboxes(who), std::move(read), std::move(done));
}

void Hub::publish(const log::Record& record) {
  if (record.kind == node::kNotificationKind) {
    const node::InboxEntry* entry = node_.inbox().find(record.owner, record.key);
    if (entry == nullptr) return;
    const auto [begin, end] = attending_.equal_range(record.owner);
    for (auto at = begin; at != end; ++at) at->second->offer(InboxNews{record.owner, *entry});
  } else if (record.kind == node::kMessageKind && !record.bytes.empty()) {
    Announcement announcement(record);
    if (announcement.is_valid()) publish(announcement);
  }
}

void Hub::publish(Announcement& announcement) {
  for (Observer* observer : observers_) observer->announced(announcement);
  const auto offer = [&](Follower& follower) {
    if (std::exchange(follower.offered_, announcement.offset()) != announcement.offset()) follower.offer(announcement);
  };
  const std::optional<Channel>& target = announcement.target();
  if (!target) {
    for (const auto& [id, session] : sessions_) offer(*session);
    for (const auto& [number, poll] : polls_) offer(*poll);
    for (Follower* other : others_) offer(*other);
    return;
  }
  if (const auto at = followers_.find(*target); at != followers_.end()) {
    for (Follower* follower : at->second) offer(*follower);
  }
  if (target->kind != ChannelKind::user) return;
  const auto [begin, end] = attending_.equal_range(target->id);
  for (auto at = begin; at != end; ++at) offer(*at->second);
}

}  // namespace jobwire::hub
