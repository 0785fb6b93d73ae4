#include "node/inbox.h"

#include <algorithm>
#include <utility>

namespace jobwire::node {

const Inbox::Box* Inbox::box(std::string_view owner) const {
  const auto found = boxes_.find(owner);
  return found == boxes_.end() ? nullptr : &found->second;
}

const InboxEntry* Inbox::apply(const log::Record& record) {
  Box& box = boxes_[record.owner];
  if (const auto known = box.offsets.find(record.key); known != box.offsets.end()) remove(box, known->second);
  auto decoded = record.bytes.empty() ? Result<Notification>(Error{}) : decode_notification(record.bytes);
  if (!decoded) {
    if (box.entries.empty()) boxes_.erase(record.owner);
    return nullptr;
  }
  Notification& notification = *decoded;
  notification.id = record.key;
  if (notification.offset == 0) notification.offset = record.offset;
  if (notification.created_at == 0) notification.created_at = record.at;
  notification.version = record.offset;
  const std::int64_t offset = notification.offset;
  put(box, {record.key, offset, record.offset, notification.read_at != 0, record.expires_at,
            std::make_shared<const std::string>(encode_notification(notification))});
  if (record.expires_at != 0) expiries_.emplace(record.expires_at, std::pair(record.owner, offset));
  if (box.entries.size() > most_) {
    const InboxEntry& oldest = box.entries.begin()->second;
    overflow_.push_back({{std::string(kNotificationKind), record.owner, oldest.id, {}, 0, 0, 0}, oldest.version});
    remove(box, oldest.offset);
  }
  const auto at = box.entries.find(offset);
  return at == box.entries.end() ? nullptr : &at->second;
}

void Inbox::put(Box& box, InboxEntry entry) {
  box.offsets[entry.id] = entry.offset;
  box.versions[entry.version] = entry.offset;
  if (!entry.read) ++box.unread;
  box.entries[entry.offset] = std::move(entry);
}

void Inbox::remove(Box& box, std::int64_t offset) {
  const auto at = box.entries.find(offset);
  if (!at->second.read) --box.unread;
  box.offsets.erase(at->second.id);
  box.versions.erase(at->second.version);
  box.entries.erase(at);
}

const InboxEntry* Inbox::find(std::string_view owner, std::string_view id) const {
  const Box* of = box(owner);
  if (of == nullptr) return nullptr;
  const auto offset = of->offsets.find(std::string(id));
  return offset == of->offsets.end() ? nullptr : &of->entries.at(offset->second);
}

std::size_t Inbox::unread(std::string_view owner) const {
  const Box* of = box(owner);
  return of == nullptr ? 0 : of->unread;
}

std::vector<const InboxEntry*> Inbox::list(std::string_view owner, std::int64_t before, std::size_t limit,
                                           bool unread_only) const {
  std::vector<const InboxEntry*> listed;
  const Box* of = box(owner);
  if (of == nullptr) return listed;
  auto at = before > 0 ? of->entries.lower_bound(before) : of->entries.end();
  while (at != of->entries.begin() && listed.size() < limit) {
    --at;
    if (!unread_only || !at->second.read) listed.push_back(&at->second);
  }
  return listed;
}

std::vector<const InboxEntry*> Inbox::changed(std::string_view owner, std::int64_t after, std::int64_t upto) const {
  std::vector<const InboxEntry*> entries;
  const Box* of = box(owner);
  if (of == nullptr) return entries;
  for (auto at = of->versions.upper_bound(after); at != of->versions.end() && at->first <= upto; ++at) {
    entries.push_back(&of->entries.at(at->second));
  }
  return entries;
}

std::vector<log::RecordAppend> Inbox::take_overflow() { return std::exchange(overflow_, {}); }

bool Inbox::expire(UnixMs now) {
  bool any = false;
  while (!expiries_.empty() && expiries_.begin()->first <= now) {
    const auto [owner, offset] = expiries_.begin()->second;
    expiries_.erase(expiries_.begin());
    const auto of = boxes_.find(owner);
    if (of == boxes_.end()) continue;
    const auto entry = of->second.entries.find(offset);
    if (entry == of->second.entries.end() || entry->second.expires_at > now) continue;
    remove(of->second, offset);
    if (of->second.entries.empty()) boxes_.erase(of);
    any = true;
  }
  return any;
}

log::RecordAppend rewritten(std::string_view owner, const InboxEntry& entry, const Notification& notification) {
  return {{std::string(kNotificationKind), std::string(owner), entry.id, encode_notification(notification),
           entry.expires_at, 0, 0},
          entry.version};
}

log::RecordAppend marked_read(std::string_view owner, const InboxEntry& entry, UnixMs now) {
  Notification notification = *decode_notification(*entry.text);
  notification.read_at = now;
  return rewritten(owner, entry, notification);
}

}  // namespace jobwire::node
