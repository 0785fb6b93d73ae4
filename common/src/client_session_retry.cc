// When to try again, over which transport, and with which token.
//
// Transports alternate while neither works: WebSocket fails `ws_failures_before_polling` times in a row -> polling; a
// poll that fails where none has worked, or twice in a row -> WebSocket. Each try comes after backoff, except the first
// poll of a page whose first WebSocket failed.
#include <algorithm>
#include <utility>

#include "client_session_internal.h"

namespace jobwire {

bool ClientSession::is_running() const {
  return status_.state != ConnectionState::idle && status_.state != ConnectionState::stopped;
}

void ClientSession::connect() {
  disarm(kRetry);
  if (options_.needs_token && token_.empty()) return ask_token(Why::token_first);
  if (!options_.websocket && !options_.polling) return stop(Why::no_transport);
  const bool polls = !options_.websocket || (use_polling_ && options_.polling);
  set_status(ConnectionState::connecting, heard_at_ == 0 ? Why::starting : Why::reconnecting);
  return polls ? start_polling() : open_socket();
}

// Ends every transport and every timer; what is known stays.
void ClientSession::disconnect() {
  note_stability();
  drop_socket(CloseCode::normal);
  lose_socket();
  lose_polling();
  disarm(kRetry, kHide);
  token_asked_ = false;
  paused_ = false;
}

void ClientSession::stop(Why why) {
  disconnect();
  set_status(ConnectionState::stopped, why);
}

void ClientSession::retry_in(DurationMs delay, Why why) {
  if (!network_) {  // a hint only: a server on this machine answers without a network
    delay = std::max(delay, options_.backoff.cap);
    why = Why::no_network;
  }
  set_status(ConnectionState::offline, why);
  arm(kRetry, delay);
}

// `directed`: what the server asked for; 0: nothing. Its slot for a goodbye is ours alone.
void ClientSession::retry_directed(DurationMs directed, Why why) {
  retry_in(directed > 0 ? std::min(directed, kLongestDirected) : backoff_.next(random_), why);
}

void ClientSession::retry_soon() {
  if (armed(kToken)) {
    disarm(kToken);
    need_token(Why::token_again);
  }
  if (!armed(kRetry)) return;
  backoff_.reset();
  connect();
}

// A connection that lasted was a good one: what failed before it is forgotten.
void ClientSession::note_stability() {
  if (!is_live() || now_ - live_since_ < kStable) return;
  backoff_.reset();
  if (now_ - token_set_at_ >= kStable) {
    token_backoff_.reset();
    token_asks_ = 0;
  }
}

// `network`: it broke or never came about, as against a server that spoke and closed.
void ClientSession::socket_failed(Why why, bool network, bool was_live) {
  if (poll_live_) return climb_failed();
  if (network && (!was_live || now_ - live_since_ < kStable)) ++socket_failures_;
  const int enough = had_socket_ ? options_.ws_failures_before_polling : 1;
  const bool first_failure = !had_socket_ && socket_failures_ == 1 && poll_failures_ == 0;
  if (options_.polling && socket_failures_ >= enough) use_polling_ = true;
  if (use_polling_ && first_failure) return connect();
  retry_in(backoff_.next(random_), why);
}

void ClientSession::polling_failed(Why why, DurationMs directed) {
  const bool was_live = poll_live_;
  lose_polling();
  ++poll_failures_;
  if (socket_ != 0) {  // it was climbing: now it is the attempt
    use_polling_ = false;
    return set_status(ConnectionState::connecting, Why::reconnecting);
  }
  if (options_.websocket && (!was_live || poll_failures_ >= 2)) use_polling_ = false;
  retry_directed(directed, was_live && why == Why::unreachable ? Why::lost : why);
}

// ---- tokens ----

// The first question is put at once, further ones with backoff until a connection has lasted.
void ClientSession::ask_token(Why why) {
  if (!is_live()) set_status(ConnectionState::connecting, why);
  if (token_asked_ || armed(kToken)) return;
  if (token_asks_++ == 0) return need_token(why);
  if (!is_live()) set_status(ConnectionState::offline, Why::unauthenticated);
  arm(kToken, token_backoff_.next(random_));
}

void ClientSession::need_token(Why why) {
  if (!is_live()) set_status(ConnectionState::connecting, why);
  token_asked_ = true;
  sink_.need_token(words(why).text);
}

// The server closed with 4401, or answered a poll with 401.
void ClientSession::token_refused(int used) {
  const bool fresher = token_number_ != used && !token_.empty();
  const bool asked = token_asked_;
  if (!options_.needs_token && !fresher) {
    stop(Why::unauthenticated);
    return sink_.need_token(words(Why::unauthenticated).text);
  }
  disconnect();
  token_asked_ = asked;
  if (fresher) return retry_in(backoff_.next(random_), Why::unauthenticated);
  ask_token(Why::token_again);
}

void ClientSession::set_token(UnixMs now, std::string_view token) {
  enter(now);
  const bool waiting = token_asked_ || armed(kToken);
  token_asked_ = false;
  disarm(kToken);
  const bool changed = token != token_;
  if (changed) ++token_number_;
  token_ = token;
  token_set_at_ = now_;
  if (status_.state == ConnectionState::stopped) {
    backoff_.reset();
    connect();
  } else if (socket_phase_ == SocketPhase::live && (changed || waiting)) {
    send_token();
  } else if (is_running() && !is_live() && socket_ == 0 && poll_ == 0 && waiting) {
    connect();
  }
  settle();
}

void ClientSession::token_failed(UnixMs now, std::string_view reason) {
  enter(now);
  if (std::exchange(token_asked_, false) && is_running()) {
    if (!is_live()) {
      set_status(ConnectionState::offline, Why::token_failed);
      if (!reason.empty()) status_.reason.append(": ").append(reason);
    }
    arm(kToken, token_backoff_.next(random_));
  }
  settle();
}

}  // namespace jobwire
