// The session's protocol: commands in, replies out. How changes are told: session_changes.cc.
#include "hub/session.h"

#include <algorithm>
#include <utility>

#include "hub/counts_only.h"
#include "hub/hub.h"
#include "jobwire/codec.h"

namespace jobwire::hub {

Session::Session(Hub& hub, Sink& sink, std::string id, auth::Credentials credentials, std::string address)
    : hub_(hub),
      sink_(sink),
      id_(std::move(id)),
      credentials_(std::make_unique<auth::Credentials>(std::move(credentials))),
      caller_{.address = std::move(address)},
      opened_at_(hub.now()) {
  hub_.enter(*this);
}

Session::Session(Hub& hub, Sink& sink, std::string id, auth::Principal who, const ChangesRequest& request)
    : hub_(hub), sink_(sink), id_(std::move(id)), opened_at_(hub.now()), can_sync_(false) {
  hub_.enter(*this);
  open(std::move(who), request.reducer, request.channels, request.cursor);
  if (!request.join.empty()) join(request.join);
  pump();
}

Session::~Session() { abandon(); }

void Session::received(std::string_view text) {
  if (phase_ == Phase::closed) return;
  hub_.count_received();
  Result<ClientCommand> command = decode_command(text, hub_.options().codec);
  if (!command) {
    const ErrorCode code = command.error().code;
    if (phase_ == Phase::awaiting_hello || code == ErrorCode::bad_json) {
      return refuse(CloseCode::bad_message, command.error());
    }
    return reply(peek_command_id(text), command.error());
  }
  const bool greets = std::holds_alternative<command::Hello>(command->body);
  if (greets != (phase_ == Phase::awaiting_hello)) {
    return refuse(CloseCode::bad_message,
                  {ErrorCode::bad_request, greets ? "hello comes once" : "the first message must be hello", "event"});
  }
  if (greets || take(*command)) std::visit([&](const auto& body) { on(body, command->id); }, command->body);
}

// Who has not asked for a reply could never know that a command was dropped: they start anew instead.
bool Session::take(const ClientCommand& command) {
  const bool subscribes = std::holds_alternative<command::Subscribe>(command.body);
  const Status taken = hub_.take(subscribes ? auth::Act::subscribe : auth::Act::command, caller_);
  if (taken) return true;
  if (command.id) {
    reply(command.id, taken.error());
  } else {
    goodbye(taken.error().retry_after_ms, taken.error().message, CloseCode::rate_limited);
  }
  return false;
}

void Session::on(const command::Hello& hello, std::optional<std::int64_t> id) {
  if (hub_.draining()) return goodbye(0);
  credentials_->given = hello.token;
  Result<auth::Principal> who = hub_.authenticate(*credentials_);
  if (!who && who.error().code == ErrorCode::unavailable) {  // neither good nor bad yet
    return goodbye(who.error().retry_after_ms, who.error().message);
  }
  if (!who) return refuse(CloseCode::unauthenticated, who.error());
  caller_.user = auth::caller_of(*who, {}).user;
  auth::Caller user{.user = caller_.user};  // the address was counted when the socket opened
  if (const Status taken = hub_.take(auth::Act::connect, user); !taken) {
    return goodbye(taken.error().retry_after_ms, taken.error().message, CloseCode::rate_limited);
  }
  if (hello.channels.size() > hub_.options().most_channels) {
    return refuse(CloseCode::bad_message, too_many_channels());
  }
  // Channels that this principal may not follow are left out of `followed`: the client asks for them and is told why.
  std::vector<Channel> channels;
  for (const Channel& channel : hello.channels) {
    if (auth::may_follow(*who, channel)) channels.push_back(channel);
  }
  credentials_.reset();
  phase_ = Phase::open;
  principal_ = *who;
  welcome();
  reply(id, std::nullopt);
  open(std::move(*who), hello.reducer, std::move(channels), hello.cursor);
  pump();
}

void Session::open(auth::Principal who, int reducer, std::vector<Channel> channels,
                   const std::optional<Cursor>& cursor) {
  phase_ = Phase::open;
  principal_ = std::move(who);
  hub_.attend(auth::inboxes(principal_), *this);
  snapshots_only_ = reducer != kReducerVersion;
  const bool resumes = cursor && hub_.node().is_valid(*cursor);
  CatchUp catch_up;
  if (resumes) {
    catch_up.resume = true;
    catch_up.channels = std::move(channels);
    catch_up.after = cursor->offset;
    take_floors(hub_.node(), catch_up);
    if (!can_sync_) raise_floors(catch_up);
  } else {
    catch_up = from_start(hub_.node(), std::move(channels));
    catch_up.reset = catch_up.anew = true;
  }
  catch_up.resume = true;
  cursor_ = resumes ? *cursor : hub_.node().between_pages(0);
  catch_ups_.insert(catch_ups_.begin(), std::move(catch_up));
}

void Session::welcome() {
  push::Welcome welcome;
  welcome.session_id = id_;
  welcome.cursor = hub_.node().head();
  welcome.heartbeat = hub_.options().heartbeat;
  welcome.user = principal_.user;
  welcome.role = auth::role_name(principal_.role);
  welcome.server_time = hub_.now();
  welcome.degraded = hub_.node().log().degraded();
  tell(ServerMessage(std::move(welcome)));
}

Status Session::admit(const std::vector<Channel>& channels) const {
  for (const Channel& channel : channels) {
    if (auth::may_follow(principal_, channel)) continue;
    return Error{ErrorCode::forbidden, "this channel may not be followed with this token", to_string(channel)};
  }
  std::size_t count = live_.size() + channels.size();
  for (const CatchUp& catch_up : catch_ups_) count += catch_up.channels.size();
  if (count <= hub_.options().most_channels) return Done{};
  return too_many_channels();
}

Error Session::too_many_channels() const {
  return {ErrorCode::too_large,
          "a connection may follow at most " + std::to_string(hub_.options().most_channels) + " channels", "channels"};
}

void Session::on(const command::Subscribe& subscribe, std::optional<std::int64_t> id) {
  if (Status admitted = admit(subscribe.channels); !admitted) return reply(id, admitted.error());
  reply(id, std::nullopt);
  join(subscribe.channels);
  pump();
}

void Session::on(const command::Unsubscribe& unsubscribe, std::optional<std::int64_t> id) {
  flush();  // with the answer nothing more of these is under way
  for (const Channel& channel : unsubscribe.channels) leave(channel);
  reply(id, std::nullopt);
  pump();
}

void Session::on(const command::Sync& sync, std::optional<std::int64_t> id) {
  dialect::Changes answer;
  const Visibility visibility = auth::visibility(principal_);
  for (const JobId& job : sync.job_ids) {
    const node::JobRecord* record = hub_.node().find(job);
    // An unknown job, somebody else's, and one of a channel that has been left are answered alike.
    if (record == nullptr || record->state.removed || !is_told(record->state)) {
      answer.add_removal(dialect::removal_segment(job, hub_.node().head().offset));
    } else {
      answer.add_job(snapshot(*record, visibility));
    }
    if (answer.bytes < hub_.options().page_bytes) continue;
    send_page({.cursor = told_up_to()}, answer);
    answer.clear();
  }
  if (!answer.empty()) send_page({.cursor = told_up_to()}, answer);
  reply(id, std::nullopt);
}

// Through a channel that is live, or on its way to be.
bool Session::is_told(const JobState& job) const {
  const auto carried = [&](const Channel& channel) {
    return carries(channel, job) && !counts_only(principal_, channel);
  };
  return auth::may_see(principal_, job) &&
         (std::any_of(live_.begin(), live_.end(), [&](const auto& live) { return carried(live.first); }) ||
          std::any_of(catch_ups_.begin(), catch_ups_.end(), [&](const CatchUp& catch_up) {
            return std::any_of(catch_up.channels.begin(), catch_up.channels.end(), carried);
          }));
}

void Session::on(const command::Cancel& cancel, std::optional<std::int64_t> id) {
  const node::JobRecord* record = hub_.node().find(cancel.job_id);
  if (record == nullptr || !auth::may_see(principal_, record->state)) {
    return reply(id, Error{ErrorCode::not_found, "there is no such job", "jobId"});
  }
  if (!auth::may_cancel(principal_, record->state)) {
    return reply(id, Error{ErrorCode::forbidden, "this job may not be cancelled with this token", "jobId"});
  }
  JobEvent request;
  request.job_id = cancel.job_id;
  request.body = event::CancelRequested{cancel.reason};
  std::vector<JobEvent> events;
  events.push_back(std::move(request));
  hub_.node().submit(std::move(events), [hub = &hub_, session = id_, id](std::vector<node::Verdict> verdicts) {
    hub->reply_to(session, id, std::move(verdicts.front().error));
  });
}

void Session::on(const command::Token& token, std::optional<std::int64_t> id) {
  Result<auth::Principal> who = hub_.authenticate(auth::Credentials{.given = token.token});
  if (!who) {
    reply(id, who.error());
    if (who.error().code == ErrorCode::unavailable) return;  // the one that it has stands until it expires
    return refuse(CloseCode::unauthenticated, who.error());
  }
  expiry_.renewed();
  caller_.user = auth::caller_of(*who, {}).user;
  auth::Principal before = std::exchange(principal_, std::move(*who));
  before.expires_at = principal_.expires_at;
  if (before == principal_) return reply(id, std::nullopt);
  hub_.depart(auth::inboxes(before), *this);
  hub_.attend(auth::inboxes(principal_), *this);
  // The reset comes before the reply: else, cut off between the two, a client would come back with this token and a
  // cursor of the view that another one saw.
  renew();
  reply(id, std::nullopt);
}

void Session::on(const command::Heartbeat&, std::optional<std::int64_t>) {
  tell(ServerMessage(push::Heartbeat{hub_.now()}));
}

void Session::on(const command::Read& read, std::optional<std::int64_t> id) {
  hub_.read(principal_, read, [&hub = hub_, session = id_, id](const Result<std::size_t>& marked) {
    hub.reply_to(session, id, marked ? std::nullopt : std::optional(marked.error()));
  });
}

void Session::reply(std::optional<std::int64_t> id, std::optional<Error> error) {
  if (id) tell(ServerMessage(push::Reply{*id, std::move(error)}));
}

void Session::tell(const ServerMessage& message) { tell(hub_.frame(sink_.framing(), encode_server_message(message))); }

void Session::tell(const Frame& frame) {
  if (phase_ == Phase::closed) return;
  sent_at_ = hub_.now();
  hub_.count_sent();
  sink_.send(frame);
}

void Session::goodbye(DurationMs reconnect_after, const std::string& reason, CloseCode code) {
  if (phase_ == Phase::closed) return;
  tell(ServerMessage(push::Goodbye{reason, reconnect_after}));
  close(code, code == CloseCode::draining ? "draining" : reason);
}

void Session::refuse(CloseCode code, const Error& error) {
  if (code == CloseCode::unauthenticated) tell(ServerMessage(push::AuthError{auth_error(error)}));
  close(code, error.message);
}

void Session::close(CloseCode code, std::string_view reason) {
  if (phase_ == Phase::closed) return;
  abandon();
  sink_.close(code, reason);
}

void Session::abandon() {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  for (const auto& [channel, floor] : live_) hub_.unfollow(channel, *this);
  hub_.depart(auth::inboxes(principal_), *this);
  hub_.leave(*this);
}

void Session::check_expiry(UnixMs now) {
  const Expiry::Due due = expiry_.check(principal_.expires_at, hub_.options().expiry_grace, now);
  if (due == Expiry::Due::tell) tell(ServerMessage(push::AuthError{Expiry::error()}));
  if (due == Expiry::Due::close) close(CloseCode::unauthenticated, Expiry::error().message);
}

void Session::tick(UnixMs now) {
  if (phase_ == Phase::awaiting_hello) {
    if (now - opened_at_ >= hub_.options().hello_timeout) close(CloseCode::timed_out, "no hello");
    return;
  }
  if (phase_ != Phase::open) return;
  check_expiry(now);
  if (!sink_.unsent_exceeds(0)) pump();
  if (phase_ == Phase::open && now - sent_at_ >= hub_.options().heartbeat && !sink_.unsent_exceeds(0)) {
    tell(ServerMessage(push::Heartbeat{now}));
  }
}

}  // namespace jobwire::hub
