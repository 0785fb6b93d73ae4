// The WebSocket side: greet, listen, judge silence. At most one socket is in use; reports of others are ignored.
//
// A socket may open while polling goes on (the climb back). Its hello states cursor and channels of that moment, and
// from its welcome on these are the session's: what polls told in between is told once more, and changes nothing.
#include <algorithm>
#include <utility>

#include "client_session_internal.h"
#include "event_scan.h"

namespace jobwire {

void ClientSession::open_socket() {
  socket_ = ++last_socket_;
  socket_phase_ = SocketPhase::opening;
  arm(kOpen, options_.open_timeout);
  sink_.open_socket(socket_);
}

void ClientSession::begin_command(std::string_view event, std::int64_t id) {
  json_.clear();
  json::begin_command(json_, event, id);
}

void ClientSession::end_command() {
  json_.end_object().end_object();
  sink_.send(socket_, text_);
}

void ClientSession::send_token() {
  token_command_ = ++last_id_;
  begin_command("token", token_command_);
  json_.field("token", token_);
  end_command();
}

void ClientSession::socket_opened(UnixMs now, std::uint32_t socket) {
  enter(now);
  if (socket == socket_ && socket_phase_ == SocketPhase::opening) greet();
  settle();
}

void ClientSession::greet() {
  socket_phase_ = SocketPhase::greeting;
  hello_at_ = now_;
  hello_token_ = token_number_;
  copy(kFollowed, kGreeted);
  hello_cursor_ = resume_cursor();
  begin_command("hello", json::kNoId);
  json_.field_if("token", token_).field_if("cursor", hello_cursor_);
  write_channels("channels", kGreeted);
  json_.field_if("client", options_.client_name).field("reducer", options_.reducer).field_if("binary", options_.binary);
  end_command();
  resuming_ = true;
  subscribe_missing();
}

// Another token may see less, and a server knows nothing of the last one: the channels are told again, as a reset.
std::string_view ClientSession::resume_cursor() const {
  return !cursor_.empty() && token_number_ != told_token_ ? kNoEpoch : cursor_;
}

// Forgets the socket in use, and what was asked over it.
void ClientSession::lose_socket() {
  if (socket_ == 0) return;
  note_stability();
  if (socket_phase_ == SocketPhase::live) {
    synced_ = false;
    if (store_.resetting()) cursor_ = kNoEpoch;  // of what was told by then nothing stays
    store_.connection_lost();
  }
  socket_ = 0;
  socket_phase_ = SocketPhase::none;
  drop_all(kJoining | kLeaving | kGreeted);
  token_command_ = 0;
  probe_at_ = 0;
  for (WaitingCommand& command : commands_) command.sent = command.sent && poll_live_;
  disarm(kOpen, kRejoin);
}

void ClientSession::drop_socket(CloseCode code) {
  if (socket_ == 0) return;
  sink_.close_socket(socket_, static_cast<std::uint16_t>(code));
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
    if (!on_plain_events(text) && !on_message(text)) {
      const bool was_live = socket_phase_ == SocketPhase::live;
      drop_socket(CloseCode::bad_message);
      socket_failed(Why::unreadable, false, was_live);
    }
  }
  settle();
}

void ClientSession::heard() {
  heard_at_ = now_;
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
  begin_command("heartbeat", json::kNoId);
  end_command();
  const DurationMs grace = std::min(heartbeat_ / 2, kAwakeGrace);
  arm(kSilence, std::max(grace, heard_at_ + 2 * heartbeat_ - now_));
}

// The message that comes most: events and nothing else, as the server writes them, folded as they are read. What is
// not of that form is left for on_message(), which passes over what was folded here.
bool ClientSession::on_plain_events(std::string_view text) {
  if (socket_phase_ != SocketPhase::live) return false;
  json::EventScan scan(text);
  std::string_view cursor;
  if (!scan.begin(cursor)) return false;
  store_.begin(false);
  EventView event;
  while (scan.next(event)) {
    if (!store_.fold_if_known(event)) return false;
  }
  if (!scan.complete()) return false;
  heard();
  told_up_to(cursor);
  return true;
}

bool ClientSession::read_text(std::string_view text) {
  return reader_->tape.read(text, json::kAnySize, json::kMessageDepth) == json::Fault::none;
}

bool ClientSession::on_message(std::string_view text) {
  auto& [tape, records] = *reader_;
  json::MessageRecord message;
  if (!read_text(text) || !read(records, message)) return false;
  const json::Value data = tape.at(message.data);
  const std::string_view event = message.event;
  heard();
  if (event == "changes") return socket_phase_ != SocketPhase::live || on_changes(data);
  if (event == "welcome") {
    json::WelcomeRecord welcome;
    if (!read(records, data, welcome)) return false;
    return on_welcome(welcome), true;
  }
  if (event == "goodbye") {
    json::GoodbyeRecord goodbye;
    if (!read(records, data, goodbye)) return false;
    return on_goodbye(goodbye.reconnect_after), true;
  }
  if (event == "reply") {
    json::ReplyRecord reply;
    Refusal refusal;
    if (!read(records, data, reply)) return false;
    if (reply.error == 0) return on_reply(reply.id, nullptr), true;
    if (!read(records, tape.at(reply.error), refusal)) return false;
    return on_reply(reply.id, &refusal), true;
  }
  if (event == "auth-error") return ask_token(Why::token_again), true;
  if (socket_phase_ != SocketPhase::live) return true;  // nothing counts before the welcome
  if (event == "heartbeat") return on_heartbeat(), true;
  sink_.pushed(event, data.raw());
  return true;
}

void ClientSession::on_welcome(const json::WelcomeRecord& welcome) {
  if (socket_phase_ != SocketPhase::greeting) return;
  lose_polling();
  disarm(kOpen);
  socket_phase_ = SocketPhase::live;
  copy(kGreeted, kFollowed);
  drop_all(kGreeted);
  if (hello_cursor_ != kNoEpoch) cursor_ = hello_cursor_;
  had_socket_ = true;
  use_polling_ = false;
  socket_failures_ = poll_failures_ = climbs_ = 0;
  live_since_ = now_;
  heartbeat_ = welcome.heartbeat > 0 ? welcome.heartbeat : kDefaultHeartbeat;
  status_.latency = now_ - hello_at_;
  show(status_.user, welcome.user);
  show(status_.role, welcome.role);
  // Half-told channels are told from the start, where a removal in between is not told.
  retain(kFollowed);
  set_status(ConnectionState::online, welcome.degraded.empty() ? Why::online : Why::degraded);
  heard();
  if (token_number_ != hello_token_) send_token();
  ask_syncs();
  send_commands();
}

bool ClientSession::on_changes(json::Value data) {
  json::ChangesRecord changes;
  if (!fold(data, changes)) return false;
  now_followed();
  resuming_ = resuming_ || changes.reset;
  if (changes.reset && !changes.role.empty()) renewed();
  if (resuming_ && changes.synced) resumed();
  if (changes.reset || changes.synced) synced_ = changes.synced;
  told_up_to(changes.cursor);
  return true;
}

// Where it breaks off, what was folded stays: each snapshot and event is true by itself, and the cursor has not moved.
bool ClientSession::fold(json::Value data, json::ChangesRecord& changes) {
  if (!read(reader_->records, data, changes) || changes.cursor.empty()) return false;
  if (!fold_each(changes.followed, &ClientSession::mark_named)) return false;
  store_.begin(changes.reset);
  if (!fold_each(changes.jobs, &ClientSession::fold_job) || !fold_each(changes.events, &ClientSession::fold_event) ||
      !fold_each(changes.removed, &ClientSession::fold_removed)) {
    return false;
  }
  store_.end(changes.synced);
  if (!changes.role.empty()) {
    show(status_.user, changes.user);
    show(status_.role, changes.role);
  }
  if ((changes.truncated | changes.unread | changes.messages | changes.queues | changes.estimates) != 0 ||
      changes.reset)
    sink_.pushed("changes", data.raw());
  return true;
}

bool ClientSession::fold_each(std::uint32_t list, bool (ClientSession::*fold_one)(json::Value)) {
  if (list == 0) return true;
  for (auto [at, end] = reader_->tape.at(list).children(); at != end; at = at.next()) {
    if (!(this->*fold_one)(at)) return false;
  }
  return true;
}

bool ClientSession::fold_job(json::Value value) {
  auto job = std::make_unique<JobState>();
  if (!read(reader_->records, value, *job)) return false;
  store_.fold(std::move(job));
  return true;
}

bool ClientSession::fold_event(json::Value value) {
  json::EventRecord event;
  if (!read(reader_->records, value, event)) return false;
  store_.fold(event.view);
  return true;
}

bool ClientSession::fold_removed(json::Value value) {
  RemovedJob removed;
  if (!read(reader_->records, value, removed)) return false;
  store_.fold(removed);
  return true;
}

void ClientSession::told_up_to(std::string_view cursor) {
  cursor_ = cursor;
  told_token_ = hello_token_;
  retain_while_leaving();
  ask_syncs();
}

void ClientSession::on_goodbye(DurationMs reconnect_after) {
  backoff_.reset();
  drop_socket(CloseCode::normal);
  if (poll_live_) return climb_failed();
  retry_directed(reconnect_after, Why::draining);
}

void ClientSession::on_reply(std::int64_t id, const Refusal* error) {
  if (id == token_command_ && token_command_ != 0) {
    token_command_ = 0;
    if (error == nullptr) {
      hello_token_ = told_token_ = token_number_;
    } else {
      ask_token(Why::token_again);
    }
    return;
  }
  unsubscribe_answered(id);
  if (error != nullptr) subscribe_refused(id, *error);
  finish_command(id, error);
}

void ClientSession::on_heartbeat() {
  if (probe_at_ == 0) return;
  status_.latency = now_ - std::exchange(probe_at_, 0);
}

}  // namespace jobwire
