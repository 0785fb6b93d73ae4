// What a ClientSession asks of its driver, shows of itself, and may be told to do otherwise.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "jobwire/backoff.h"
#include "jobwire/job_event.h"
#include "jobwire/message.h"

namespace jobwire {

enum class ConnectionState : std::uint8_t {
  idle,        // not started, or closed by its owner
  connecting,  // trying; nothing is known to be current
  online,      // WebSocket, live
  polling,     // HTTP long-poll, live but later
  offline,     // waiting for the next try, or for the network
  stopped,     // the server said stop; only start() or a new token goes on
};
enum class Transport : std::uint8_t { none, websocket, polling };

// What a page may show about the connection. `next_try_at` is 0 where it does not apply. StatusChanged tells of every
// change but those of `last_heard_at` and `latency`.
struct ConnectionStatus {
  ConnectionState state = ConnectionState::idle;
  Transport transport = Transport::none;
  std::string reason;            // for a person: "The server is restarting"
  std::string_view reason_code;  // for a program: "draining"
  UnixMs next_try_at = 0;
  UnixMs last_heard_at = 0;  // when the server was last heard: "last known 6 s ago"
  DurationMs latency = -1;   // of the last heartbeat or poll; -1: not known
  std::string user;
  std::string role;
  bool synced = false;  // live, and every wanted channel has been told up to the newest change
  bool operator==(const ConnectionStatus&) const = default;
};

// Why a command failed or a channel may not be followed.
struct Refusal {
  ErrorCode code = ErrorCode::internal;
  std::string_view message;
  std::string_view field;
  DurationMs retry_after = 0;
};

// Where a session says what is to be done, in order. Nothing of it may call back into the session before its call is
// over. Texts are borrowed.
class ActionSink {
 public:
  virtual void open_socket(std::uint32_t socket) = 0;  // numbers sockets: later reports name it
  virtual void send(std::uint32_t socket, std::string_view text) = 0;
  virtual void close_socket(std::uint32_t socket, std::uint16_t code) = 0;
  virtual void poll(std::uint32_t poll, std::string_view body) = 0;  // POST /api/v1/changes with the token
  virtual void abort_poll(std::uint32_t poll) = 0;
  // POST .../cancel, where there is no socket
  virtual void request(std::int64_t id, std::string_view job, std::string_view reason) = 0;
  virtual void need_token(std::string_view reason) = 0;  // answered by set_token() or token_failed()
  virtual void status_changed(const ConnectionStatus& status) = 0;
  virtual void command_done(std::int64_t id, const Refusal* refusal) = 0;  // null: it was taken
  // A message that is no matter of the session, as it came: estimates, queue-status, system-metrics, message and what
  // is unknown; and, once it is folded, `changes` with estimates, queues, the inbox or application messages beside the
  // jobs, or with what a list shows: that a view begins anew, that a channel began with its newest jobs.
  virtual void pushed(std::string_view event, std::string_view json) = 0;
  // May not be followed: not asked for again.
  virtual void channel_refused(std::string_view channel, const Refusal& refusal) = 0;

 protected:
  ~ActionSink() = default;
};

struct ClientOptions {
  std::string_view client_name = "jobwire";  // outlives the session
  int reducer = kReducerVersion;
  bool binary = false;       // asks for binary frames: the driver need not re-encode them
  bool needs_token = false;  // NeedToken before the first connection
  bool websocket = true;
  bool polling = true;
  BackoffOptions backoff{1'000, 30'000, 100};  // the first tries after a server's end are spread over a second
  int ws_failures_before_polling = 2;          // in a row, without ever having been online on this network: 1 is enough
  DurationMs open_timeout = 10'000;            // socket opened and welcome received
  DurationMs poll_wait = 25'000;               // asked of the server
  DurationMs poll_grace = 10'000;              // beyond poll_wait, then the poll counts as lost
  DurationMs climb_interval = 30'000;  // while polling, a WebSocket is tried this often, backing off to `climb_cap`
  DurationMs climb_cap = 300'000;
  DurationMs command_timeout = 15'000;  // a cancel without an answer fails with `unavailable`
  DurationMs hidden_grace = 0;          // hidden for this long: disconnected until shown; 0: never
};

}  // namespace jobwire
