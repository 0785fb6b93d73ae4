// Everything that crosses the native wire, as values. JSON shapes: PROTOCOL.md, "Messages".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "jobwire/channel.h"
#include "jobwire/cursor.h"
#include "jobwire/job_event.h"
#include "jobwire/job_state.h"

namespace jobwire {

// ---- client -> server ----
namespace command {
struct Hello {
  std::string token;
  std::optional<Cursor> cursor;  // resume the channels below from here; absent: from the start
  std::vector<Channel> channels;
  std::string client;   // name/version for the server's log
  int reducer = 0;      // kReducerVersion of the client; another one gets snapshots only
  bool binary = false;  // server messages as binary frames with the same bytes
  bool operator==(const Hello&) const = default;
};
struct Subscribe {
  std::vector<Channel> channels;
  bool operator==(const Subscribe&) const = default;
};
struct Unsubscribe {
  std::vector<Channel> channels;
  bool operator==(const Unsubscribe&) const = default;
};
struct Sync {
  std::vector<JobId> job_ids;
  bool operator==(const Sync&) const = default;
};
struct Cancel {
  JobId job_id;
  std::string reason;
  bool operator==(const Cancel&) const = default;
};
struct Token {
  std::string token;
  bool operator==(const Token&) const = default;
};
struct Heartbeat {  // the client's answer to, or probe for, a heartbeat: the server answers with one
  bool operator==(const Heartbeat&) const = default;
};
struct Read {  // marks notifications of one's own inbox as read
  std::vector<std::string> notification_ids;
  bool all = false;
  bool operator==(const Read&) const = default;
};
}  // namespace command

using CommandBody = std::variant<command::Hello, command::Subscribe, command::Unsubscribe, command::Sync,
                                 command::Cancel, command::Token, command::Heartbeat, command::Read>;
struct ClientCommand {
  CommandBody body;
  std::optional<std::int64_t> id;  // asks for a `reply` with the same id
  bool operator==(const ClientCommand&) const = default;
};

// ---- server -> client ----
struct RemovedJob {
  JobId job_id;
  std::int64_t version = 0;
  bool operator==(const RemovedJob&) const = default;
};

// Absolute, last write wins; no part of version or reducer.
struct JobEstimate {
  JobId job_id;
  std::optional<std::int64_t> queue_position;  // 1 is next
  std::optional<DurationMs> wait;              // until it starts
  std::optional<DurationMs> remaining;         // until it ends
  bool learning = false;                       // nothing to learn from yet: no number is invented
  std::optional<DurationMs> silent;            // active, and no report for this long
  bool operator==(const JobEstimate&) const = default;
};

struct QueueCounts {
  std::string queue;
  std::int64_t waiting = 0;
  std::int64_t active = 0;
  std::optional<DurationMs> average_wait;  // absent while learning
  bool operator==(const QueueCounts&) const = default;
};

namespace push {
struct Welcome {
  std::string session_id;
  Cursor cursor;
  DurationMs heartbeat = 0;  // a message at least this often; the client gives up after twice as long
  std::string user;
  std::string role;
  UnixMs server_time = 0;
  std::string degraded;  // empty: healthy
  bool operator==(const Welcome&) const = default;
};
struct Changes {
  Cursor cursor;
  bool reset = false;   // a fresh view begins: swapped in at `synced`, not before
  bool synced = false;  // the view is complete up to the cursor
  std::vector<JobEvent> events;
  std::vector<JobState> jobs;
  std::vector<RemovedJob> removed;
  std::vector<Channel> followed;   // channels that are live from this message on
  std::vector<Channel> truncated;  // wide channels that began with their newest jobs only
  std::string user;                // over HTTP, where no welcome says who the client is taken for
  std::string role;
  std::vector<JobEstimate> estimates;              // over HTTP, where the overlay has no message of its own
  std::optional<std::vector<QueueCounts>> queues;  // likewise
  bool operator==(const Changes&) const = default;
};
struct Estimates {
  std::vector<JobEstimate> jobs;
  bool operator==(const Estimates&) const = default;
};
struct QueueStatus {
  std::vector<QueueCounts> queues;
  bool operator==(const QueueStatus&) const = default;
};
struct SystemMetrics {
  RawJson metrics;
  bool operator==(const SystemMetrics&) const = default;
};
struct AppMessage {
  std::string name;
  RawJson data;
  bool operator==(const AppMessage&) const = default;
};
struct AuthError {
  Error error;
  bool operator==(const AuthError&) const = default;
};
struct Heartbeat {
  UnixMs server_time = 0;
  bool operator==(const Heartbeat&) const = default;
};
struct Goodbye {
  std::string reason;
  DurationMs reconnect_after = 0;
  bool operator==(const Goodbye&) const = default;
};
struct Reply {
  std::int64_t id = 0;
  std::optional<Error> error;  // absent: ok
  bool operator==(const Reply&) const = default;
};
struct Unknown {  // an event name that this build does not know: ignored
  std::string name;
  bool operator==(const Unknown&) const = default;
};
}  // namespace push

using ServerMessage =
    std::variant<push::Welcome, push::Changes, push::Estimates, push::QueueStatus, push::SystemMetrics,
                 push::AppMessage, push::AuthError, push::Heartbeat, push::Goodbye, push::Reply, push::Unknown>;

// ---- HTTP bodies that the codec reads ----
// POST /api/v1/changes and /changes/stream: the same question over HTTP.
struct ChangesRequest {
  std::optional<Cursor> cursor;
  std::vector<Channel> channels;  // followed up to the cursor
  std::vector<Channel> join;      // answered from the start
  DurationMs wait = 0;
  std::string session;  // names the poller: a newer poll of the same session ends an older one
  int reducer = 0;
  bool operator==(const ChangesRequest&) const = default;
};

}  // namespace jobwire
