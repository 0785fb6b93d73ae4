// What a page may show: state and reasons, for persons and for programs.
#include <utility>

#include "client_session_internal.h"
#include "words.h"

namespace jobwire {

namespace {
// For each Why a word for programs and one for persons. One text: pointers would be more to download than the search.
constexpr char kWords[] =
    "starting\0Connecting\0"
    "reconnecting\0Reconnecting\0"
    "online\0Connected\0"
    "degraded\0Connected, but the server cannot store changes\0"
    "websocket_blocked\0WebSocket is blocked here; polling\0"
    "no_network\0No network\0"
    "unreachable\0The server cannot be reached\0"
    "lost\0The connection was lost\0"
    "silent\0The server has fallen silent\0"
    "draining\0The server is restarting\0"
    "busy\0The server is busy\0"
    "unreadable\0The server's answer could not be read\0"
    "hidden\0Paused while the page is hidden\0"
    "token\0Signing in\0"
    "token\0The sign-in has expired; getting a new one\0"
    "token_failed\0Could not sign in\0"
    "unauthenticated\0Not signed in, or the sign-in has expired\0"
    "forbidden\0Not allowed\0"
    "bad_message\0The server does not understand this page; it may be out of date\0"
    "too_large\0The server refused a message of this page as too large\0"
    "no_transport\0Neither WebSocket nor polling may be used\0"
    "closed\0Closed\0";
}  // namespace

WhyWords ClientSession::words(Why why) {
  const std::size_t place = 2 * static_cast<std::size_t>(why);
  return {word_at(kWords, place), word_at(kWords, place + 1)};
}

void ClientSession::set_status(ConnectionState state, Why why) {
  const WhyWords why_so = words(why);
  show(status_.state, state);
  show(status_.reason, why_so.text);
  status_.reason_code = why_so.code;
}

// Ends every call: what is told of the status follows from what happened.
void ClientSession::settle() {
  show(status_.transport, socket_phase_ == SocketPhase::live ? Transport::websocket
                          : poll_live_                       ? Transport::polling
                                                             : Transport::none);
  const Timer next_try = armed(kRetry) ? kRetry : kToken;
  show(status_.next_try_at, status_.state == ConnectionState::offline ? wall(timers_[next_try]) : 0);
  bool all_told = synced_ && is_live() && !store_.resetting();
  for (auto at = interests_.begin(); at != interests_.end();) {
    const auto one = at++;
    all_told = all_told && (!one->is(kWanted) || one->is(kFollowed));
    one->drop(kNamed);
    if (one->standing == 0) interests_.erase(one);
  }
  show(status_.synced, all_told);
  status_.last_heard_at = wall(heard_at_);
  if (std::exchange(untold_, false)) sink_.status_changed(status_);
}

}  // namespace jobwire
