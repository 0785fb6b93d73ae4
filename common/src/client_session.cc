#include "jobwire/client_session.h"

#include <algorithm>
#include <utility>

#include "client_session_internal.h"

namespace jobwire {

namespace {
constexpr std::size_t kMostChannels = 1000;  // of a connection (PROTOCOL.md, "Channels")
constexpr DurationMs kSpanBackwards = 1'000;
}  // namespace

ClientSession::ClientSession(ClientOptions options, JobStore& store, ActionSink& sink, std::uint64_t seed)
    : options_(options),
      reader_(std::make_unique<Reader>()),
      store_(store),
      sink_(sink),
      random_(seed),
      token_backoff_(options_.backoff),
      backoff_(options_.backoff) {
  append_integer(poller_, static_cast<std::int64_t>(random_.next() >> 1));
}

ClientSession::~ClientSession() = default;

// A wall clock may be set back: what was armed keeps its distance.
void ClientSession::enter(UnixMs wall) {
  if (wall + set_back_ < now_ - kSpanBackwards) set_back_ = now_ - wall;
  now_ = wall + set_back_;
}

// ---- the owner ----

void ClientSession::start(UnixMs now) {
  enter(now);
  if (!is_running()) {
    backoff_.reset();
    connect();
  }
  settle();
}

void ClientSession::close(UnixMs now) {
  enter(now);
  disconnect();
  expire_commands(true);
  set_status(ConnectionState::idle, Why::closed);
  settle();
}

void ClientSession::follow(UnixMs now, std::string_view channels) {
  enter(now);
  bool added = false;
  Channel channel;
  while (next_channel(channels, channel)) {
    Interest& one = interest(channel);
    if (one.is(kWanted)) continue;
    if (count(kWanted) == kMostChannels) {
      refuse(one, {ErrorCode::too_large, "at most 1000 channels can be followed", "channels", 0});
    } else {
      one.add(kWanted);
      added = true;
    }
  }
  if (added) subscribe_missing();
  if (added && poll_live_) arm(kNextPoll, kGather);
  settle();
}

void ClientSession::unfollow(UnixMs now, std::string_view channels) {
  enter(now);
  const bool asks = socket_phase_ >= SocketPhase::greeting;
  bool dropped = false;
  Channel channel;
  while (next_channel(channels, channel)) {
    Interest& one = interest(channel);
    if (!one.is(kWanted)) continue;
    dropped = true;
    one.drop(kWanted | kFollowed | kJoining | kGreeted);
    if (!asks) continue;
    // The answer tells when nothing more of it is under way.
    one.left = last_id_ + 1;
    one.add(kLeaving);
  }
  if (dropped) {
    if (asks) send_channels("unsubscribe");
    retain(kWanted);
  }
  settle();
}

std::int64_t ClientSession::cancel(UnixMs now, std::string_view job, std::string_view reason) {
  enter(now);
  const std::int64_t id = ++last_id_;
  WaitingCommand& command = commands_.emplace_back();
  command.id = id;
  command.job = job;
  command.reason = reason;
  command.deadline = now_ + options_.command_timeout;
  if (!armed(kCommand)) arm(kCommand, options_.command_timeout);
  if (is_live()) send_commands();
  settle();
  return id;
}

void ClientSession::retry_now(UnixMs now) {
  enter(now);
  retry_soon();
  if (poll_live_ && socket_ == 0 && options_.websocket) open_socket();
  settle();
}

// ---- the platform ----

void ClientSession::set_online(UnixMs now, bool online) {
  enter(now);
  if (online && !network_) {  // perhaps another network: what failed on the last one may work here
    network_ = true;
    had_socket_ = false;
    socket_failures_ = 0;
    climbs_ = 0;
    backoff_.reset();
    retry_soon();
    if (socket_phase_ == SocketPhase::live && probes_ == 0) probe();
    if (poll_live_) {
      arm(kNextPoll, kGather);
      arm_climb();
    }
  } else if (!online && network_) {
    network_ = false;
    if (armed(kRetry)) retry_in(0, Why::no_network);
  }
  settle();
}

void ClientSession::set_visible(UnixMs now, bool visible) {
  enter(now);
  const bool shown = visible && hidden_;
  hidden_ = !visible;
  if (!visible && options_.hidden_grace > 0 && is_running()) arm(kHide, options_.hidden_grace);
  if (shown) {
    disarm(kHide);
    if (std::exchange(paused_, false)) {
      backoff_.reset();
      connect();
    } else {
      if (status_.reason_code != words(Why::draining).code) retry_soon();
      if (socket_phase_ == SocketPhase::live && probes_ == 0 && now_ - heard_at_ > kAwakeGrace) probe();
    }
  }
  settle();
}

void ClientSession::pause() {
  disconnect();
  paused_ = true;
  set_status(ConnectionState::offline, Why::hidden);
}

// ---- time ----

UnixMs ClientSession::wake_at() const {
  UnixMs next = 0;
  for (const UnixMs due : timers_) {
    if (due != 0 && (next == 0 || due < next)) next = due;
  }
  return wall(next);
}

void ClientSession::tick(UnixMs now) {
  enter(now);
  for (std::uint8_t i = 0; i < kTimers; ++i) {
    const auto timer = static_cast<Timer>(i);
    if (!armed(timer) || timers_[timer] > now_) continue;
    const DurationMs late = now_ - timers_[timer];
    disarm(timer);
    fire(timer, late);
  }
  settle();
}

void ClientSession::disarm(Timer first, Timer last) {
  for (std::size_t timer = first; timer <= last; ++timer) timers_[timer] = 0;
}

void ClientSession::fire(Timer timer, DurationMs late) {
  switch (timer) {
    case kRetry:
      return connect();
    case kOpen:
      drop_socket(CloseCode::normal);
      return socket_failed(Why::unreachable, true, false);
    case kSilence:
      return silent(late);
    case kPoll:
      return polling_failed(Why::unreachable, 0);
    case kNextPoll:
      return poll();
    case kClimb:
      return socket_ == 0 && poll_live_ ? open_socket() : void();
    case kToken:
      return need_token(Why::token_again);
    case kCommand:
      return expire_commands(false);
    case kRejoin:
      return subscribe_missing();
    case kHide:
      return hidden_ && is_running() ? pause() : void();
    case kTimers:
      return;
  }
}

}  // namespace jobwire
