// What a page may show: state and reasons, for persons and for programs.
#include <utility>

#include "client_session_internal.h"

namespace jobwire {

namespace {
constexpr WhyWords kWords[] = {
    {"starting", "Connecting"},
    {"reconnecting", "Reconnecting"},
    {"online", "Connected"},
    {"degraded", "Connected, but the server cannot store changes"},
    {"websocket_blocked", "WebSocket is blocked here; polling"},
    {"no_network", "No network"},
    {"unreachable", "The server cannot be reached"},
    {"lost", "The connection was lost"},
    {"silent", "The server has fallen silent"},
    {"draining", "The server is restarting"},
    {"busy", "The server is busy"},
    {"unreadable", "The server's answer could not be read"},
    {"hidden", "Paused while the page is hidden"},
    {"token", "Signing in"},
    {"token", "The sign-in has expired; getting a new one"},
    {"token_failed", "Could not sign in"},
    {"unauthenticated", "Not signed in, or the sign-in has expired"},
    {"forbidden", "Not allowed"},
    {"bad_message", "The server does not understand this page; it may be out of date"},
    {"too_large", "The server refused a message of this page as too large"},
    {"no_transport", "Neither WebSocket nor polling may be used"},
    {"closed", "Closed"},
};
}  // namespace

WhyWords ClientSession::words(Why why) { return kWords[static_cast<std::size_t>(why)]; }

void ClientSession::set_status(ConnectionState state, Why why) {
  status_.state = state;
  status_.reason_code = words(why).code;
  status_.reason = words(why).text;
}

// Ends every call: what is told of the status follows from what happened.
void ClientSession::settle() {
  const ConnectionState state = status_.state;
  status_.transport = socket_phase_ == SocketPhase::live ? Transport::websocket
                      : poll_live_                       ? Transport::polling
                                                         : Transport::none;
  status_.next_try_at = state != ConnectionState::offline ? 0 : armed(kRetry) ? timers_[kRetry] : timers_[kToken];
  bool all_told = synced_ && is_live() && !store_.resetting();
  for (auto wanted = wanted_.begin(); all_told && wanted != wanted_.end(); ++wanted) {
    all_told = followed_.contains(*wanted);
  }
  status_.synced = all_told;
  told_status_.last_heard_at = status_.last_heard_at;
  told_status_.latency = status_.latency;
  if (status_ == told_status_) return;
  told_status_ = status_;
  sink_.status_changed(status_);
}

}  // namespace jobwire
