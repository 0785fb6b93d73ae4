// The inbox and application messages as JSON: the server's side only.
#include <algorithm>
#include <array>

#include "codec_internal.h"
#include "jobwire/notification.h"

namespace jobwire {
namespace json {
namespace {

constexpr std::size_t kLabelBytes = 128;
constexpr std::size_t kDataBytes = 4 << 10;
// Of what the log gives back: it was checked when it came.
constexpr CodecLimits kStored{.message_bytes = kAnySize, .result_bytes = kAnySize, .text_bytes = kAnySize};

NotificationAction read_action(Fields& fields, Value value) {
  NotificationAction action;
  each_member(fields, value, "action", [&](std::string_view key, Value member) {
    if (key == "label") action.label = fields.text_of(member, "action.label", kLabelBytes);
    if (key == "url") action.url = fields.text_of(member, "action.url", kMaxUrlBytes);
  });
  if (action.label.empty()) fields.refuse("action.label", " is required");
  if (Status valid = check_action_url(action.url, "action.url"); !valid) fields.refuse(std::move(valid.error()));
  return action;
}

// What an application may say of one.
bool read_said(Fields& fields, std::string_view key, Value value, Notification& into) {
  if (key == "type") {
    const auto type = notification_type(value.is(Kind::string) ? value.text() : std::string_view());
    if (!type) fields.refuse("type", " must be success, error, alert or info");
    into.type = type.value_or(NotificationType::info);
  } else if (key == "title") {
    into.title = fields.text(value, "title");
  } else if (key == "message") {
    into.message = fields.text(value, "message");
  } else if (key == "jobId") {
    into.job_id.value = fields.id_or_empty(value, "jobId");
  } else if (key == "action") {
    if (!value.is(Kind::null)) into.action = read_action(fields, value);
  } else if (key == "data") {
    into.data = fields.raw(value, "data");
  } else {
    return false;
  }
  return true;
}

void read_ours(Fields& fields, std::string_view key, Value value, Notification& into) {
  if (key == "id") into.id = fields.text_of(value, "id", kMaxNotificationIdBytes);
  const std::pair<std::string_view, std::int64_t*> numbers[] = {{"offset", &into.offset},
                                                                {"createdAt", &into.created_at},
                                                                {"readAt", &into.read_at},
                                                                {"clearedAt", &into.cleared_at},
                                                                {"version", &into.version}};
  for (const auto& [name, number] : numbers) {
    if (key == name) *number = fields.integer(value, name, 0, kMaxInteger);
  }
}

// Names that the framings keep for themselves: Socket.IO's (socket.io-protocol, "reserved events") and the native
// wire's.
constexpr std::array<std::string_view, 16> kReserved = {"connect",     "connect_error",  "disconnect", "disconnecting",
                                                        "newListener", "removeListener", "welcome",    "changes",
                                                        "estimates",   "queue-status",   "message",    "system-metrics",
                                                        "heartbeat",   "goodbye",        "reply",      "auth-error"};

void check_name(Fields& fields, std::string_view name) {
  if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end()) {
    fields.refuse("name", " is a name that the protocol keeps for itself");
  }
}

bool read_message_member(Fields& fields, std::string_view key, Value value, push::AppMessage& into) {
  if (key == "name") into.name = fields.id(value, "name");
  if (key == "data") into.data = fields.raw(value, "data");
  return key == "name" || key == "data";
}

}  // namespace
}  // namespace json

using json::Fields;
using json::Value;

std::string encode_notification(const Notification& n) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field_if("id", n.id).field("type", type_name(n.type)).field("title", n.title);
  json.field_if("message", n.message).field_if("jobId", n.job_id.value);
  if (n.action) {
    json.key("action").begin_object().field("label", n.action->label).field("url", n.action->url).end_object();
  }
  json.raw_field_if("data", n.data).field("read", n.read_at != 0);
  json.field_if("createdAt", n.created_at).field_if("readAt", n.read_at).field_if("clearedAt", n.cleared_at);
  json.field_if("offset", n.offset).field_if("version", n.version).end_object();
  return out;
}

Result<Notification> decode_notification(std::string_view text) {
  return json::decode<Notification>(text, json::kStored, [](Fields& fields, Value root) {
    Notification notification;
    json::each_member(fields, root, "notification", [&](std::string_view key, Value value) {
      if (!json::read_said(fields, key, value, notification)) json::read_ours(fields, key, value, notification);
    });
    return notification;
  });
}

Result<Notification> decode_new_notification(std::string_view text, const CodecLimits& limits) {
  return json::decode<Notification>(text, limits, [](Fields& fields, Value root) {
    Notification notification;
    json::each_member(fields, root, "body", [&](std::string_view key, Value value) {
      if (key == "id") notification.id = fields.id_or_empty(value, "id");
      json::read_said(fields, key, value, notification);
    });
    if (notification.title.empty()) fields.refuse("title", " is required");
    if (notification.title.size() > kMaxTitleBytes) fields.refuse("title", " is too long", ErrorCode::too_large);
    if (notification.data.text.size() > json::kDataBytes) fields.refuse("data", " is too large", ErrorCode::too_large);
    return notification;
  });
}

Result<NewMessage> decode_new_message(std::string_view text, const CodecLimits& limits) {
  return json::decode<NewMessage>(text, limits, [](Fields& fields, Value root) {
    NewMessage message;
    json::each_member(fields, root, "body", [&](std::string_view key, Value value) {
      if (key == "id") message.id = fields.id_or_empty(value, "id");
      json::read_message_member(fields, key, value, message.message);
    });
    if (message.message.name.empty()) fields.refuse("name", " is required");
    json::check_name(fields, message.message.name);
    return message;
  });
}

std::string encode_app_message(const push::AppMessage& message) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("name", message.name).key("data");
  message.data.empty() ? json.null() : json.raw(message.data.text);
  json.end_object();
  return out;
}

Result<push::AppMessage> decode_app_message(std::string_view text) {
  return json::decode<push::AppMessage>(text, json::kStored, [](Fields& fields, Value root) {
    push::AppMessage message;
    json::each_member(fields, root, "message", [&](std::string_view key, Value value) {
      json::read_message_member(fields, key, value, message);
    });
    return message;
  });
}

Result<InboxQuery> decode_inbox_query(std::string_view text, const CodecLimits& limits) {
  return json::decode<InboxQuery>(text, limits, [](Fields& fields, Value root) {
    InboxQuery query;
    json::each_member(fields, root, "query", [&](std::string_view key, Value value) {
      if (key == "limit") query.limit = fields.integer(value, "limit", 1, kMostListedNotifications);
      if (key == "before") query.before = fields.integer(value, "before", 0, json::kMaxInteger);
      if (key == "unread") query.unread = fields.boolean(value, "unread");
    });
    return query;
  });
}

Result<command::Read> decode_read(std::string_view text, const CodecLimits& limits) {
  return json::decode<command::Read>(text, limits,
                                     [](Fields& fields, Value root) { return json::read_read(fields, root); });
}

}  // namespace jobwire
