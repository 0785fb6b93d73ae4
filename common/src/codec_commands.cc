#include "codec_internal.h"
#include "jobwire/notification.h"

namespace jobwire {
namespace json {
namespace {

constexpr std::int64_t kLongestWait = 3'600'000;

command::Hello read_hello(Fields& fields, Value value) {
  command::Hello hello;
  each_member(fields, value, "data", [&](std::string_view key, Value member) {
    if (key == "token") hello.token = fields.text_of(member, "token", 16 << 10);
    if (key == "cursor") hello.cursor = fields.cursor(member);
    if (key == "channels") hello.channels = fields.channels(member, "channels");
    if (key == "client") hello.client = fields.text(member, "client");
    if (key == "reducer") hello.reducer = static_cast<int>(fields.integer(member, "reducer", 0, 1'000'000));
    if (key == "binary") hello.binary = fields.boolean(member, "binary");
  });
  return hello;
}

std::vector<Channel> read_channel_list(Fields& fields, Value value) {
  std::vector<Channel> channels;
  each_member(fields, value, "data", [&](std::string_view key, Value member) {
    if (key == "channels") channels = fields.channels(member, "channels");
  });
  if (channels.empty()) fields.refuse("channels", " is required");
  return channels;
}

command::Sync read_sync(Fields& fields, Value value) {
  command::Sync sync;
  each_member(fields, value, "data", [&](std::string_view key, Value member) {
    if (key == "jobIds") sync.job_ids = fields.job_ids(member, "jobIds");
  });
  return sync;
}

command::Cancel read_cancel(Fields& fields, Value value) {
  command::Cancel cancel;
  each_member(fields, value, "data", [&](std::string_view key, Value member) {
    if (key == "jobId") cancel.job_id.value = fields.id(member, "jobId");
    if (key == "reason") cancel.reason = fields.text(member, "reason");
  });
  if (cancel.job_id.empty()) fields.refuse("jobId", " is required");
  return cancel;
}

command::Token read_token(Fields& fields, Value value) {
  command::Token token;
  each_member(fields, value, "data", [&](std::string_view key, Value member) {
    if (key == "token") token.token = fields.text_of(member, "token", 16 << 10);
  });
  if (token.token.empty()) fields.refuse("token", " is required");
  return token;
}

}  // namespace

command::Read read_read(Fields& fields, Value value) {
  constexpr std::size_t kMost = 1000;
  command::Read read;
  each_member(fields, value, "data", [&](std::string_view key, Value member) {
    if (key == "all") read.all = fields.boolean(member, "all");
    if (key != "notificationIds" || !fields.array(member, key)) return;
    for (auto [at, end] = member.children(); at != end; at = at.next()) {
      if (read.notification_ids.size() == kMost) return fields.refuse(key, " holds too many ids", ErrorCode::too_large);
      read.notification_ids.push_back(fields.text_of(at, key, kMaxNotificationIdBytes));
    }
  });
  if (read.all == !read.notification_ids.empty()) fields.refuse("notificationIds", " or all is required, not both");
  return read;
}

namespace {

CommandBody read_command_body(Fields& fields, std::string_view event, std::optional<Value> data) {
  if (event == "heartbeat") return command::Heartbeat{};
  if (!data) {
    fields.refuse("data", " is required");
    return command::Heartbeat{};
  }
  if (event == "hello") return read_hello(fields, *data);
  if (event == "subscribe") return command::Subscribe{read_channel_list(fields, *data)};
  if (event == "unsubscribe") return command::Unsubscribe{read_channel_list(fields, *data)};
  if (event == "sync") return read_sync(fields, *data);
  if (event == "cancel") return read_cancel(fields, *data);
  if (event == "token") return read_token(fields, *data);
  if (event == "read") return read_read(fields, *data);
  fields.refuse("event", " must be hello, subscribe, unsubscribe, sync, cancel, token, heartbeat or read");
  return command::Heartbeat{};
}

constexpr std::string_view kCommandNames[] = {"hello",  "subscribe", "unsubscribe", "sync",
                                              "cancel", "token",     "heartbeat",   "read"};

std::string text_of(const std::optional<Cursor>& cursor) { return cursor ? to_string(*cursor) : std::string(); }

}  // namespace

void write(JsonWriter& json, const command::Hello& hello) {
  json.field_if("token", hello.token).field_if("cursor", text_of(hello.cursor));
  write_channels(json.key("channels"), hello.channels);
  json.field_if("client", hello.client).field("reducer", hello.reducer).field_if("binary", hello.binary);
}

void write(JsonWriter& json, const command::Subscribe& subscribe) {
  write_channels(json.key("channels"), subscribe.channels);
}

void write(JsonWriter& json, const command::Unsubscribe& unsubscribe) {
  write_channels(json.key("channels"), unsubscribe.channels);
}

void write(JsonWriter& json, const command::Sync& sync) {
  json.key("jobIds").begin_array();
  for (const JobId& id : sync.job_ids) json.string(id.value);
  json.end_array();
}

void write(JsonWriter& json, const command::Cancel& cancel) {
  json.field("jobId", cancel.job_id.value).field_if("reason", cancel.reason);
}

void write(JsonWriter& json, const command::Token& token) { json.field("token", token.token); }
void write(JsonWriter&, const command::Heartbeat&) {}

void write(JsonWriter& json, const command::Read& read) {
  json.field_if("all", read.all);
  if (read.notification_ids.empty()) return;
  json.key("notificationIds").begin_array();
  for (const std::string& id : read.notification_ids) json.string(id);
  json.end_array();
}

void begin_command(JsonWriter& json, std::string_view event, std::int64_t id) {
  json.begin_object().field("event", event);
  if (id != kNoId) json.field("id", id);
  json.key("data").begin_object();
}

void write_channels(JsonWriter& json, const std::vector<Channel>& channels) {
  json.begin_array();
  for (const Channel& channel : channels) json.string(to_string(channel));
  json.end_array();
}

}  // namespace json

using json::Fields;
using json::Value;

Result<ClientCommand> decode_command(std::string_view text, const CodecLimits& limits) {
  return json::decode<ClientCommand>(text, limits, [](Fields& fields, Value root) {
    ClientCommand command;
    std::string event;
    std::optional<Value> data;
    json::each_member(fields, root, "message", [&](std::string_view key, Value value) {
      if (key == "event") event = fields.text_of(value, "event", kMaxIdBytes);
      if (key == "data") data = value;
      if (key == "id") command.id = fields.integer(value, "id", 0, json::kMaxInteger);
    });
    if (fields.ok()) command.body = json::read_command_body(fields, event, data);
    return command;
  });
}

std::optional<std::int64_t> peek_command_id(std::string_view text) {
  const CodecLimits limits;
  const auto id = json::decode<std::int64_t>(text, limits, [](Fields& fields, Value root) {
    std::int64_t found = -1;
    json::each_member(fields, root, "message", [&](std::string_view key, Value value) {
      if (key == "id") found = fields.integer(value, "id", 0, json::kMaxInteger);
    });
    return found;
  });
  if (!id || *id < 0) return std::nullopt;
  return *id;
}

std::string encode_command(const ClientCommand& command) {
  const std::string_view name = json::kCommandNames[command.body.index()];
  return std::visit([&](const auto& body) { return json::encode(name, body, command.id); }, command.body);
}

Result<ChangesRequest> decode_changes_request(std::string_view text, const CodecLimits& limits) {
  return json::decode<ChangesRequest>(text, limits, [](Fields& fields, Value root) {
    ChangesRequest request;
    json::each_member(fields, root, "body", [&](std::string_view key, Value value) {
      if (key == "cursor") request.cursor = fields.cursor(value);
      if (key == "channels") request.channels = fields.channels(value, "channels");
      if (key == "join") request.join = fields.channels(value, "join");
      if (key == "wait") request.wait = fields.integer(value, "wait", 0, json::kLongestWait);
      if (key == "session") request.session = fields.id_or_empty(value, "session");
      if (key == "reducer") request.reducer = static_cast<int>(fields.integer(value, "reducer", 0, 1'000'000));
    });
    return request;
  });
}

std::string encode_changes_request(const ChangesRequest& request) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field_if("cursor", json::text_of(request.cursor));
  json::write_channels(json.key("channels"), request.channels);
  if (!request.join.empty()) json::write_channels(json.key("join"), request.join);
  json.field("wait", request.wait).field_if("session", request.session).field("reducer", request.reducer);
  json.end_object();
  return out;
}

Result<std::vector<std::string_view>> split_array(std::string_view text, std::size_t most, const CodecLimits& limits) {
  return json::decode<std::vector<std::string_view>>(text, limits, [&](Fields& fields, Value root) {
    std::vector<std::string_view> elements;
    if (!fields.array(root, "body")) return elements;
    for (auto [at, end] = root.children(); at != end; at = at.next()) {
      if (elements.size() == most) {
        fields.refuse({ErrorCode::too_large, "body holds at most " + std::to_string(most) + " elements", "body"});
        break;
      }
      elements.push_back(at.raw());
    }
    return elements;
  });
}

Result<std::string> decode_reason(std::string_view text, const CodecLimits& limits) {
  if (text.empty()) return std::string();
  return json::decode<std::string>(text, limits, [](Fields& fields, Value root) {
    std::string reason;
    json::each_member(fields, root, "body", [&](std::string_view key, Value value) {
      if (key == "reason") reason = fields.text(value, "reason");
    });
    return reason;
  });
}

Result<std::vector<std::pair<std::string, std::string>>> decode_text_fields(std::string_view text,
                                                                            const CodecLimits& limits) {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  return json::decode<Pairs>(text, limits, [](Fields& fields, Value root) {
    Pairs pairs;
    json::each_member(fields, root, "body", [&](std::string_view key, Value value) {
      if (value.is(json::Kind::string)) pairs.emplace_back(key, fields.text(value, key));
    });
    return pairs;
  });
}

}  // namespace jobwire
