// The client's side of the wire as a state machine without I/O: bytes, ticks and "closed" go in, actions come out.
//
//   start() -> OpenSocket -> socket_opened() -> [Send hello] -> received(welcome) -> online
//   socket fails `ws_failures_before_polling` times in a row -> Poll ... polled() -> Poll ..., and now and then OpenSocket
//   to climb back; a socket that opens takes over with the same cursor.
//
// The driver performs the actions in order, and calls tick() when `wake_at` has come. Every call takes the time.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "jobwire/backoff.h"
#include "jobwire/codec.h"
#include "jobwire/job_store.h"
#include "jobwire/message.h"
#include "jobwire/random.h"

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

// What a page may show about the connection. `since` and `next_try_at` are 0 where they do not apply.
struct ConnectionStatus {
  ConnectionState state = ConnectionState::idle;
  Transport transport = Transport::none;
  std::string reason;          // for a person: "The server is restarting"
  std::string reason_code;     // for a program: "draining"
  UnixMs next_try_at = 0;
  UnixMs last_heard_at = 0;    // when the server was last heard: "last known 6 s ago"
  DurationMs latency = -1;     // of the last heartbeat or poll; -1: not known
  std::string user;
  std::string role;
  bool synced = false;         // the view is complete up to the cursor
  bool operator==(const ConnectionStatus&) const = default;
};

namespace action {
struct OpenSocket { std::uint32_t socket = 0; };                             // numbers sockets: later reports name it
struct Send { std::uint32_t socket = 0; std::string text; };
struct CloseSocket { std::uint32_t socket = 0; std::uint16_t code = 1000; };
struct Poll { std::uint32_t poll = 0; std::string body; };                   // POST /api/v1/changes with the token
struct AbortPoll { std::uint32_t poll = 0; };
struct Request { std::int64_t id = 0; JobId job_id; std::string reason; };   // POST .../cancel, where there is no socket
struct NeedToken { std::string reason; };                                    // answered by set_token() or token_failed()
struct StatusChanged {};
struct CommandDone { std::int64_t id = 0; std::optional<Error> error; };
struct Pushed { ServerMessage message; };                                    // queue-status, system-metrics, message
struct ChannelRefused { Channel channel; Error error; };                     // may not be followed: not asked for again
}  // namespace action
using Action = std::variant<action::OpenSocket, action::Send, action::CloseSocket, action::Poll, action::AbortPoll,
                            action::Request, action::NeedToken, action::StatusChanged, action::CommandDone,
                            action::Pushed, action::ChannelRefused>;

struct ClientOptions {
  std::string client_name = "jobwire";
  int reducer = kReducerVersion;
  bool binary = false;                  // asks for binary frames: the driver need not re-encode them
  bool needs_token = false;             // NeedToken before the first connection
  bool websocket = true;
  bool polling = true;
  BackoffOptions backoff;
  int ws_failures_before_polling = 2;   // in a row, without ever having been online on this network: 1 is enough
  DurationMs open_timeout = 10'000;     // socket opened and welcome received
  DurationMs poll_wait = 25'000;        // asked of the server
  DurationMs poll_grace = 10'000;       // beyond poll_wait, then the poll counts as lost
  DurationMs climb_interval = 30'000;   // while polling, a WebSocket is tried this often, backing off to `climb_cap`
  DurationMs climb_cap = 300'000;
  DurationMs command_timeout = 15'000;  // a cancel without an answer fails with `unavailable`
  DurationMs hidden_grace = 0;          // reserved for drivers that pause hidden pages; 0: never pause
};

class ClientSession {
 public:
  // `store` outlives the session. `seed` spreads the delays of many clients.
  ClientSession(ClientOptions options, JobStore& store, std::uint64_t seed);

  // ---- the owner ----
  void start(UnixMs now);
  void close(UnixMs now);
  void follow(UnixMs now, const std::vector<Channel>& channels);
  void unfollow(UnixMs now, const std::vector<Channel>& channels);
  // Queued while offline; the answer is a CommandDone with the returned id.
  std::int64_t cancel(UnixMs now, const JobId& job, std::string reason);
  void set_token(UnixMs now, std::string token);       // in place while connected; starts a stopped session again
  void token_failed(UnixMs now, std::string reason);   // the owner could not get one: tried again with backoff
  void retry_now(UnixMs now);                          // "try again" button

  // ---- the platform ----
  void set_online(UnixMs now, bool online);            // navigator.onLine, a hint: offline waits, online tries at once
  void set_visible(UnixMs now, bool visible);          // page hidden: timers are throttled, so silence is judged on showing

  // ---- the driver's reports ----
  void socket_opened(UnixMs now, std::uint32_t socket);
  void socket_received(UnixMs now, std::uint32_t socket, std::string_view text);
  void socket_closed(UnixMs now, std::uint32_t socket, std::uint16_t code, std::string_view reason);  // also: failed to open
  // `status` 0: no answer from the network. `body` is the changes object or problem+json. `retry_after` from its header.
  void polled(UnixMs now, std::uint32_t poll, int status, std::string_view body, DurationMs retry_after = 0);
  void requested(UnixMs now, std::int64_t id, int status, std::string_view body);
  void tick(UnixMs now);

  // ---- what comes out ----
  std::vector<Action> take_actions();
  UnixMs wake_at() const;  // when tick() is next due; 0: never
  const ConnectionStatus& status() const { return status_; }
  const std::optional<Cursor>& cursor() const { return cursor_; }
  bool is_followed(const Channel& channel) const { return followed_.count(channel) != 0; }

 private:
  ConnectionStatus status_;
  std::optional<Cursor> cursor_;
  std::set<Channel> followed_;
};

}  // namespace jobwire
