// A notification of a user's inbox, and messages of the application. JSON shapes: PROTOCOL.md, "Inbox" and "Application
// messages".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "jobwire/codec.h"
#include "jobwire/ids.h"
#include "jobwire/job_state.h"
#include "jobwire/message.h"
#include "jobwire/result.h"
#include "jobwire/time.h"

namespace jobwire {

enum class NotificationType : std::uint8_t { info, success, error, alert };
std::string_view type_name(NotificationType type);
std::optional<NotificationType> notification_type(std::string_view name);

// A button: where it leads is http(s), or a path of the page's own site.
struct NotificationAction {
  std::string label;
  std::string url;
  bool operator==(const NotificationAction&) const = default;
};
inline constexpr std::size_t kMaxUrlBytes = 2048;
// `field` is named in the error. What a browser would take for another site or for a script is refused: no scheme but
// http and https, a host after it, no "//host", no backslash, blank or control character.
Status check_action_url(std::string_view url, std::string_view field);

inline constexpr std::size_t kMaxNotificationIdBytes = 160;
inline constexpr std::size_t kMaxTitleBytes = 256;
struct Notification {
  std::string id;
  NotificationType type = NotificationType::info;
  std::string title;
  std::string message;
  JobId job_id;  // empty: of no job
  std::optional<NotificationAction> action;
  RawJson data;
  std::int64_t offset = 0;  // of its first record: newest first is by this
  UnixMs created_at = 0;
  UnixMs read_at = 0;        // 0: unread
  UnixMs cleared_at = 0;     // a system alert's condition has ended
  std::int64_t version = 0;  // offset of its newest record
  bool operator==(const Notification&) const = default;
};
// What the log holds, too.
std::string encode_notification(const Notification& notification);
Result<Notification> decode_notification(std::string_view json);
// Body of POST /users/{userId}/notifications: {id?, type?, title, message?, jobId?, action?, data?}.
Result<Notification> decode_new_notification(std::string_view json, const CodecLimits& = {});

// Body of POST /broadcast and the like: {name, data?, id?}.
struct NewMessage {
  std::string id;
  push::AppMessage message;
};
Result<NewMessage> decode_new_message(std::string_view json, const CodecLimits& = {});
std::string encode_app_message(const push::AppMessage& message);  // {name, data}
Result<push::AppMessage> decode_app_message(std::string_view json);

// {limit?, before?, unread?} as a conversation asks for a page; newest first.
inline constexpr std::int64_t kMostListedNotifications = 100;
struct InboxQuery {
  std::int64_t limit = 50;
  std::int64_t before = 0;  // an `offset`; 0: from the newest
  bool unread = false;      // only those
};
Result<InboxQuery> decode_inbox_query(std::string_view json, const CodecLimits& = {});

// {notificationIds: [...]} or {all: true}.
Result<command::Read> decode_read(std::string_view json, const CodecLimits& = {});

}  // namespace jobwire
