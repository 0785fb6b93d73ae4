// What a client of a dialect says, and which rooms it is in. What it is told: dialect_telling.cc.
#include "hub/dialect_conversation.h"

#include <algorithm>
#include <utility>

#include "hub/fresh_token.h"
#include "hub/hub.h"
#include "jobwire/json_writer.h"
#include "jobwire/socketio.h"

namespace jobwire::hub {
namespace {

constexpr std::size_t kMostRooms = 1000;

}  // namespace

std::string error_object(const Error& error) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().field("code", code_name(error.code)).field("message", error.message);
  json.field_if("field", error.field).field_if("retryAfter", error.retry_after_ms).end_object();
  return text;
}

DialectConversation::DialectConversation(Place place, EventSink& sink, Begin begin)
    : place_(std::move(place)),
      sink_(sink),
      who_(std::move(begin.who)),
      caller_(auth::caller_of(who_, std::move(begin.address))),
      kept_(std::move(begin.kept)),
      pid_(std::move(begin.pid)),
      recovered_(begin.recovered),
      kept_at_(place_.hub.now()) {
  for (const DialectHub* dialect : place_.dialects) heard_.push_back({dialect, 0});
  joins_ = std::any_of(place_.dialects.begin(), place_.dialects.end(),
                       [](const DialectHub* each) { return each->dialect().joins_own_user(); });
  std::erase_if(kept_.rooms, [this](const auto& room) { return !may_be_in(room.first); });
  if (joins_ && kept_.rooms.empty() && !recovered_ && !who_.user.empty()) kept_.rooms["user:" + who_.user] = 0;
}

DialectConversation::~DialectConversation() {
  *self_ = nullptr;
  for (DialectHub* dialect : place_.dialects) {
    for (const std::string& room : joined_) dialect->leave(room, *this);
    dialect->leave(*this);
  }
  if (!is_kept_) return;
  stamp();
  place_.recovery.left(pid_, kept_);
}

void DialectConversation::keep(const std::function<void(bool)>& kept) {
  is_kept_ = true;
  place_.recovery.keep(pid_, kept_, [self = self_, kept](bool ok) {
    if (*self == nullptr) return;
    (*self)->is_kept_ = (*self)->is_kept_ && ok;
    kept(ok);
  });
}

void DialectConversation::begin() {
  Afters rooms;
  for (const auto& [room, since] : kept_.rooms) {
    rooms[room] = recovered_ && recovered_->head.offset > since ? recovered_->from : 0;
    join(room);
  }
  for (DialectHub* dialect : place_.dialects) {
    dialect->enter(*this);
    if (const EmissionPtr status = dialect->queue_status()) hear(status);
  }
  tell_present(rooms);
  if (recovered_) tell_messages(recovered_->head.offset);
}

// ---- what the client says ----

void DialectConversation::received(NamedEvent event, Acknowledge acknowledge) {
  const std::string_view data = event.arguments.values.empty() ? "" : std::string_view(event.arguments.values[0].text);
  for (DialectHub* dialect : place_.dialects) {
    const dialect::Wish wish = dialect->dialect().understand(event.name, data);
    if (wish.kind != dialect::Wish::Kind::unknown) return this->wish(*dialect, wish, acknowledge);
  }
  const bool renews = event.name == kTokenEvent;
  if (Status taken = place_.hub.take(auth::Act::command, caller_); !taken) {
    return refuse(taken.error(), renews ? acknowledge : Acknowledge());
  }
  if (renews) return refresh(event.arguments, acknowledge);
  refuse({ErrorCode::bad_request, "this namespace knows no event '" + event.name + "'", "event", 0}, {});
}

void DialectConversation::wish(DialectHub& dialect, const dialect::Wish& wish, const Acknowledge& acknowledge) {
  using Kind = dialect::Wish::Kind;
  dialect::Outcome outcome;
  if (Status taken = place_.hub.take(auth::Act::subscribe, caller_); !taken) {
    outcome.refusal = taken.error();
  } else if (wish.kind == Kind::refused) {
    outcome.refusal = wish.error;
  } else if (wish.kind == Kind::follow || wish.kind == Kind::leave) {
    outcome = follow(wish);
  } else {
    outcome = follow_admin(wish);
  }
  if (outcome.refusal || wish.kind == Kind::metrics) return finish(dialect, wish, outcome, acknowledge);
  settle([this, &dialect, wish, outcome, acknowledge] { finish(dialect, wish, outcome, acknowledge); });
}

// An acknowledged subscription is there after a restart too: it is kept before it is answered, and after that the
// rooms' present states are told. Who is cut off in between has seen no offset past the head that is kept with those
// rooms.
void DialectConversation::settle(std::function<void()> finish) {
  if (!is_kept_) {
    asked_.clear();
    return written({std::move(finish)});
  }
  settling_.push_back(std::move(finish));
  if (!writing_) write();
}

void DialectConversation::write() {
  std::vector<std::function<void()>> settled = std::exchange(settling_, {});
  stamp();
  asked_.clear();
  if (!is_kept_) return written(settled);  // another goes on under its pid by now
  writing_ = true;
  settled_ = place_.offset(place_.hub.node().head().offset);
  place_.recovery.keep_rooms(pid_, kept_, [self = self_, settled = std::move(settled)](bool ok) {
    if (*self == nullptr) return;
    if (!ok) (*self)->kept_.written.fill(KeptConversation::kUnknown);
    (*self)->writing_ = false;
    (*self)->written(settled);
  });
}

void DialectConversation::stamp() {
  for (const std::string& room : asked_) {
    if (const auto at = kept_.rooms.find(room); at != kept_.rooms.end()) at->second = place_.hub.node().head().offset;
  }
}

void DialectConversation::written(const std::vector<std::function<void()>>& settled) {
  for (const auto& finish : settled) finish();
  settled_.clear();
  tell_present(std::exchange(due_, {}));
  if (!settling_.empty()) write();
}

void DialectConversation::finish(DialectHub& dialect, const dialect::Wish& wish, const dialect::Outcome& outcome,
                                 const Acknowledge& acknowledge) {
  using Kind = dialect::Wish::Kind;
  if (!outcome.refusal && wish.kind == Kind::follow) join_all(rooms_for_all(outcome.room));
  if (!outcome.refusal && wish.kind == Kind::follow_admin) join_all({"admin"});
  answer(dialect, wish, outcome, acknowledge);
  if (outcome.refusal) return;
  if (wish.kind == Kind::follow) {
    for (const std::string& room : rooms_for(dialect, outcome.room)) due_[room] = 0;
  }
  if (wish.kind != Kind::follow_admin && wish.kind != Kind::metrics) return;
  if (const EmissionPtr metrics = dialect.system_metrics()) hear(metrics);
}

void DialectConversation::answer(DialectHub& dialect, const dialect::Wish& wish, const dialect::Outcome& outcome,
                                 const Acknowledge& acknowledge) {
  dialect::Answer answer = dialect.dialect().answer(wish, outcome);
  if (acknowledge && !answer.acknowledgement.empty()) {
    acknowledge({{RawJson{std::move(answer.acknowledgement)}}, {}});
  }
  const bool unheard = !acknowledge || dialect.dialect().refuses_aloud();
  if (outcome.refusal && unheard) return refuse(*outcome.refusal, {});
  if (answer.event) say(std::move(answer.event->event), std::move(answer.event->data));
}

// A narrower token leaves the rooms that it may not be in.
void DialectConversation::refresh(const Arguments& arguments, const Acknowledge& acknowledge) {
  auto who = read_fresh_token(place_.hub, arguments, who_);
  if (!who) {
    refuse(who.error(), acknowledge);
    return who.error().code == ErrorCode::unauthenticated ? end_unauthenticated(who.error()) : void();
  }
  who_ = std::move(*who);
  expiry_.renewed();
  for (const auto& [room, since] : std::map(kept_.rooms)) {
    if (!may_be_in(room)) leave(room);
  }
  settle([acknowledge] {
    if (acknowledge) acknowledge({{RawJson{R"({"success":true})"}}, {}});
  });
}

bool DialectConversation::may_be_in(const std::string& room) const {
  if (!who_.user.empty() && room == "user:" + who_.user) return true;  // of its jobs it is told those that it may see
  const bool is_ref = room.starts_with("ref:");
  const Result<Channel> channel = parse_channel(is_ref ? "job:" + room.substr(4) : room);
  return channel && auth::may_follow(who_, *channel);
}

// It is told once: by its acknowledgement, or else by an event.
void DialectConversation::refuse(const Error& error, const Acknowledge& acknowledge) {
  if (!acknowledge) return say("exception", "{\"status\":\"error\"," + error_object(error).substr(1));
  acknowledge({{RawJson{R"({"success":false,)" + error_object(error).substr(1)}}, {}});
}

void DialectConversation::end_unauthenticated(const Error& error) {
  say("auth-error", error_object(auth_error(error)));
  sink_.disconnect(CloseCode::unauthenticated, error.message);
}

// The room that is asked for, as the client is told it; or why not.
Result<std::string> DialectConversation::room_of(const dialect::Wish& wish) const {
  const bool admin = auth::may_administer(who_);
  const auto refusal = [](std::string message) { return Error{ErrorCode::forbidden, std::move(message), {}, 0}; };
  if (!wish.job.empty()) {
    if (Status valid = check_id(wish.job, wish.job_field); !valid) return valid.error();
    const std::string room = "job:" + wish.job;
    const node::JobRecord* record = place_.hub.node().find(JobId{wish.job});
    const bool anothers =
        admin ? record != nullptr && record->state.identity.user_id.value != wish.user : wish.user != who_.user;
    if (!wish.user.empty() && anothers) return refusal(room + " is not a job of user:" + wish.user);
    if (!auth::may_follow(who_, Channel{ChannelKind::job, wish.job})) return refusal(room + " may not be followed");
    return room;
  }
  if (wish.user.empty() && admin) return std::string("all-jobs");
  const std::string& user = wish.user.empty() ? who_.user : wish.user;
  if (Status valid = check_id(user, "userId"); !valid) return valid.error();
  if (!auth::may_follow(who_, Channel{ChannelKind::user, user})) {
    return refusal("user:" + user + " may not be followed with this token");
  }
  return "user:" + user;
}

// What was asked for: a job and its ref are one.
std::size_t DialectConversation::followed() const {
  const auto is_asked = [](const auto& room) { return !room.first.starts_with("ref:"); };
  return static_cast<std::size_t>(std::count_if(kept_.rooms.begin(), kept_.rooms.end(), is_asked));
}

dialect::Outcome DialectConversation::follow(const dialect::Wish& wish) {
  const Result<std::string> room = room_of(wish);
  if (!room) {
    const bool named = room.error().code == ErrorCode::forbidden;
    const std::string asked = !wish.job.empty() ? "job:" + wish.job : "user:" + wish.user;
    return {named ? asked : std::string(), room.error()};
  }
  if (wish.kind == dialect::Wish::Kind::follow && !kept_.rooms.contains(*room) && followed() >= kMostRooms) {
    return {*room, Error{ErrorCode::too_large, "a connection may follow at most 1000 rooms", {}, 0}};
  }
  for (const std::string& each : rooms_for_all(*room)) {
    if (wish.kind == dialect::Wish::Kind::leave) leave(each);
    if (wish.kind == dialect::Wish::Kind::follow && kept_.rooms.emplace(each, 0).second) asked_.push_back(each);
  }
  return {*room};
}

dialect::Outcome DialectConversation::follow_admin(const dialect::Wish& wish) {
  if (!auth::may_administer(who_)) {
    return {"admin", Error{ErrorCode::forbidden, "this is for admins", {}, 0}};
  }
  if (wish.kind == dialect::Wish::Kind::follow_admin) kept_.rooms.emplace("admin", 0);
  if (wish.kind == dialect::Wish::Kind::leave_admin) leave("admin");
  return {"admin"};
}

std::vector<std::string> DialectConversation::rooms_for(const DialectHub& dialect, const std::string& room) const {
  if (!dialect.dialect().follows_refs() || !room.starts_with("job:")) return {room};
  return {room, "ref:" + room.substr(4)};
}

std::vector<std::string> DialectConversation::rooms_for_all(const std::string& room) const {
  std::vector<std::string> all;
  for (const DialectHub* dialect : place_.dialects) {
    for (std::string& each : rooms_for(*dialect, room)) all.push_back(std::move(each));
  }
  return all;
}

void DialectConversation::join(const std::string& room) {
  if (!kept_.rooms.contains(room) || !joined_.insert(room).second) return;  // left meanwhile; or in it
  for (DialectHub* dialect : place_.dialects) dialect->join(room, *this);
}

void DialectConversation::join_all(const std::vector<std::string>& rooms) {
  for (const std::string& room : rooms) join(room);
}

void DialectConversation::leave(const std::string& room) {
  kept_.rooms.erase(room);
  if (joined_.erase(room) == 0) return;
  for (DialectHub* dialect : place_.dialects) dialect->leave(room, *this);
}

// ---- time ----

void DialectConversation::tick(UnixMs now) {
  if (is_kept_ && now - kept_at_ >= Recovery::kRenewEvery) {
    kept_at_ = now;
    place_.recovery.keep(pid_, kept_);
  }
  const Expiry::Due due = expiry_.check(who_.expires_at, place_.hub.options().expiry_grace, now);
  if (due == Expiry::Due::tell) say("auth-error", error_object(Expiry::error()));
  if (due == Expiry::Due::close) sink_.disconnect(CloseCode::unauthenticated, Expiry::error().message);
}

void RefusedConversation::begin() {
  NamedEvent event{"auth-error", {{RawJson{error_object(auth_error(error_))}}, {}}};
  sink_.emit(std::make_shared<const Emission>(std::move(event)));
  sink_.disconnect(CloseCode::unauthenticated, error_.message);
}

}  // namespace jobwire::hub
