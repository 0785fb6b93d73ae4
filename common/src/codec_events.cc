#include "codec_internal.h"

namespace jobwire {
namespace json {
namespace {

// Every field that some event type may carry, before its type is known.
struct EventFields {
  std::string type;
  JobEvent event;
  std::optional<Percent> progress;
  std::int32_t priority = 0;
  RawJson payload;
  RawJson result;
  std::string worker_id;
  std::string status;
  std::string reason;
  std::optional<JobError> error;
};

void read_identity(Fields& fields, Value value, JobIdentity& identity) {
  each_member(fields, value, "job", [&](std::string_view key, Value member) {
    if (key == "type") identity.type = fields.id_or_empty(member, "job.type");
    if (key == "queue") identity.queue = fields.id_or_empty(member, "job.queue");
    if (key == "userId") identity.user_id.value = fields.id_or_empty(member, "job.userId");
    if (key == "ref") identity.ref = fields.id_or_empty(member, "job.ref");
    if (key == "parentId") identity.parent_id.value = fields.id_or_empty(member, "job.parentId");
  });
}

void read_stamps(Fields& fields, std::string_view key, Value value, JobEvent& event) {
  if (key == "seq") event.seq = fields.integer(value, "seq", 0, kMaxInteger);
  if (key == "offset") event.offset = fields.integer(value, "offset", 0, kMaxInteger);
  if (key == "at") event.at = fields.integer(value, "at", 0, kMaxInteger);
}

void read_body(Fields& fields, std::string_view key, Value value, EventFields& read) {
  const bool given = !value.is(Kind::null);
  if (key == "type") read.type = fields.text_of(value, "type", kMaxIdBytes);
  if (key == "progress" && given) read.progress = fields.percent(value, "progress");
  if (key == "priority") read.priority = static_cast<std::int32_t>(fields.integer(value, "priority", -1000, 1000));
  if (key == "payload") read.payload = fields.raw(value, "payload");
  if (key == "result") read.result = fields.raw(value, "result");
  if (key == "workerId") read.worker_id = fields.id_or_empty(value, "workerId");
  if (key == "status") read.status = fields.text(value, "status");
  if (key == "reason") read.reason = fields.text(value, "reason");
  if (key == "error" && given) read.error = fields.job_error(value, "error");
}

void read_event_field(Fields& fields, std::string_view key, Value value, JobEvent& event) {
  const bool given = !value.is(Kind::null);
  if (key == "jobId") event.job_id.value = fields.id(value, "jobId");
  if (key == "eventId") event.event_id = fields.id_or_empty(value, "eventId");
  if (key == "stage") event.stage = fields.text(value, "stage");
  if (key == "message") event.message = fields.text(value, "message");
  if (key == "metadata" || key == "data") event.metadata = fields.metadata(value, key);
  if (key == "job") read_identity(fields, value, event.identity);
  if (key == "attempt" && given) {
    event.attempt = static_cast<std::uint32_t>(fields.integer(value, "attempt", 1, 1'000'000));
  }
  if (key == "reportedAt" && given) event.reported_at = fields.integer(value, "reportedAt", 0, kMaxInteger);
}

JobError error_or_default(const EventFields& read) {
  if (read.error && !read.error->message.empty()) return *read.error;
  JobError error = read.error.value_or(JobError{});
  error.message = read.event.message && !read.event.message->empty() ? *read.event.message : "failed";
  return error;
}

// `updated` with a lifecycle word is that event; "queued" only says that nothing has begun.
EventBody updated_body(const EventFields& read) {
  const auto status = status_from_synonym(read.status);
  if (!status) return event::Updated{read.status, read.progress};
  switch (*status) {
    case JobStatus::queued:
      break;
    case JobStatus::active:
      if (read.progress) return event::Progress{*read.progress};
      return event::Started{read.worker_id, {}};
    case JobStatus::completed:
      return event::Completed{read.result};
    case JobStatus::failed:
      return event::Failed{error_or_default(read)};
    case JobStatus::cancelled:
      return event::Cancelled{read.reason};
  }
  return event::Updated{{}, read.progress};
}

EventBody body_of(Fields& fields, const EventFields& read, EventSource source) {
  const std::string& type = read.type;
  if (type == "queued") return event::Queued{read.priority, read.payload};
  if (type == "started") return event::Started{read.worker_id, read.progress};
  if (type == "progress") {
    // By its stage alone: a stage plan knows how far that is, and where there is none it is an update.
    const bool by_stage = read.event.stage && !read.event.stage->empty();
    if (!read.progress && by_stage && source == EventSource::reporter) return event::Updated{};
    if (!read.progress) fields.refuse("progress", " is required and must be a number from 0 to 100");
    return event::Progress{read.progress.value_or(Percent{})};
  }
  if (type == "log") return event::Log{};
  if (type == "updated") {
    if (source != EventSource::reporter) return event::Updated{read.status, read.progress};
    return updated_body(read);
  }
  if (type == "completed") return event::Completed{read.result};
  if (type == "failed") return event::Failed{error_or_default(read)};
  if (type == "cancel-requested") return event::CancelRequested{read.reason};
  if (type == "cancelled") return event::Cancelled{read.reason};
  if (type == "retried") return event::Retried{};
  if (type == "stalled") return event::Stalled{};
  if (type == "resumed") return event::Resumed{};
  if (type == "removed") return event::Removed{};
  fields.refuse("type", type.empty() ? " is required"
                                     : " must be one of queued, started, progress, log, updated, completed, failed, "
                                       "cancel-requested, cancelled, retried, stalled, resumed, removed");
  return event::Unknown{type};
}

struct WriteBody {
  JsonWriter& json;
  Visibility visibility;

  bool tells_all() const { return visibility != Visibility::viewer; }
  void operator()(const event::Queued& body) const {
    json.field_if("priority", body.priority);
    if (visibility == Visibility::store) json.raw_field_if("payload", body.payload);
  }
  void operator()(const event::Started& body) const {
    if (tells_all()) json.field_if("workerId", body.worker_id);
    if (body.progress) json.key("progress").percent(*body.progress);
  }
  void operator()(const event::Progress& body) const { json.key("progress").percent(body.progress); }
  void operator()(const event::Log&) const {}
  void operator()(const event::Updated& body) const {
    json.field_if("status", body.status_text);
    if (body.progress) json.key("progress").percent(*body.progress);
  }
  void operator()(const event::Completed& body) const { json.raw_field_if("result", body.result); }
  void operator()(const event::Failed& body) const {
    json.key("error");
    write_job_error(json, body.error);
  }
  void operator()(const event::CancelRequested& body) const { json.field_if("reason", body.reason); }
  void operator()(const event::Cancelled& body) const { json.field_if("reason", body.reason); }
  void operator()(const event::Retried&) const {}
  void operator()(const event::Stalled&) const {}
  void operator()(const event::Resumed&) const {}
  void operator()(const event::Removed&) const {}
  void operator()(const event::Unknown&) const {}
};

void write_identity(JsonWriter& json, const JobIdentity& identity) {
  if (identity == JobIdentity{}) return;
  json.key("job").begin_object();
  json.field_if("type", identity.type);
  json.field_if("queue", identity.queue);
  json.field_if("userId", identity.user_id.value);
  json.field_if("ref", identity.ref);
  json.field_if("parentId", identity.parent_id.value);
  json.end_object();
}

}  // namespace

JobEvent read_event(Fields& fields, Value value, EventSource source) {
  EventFields read;
  each_member(fields, value, "event", [&](std::string_view key, Value member) {
    read_event_field(fields, key, member, read.event);
    read_body(fields, key, member, read);
    if (source == EventSource::log) read_stamps(fields, key, member, read.event);
  });
  if (source == EventSource::log && read.event.job_id.empty()) fields.refuse("jobId", " is required");
  if (fields.ok()) read.event.body = body_of(fields, read, source);
  return std::move(read.event);
}

void write_metadata(JsonWriter& json, const Metadata& metadata) {
  if (metadata.empty()) return;
  json.key("metadata").begin_object();
  for (const auto& [key, value] : metadata) json.key(key).raw(value.text);
  json.end_object();
}

void write_job_error(JsonWriter& json, const JobError& error) {
  json.begin_object().field("message", error.message).field_if("code", error.code).end_object();
}

}  // namespace json

using json::EventSource;
using json::Fields;
using json::Value;

Result<JobEvent> decode_event(std::string_view text, std::string_view job_id, const CodecLimits& limits) {
  return json::decode<JobEvent>(text, limits, [&](Fields& fields, Value root) {
    JobEvent event = json::read_event(fields, root, EventSource::reporter);
    if (event.job_id.empty()) {
      event.job_id.value = job_id;
      if (job_id.empty()) fields.refuse("jobId", " is required");
    } else if (!job_id.empty() && event.job_id.value != job_id) {
      fields.refuse("jobId", " must be the job that the URL names");
    }
    return event;
  });
}

Result<JobEvent> decode_new_job(std::string_view text, const CodecLimits& limits) {
  return json::decode<JobEvent>(text, limits, [&](Fields& fields, Value root) {
    JobEvent event;
    event::Queued body;
    json::each_member(fields, root, "job", [&](std::string_view key, Value value) {
      if (key == "id") event.job_id.value = fields.id_or_empty(value, "id");
      if (key == "type") event.identity.type = fields.id(value, "type");
      if (key == "queue") event.identity.queue = fields.id_or_empty(value, "queue");
      if (key == "userId") event.identity.user_id.value = fields.id_or_empty(value, "userId");
      if (key == "ref") event.identity.ref = fields.id_or_empty(value, "ref");
      if (key == "parentId") event.identity.parent_id.value = fields.id_or_empty(value, "parentId");
      if (key == "priority") body.priority = static_cast<std::int32_t>(fields.integer(value, "priority", -1000, 1000));
      if (key == "payload") body.payload = fields.raw(value, "payload");
      if (key == "metadata") event.metadata = fields.metadata(value, "metadata");
      if (key == "message") event.message = fields.text(value, "message");
      if (key == "stage") event.stage = fields.text(value, "stage");
    });
    if (fields.ok() && event.identity.type.empty()) fields.refuse("type", " is required");
    if (event.identity.queue.empty()) event.identity.queue = "normal";
    event.body = std::move(body);
    return event;
  });
}

Result<JobEvent> decode_stored_event(std::string_view text, const CodecLimits& limits) {
  return json::decode<JobEvent>(text, limits,
                                [](Fields& fields, Value root) { return read_event(fields, root, EventSource::log); });
}

std::string encode_event(const JobEvent& event, Visibility visibility) {
  std::string out;
  out.reserve(192);
  JsonWriter json(out);
  json.begin_object().field("type", type_name(event.body)).field("jobId", event.job_id.value);
  json.field("seq", event.seq).field("offset", event.offset).field("at", event.at);
  if (event.stage) json.field("stage", *event.stage);
  if (event.message) json.field("message", *event.message);
  std::visit(json::WriteBody{json, visibility}, event.body);
  json::write_metadata(json, event.metadata);
  json::write_identity(json, event.identity);
  if (visibility == Visibility::store) {
    json.field_if("eventId", event.event_id);
    if (event.attempt) json.field("attempt", *event.attempt);
    json.field_if("reportedAt", event.reported_at);
  }
  json.end_object();
  return out;
}

}  // namespace jobwire
