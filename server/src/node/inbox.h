// The inboxes, folded from the tail: what each owner has been told and has read, bounded, newest first.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "jobwire/notification.h"
#include "jobwire/time.h"
#include "log/record.h"
#include "node/notification_rules.h"

namespace jobwire::node {

// Owner of the system's alerts: one inbox that all admins share. No user has this name.
inline constexpr std::string_view kSystemInbox = "";

struct InboxEntry {
  std::string id;
  std::int64_t offset = 0;   // of its first record
  std::int64_t version = 0;  // of its newest
  bool read = false;
  UnixMs expires_at = 0;
  std::shared_ptr<const std::string> text;  // as it is told: encode_notification()
};

class Inbox {
 public:
  explicit Inbox(std::size_t most_of_an_owner) : most_(most_of_an_owner) {}

  // The entry as it stands now; null: it is gone, or past the bound.
  const InboxEntry* apply(const log::Record& record);
  const InboxEntry* find(std::string_view owner, std::string_view id) const;
  std::size_t unread(std::string_view owner) const;
  // Newest first, made before offset `before` (0: from the newest), at most `limit`.
  std::vector<const InboxEntry*> list(std::string_view owner, std::int64_t before, std::size_t limit,
                                      bool unread_only) const;
  // Made or changed in (after, upto], in that order.
  std::vector<const InboxEntry*> changed(std::string_view owner, std::int64_t after, std::int64_t upto) const;

  // Deletes what an inbox has no room for; each of them from whoever says so first.
  std::vector<log::RecordAppend> take_overflow();
  // Forgets what has expired by `now`; answers whether anything had.
  bool expire(UnixMs now);

 private:
  struct Box {
    std::map<std::int64_t, InboxEntry> entries;  // by `offset`
    std::unordered_map<std::string, std::int64_t> offsets;
    std::map<std::int64_t, std::int64_t> versions;  // version -> offset
    std::size_t unread = 0;
  };
  const Box* box(std::string_view owner) const;
  void put(Box& box, InboxEntry entry);
  static void remove(Box& box, std::int64_t offset);

  std::size_t most_;
  std::map<std::string, Box, std::less<>> boxes_;
  std::vector<log::RecordAppend> overflow_;
  std::multimap<UnixMs, std::pair<std::string, std::int64_t>> expiries_;  // owner, offset; some are gone by then
};

// The entry written anew.
log::RecordAppend rewritten(std::string_view owner, const InboxEntry& entry, const Notification& notification);
// The entry, read: appended only if it is as it was.
log::RecordAppend marked_read(std::string_view owner, const InboxEntry& entry, UnixMs now);

}  // namespace jobwire::node
