#include "codec_internal.h"

namespace jobwire {
namespace json {
namespace {

std::vector<StageMark> read_stages(Fields& fields, Value value) {
  std::vector<StageMark> stages;
  if (!fields.array(value, "stages")) return stages;
  for (auto [at, end] = value.children(); at != end && fields.ok(); at = at.next()) {
    StageMark& mark = stages.emplace_back();
    const Member members[] = {text("name", mark.name), count("startedAt", mark.started_at)};
    read_members(fields, at, "stages", members, "stages.");
  }
  return stages;
}

JobStatus read_status(Fields& fields, Value value) {
  const auto status = value.is(Kind::string) ? status_from_name(value.text()) : std::nullopt;
  if (!status) fields.refuse("status", " must be queued, active, completed, failed or cancelled");
  return status.value_or(JobStatus::queued);
}

// What is no matter of one rule.
void read_rest(Fields& fields, std::string_view key, Value value, JobState& job) {
  if (key == "status") job.status = read_status(fields, value);
  if (key == "stages") job.stages = read_stages(fields, value);
  if (key == "attempt") job.attempt = static_cast<std::uint32_t>(fields.integer(value, "attempt", 1, 1'000'000));
  if (key == "priority") job.priority = static_cast<std::int32_t>(fields.integer(value, "priority", -1000, 1000));
  if (key == "error") job.error = fields.job_error(value, "error");
}

void write_stages(JsonWriter& json, const std::vector<StageMark>& stages) {
  if (stages.empty()) return;
  json.key("stages").begin_array();
  for (const StageMark& mark : stages) {
    json.begin_object().field("name", mark.name).field("startedAt", mark.started_at).end_object();
  }
  json.end_array();
}

void write_outcome(JsonWriter& json, const JobState& job, bool with_result) {
  if (with_result) json.raw_field_if("result", job.result);
  if (job.error) {
    json.key("error");
    write_job_error(json, *job.error);
  }
  json.field_if("cancelRequestedAt", job.cancel_requested_at).field_if("cancelReason", job.cancel_reason);
  json.field_if("stalled", job.stalled);
}

}  // namespace

JobState read_job(Fields& fields, Value value) {
  JobState job;
  const Member members[] = {
      id("id", job.id.value),
      id("type", job.identity.type),
      id("queue", job.identity.queue),
      id("userId", job.identity.user_id.value),
      id("ref", job.identity.ref),
      id("parentId", job.identity.parent_id.value),
      id("workerId", job.worker_id),
      text("statusText", job.status_text),
      text("stage", job.stage),
      text("message", job.message),
      text("cancelReason", job.cancel_reason),
      percent("progress", job.progress),
      raw("result", job.result),
      raw("payload", job.payload),
      metadata("metadata", job.metadata),
      boolean("stalled", job.stalled),
      boolean("removed", job.removed),
      count("cancelRequestedAt", job.cancel_requested_at),
      count("createdAt", job.created_at),
      count("startedAt", job.started_at),
      count("finishedAt", job.finished_at),
      count("lastReportAt", job.last_report_at),
      count("updatedAt", job.updated_at),
      count("version", job.version),
      count("seq", job.seq),
  };
  each_member(fields, value, "job", [&](std::string_view key, Value member) {
    if (!read_member(fields, members, key, member)) read_rest(fields, key, member, job);
  });
  if (fields.ok() && job.id.empty()) fields.refuse("id", " is required");
  return job;
}

}  // namespace json

Result<JobState> decode_job(std::string_view text, const CodecLimits& limits) {
  return json::decode<JobState>(text, limits,
                                [](json::Fields& fields, json::Value root) { return json::read_job(fields, root); });
}

std::string encode_job(const JobState& job, Visibility visibility, bool with_result) {
  std::string out;
  out.reserve(512);
  JsonWriter json(out);
  json.begin_object().field("id", job.id.value);
  json.field_if("type", job.identity.type).field_if("queue", job.identity.queue);
  json.field_if("userId", job.identity.user_id.value).field_if("ref", job.identity.ref);
  json.field_if("parentId", job.identity.parent_id.value);
  json.field("status", status_name(job.status)).field_if("statusText", job.status_text);
  json.key("progress").percent(job.progress);
  json.field_if("stage", job.stage).field_if("message", job.message);
  json::write_stages(json, job.stages);
  json.field("attempt", job.attempt).field_if("priority", job.priority);
  json::write_outcome(json, job, with_result);
  json::write_metadata(json, job.metadata);
  if (visibility == Visibility::store) json.raw_field_if("payload", job.payload);
  if (visibility != Visibility::viewer) json.field_if("workerId", job.worker_id);
  json.field("createdAt", job.created_at).field_if("startedAt", job.started_at);
  json.field_if("finishedAt", job.finished_at).field_if("lastReportAt", job.last_report_at);
  json.field("updatedAt", job.updated_at).field("version", job.version).field("seq", job.seq);
  json.field_if("removed", job.removed);
  json.end_object();
  return out;
}

}  // namespace jobwire
