// The client's side of the wire as a state machine without I/O: bytes, ticks and "closed" go in, actions go to a sink.
//
//   start() -> OpenSocket -> socket_opened() -> [Send hello] -> received(welcome) -> online
//   socket fails `ws_failures_before_polling` times in a row -> Poll ... polled() -> Poll ..., and now and then
//   OpenSocket to climb back; a socket that opens takes over with the same cursor.
//
// The driver performs the actions in order, and calls tick() when `wake_at` has come. Every call takes the time.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "jobwire/backoff.h"
#include "jobwire/client_action.h"
#include "jobwire/codec.h"
#include "jobwire/job_store.h"
#include "jobwire/json_writer.h"
#include "jobwire/message.h"
#include "jobwire/random.h"

namespace jobwire {

struct WhyWords;

namespace json {
class Value;
struct ChangesRecord;
struct WelcomeRecord;
}  // namespace json

class ClientSession {
 public:
  // `store` and `sink` outlive the session. `seed` spreads the delays of many clients.
  ClientSession(ClientOptions options, JobStore& store, ActionSink& sink, std::uint64_t seed);
  ~ClientSession();

  // ---- the owner ----
  void start(UnixMs now);
  void close(UnixMs now);
  // `channels`: one a line. One that is none, or one too many, comes back as refused.
  void follow(UnixMs now, std::string_view channels);
  void unfollow(UnixMs now, std::string_view channels);
  // Queued while offline; the answer is a CommandDone with the returned id.
  std::int64_t cancel(UnixMs now, std::string_view job, std::string_view reason);
  void set_token(UnixMs now, std::string_view token);      // in place while connected; starts a stopped session again
  void token_failed(UnixMs now, std::string_view reason);  // the owner could not get one: tried again with backoff
  void retry_now(UnixMs now);                              // "try again" button

  // ---- the platform ----
  void set_online(UnixMs now, bool online);    // navigator.onLine, a hint: offline waits, online tries at once
  void set_visible(UnixMs now, bool visible);  // page hidden: timers are throttled, so silence is judged on showing

  // ---- the driver's reports ----
  void socket_opened(UnixMs now, std::uint32_t socket);
  void socket_received(UnixMs now, std::uint32_t socket, std::string_view text);
  void socket_closed(UnixMs now, std::uint32_t socket, std::uint16_t code,
                     std::string_view reason);  // also: failed to open
  // `status` 0: no answer from the network. `body` is the changes object or problem+json. `retry_after` from its
  // header.
  void polled(UnixMs now, std::uint32_t poll, int status, std::string_view body, DurationMs retry_after = 0);
  void requested(UnixMs now, std::int64_t id, int status, std::string_view body);
  void tick(UnixMs now);

  // ---- what comes out ----
  UnixMs wake_at() const;  // when tick() is next due; 0: never
  const ConnectionStatus& status() const { return status_; }
  const std::string& cursor() const { return cursor_; }  // as the server gave it; empty: none yet
  bool is_followed(const Channel& channel) const;

 private:
  enum class SocketPhase : std::uint8_t { none, opening, greeting, live };
  enum Timer : std::uint8_t {
    kRetry,  // of the session
    kToken,
    kHide,
    kOpen,  // of the socket
    kSilence,
    kRejoin,
    kPoll,  // of polling
    kNextPoll,
    kClimb,
    kCommand,
    kTimers
  };
  enum class Why : std::uint8_t;  // reasons, for persons and programs: client_session_status.cc
  struct Reader;                  // what a message is read with
  // What is known of a channel, as long as anything is.
  enum Standing : std::uint8_t {
    kWanted = 1,
    kFollowed = 2,  // told up to the cursor
    kJoining = 4,   // asked for on this socket
    kLeaving = 8,   // left on this socket, and not answered yet; or asked for behind what was left so
    kGreeted = 16,  // held by the greeting socket; followed from its welcome on
    kPolled = 32,   // joined by the outstanding poll
    kNamed = 64,    // as followed, by the message at hand
  };
  struct Interest {
    Channel channel;
    std::uint8_t standing = 0;
    std::int64_t asked = 0;  // the subscribe that named it last; 0: none, or one of before the view was renewed
    std::int64_t left = 0;   // the unsubscribe that did
    bool is(std::uint8_t standings) const { return (standing & standings) != 0; }
    void add(std::uint8_t standings) { standing = static_cast<std::uint8_t>(standing | standings); }
    void drop(std::uint8_t standings) { standing = static_cast<std::uint8_t>(standing & ~standings); }
  };
  struct WaitingCommand {
    std::int64_t id = 0;
    std::string job;
    std::string reason;
    UnixMs deadline = 0;
    bool sent = false;
  };

  // client_session.cc: the owner's and the platform's calls, timers
  void enter(UnixMs wall);
  UnixMs wall(UnixMs at) const { return at == 0 ? 0 : at - set_back_; }
  void arm(Timer timer, DurationMs after) { timers_[timer] = now_ + (after > 1 ? after : 1); }
  void disarm(Timer timer) { timers_[timer] = 0; }
  void disarm(Timer first, Timer last);
  bool armed(Timer timer) const { return timers_[timer] != 0; }
  void fire(Timer timer, DurationMs late);
  void pause();

  // client_session_retry.cc: when to try, over what, with which token
  bool is_running() const;
  bool is_live() const { return socket_phase_ == SocketPhase::live || poll_live_; }
  void connect();
  void disconnect();
  void stop(Why why);
  void retry_in(DurationMs delay, Why why);
  void retry_directed(DurationMs directed, Why why);
  void retry_soon();
  void note_stability();
  void socket_failed(Why why, bool network, bool was_live);
  void polling_failed(Why why, DurationMs directed);
  void ask_token(Why why);
  void need_token(Why why);
  void token_refused(int used);

  // client_session_status.cc
  static WhyWords words(Why why);
  void set_status(ConnectionState state, Why why);
  template <class T, class Value>
  void show(T& field, const Value& value) {
    if (field == value) return;
    field = value;
    untold_ = true;
  }
  void settle();

  // client_session_socket.cc: the WebSocket side
  void open_socket();
  bool read_text(std::string_view text);
  void begin_command(std::string_view event, std::int64_t id);
  void end_command();
  void send_channels(std::string_view event);
  void write_channels(std::string_view name, std::uint8_t having, std::int64_t named_by = 0);
  void send_token();
  void greet();
  std::string_view resume_cursor() const;
  void lose_socket();
  void drop_socket(CloseCode code);
  void heard();
  void probe();
  void silent(DurationMs late);
  void on_welcome(const json::WelcomeRecord& welcome);
  bool on_plain_events(std::string_view text);
  bool on_message(std::string_view text);
  bool on_changes(json::Value data);
  bool fold(json::Value data, json::ChangesRecord& changes);
  bool fold_each(std::uint32_t list, bool (ClientSession::*fold_one)(json::Value));
  bool fold_job(json::Value value);
  bool fold_event(json::Value value);
  bool fold_removed(json::Value value);
  void told_up_to(std::string_view cursor);
  void on_goodbye(DurationMs reconnect_after);
  void on_reply(std::int64_t id, const Refusal* error);
  void on_heartbeat();

  // client_session_channels.cc: what is wanted, asked for and followed; doubts; commands
  Interest& interest(const Channel& channel);  // made where there is none
  bool next_channel(std::string_view& lines, Channel& into);
  std::size_t count(Standing standing) const;
  void copy(Standing from, Standing to);
  void drop_all(std::uint8_t standings);
  void subscribe_missing();
  void ask_for(Interest& one, std::int64_t id, std::int64_t left);
  bool mark_named(json::Value value);
  void now_followed();
  void renewed();
  void resumed();
  std::int64_t last_left() const;  // the last unsubscribe that is not answered yet
  void unsubscribe_answered(std::int64_t id);
  void subscribe_refused(std::int64_t id, const Refusal& error);
  void refuse(Interest& one, const Refusal& error);
  void retain(Standing having, std::uint8_t lacking = 0, bool or_told = false);
  void retain_while_leaving();
  void ask_syncs();
  void send_commands();
  std::list<WaitingCommand>::iterator waiting(std::int64_t id);
  void finish_command(std::int64_t id, const Refusal* error);
  void expire_commands(bool all);

  // client_session_polling.cc: the long-poll side
  void start_polling();
  void poll();
  void choose_joins();
  void lose_polling();
  void poll_answered(std::string_view body);
  bool fold_answer(std::string_view body, bool& progressed);
  Refusal problem(std::string_view body);  // borrowed until the next text is read
  void poll_refused(const Refusal& error);
  DurationMs gap_after_poll(bool progressed, bool synced);
  void poll_goes_live();
  void arm_climb();
  void climb_failed();

  const ClientOptions options_;
  std::unique_ptr<Reader> reader_;
  std::string text_;  // of the command being written
  JsonWriter json_{text_};
  JobStore& store_;
  ActionSink& sink_;
  Random random_;
  std::string poller_;  // names this client's polls
  ConnectionStatus status_;
  bool untold_ = false;  // the status has changed
  UnixMs now_ = 0;       // every time in here is of a clock that never goes back: see wall()
  DurationMs set_back_ = 0;
  UnixMs heard_at_ = 0;
  UnixMs timers_[kTimers] = {};
  bool hidden_ = false;
  bool network_ = true;  // the platform's hint
  bool paused_ = false;

  std::string cursor_;
  std::list<Interest> interests_;
  std::list<WaitingCommand> commands_;
  std::int64_t last_id_ = 0;
  bool synced_ = false;
  bool resuming_ = false;  // this socket has yet to name the channels that hello resumed

  std::string token_;
  int token_number_ = 0;  // grows with each other token
  int told_token_ = 0;    // under which the view was told: with another one it is told again
  bool token_asked_ = false;
  UnixMs token_set_at_ = 0;
  std::int64_t token_command_ = 0;
  Backoff token_backoff_;
  int token_asks_ = 0;  // without a connection that lasted

  Backoff backoff_;
  bool use_polling_ = false;  // the next attempt's transport
  bool had_socket_ = false;   // a WebSocket has worked on this network
  int socket_failures_ = 0;   // in a row
  int poll_failures_ = 0;
  UnixMs live_since_ = 0;

  SocketPhase socket_phase_ = SocketPhase::none;
  std::uint32_t socket_ = 0;  // in use; 0: none
  std::uint32_t last_socket_ = 0;
  std::string hello_cursor_;
  int hello_token_ = 0;
  UnixMs hello_at_ = 0;
  DurationMs heartbeat_ = 0;
  UnixMs probe_at_ = 0;  // 0: none unanswered
  int probes_ = 0;

  std::uint32_t poll_ = 0;  // outstanding; 0: none
  std::uint32_t last_poll_ = 0;
  bool poll_live_ = false;
  UnixMs poll_sent_at_ = 0;
  DurationMs poll_asked_wait_ = 0;
  int poll_token_ = 0;
  std::size_t join_limit_ = 1000;
  int idle_polls_ = 0;  // answered at once with nothing new, in a row
  int climbs_ = 0;
};

}  // namespace jobwire
