#include "codec_internal.h"

namespace jobwire {
namespace json {
namespace {

constexpr std::string_view kPushNames[] = {"welcome", "changes",    "estimates", "queue-status", "system-metrics",
                                           "message", "auth-error", "heartbeat", "goodbye",      "reply"};

void field_if(JsonWriter& json, std::string_view name, const std::optional<std::int64_t>& number) {
  if (number) json.field(name, *number);
}

template <class T, class Write>
void write_list(JsonWriter& json, std::string_view name, const std::vector<T>& list, Write write) {
  if (list.empty()) return;
  json.key(name).begin_array();
  for (const T& each : list) write(each);
  json.end_array();
}

void write_estimates(JsonWriter& json, std::string_view name, const std::vector<JobEstimate>& estimates) {
  write_list(json, name, estimates, [&](const JobEstimate& estimate) {
    json.begin_object().field("jobId", estimate.job_id.value);
    field_if(json, "queuePosition", estimate.queue_position);
    field_if(json, "wait", estimate.wait);
    field_if(json, "remaining", estimate.remaining);
    json.field_if("learning", estimate.learning);
    field_if(json, "silent", estimate.silent);
    json.end_object();
  });
}

void write_queues(JsonWriter& json, const std::vector<QueueCounts>& queues) {
  json.key("queues").begin_array();
  for (const QueueCounts& counts : queues) {
    json.begin_object().field("queue", counts.queue).field("waiting", counts.waiting).field("active", counts.active);
    field_if(json, "averageWait", counts.average_wait);
    json.end_object();
  }
  json.end_array();
}

// The data of each message.
struct WritePush {
  JsonWriter& json;
  Visibility visibility;

  void operator()(const push::Welcome& welcome) const {
    json.begin_object().field("sessionId", welcome.session_id).field("cursor", to_string(welcome.cursor));
    json.field("heartbeat", welcome.heartbeat).field_if("user", welcome.user).field("role", welcome.role);
    json.field("serverTime", welcome.server_time).field_if("degraded", welcome.degraded).end_object();
  }
  void operator()(const push::Changes& changes) const {
    json.begin_object().field("cursor", to_string(changes.cursor));
    json.field_if("reset", changes.reset).field_if("synced", changes.synced);
    write_list(json, "events", changes.events, [&](const JobEvent& e) { json.raw(encode_event(e, visibility)); });
    write_list(json, "jobs", changes.jobs, [&](const JobState& job) { json.raw(encode_job(job, visibility)); });
    write_list(json, "removed", changes.removed, [&](const RemovedJob& removed) {
      json.begin_object().field("jobId", removed.job_id.value).field("version", removed.version).end_object();
    });
    write_list(json, "followed", changes.followed, [&](const Channel& channel) { json.string(to_string(channel)); });
    write_list(json, "truncated", changes.truncated, [&](const Channel& channel) { json.string(to_string(channel)); });
    json.field_if("user", changes.user).field_if("role", changes.role);
    write_overlay(json, changes.estimates, changes.queues);
    json.end_object();
  }
  void operator()(const push::Estimates& estimates) const {
    json.begin_object();
    write_estimates(json, "jobs", estimates.jobs);
    json.end_object();
  }
  void operator()(const push::QueueStatus& status) const {
    json.begin_object();
    write_queues(json, status.queues);
    json.end_object();
  }
  void operator()(const push::SystemMetrics& metrics) const { json.raw(metrics.metrics.text); }
  void operator()(const push::AppMessage& message) const {
    json.begin_object().field("name", message.name).raw_field_if("data", message.data).end_object();
  }
  void operator()(const push::AuthError& failure) const { write_error(json, failure.error); }
  void operator()(const push::Heartbeat& heartbeat) const {
    json.begin_object().field("serverTime", heartbeat.server_time).end_object();
  }
  void operator()(const push::Goodbye& goodbye) const {
    json.begin_object().field("reason", goodbye.reason).field("reconnectAfter", goodbye.reconnect_after).end_object();
  }
  void operator()(const push::Reply& reply) const {
    json.begin_object().field("id", reply.id);
    if (reply.error) {
      json.key("error");
      write_error(json, *reply.error);
    } else {
      json.field("ok", true);
    }
    json.end_object();
  }
  void operator()(const push::Unknown&) const { json.begin_object().end_object(); }
};

}  // namespace

void write_error(JsonWriter& json, const Error& error) {
  json.begin_object().field("code", code_name(error.code)).field("message", error.message);
  json.field_if("field", error.field).field_if("retryAfter", error.retry_after_ms).end_object();
}

}  // namespace json

std::string encode_server_message(const ServerMessage& message, Visibility visibility) {
  const auto* unknown = std::get_if<push::Unknown>(&message);
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("event", unknown ? std::string_view(unknown->name) : json::kPushNames[message.index()]);
  json.key("data");
  std::visit(json::WritePush{json, visibility}, message);
  json.end_object();
  return out;
}

void write_overlay(JsonWriter& json, const std::vector<JobEstimate>& estimates,
                   const std::optional<std::vector<QueueCounts>>& queues) {
  json::write_estimates(json, "estimates", estimates);
  if (queues) json::write_queues(json, *queues);
}

std::string encode_error(const Error& error) {
  std::string out;
  JsonWriter json(out);
  json::write_error(json, error);
  return out;
}

}  // namespace jobwire
