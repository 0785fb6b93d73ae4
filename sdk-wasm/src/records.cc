#include "records.h"

#include "jobwire/json_writer.h"

namespace jobwire::wasm {
namespace {

void pack(Packed& out, std::int64_t value) { out.number(static_cast<double>(value)); }
void pack(Packed& out, const std::optional<std::int64_t>& value) { pack(out, value.value_or(-1)); }

void pack(Packed& out, const Refusal& error) {
  out.text(code_name(error.code));
  out.text(error.message);
  out.text(error.field);
}

// The readers of ts/core/actions.ts, in their order.
enum ActionKind : std::int64_t {
  kOpenSocket,
  kSend,
  kCloseSocket,
  kPoll,
  kAbortPoll,
  kRequest,
  kNeedToken,
  kStatus,
  kCommandDone,
  kPushed,
  kRefused,
};

// Of ts/core/job_view.ts: added to what changed.
constexpr std::uint32_t kIsStale = 1u << 11;

// ---- groups of a job's fields ----
void pack_lifecycle(Packed& out, const JobState& job) {
  pack(out, static_cast<std::int64_t>(job.status));
  pack(out, job.attempt);
  pack(out, job.priority);
  pack(out, job.stalled);
  pack(out, job.cancel_requested_at);
  pack(out, job.created_at);
  pack(out, job.started_at);
  pack(out, job.finished_at);
  out.text(job.status_text);
  out.text(job.cancel_reason);
  pack(out, job.error ? 1 : 0);
  if (!job.error) return;
  out.text(job.error->message);
  out.text(job.error->code);
}

void pack_progress(Packed& out, const JobState& job) {
  out.number(job.progress.hundredths / 100.0);
  pack(out, job.last_report_at);
  pack(out, job.updated_at);
}

void pack_stage(Packed& out, const JobState& job) {
  out.text(job.stage);
  pack(out, static_cast<std::int64_t>(job.stages.size()));
  for (const StageMark& stage : job.stages) {
    pack(out, stage.started_at);
    out.text(stage.name);
  }
}

void pack_identity(Packed& out, const JobState& job) {
  out.text(job.identity.type);
  out.text(job.identity.queue);
  out.text(job.identity.user_id.value);
  out.text(job.identity.ref);
  out.text(job.identity.parent_id.value);
  out.text(job.worker_id);
}

void pack_metadata(Packed& out, const Metadata& metadata) {
  std::string json;
  if (!metadata.empty()) {
    JsonWriter writer(json);
    writer.begin_object();
    for (const auto& [key, value] : metadata) writer.key(key).raw(value.text);
    writer.end_object();
  }
  out.text(json);
}

void pack_estimate(Packed& out, const JobEstimate* estimate) {
  pack(out, estimate ? 1 : 0);
  if (!estimate) return;
  pack(out, estimate->queue_position);
  pack(out, estimate->wait);
  pack(out, estimate->remaining);
  pack(out, estimate->learning);
  pack(out, estimate->silent);
}

}  // namespace

void PackedActions::open_socket(std::uint32_t socket) {
  pack(out_, kOpenSocket);
  pack(out_, socket);
}

void PackedActions::send(std::uint32_t socket, std::string_view text) {
  pack(out_, kSend);
  pack(out_, socket);
  out_.text(text);
}

void PackedActions::close_socket(std::uint32_t socket, std::uint16_t code) {
  pack(out_, kCloseSocket);
  pack(out_, socket);
  pack(out_, code);
}

void PackedActions::poll(std::uint32_t poll, std::string_view body) {
  pack(out_, kPoll);
  pack(out_, poll);
  out_.text(body);
}

void PackedActions::abort_poll(std::uint32_t poll) {
  pack(out_, kAbortPoll);
  pack(out_, poll);
}

void PackedActions::request(std::int64_t id, const JobId& job, std::string_view reason) {
  pack(out_, kRequest);
  pack(out_, id);
  out_.text(job.value);
  out_.text(reason);
}

void PackedActions::need_token(std::string_view reason) {
  pack(out_, kNeedToken);
  out_.text(reason);
}

void PackedActions::status_changed(const ConnectionStatus& status) {
  pack(out_, kStatus);
  pack(out_, static_cast<std::int64_t>(status.state));
  pack(out_, static_cast<std::int64_t>(status.transport));
  pack(out_, status.next_try_at);
  pack(out_, status.last_heard_at);
  pack(out_, status.latency);
  pack(out_, status.synced);
  out_.text(status.reason);
  out_.text(status.reason_code);
  out_.text(status.user);
  out_.text(status.role);
}

void PackedActions::command_done(std::int64_t id, const Refusal* error) {
  pack(out_, kCommandDone);
  pack(out_, id);
  pack(out_, error != nullptr);
  if (error != nullptr) pack(out_, *error);
}

void PackedActions::pushed(std::string_view event, std::string_view json) {
  pack(out_, kPushed);
  out_.text(event);
  out_.text(json);
}

void PackedActions::channel_refused(const Channel& channel, const Refusal& error) {
  channel_refused(to_string(channel), error);
}

void PackedActions::channel_refused(std::string_view channel, const Refusal& error) {
  pack(out_, kRefused);
  out_.text(channel);
  pack(out_, error);
}

void pack_change(Packed& out, const ChangedJob& change) {
  const std::uint32_t fields = change.fields;
  pack(out, change.slot);
  pack(out, fields | (change.is_stale ? kIsStale : 0));
  if (change.job == nullptr) return;
  const JobState& job = *change.job;
  if (fields & kChangedNew) out.text(change.id.value);
  if (fields & kChangedLifecycle) pack_lifecycle(out, job);
  if (fields & kChangedProgress) pack_progress(out, job);
  if (fields & kChangedStage) pack_stage(out, job);
  if (fields & kChangedMessage) out.text(job.message);
  if (fields & kChangedIdentity) pack_identity(out, job);
  if (fields & kChangedResult) out.text(job.result.text);
  if (fields & kChangedMetadata) pack_metadata(out, job.metadata);
  if (fields & kChangedEstimate) pack_estimate(out, change.estimate);
}

}  // namespace jobwire::wasm
