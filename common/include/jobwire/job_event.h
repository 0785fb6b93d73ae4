// What happened to a job, and the one reducer. To add an event type: add its body and its EventType here; every
// std::visit and switch that omits it fails to compile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "jobwire/job_state.h"
#include "jobwire/result.h"

namespace jobwire {

// A browser that knows another reducer gets snapshots instead of events.
inline constexpr int kReducerVersion = 1;

namespace event {
struct Queued {
  std::int32_t priority = 0;
  RawJson payload;
  bool operator==(const Queued&) const = default;
};
struct Started {
  std::string worker_id;
  std::optional<Percent> progress = {};
  bool operator==(const Started&) const = default;
};
struct Progress {
  Percent progress;
  bool operator==(const Progress&) const = default;
};
struct Log {
  bool operator==(const Log&) const = default;
};
struct Updated {
  std::string status_text;  // free text; synonyms of a lifecycle word were normalised away
  std::optional<Percent> progress;
  bool operator==(const Updated&) const = default;
};
struct Completed {
  RawJson result;
  bool operator==(const Completed&) const = default;
};
struct Failed {
  JobError error;
  bool operator==(const Failed&) const = default;
};
struct CancelRequested {
  std::string reason;
  bool operator==(const CancelRequested&) const = default;
};
struct Cancelled {
  std::string reason;
  bool operator==(const Cancelled&) const = default;
};
struct Retried {
  bool operator==(const Retried&) const = default;
};
struct Stalled {
  bool operator==(const Stalled&) const = default;
};
struct Resumed {
  bool operator==(const Resumed&) const = default;
};
struct Removed {
  bool operator==(const Removed&) const = default;
};
// A type that this build does not know: only a client meets one (from a newer server); the job becomes stale.
struct Unknown {
  std::string type;
  bool operator==(const Unknown&) const = default;
};
}  // namespace event

using EventBody = std::variant<event::Queued, event::Started, event::Progress, event::Log, event::Updated,
                               event::Completed, event::Failed, event::CancelRequested, event::Cancelled,
                               event::Retried, event::Stalled, event::Resumed, event::Removed, event::Unknown>;

struct JobEvent {
  JobId job_id;
  EventBody body;
  JobIdentity identity;              // fills in what the job does not have yet
  std::optional<std::string> stage;  // `stage`, `message` and `metadata` ride on any type
  std::optional<std::string> message;
  Metadata metadata;                     // merged into the job's by top-level key; JSON null removes a key
  std::string event_id;                  // unique per job; empty: none
  std::optional<std::uint32_t> attempt;  // a claimant's fence: must be the job's present attempt
  UnixMs reported_at = 0;                // the reporter's clock; 0: not given
  std::uint64_t reported_as = 0;         // the log's fingerprint of what came, where more was filled in; 0: of this
  // Stamped by the log:
  std::int64_t seq = 0;
  std::int64_t offset = 0;
  UnixMs at = 0;

  bool operator==(const JobEvent&) const = default;
};

std::string_view type_name(const EventBody& body);

// The alternatives of EventBody, in their order.
enum class EventType : std::uint8_t {
  queued,
  started,
  progress,
  log,
  updated,
  completed,
  failed,
  cancel_requested,
  cancelled,
  retried,
  stalled,
  resumed,
  removed,
  unknown,
};
EventType event_type(std::string_view name);

// An event as the reducer sees it: borrowed from a JobEvent, or from the text that a client has just received. A text
// that is absent has no data(); one that is there and empty has.
struct EventView {
  EventType type = EventType::unknown;
  std::string_view job_id;
  std::int64_t seq = 0;
  std::int64_t offset = 0;
  UnixMs at = 0;
  std::string_view stage;
  std::string_view message;
  std::optional<Percent> progress;  // of started, progress and updated
  std::int32_t priority = 0;        // of queued
  std::string_view payload;         // of queued
  std::string_view worker_id;       // of started
  std::string_view status_text;     // of updated
  std::string_view result;          // of completed
  std::string_view reason;          // of cancel-requested and cancelled
  std::string_view error_message;   // of failed
  std::string_view error_code;      // of failed
  // What the job does not have yet.
  std::string_view job_type;
  std::string_view queue;
  std::string_view user_id;
  std::string_view ref;
  std::string_view parent_id;
  const Metadata* metadata = nullptr;  // null: none
};
EventView view_of(const JobEvent& event);

// Folds one logged event into the job. Total and pure: it never rejects, because validate() ran before the append.
void apply(JobState& job, const EventView& event);
inline void apply(JobState& job, const JobEvent& event) { apply(job, view_of(event)); }

// Whether an event may be appended to a job in this state (`head`: null or seq 0 when there is no job yet).
enum class Admission : std::uint8_t {
  append,
  nothing_to_do,  // already so, for example a second request to cancel: answered as success, not logged
};
Result<Admission> validate(const JobState* head, const JobEvent& event);

// Lifecycle words that back ends use in a free `status` ("processing", "done", "error"), or nullopt for other text.
std::optional<JobStatus> status_from_synonym(std::string_view text);

}  // namespace jobwire
