#include "codec_internal.h"

namespace jobwire {
namespace json {
namespace {

void write_stages(JsonWriter& json, const std::list<StageMark>& stages) {
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

}  // namespace json

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
