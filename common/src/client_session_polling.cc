// The long-poll side: the same question over HTTP, one outstanding at a time. `join` carries what is wanted and not yet
// told, and the channels `job:{id}` of jobs in doubt, because a poll has no `sync`.
#include <algorithm>
#include <utility>

#include "client_session_internal.h"
#include "codec_internal.h"

namespace jobwire {

namespace {
constexpr std::size_t kMostJoins = 1000;

bool is_refusal(int status) { return status == 400 || status == 403 || status == 413; }
}  // namespace

// problem+json; a body that is none (from a proxy, say) is `internal`.
Refusal ClientSession::problem(std::string_view body) {
  Refusal refusal;
  if (!read_text(body) || !read(reader_->records, reader_->tape.root(), refusal)) refusal = {};
  if (refusal.message.empty()) refusal.message = words(Why::unreadable).text;
  return refusal;
}

void ClientSession::start_polling() {
  idle_polls_ = 0;
  join_limit_ = kMostJoins;
  poll();
}

// Asks at once; a poll that waits is given up for the newer question. A lost poll loses nothing: the cursor stays, a
// reset that is half told goes on from it, and doubts are joined until their channel is named as told.
void ClientSession::poll() {
  if (poll_ != 0) sink_.abort_poll(poll_);
  disarm(kNextPoll);
  choose_joins();
  poll_token_ = token_number_;
  poll_ = ++last_poll_;
  poll_sent_at_ = now_;
  poll_asked_wait_ = poll_live_ ? options_.poll_wait : 0;  // the first answer tells that polling works
  arm(kPoll, poll_asked_wait_ + options_.poll_grace);
  json_.clear();
  json_.begin_object().field_if("cursor", resume_cursor());
  write_channels("channels", kFollowed);
  if (count(kPolled) != 0) write_channels("join", kPolled);
  json_.field("wait", poll_asked_wait_).field("session", poller_).field("reducer", options_.reducer).end_object();
  sink_.poll(poll_, text_);
}

void ClientSession::choose_joins() {
  drop_all(kPolled);
  std::uint32_t slot = 0;
  while (const JobId* job = store_.next_doubt(slot)) {
    ++slot;
    Interest& one = interest({ChannelKind::job, job->value});
    one.drop(kFollowed);  // told from the start, so not resumed as well
    one.add(kPolled);
  }
  std::size_t room = std::min(kMostJoins - std::min(count(kFollowed), kMostJoins - 1), join_limit_);
  for (Interest& one : interests_) {
    if (one.is(kWanted) && !one.is(kFollowed)) one.add(kPolled);
    if (!one.is(kPolled)) continue;
    if (room == 0) {
      one.drop(kPolled);
    } else {
      --room;
    }
  }
}

void ClientSession::lose_polling() {
  note_stability();
  if (poll_ != 0) sink_.abort_poll(std::exchange(poll_, 0));
  if (poll_live_) {
    synced_ = false;
    for (WaitingCommand& command : commands_) command.sent = false;
  }
  poll_live_ = false;
  disarm(kPoll, kClimb);
}

void ClientSession::polled(UnixMs now, std::uint32_t number, int status, std::string_view body,
                           DurationMs retry_after) {
  enter(now);
  if (number == poll_ && number != 0) {
    poll_ = 0;
    disarm(kPoll);
    if (status == 200) {
      poll_answered(body);
    } else if (status == 401) {
      token_refused(poll_token_);
    } else if (const Refusal refusal = problem(body); is_refusal(status) && refusal.code != ErrorCode::internal) {
      heard_at_ = now_;
      poll_refused(refusal);
    } else {
      const bool busy = status == 429 || status == 503;
      // Retry-After counts in seconds: without a spread all would come at once.
      const DurationMs spread = busy && retry_after > 0 ? static_cast<DurationMs>(random_.below(1'000)) : 0;
      polling_failed(status == 503 ? Why::draining
                     : busy        ? Why::busy
                                   : Why::unreachable,
                     busy ? retry_after + spread : 0);
    }
  }
  settle();
}

void ClientSession::poll_answered(std::string_view body) {
  bool progressed = false;
  if (!fold_answer(body, progressed)) return polling_failed(Why::unreadable, 0);
  heard_at_ = now_;
  if (poll_asked_wait_ == 0) status_.latency = now_ - poll_sent_at_;
  told_token_ = poll_token_;
  retain(kWanted);
  join_limit_ = std::min(join_limit_ * 2, kMostJoins);
  if (!poll_live_) poll_goes_live();
  note_stability();
  send_commands();
  arm(kNextPoll, gap_after_poll(progressed, synced_));
}

// `progressed`: it told something.
bool ClientSession::fold_answer(std::string_view body, bool& progressed) {
  json::ChangesRecord changes;
  if (!read_text(body)) return false;
  const bool was_resetting = store_.resetting();
  if (!fold(reader_->tape.root(), changes)) return false;
  // A socket that broke off may have told a part of a channel. Joined now it is told whole, but not what was removed
  // since.
  if (count(kPolled) != 0 && !was_resetting && !store_.resetting()) retain(kFollowed, 0, true);
  const std::size_t before = count(kFollowed);
  const bool moved = cursor_ != changes.cursor;
  cursor_ = changes.cursor;
  if (changes.reset) drop_all(kFollowed);  // what is told again is named in `followed`, the rest is joined
  for (Interest& one : interests_) {
    if (!one.is(kNamed)) continue;
    if ((one.is(kPolled) || changes.reset) && one.is(kWanted)) one.add(kFollowed);
    if (one.is(kPolled) && one.channel.kind == ChannelKind::job) store_.asked(one.channel.id);
  }
  synced_ = changes.synced;
  const bool joined = count(kFollowed) != before;
  // What a socket tells from its hello on is older by now: it would bring back what is gone, or drop what was joined.
  if (socket_phase_ == SocketPhase::greeting && (joined || changes.reset || changes.removed != 0)) {
    drop_socket(CloseCode::normal);
    open_socket();
  }
  progressed = moved || joined;
  return true;
}

void ClientSession::poll_goes_live() {
  poll_live_ = true;
  live_since_ = now_;
  poll_failures_ = 0;
  use_polling_ = true;
  set_status(ConnectionState::polling, Why::polling);
  arm_climb();
}

// Pages of one answer come without a pause; a server or proxy that answers at once with nothing new is not asked in a
// tight loop.
DurationMs ClientSession::gap_after_poll(bool progressed, bool synced) {
  if (progressed) {
    idle_polls_ = 0;
    return synced ? kPollGap : 0;
  }
  if (poll_asked_wait_ == 0 || now_ - poll_sent_at_ >= std::min(poll_asked_wait_, kIdlePollGap)) return kPollGap;
  return doubled(kIdlePollGap, idle_polls_++, options_.backoff.cap);
}

// One channel that may not be followed refuses the whole poll: smaller joins find out which.
void ClientSession::poll_refused(const Refusal& error) {
  const std::size_t joins = count(kPolled);
  if (joins > 1) {
    join_limit_ = joins / 2;
  } else if (joins == 1) {
    join_limit_ = kMostJoins;
    for (Interest& one : interests_) {
      if (!one.is(kPolled)) continue;
      if (one.channel.kind == ChannelKind::job) store_.asked(one.channel.id);
      if (one.is(kWanted)) refuse(one, error);
    }
  } else if (count(kFollowed) != 0) {
    drop_all(kFollowed);  // permitted when they were joined: joined again, the one that is not comes out
    join_limit_ = 1;
  } else {
    return stop(error.code == ErrorCode::forbidden ? Why::forbidden : Why::bad_message);
  }
  arm(kNextPoll, kPollGap);
}

// ---- climbing back to a WebSocket ----

// Soon where a WebSocket has worked before, then ever more seldom; spread, because many fell together.
void ClientSession::arm_climb() {
  if (!options_.websocket) return;
  const DurationMs first = had_socket_ ? options_.climb_interval / 10 : options_.climb_interval;
  const DurationMs interval = doubled(first, climbs_, options_.climb_cap);
  arm(kClimb, interval / 2 + static_cast<DurationMs>(random_.below(static_cast<std::uint64_t>(interval / 2) + 1)));
}

void ClientSession::climb_failed() {
  ++climbs_;
  arm_climb();
}

}  // namespace jobwire
