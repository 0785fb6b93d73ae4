// The WebSocket side: greet, listen, judge silence. At most one socket is in use; reports of others are ignored.
//
// A socket may open while polling goes on (the climb back). Its hello states cursor and channels of that moment, and
// from its welcome on these are the session's: what polls told in between is told once more, and changes nothing.
#include <algorithm>
#include <utility>

#include "client_session_internal.h"

namespace jobwire {

void ClientSession::open_socket() {
  socket_ = ++last_socket_;
  socket_phase_ = SocketPhase::opening;
  arm(kOpen, options_.open_timeout);
  act(action::OpenSocket{socket_});
}

void ClientSession::send(CommandBody body, std::optional<std::int64_t> id) {
  act(action::Send{socket_, encode_command({std::move(body), id})});
}

void ClientSession::socket_opened(UnixMs now, std::uint32_t socket) {
  enter(now);
  if (socket == socket_ && socket_phase_ == SocketPhase::opening) greet();
  settle();
}

void ClientSession::greet() {
  socket_phase_ = SocketPhase::greeting;
  hello_at_ = now_;
  hello_token_ = token_;
  hello_channels_ = followed_;
  hello_cursor_ = resume_cursor();
  send(command::Hello{token_,
                      hello_cursor_,
                      {hello_channels_.begin(), hello_channels_.end()},
                      options_.client_name,
                      options_.reducer,
                      options_.binary});
  resuming_ = true;
  subscribe_missing();
}

// Another token may see less, and a server knows nothing of the last one. Cursor zero belongs to no epoch, so the
// channels are told again as a reset.
std::optional<Cursor> ClientSession::resume_cursor() const {
  if (cursor_ && token_ != told_token_) return Cursor{};
  return cursor_;
}

// Forgets the socket in use, and what was asked over it.
void ClientSession::lose_socket() {
  if (socket_ == 0) return;
  note_stability();
  if (socket_phase_ == SocketPhase::live) {
    synced_ = false;
    if (store_.resetting()) cursor_ = Cursor{};  // of what was told by then nothing stays
    doubts_.clear();
    store_.connection_lost();
  }
  socket_ = 0;
  socket_phase_ = SocketPhase::none;
  joining_.clear();
  asked_.clear();
  hello_channels_.clear();
  token_command_ = 0;
  probe_at_ = 0;
  for (WaitingCommand& command : commands_) command.sent = command.sent && poll_live_;
  for (const Timer timer : {kOpen, kSilence, kRejoin}) disarm(timer);
}

void ClientSession::drop_socket(CloseCode code) {
  if (socket_ == 0) return;
  act(action::CloseSocket{socket_, static_cast<std::uint16_t>(code)});
  lose_socket();
}

void ClientSession::socket_closed(UnixMs now, std::uint32_t socket, std::uint16_t code, std::string_view) {
  enter(now);
  if (socket == socket_ && socket != 0) {
    const bool was_live = socket_phase_ == SocketPhase::live;
    lose_socket();
    switch (after_close(code)) {
      case AfterClose::stop:
        stop(code == static_cast<std::uint16_t>(CloseCode::forbidden)   ? Why::forbidden
             : code == static_cast<std::uint16_t>(CloseCode::too_large) ? Why::too_large
                                                                        : Why::bad_message);
        break;
      case AfterClose::refresh_token:
        token_refused(hello_token_);
        break;
      case AfterClose::reconnect: {
        const bool drains = code == static_cast<std::uint16_t>(CloseCode::going_away) ||
                            code == static_cast<std::uint16_t>(CloseCode::draining);
        const bool network = code < 4000 && !drains && code != static_cast<std::uint16_t>(CloseCode::normal);
        const bool busy = code == static_cast<std::uint16_t>(CloseCode::rate_limited);
        socket_failed(drains     ? Why::draining
                      : busy     ? Why::busy
                      : was_live ? Why::lost
                                 : Why::unreachable,
                      network, was_live);
      }
    }
  }
  settle();
}

// ---- listening ----

void ClientSession::socket_received(UnixMs now, std::uint32_t socket, std::string_view text) {
  enter(now);
  if (socket == socket_ && socket_phase_ >= SocketPhase::greeting) {
    Result<ServerMessage> message = decode_server_message(text);
    if (message) {
      heard();
      on_message(*message);
    } else {
      const bool was_live = socket_phase_ == SocketPhase::live;
      drop_socket(CloseCode::bad_message);
      socket_failed(Why::unreadable, false, was_live);
    }
  }
  settle();
}

void ClientSession::heard() {
  status_.last_heard_at = now_;
  if (socket_phase_ != SocketPhase::live) return;
  note_stability();
  probes_ = 0;
  arm(kSilence, heartbeat_ + heartbeat_ / 2);
}

// Half a heartbeat before it counts as dead, the server is asked. A late timer means that the page slept: the answer
// may be waiting behind this very tick, so once it is asked again.
void ClientSession::silent(DurationMs late) {
  if (probes_ == 0 || (probes_ == 1 && late > kLate)) return probe();
  drop_socket(CloseCode::normal);
  socket_failed(Why::silent, true, true);
}

void ClientSession::probe() {
  ++probes_;
  if (probe_at_ == 0) probe_at_ = now_;
  send(command::Heartbeat{});
  const DurationMs grace = std::min(heartbeat_ / 2, kAwakeGrace);
  arm(kSilence, std::max(grace, status_.last_heard_at + 2 * heartbeat_ - now_));
}

void ClientSession::on_message(ServerMessage& message) {
  if (const auto* welcome = std::get_if<push::Welcome>(&message)) return on(*welcome);
  if (const auto* goodbye = std::get_if<push::Goodbye>(&message)) return on(*goodbye);
  if (const auto* reply = std::get_if<push::Reply>(&message)) return on(*reply);
  if (std::get_if<push::AuthError>(&message)) return ask_token(Why::token_again);
  if (socket_phase_ != SocketPhase::live) return;  // nothing counts before the welcome
  if (auto* changes = std::get_if<push::Changes>(&message)) return on(*changes);
  if (const auto* estimates = std::get_if<push::Estimates>(&message)) return store_.fold(*estimates);
  if (std::get_if<push::Heartbeat>(&message)) return on_heartbeat();
  if (std::get_if<push::Unknown>(&message)) return;
  act(action::Pushed{std::move(message)});
}

void ClientSession::on(const push::Welcome& welcome) {
  if (socket_phase_ != SocketPhase::greeting) return;
  lose_polling();
  disarm(kOpen);
  socket_phase_ = SocketPhase::live;
  followed_ = std::exchange(hello_channels_, {});
  if (hello_cursor_ != Cursor{}) cursor_ = hello_cursor_;
  had_socket_ = true;
  use_polling_ = false;
  socket_failures_ = poll_failures_ = climbs_ = 0;
  live_since_ = now_;
  heartbeat_ = welcome.heartbeat > 0 ? welcome.heartbeat : kDefaultHeartbeat;
  status_.latency = now_ - hello_at_;
  status_.user = welcome.user;
  status_.role = welcome.role;
  // Half-told channels are told from the start, where a removal in between is not told.
  retain(followed_);
  set_status(ConnectionState::online, welcome.degraded.empty() ? Why::online : Why::degraded);
  heard();
  if (token_ != hello_token_) {
    token_command_ = ++last_id_;
    send(command::Token{token_}, token_command_);
  }
  ask_syncs();
  send_commands();
}

void ClientSession::on(push::Changes& changes) {
  store_.fold(changes);
  cursor_ = changes.cursor;
  told_token_ = hello_token_;
  now_followed(changes.followed);
  resuming_ = resuming_ || changes.reset;
  if (resuming_ && changes.synced) resumed(changes.followed);
  if (changes.reset || changes.synced) synced_ = changes.synced;
  retain_while_leaving();
  ask_syncs();
}

void ClientSession::on(const push::Goodbye& goodbye) {
  backoff_.reset();
  drop_socket(CloseCode::normal);
  if (poll_live_) return climb_failed();
  retry_directed(goodbye.reconnect_after, Why::draining);
}

void ClientSession::on(const push::Reply& reply) {
  if (reply.id == token_command_ && token_command_ != 0) {
    token_command_ = 0;
    if (!reply.error) {
      hello_token_ = told_token_ = token_;
    } else {
      ask_token(Why::token_again);
    }
    return;
  }
  const auto asked =
      std::find_if(asked_.begin(), asked_.end(), [&](const AskedChannels& one) { return one.id == reply.id; });
  if (asked == asked_.end()) return finish_command(reply.id, reply.error);
  AskedChannels answered = std::move(*asked);
  asked_.erase(asked);
  if (!answered.leaving) subscribe_answered(std::move(answered), reply.error);
}

void ClientSession::on_heartbeat() {
  if (probe_at_ == 0) return;
  status_.latency = now_ - std::exchange(probe_at_, 0);
}

}  // namespace jobwire
