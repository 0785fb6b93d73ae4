#include "records.h"

#include <type_traits>

#include "jobwire/json_writer.h"

namespace jobwire::wasm {
namespace {

void pack(Packed& out, std::int64_t value) { out.number(static_cast<double>(value)); }
void pack(Packed& out, const std::optional<std::int64_t>& value) { pack(out, value.value_or(-1)); }

void pack(Packed& out, const Error& error) {
  out.text(code_name(error.code));
  out.text(error.message);
  out.text(error.field);
}

void pack(Packed& out, const std::optional<Error>& error) {
  pack(out, error ? 1 : 0);
  if (error) pack(out, *error);
}

void pack(Packed& out, const ConnectionStatus& status) {
  pack(out, static_cast<std::int64_t>(status.state));
  pack(out, static_cast<std::int64_t>(status.transport));
  pack(out, status.next_try_at);
  pack(out, status.last_heard_at);
  pack(out, status.latency);
  pack(out, status.synced);
  out.text(status.reason);
  out.text(status.reason_code);
  out.text(status.user);
  out.text(status.role);
}

// ---- pushes: a kind of their own, then their fields ----
enum Push : std::int64_t { kQueueStatus, kSystemMetrics, kAppMessage, kNothing };

void pack_push(Packed& out, const push::QueueStatus& status) {
  pack(out, kQueueStatus);
  pack(out, static_cast<std::int64_t>(status.queues.size()));
  for (const QueueCounts& counts : status.queues) {
    out.text(counts.queue);
    pack(out, counts.waiting);
    pack(out, counts.active);
    pack(out, counts.average_wait);
  }
}

void pack_push(Packed& out, const push::SystemMetrics& metrics) {
  pack(out, kSystemMetrics);
  out.text(metrics.metrics.text);
}

void pack_push(Packed& out, const push::AppMessage& message) {
  pack(out, kAppMessage);
  out.text(message.name);
  out.text(message.data.text);
}

template <class Other>  // what the session deals with itself
void pack_push(Packed& out, const Other&) {
  pack(out, kNothing);
}

// ---- actions: the fields after the kind ----
void pack_body(Packed& out, const action::OpenSocket& open) { pack(out, open.socket); }
void pack_body(Packed& out, const action::Send& send) {
  pack(out, send.socket);
  out.text(send.text);
}
void pack_body(Packed& out, const action::CloseSocket& close) {
  pack(out, close.socket);
  pack(out, close.code);
}
void pack_body(Packed& out, const action::Poll& poll) {
  pack(out, poll.poll);
  out.text(poll.body);
}
void pack_body(Packed& out, const action::AbortPoll& poll) { pack(out, poll.poll); }
void pack_body(Packed& out, const action::Request& request) {
  pack(out, request.id);
  out.text(request.job_id.value);
  out.text(request.reason);
}
void pack_body(Packed& out, const action::NeedToken& need) { out.text(need.reason); }
void pack_body(Packed& out, const action::CommandDone& done) {
  pack(out, done.id);
  pack(out, done.error);
}
void pack_body(Packed& out, const action::Pushed& pushed) {
  std::visit([&](const auto& message) { pack_push(out, message); }, pushed.message);
}
void pack_body(Packed& out, const action::ChannelRefused& refused) {
  out.text(to_string(refused.channel));
  pack(out, refused.error);
}

void pack_body(Packed&, const action::StatusChanged&) {}

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
  out.text(job.stage);
  out.text(job.message);
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

void pack_action(Packed& out, const Action& action, const ConnectionStatus& status) {
  pack(out, static_cast<std::int64_t>(action.index()));
  if (std::holds_alternative<action::StatusChanged>(action)) return pack(out, status);
  std::visit([&](const auto& body) { pack_body(out, body); }, action);
}

void pack_refusal(Packed& out, std::string_view channel, const Error& error) {
  pack(out, std::variant_size_v<Action> - 1);
  static_assert(
      std::is_same_v<std::variant_alternative_t<std::variant_size_v<Action> - 1, Action>, action::ChannelRefused>);
  out.text(channel);
  pack(out, error);
}

void pack_change(Packed& out, const StoreChange& change, const JobStore& store) {
  out.text(change.job_id.value);
  const JobState* job = store.find(change.job_id);
  if (!job) return out.number(kChangedRemoved);
  const std::uint32_t fields = change.fields & ~kChangedRemoved;
  pack(out, fields);
  pack(out, store.is_stale(change.job_id));
  if (fields & kChangedLifecycle) pack_lifecycle(out, *job);
  if (fields & kChangedProgress) pack_progress(out, *job);
  if (fields & kChangedIdentity) pack_identity(out, *job);
  if (fields & kChangedResult) out.text(job->result.text);
  if (fields & kChangedMetadata) pack_metadata(out, job->metadata);
  if (fields & kChangedEstimate) pack_estimate(out, store.estimate(change.job_id));
}

}  // namespace jobwire::wasm
