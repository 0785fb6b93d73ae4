#include "codec_internal.h"

namespace jobwire {
namespace json {
namespace {

template <class T, class Read>
void read_list(Fields& fields, Value value, std::string_view field, std::vector<T>& into, Read read) {
  if (!fields.array(value, field)) return;
  for (auto [at, end] = value.children(); at != end && fields.ok(); at = at.next()) into.push_back(read(at));
}

push::Welcome read_welcome(Fields& fields, Value value) {
  push::Welcome welcome;
  const Member members[] = {id("sessionId", welcome.session_id), text("user", welcome.user), text("role", welcome.role),
                            count("serverTime", welcome.server_time), text("degraded", welcome.degraded)};
  each_member(fields, value, "data", [&](std::string_view key, Value member) {
    if (read_member(fields, members, key, member)) return;
    if (key == "cursor") welcome.cursor = fields.cursor(member).value_or(Cursor{});
    if (key == "heartbeat") welcome.heartbeat = fields.integer(member, key, 1, kMaxInteger);
  });
  return welcome;
}

JobEstimate read_estimate(Fields& fields, Value value) {
  JobEstimate estimate;
  const Member members[] = {
      id("jobId", estimate.job_id.value),     maybe_count("queuePosition", estimate.queue_position),
      maybe_count("wait", estimate.wait),     maybe_count("remaining", estimate.remaining),
      boolean("learning", estimate.learning), maybe_count("silent", estimate.silent),
  };
  read_members(fields, value, "estimates", members);
  return estimate;
}

QueueCounts read_queue_counts(Fields& fields, Value value) {
  QueueCounts counts;
  const Member members[] = {id("queue", counts.queue), count("waiting", counts.waiting), count("active", counts.active),
                            maybe_count("averageWait", counts.average_wait)};
  read_members(fields, value, "queues", members);
  return counts;
}

push::Estimates read_estimates(Fields& fields, Value value) {
  push::Estimates estimates;
  each_member(fields, value, "data", [&](std::string_view key, Value jobs) {
    if (key == "jobs")
      read_list(fields, jobs, key, estimates.jobs, [&](Value at) { return read_estimate(fields, at); });
  });
  return estimates;
}

push::QueueStatus read_queue_status(Fields& fields, Value value) {
  push::QueueStatus status;
  each_member(fields, value, "data", [&](std::string_view key, Value queues) {
    if (key != "queues") return;
    read_list(fields, queues, key, status.queues, [&](Value at) { return read_queue_counts(fields, at); });
  });
  return status;
}

Error read_error(Fields& fields, Value value) {
  Error error;
  std::string code;
  const Member members[] = {text("code", code), text("message", error.message), text("field", error.field),
                            count("retryAfter", error.retry_after_ms)};
  read_members(fields, value, "error", members);
  if (!code.empty()) error.code = code_from_name(code);
  return error;
}

push::Reply read_reply(Fields& fields, Value value) {
  push::Reply reply;
  each_member(fields, value, "data", [&](std::string_view key, Value member) {
    if (key == "id") reply.id = fields.integer(member, key, 0, kMaxInteger);
    if (key == "error") reply.error = read_error(fields, member);
  });
  return reply;
}

push::Goodbye read_goodbye(Fields& fields, Value value) {
  push::Goodbye goodbye;
  const Member members[] = {text("reason", goodbye.reason), count("reconnectAfter", goodbye.reconnect_after)};
  read_members(fields, value, "data", members);
  return goodbye;
}

push::AppMessage read_app_message(Fields& fields, Value value) {
  push::AppMessage message;
  const Member members[] = {text("name", message.name), raw("data", message.data)};
  read_members(fields, value, "data", members);
  return message;
}

push::Heartbeat read_heartbeat(Fields& fields, Value value) {
  push::Heartbeat heartbeat;
  const Member members[] = {count("serverTime", heartbeat.server_time)};
  read_members(fields, value, "data", members);
  return heartbeat;
}

ServerMessage read_message_body(Fields& fields, std::string_view event, Value data) {
  if (event == "changes") return read_changes(fields, data);
  if (event == "welcome") return read_welcome(fields, data);
  if (event == "estimates") return read_estimates(fields, data);
  if (event == "queue-status") return read_queue_status(fields, data);
  if (event == "system-metrics") return push::SystemMetrics{fields.raw(data, "data")};
  if (event == "message") return read_app_message(fields, data);
  if (event == "auth-error") return push::AuthError{read_error(fields, data)};
  if (event == "heartbeat") return read_heartbeat(fields, data);
  if (event == "goodbye") return read_goodbye(fields, data);
  if (event == "reply") return read_reply(fields, data);
  return push::Unknown{std::string(event)};
}

RemovedJob read_removed(Fields& fields, Value value) {
  RemovedJob removed;
  const Member members[] = {id("jobId", removed.job_id.value), count("version", removed.version)};
  read_members(fields, value, "removed", members);
  return removed;
}

}  // namespace

CodecLimits trusted_limits() {
  constexpr std::size_t kAny = std::size_t{1} << 30;
  CodecLimits limits;
  limits.message_bytes = limits.result_bytes = limits.text_bytes = limits.channels = limits.sync_jobs = kAny;
  return limits;
}

push::Changes read_changes(Fields& fields, Value value) {
  push::Changes changes;
  const Member members[] = {boolean("reset", changes.reset), boolean("synced", changes.synced),
                            text("user", changes.user), text("role", changes.role)};
  each_member(fields, value, "data", [&](std::string_view key, Value member) {
    if (read_member(fields, members, key, member)) return;
    if (key == "cursor") changes.cursor = fields.cursor(member).value_or(Cursor{});
    if (key == "events") {
      read_list(fields, member, key, changes.events,
                [&](Value at) { return read_event(fields, at, EventSource::server); });
    }
    if (key == "jobs") read_list(fields, member, key, changes.jobs, [&](Value at) { return read_job(fields, at); });
    if (key == "removed") {
      read_list(fields, member, key, changes.removed, [&](Value at) { return read_removed(fields, at); });
    }
    if (key == "followed") changes.followed = fields.channels(member, key);
    if (key == "truncated") changes.truncated = fields.channels(member, key);
    if (key == "estimates") {
      read_list(fields, member, key, changes.estimates, [&](Value at) { return read_estimate(fields, at); });
    }
    if (key == "queues") {
      read_list(fields, member, key, changes.queues.emplace(), [&](Value at) { return read_queue_counts(fields, at); });
    }
  });
  return changes;
}

}  // namespace json

Result<ServerMessage> decode_server_message(std::string_view text, const CodecLimits& limits) {
  CodecLimits trusted = json::trusted_limits();
  trusted.depth = limits.depth;
  return json::decode<ServerMessage>(text, trusted, [](json::Fields& fields, json::Value root) -> ServerMessage {
    std::string_view event;
    std::optional<json::Value> data;
    json::each_member(fields, root, "message", [&](std::string_view key, json::Value value) {
      if (key == "event" && value.is(json::Kind::string)) event = value.text();
      if (key == "data") data = value;
    });
    if (event.empty()) fields.refuse("event", " is required");
    if (!data) fields.refuse("data", " is required");
    if (!fields.ok()) return push::Unknown{};
    return json::read_message_body(fields, event, *data);
  });
}

Result<push::Changes> decode_changes(std::string_view text, const CodecLimits& limits) {
  CodecLimits trusted = json::trusted_limits();
  trusted.depth = limits.depth;
  return json::decode<push::Changes>(
      text, trusted, [](json::Fields& fields, json::Value root) { return json::read_changes(fields, root); });
}

}  // namespace jobwire
