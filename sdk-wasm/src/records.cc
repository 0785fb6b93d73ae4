#include "records.h"

#include <cstddef>
#include <span>

#include "jobwire/json_writer.h"

// JobState holds standard containers: its offsets are known to every compiler that there is.
#pragma GCC diagnostic ignored "-Winvalid-offsetof"

namespace jobwire::wasm {
namespace {

void pack(Packed& out, std::int64_t value) { out.number(static_cast<double>(value)); }

void pack(Packed& out, const Refusal& error) {
  out.text(code_name(error.code));
  out.text(error.message);
  out.text(error.field);
}

// In the order of ts/core/driver.ts, which has one socket and one poll at a time and needs their numbers to begin with.
enum ActionKind : std::int64_t {
  kOpenSocket,
  kSend,
  kCloseSocket,
  kPoll,
  kAbortPoll,
  kRequest,
  kNeedToken,
  kStatusChanged,
  kCommandDone,
  kPushed,
  kRefused,
};

// Of ts/core/job_view.ts: added to what changed.
constexpr std::uint32_t kIsStale = 1u << 10;

// ---- groups of a job's fields, by tables: what lies at an offset and how it is packed ----
enum class Type : std::uint8_t { byte, int32, int64, percent, text };
struct Field {
  Type type;
  std::uint16_t offset;
};

constexpr Field kLifecycle[] = {
    {Type::byte, offsetof(JobState, status)},
    {Type::int32, offsetof(JobState, attempt)},
    {Type::int32, offsetof(JobState, priority)},
    {Type::byte, offsetof(JobState, stalled)},
    {Type::int64, offsetof(JobState, cancel_requested_at)},
    {Type::int64, offsetof(JobState, created_at)},
    {Type::int64, offsetof(JobState, started_at)},
    {Type::int64, offsetof(JobState, finished_at)},
    {Type::text, offsetof(JobState, status_text)},
    {Type::text, offsetof(JobState, cancel_reason)},
};
constexpr Field kProgress[] = {
    {Type::percent, offsetof(JobState, progress)},
    {Type::int64, offsetof(JobState, last_report_at)},
    {Type::int64, offsetof(JobState, updated_at)},
};
constexpr Field kIdentity[] = {
    {Type::text, offsetof(JobState, identity.type)},
    {Type::text, offsetof(JobState, identity.queue)},
    {Type::text, offsetof(JobState, identity.user_id.value)},
    {Type::text, offsetof(JobState, identity.ref)},
    {Type::text, offsetof(JobState, identity.parent_id.value)},
    {Type::text, offsetof(JobState, worker_id)},
};
constexpr Field kStatus[] = {
    {Type::byte, offsetof(ConnectionStatus, state)},        {Type::byte, offsetof(ConnectionStatus, transport)},
    {Type::int64, offsetof(ConnectionStatus, next_try_at)}, {Type::int64, offsetof(ConnectionStatus, last_heard_at)},
    {Type::int64, offsetof(ConnectionStatus, latency)},     {Type::byte, offsetof(ConnectionStatus, synced)},
    {Type::text, offsetof(ConnectionStatus, reason)},       {Type::text, offsetof(ConnectionStatus, user)},
    {Type::text, offsetof(ConnectionStatus, role)},
};

void pack(Packed& out, const void* record, std::span<const Field> fields) {
  for (const Field& field : fields) {
    const void* const at = static_cast<const char*>(record) + field.offset;
    switch (field.type) {
      case Type::byte:
        out.number(*static_cast<const std::uint8_t*>(at));
        break;
      case Type::int32:
        out.number(*static_cast<const std::int32_t*>(at));
        break;
      case Type::int64:
        pack(out, *static_cast<const std::int64_t*>(at));
        break;
      case Type::percent:
        out.number(*static_cast<const std::int32_t*>(at) / 100.0);
        break;
      case Type::text:
        out.text(*static_cast<const std::string*>(at));
    }
  }
}

void pack_lifecycle(Packed& out, const JobState& job) {
  pack(out, &job, kLifecycle);
  pack(out, job.error ? 1 : 0);
  if (!job.error) return;
  out.text(job.error->message);
  out.text(job.error->code);
}

void pack_stage(Packed& out, const JobState& job) {
  out.text(job.stage);
  pack(out, static_cast<std::int64_t>(job.stages.size()));
  for (const StageMark& stage : job.stages) {
    pack(out, stage.started_at);
    out.text(stage.name);
  }
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

}  // namespace

void PackedActions::open_socket(std::uint32_t socket) {
  pack(out_, kOpenSocket);
  pack(out_, socket);
}

void PackedActions::send(std::uint32_t, std::string_view text) {
  pack(out_, kSend);
  out_.text(text);
}

void PackedActions::close_socket(std::uint32_t, std::uint16_t code) {
  pack(out_, kCloseSocket);
  pack(out_, code);
}

void PackedActions::poll(std::uint32_t poll, std::string_view body) {
  pack(out_, kPoll);
  pack(out_, poll);
  out_.text(body);
}

void PackedActions::abort_poll(std::uint32_t) { pack(out_, kAbortPoll); }

void PackedActions::request(std::int64_t id, std::string_view job, std::string_view reason) {
  pack(out_, kRequest);
  pack(out_, id);
  out_.text(job);
  out_.text(reason);
}

void PackedActions::need_token(std::string_view reason) {
  pack(out_, kNeedToken);
  out_.text(reason);
}

void PackedActions::status_changed(const ConnectionStatus& status) {
  pack(out_, kStatusChanged);
  pack(out_, &status, kStatus);
  out_.text(status.reason_code);
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
  if (fields & kChangedProgress) pack(out, &job, kProgress);
  if (fields & kChangedStage) pack_stage(out, job);
  if (fields & kChangedMessage) out.text(job.message);
  if (fields & kChangedIdentity) pack(out, &job, kIdentity);
  if (fields & kChangedResult) out.text(job.result.text);
  if (fields & kChangedMetadata) pack_metadata(out, job.metadata);
}

}  // namespace jobwire::wasm
