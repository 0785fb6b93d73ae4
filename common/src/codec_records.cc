// What a server tells, as tables of members.
#include <cstddef>

#include "codec_internal.h"

// The offsets of members of JobState and others, which hold standard containers: every compiler that there is knows
// them.
#pragma GCC diagnostic ignored "-Winvalid-offsetof"

namespace jobwire::json {
namespace {

constexpr Member kIdentity[] = {
    {"type", Rule::borrowed_id, offsetof(EventView, job_type)},
    {"queue", Rule::borrowed_id, offsetof(EventView, queue)},
    {"userId", Rule::borrowed_id, offsetof(EventView, user_id)},
    {"ref", Rule::borrowed_id, offsetof(EventView, ref)},
    {"parentId", Rule::borrowed_id, offsetof(EventView, parent_id)},
};

static_assert(offsetof(EventRecord, view) == 0);
static_assert(offsetof(EventView, error_code) == offsetof(EventView, error_message) + sizeof(std::string_view));
constexpr Member kEvent[] = {
    {"type", Rule::borrowed_text, offsetof(EventRecord, type)},
    {"jobId", Rule::borrowed_id, offsetof(EventView, job_id)},
    {"seq", Rule::count, offsetof(EventView, seq)},
    {"offset", Rule::count, offsetof(EventView, offset)},
    {"at", Rule::count, offsetof(EventView, at)},
    {"stage", Rule::borrowed_text, offsetof(EventView, stage)},
    {"message", Rule::borrowed_text, offsetof(EventView, message)},
    {"progress", Rule::maybe_percent, offsetof(EventView, progress)},
    {"priority", Rule::priority, offsetof(EventView, priority)},
    {"payload", Rule::borrowed_raw, offsetof(EventView, payload)},
    {"workerId", Rule::borrowed_id, offsetof(EventView, worker_id)},
    {"status", Rule::borrowed_text, offsetof(EventView, status_text)},
    {"result", Rule::borrowed_raw, offsetof(EventView, result)},
    {"reason", Rule::borrowed_text, offsetof(EventView, reason)},
    {"error", Rule::error_text, offsetof(EventView, error_message)},
    {"job", Rule::identity, 0},
    {"metadata", Rule::metadata, offsetof(EventRecord, metadata)},
};

constexpr Member kJob[] = {
    {"id", Rule::id, offsetof(JobState, id.value)},
    {"type", Rule::id, offsetof(JobState, identity.type)},
    {"queue", Rule::id, offsetof(JobState, identity.queue)},
    {"userId", Rule::id, offsetof(JobState, identity.user_id.value)},
    {"ref", Rule::id, offsetof(JobState, identity.ref)},
    {"parentId", Rule::id, offsetof(JobState, identity.parent_id.value)},
    {"workerId", Rule::id, offsetof(JobState, worker_id)},
    {"status", Rule::status, offsetof(JobState, status)},
    {"statusText", Rule::text, offsetof(JobState, status_text)},
    {"progress", Rule::percent, offsetof(JobState, progress)},
    {"stage", Rule::text, offsetof(JobState, stage)},
    {"message", Rule::text, offsetof(JobState, message)},
    {"stages", Rule::stages, offsetof(JobState, stages)},
    {"attempt", Rule::attempt, offsetof(JobState, attempt)},
    {"priority", Rule::priority, offsetof(JobState, priority)},
    {"result", Rule::raw, offsetof(JobState, result.text)},
    {"error", Rule::job_error, offsetof(JobState, error)},
    {"cancelRequestedAt", Rule::count, offsetof(JobState, cancel_requested_at)},
    {"cancelReason", Rule::text, offsetof(JobState, cancel_reason)},
    {"stalled", Rule::boolean, offsetof(JobState, stalled)},
    {"metadata", Rule::metadata, offsetof(JobState, metadata)},
    {"payload", Rule::raw, offsetof(JobState, payload.text)},
    {"createdAt", Rule::count, offsetof(JobState, created_at)},
    {"startedAt", Rule::count, offsetof(JobState, started_at)},
    {"finishedAt", Rule::count, offsetof(JobState, finished_at)},
    {"lastReportAt", Rule::count, offsetof(JobState, last_report_at)},
    {"updatedAt", Rule::count, offsetof(JobState, updated_at)},
    {"version", Rule::count, offsetof(JobState, version)},
    {"seq", Rule::count, offsetof(JobState, seq)},
    {"removed", Rule::boolean, offsetof(JobState, removed)},
};

constexpr Member kRemoved[] = {
    {"jobId", Rule::id, offsetof(RemovedJob, job_id.value)},
    {"version", Rule::count, offsetof(RemovedJob, version)},
};

constexpr Member kEstimate[] = {
    {"jobId", Rule::id, offsetof(JobEstimate, job_id.value)},
    {"queuePosition", Rule::maybe_count, offsetof(JobEstimate, queue_position)},
    {"wait", Rule::maybe_count, offsetof(JobEstimate, wait)},
    {"remaining", Rule::maybe_count, offsetof(JobEstimate, remaining)},
    {"learning", Rule::boolean, offsetof(JobEstimate, learning)},
    {"silent", Rule::maybe_count, offsetof(JobEstimate, silent)},
};

constexpr Member kQueue[] = {
    {"queue", Rule::id, offsetof(QueueCounts, queue)},
    {"waiting", Rule::count, offsetof(QueueCounts, waiting)},
    {"active", Rule::count, offsetof(QueueCounts, active)},
    {"averageWait", Rule::maybe_count, offsetof(QueueCounts, average_wait)},
};

constexpr Member kChanges[] = {
    {"cursor", Rule::borrowed_text, offsetof(ChangesRecord, cursor)},
    {"reset", Rule::boolean, offsetof(ChangesRecord, reset)},
    {"synced", Rule::boolean, offsetof(ChangesRecord, synced)},
    {"events", Rule::list, offsetof(ChangesRecord, events)},
    {"jobs", Rule::list, offsetof(ChangesRecord, jobs)},
    {"removed", Rule::list, offsetof(ChangesRecord, removed)},
    {"followed", Rule::list, offsetof(ChangesRecord, followed)},
    {"truncated", Rule::list, offsetof(ChangesRecord, truncated)},
    {"user", Rule::borrowed_text, offsetof(ChangesRecord, user)},
    {"role", Rule::borrowed_text, offsetof(ChangesRecord, role)},
    {"estimates", Rule::list, offsetof(ChangesRecord, estimates)},
    {"queues", Rule::list, offsetof(ChangesRecord, queues)},
    {"messages", Rule::list, offsetof(ChangesRecord, messages)},
    {"unread", Rule::value, offsetof(ChangesRecord, unread)},
};

constexpr Member kMessage[] = {
    {"event", Rule::borrowed_text, offsetof(MessageRecord, event)},
    {"data", Rule::value, offsetof(MessageRecord, data)},
};

constexpr Member kWelcome[] = {
    {"heartbeat", Rule::count, offsetof(WelcomeRecord, heartbeat)},
    {"user", Rule::borrowed_text, offsetof(WelcomeRecord, user)},
    {"role", Rule::borrowed_text, offsetof(WelcomeRecord, role)},
    {"degraded", Rule::borrowed_text, offsetof(WelcomeRecord, degraded)},
};

constexpr Member kRefusal[] = {
    {"code", Rule::error_code, offsetof(Refusal, code)},
    {"message", Rule::borrowed_text, offsetof(Refusal, message)},
    {"field", Rule::borrowed_text, offsetof(Refusal, field)},
    {"retryAfter", Rule::count, offsetof(Refusal, retry_after)},
};

constexpr Member kReply[] = {{"id", Rule::count, offsetof(ReplyRecord, id)},
                             {"error", Rule::value, offsetof(ReplyRecord, error)}};

constexpr Member kGoodbye[] = {{"reconnectAfter", Rule::count, offsetof(GoodbyeRecord, reconnect_after)}};

}  // namespace

bool read_identity(Records& records, Value value, EventView& view) { return records.read<kIdentity>(value, &view); }

bool read(Records& records, Value value, EventRecord& event) {
  if (!records.read<kEvent>(value, &event)) return records.refuse("event");
  EventView& view = event.view;
  if (view.job_id.empty()) return records.refuse("jobId");
  view.type = event_type(event.type);
  view.metadata = &event.metadata;
  if (view.type == EventType::progress && !view.progress) return records.refuse("progress");
  if (view.type == EventType::failed && view.error_message.empty()) {
    view.error_message = view.message.empty() ? "failed" : view.message;
  }
  return true;
}

bool read(Records& records, Value value, JobState& job) {
  if (!records.read<kJob>(value, &job)) return records.refuse("job");
  return !job.id.empty() || records.refuse("id");
}

bool read(Records& records, Value value, RemovedJob& removed) { return records.read<kRemoved>(value, &removed); }
bool read(Records& records, Value value, JobEstimate& estimate) { return records.read<kEstimate>(value, &estimate); }
bool read(Records& records, Value value, QueueCounts& counts) { return records.read<kQueue>(value, &counts); }
bool read(Records& records, Value value, ChangesRecord& changes) { return records.read<kChanges>(value, &changes); }
bool read(Records& records, Value value, WelcomeRecord& welcome) { return records.read<kWelcome>(value, &welcome); }
bool read(Records& records, Value value, GoodbyeRecord& goodbye) { return records.read<kGoodbye>(value, &goodbye); }
bool read(Records& records, Value value, ReplyRecord& reply) { return records.read<kReply>(value, &reply); }
bool read(Records& records, Value value, Refusal& refusal) { return records.read<kRefusal>(value, &refusal); }

bool read(Records& records, MessageRecord& message) {
  if (!records.read<kMessage>(records.tape().root(), &message)) return records.refuse("message");
  if (message.event.empty()) return records.refuse("event");
  return message.data != 0 || records.refuse("data");
}

}  // namespace jobwire::json
