#include "hub/dialect_conversation.h"

#include <algorithm>
#include <utility>

#include "hub/announcement.h"
#include "hub/hub.h"
#include "jobwire/json_writer.h"
#include "jobwire/socketio.h"
#include "node/inbox_writes.h"

namespace jobwire::hub {
namespace {

constexpr std::size_t kMostRooms = 1000;
constexpr std::size_t kPage = 256;

std::optional<Channel> channel_of(const std::string& room) {
  Result<Channel> channel = parse_channel(room);
  return channel ? std::optional(*channel) : std::nullopt;
}

// An auth-error is about the token, and only that.
Error without_field(Error error) {
  error.field.clear();
  return error;
}

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
      heard_(place_.dialects.size(), Round{nullptr, 0}) {
  for (DialectHub* dialect : place_.dialects) dialect->enter(*this);
}

DialectConversation::~DialectConversation() {
  for (DialectHub* dialect : place_.dialects) {
    for (const std::string& room : kept_.rooms) dialect->leave(room, *this);
    dialect->leave(*this);
  }
  place_.recovery.left(pid_, kept_);
}

void DialectConversation::begin() {
  kept_at_ = place_.hub.now();
  const std::set<std::string> before = std::exchange(kept_.rooms, {});
  std::vector<std::string> rooms(before.begin(), before.end());
  if (rooms.empty() && !recovered_ && !who_.user.empty()) {
    for (DialectHub* dialect : place_.dialects) {
      if (dialect->dialect().joins_own_user()) rooms = {"user:" + who_.user};
    }
  }
  for (const std::string& room : rooms) enter(room);
  place_.recovery.keep(pid_, kept_);
  for (DialectHub* dialect : place_.dialects) {
    if (const EmissionPtr status = dialect->queue_status()) hear(status);
  }
  tell_present(rooms, recovered_ ? recovered_->offset : 0, !recovered_);
  if (recovered_) tell_messages(recovered_->offset);
}

// ---- what the client says ----

void DialectConversation::received(NamedEvent event, Acknowledge acknowledge) {
  const std::string_view data = event.arguments.values.empty() ? "" : std::string_view(event.arguments.values[0].text);
  for (DialectHub* dialect : place_.dialects) {
    const dialect::Wish wish = dialect->dialect().understand(event.name, data);
    if (wish.kind != dialect::Wish::Kind::unknown) return this->wish(*dialect, wish, acknowledge);
  }
  refuse({ErrorCode::bad_request, "this namespace knows no event '" + event.name + "'", "event", 0});
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
    outcome = follow_admin(dialect, wish);
  }
  answer(dialect, wish, outcome, acknowledge);
  if (outcome.refusal) return;
  if (wish.kind == Kind::follow) tell_present(rooms_for(dialect, outcome.room), 0, false);
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
  if (outcome.refusal && unheard) return refuse(*outcome.refusal);
  if (answer.event) say(std::move(answer.event->event), std::move(answer.event->data));
}

void DialectConversation::refuse(const Error& error) {
  std::string text = error_object(error);
  say("exception", "{\"status\":\"error\"," + text.substr(1));
}

// The room that is asked for, as the client is told it; or why not.
Result<std::string> DialectConversation::room_of(const dialect::Wish& wish) const {
  const bool admin = auth::may_administer(who_);
  const auto refusal = [](std::string message) { return Error{ErrorCode::forbidden, std::move(message), {}, 0}; };
  if (!wish.job.empty()) {
    if (Status valid = check_id(wish.job, "jobId"); !valid) return valid.error();
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

dialect::Outcome DialectConversation::follow(const dialect::Wish& wish) {
  const Result<std::string> room = room_of(wish);
  if (!room) {
    const bool named = room.error().code == ErrorCode::forbidden;
    const std::string asked = !wish.job.empty() ? "job:" + wish.job : "user:" + wish.user;
    return {named ? asked : std::string(), room.error()};
  }
  if (wish.kind == dialect::Wish::Kind::follow && kept_.rooms.size() >= kMostRooms) {
    return {*room, Error{ErrorCode::too_large, "a connection may follow at most 1000 rooms", {}, 0}};
  }
  for (DialectHub* dialect : place_.dialects) {
    for (const std::string& each : rooms_for(*dialect, *room)) {
      if (wish.kind == dialect::Wish::Kind::follow) {
        enter(each);
      } else if (kept_.rooms.erase(each) != 0) {
        for (DialectHub* all : place_.dialects) all->leave(each, *this);
      }
    }
  }
  place_.recovery.keep(pid_, kept_);
  return {*room};
}

dialect::Outcome DialectConversation::follow_admin(DialectHub& dialect, const dialect::Wish& wish) {
  if (!auth::may_administer(who_)) {
    return {"admin", Error{ErrorCode::forbidden, "this is for admins", {}, 0}};
  }
  if (wish.kind == dialect::Wish::Kind::follow_admin) enter("admin");
  if (wish.kind == dialect::Wish::Kind::leave_admin && kept_.rooms.erase("admin") != 0) dialect.leave("admin", *this);
  place_.recovery.keep(pid_, kept_);
  return {"admin"};
}

std::vector<std::string> DialectConversation::rooms_for(const DialectHub& dialect, const std::string& room) const {
  if (!dialect.dialect().follows_refs() || !room.starts_with("job:")) return {room};
  return {room, "ref:" + room.substr(4)};
}

void DialectConversation::enter(const std::string& room) {
  if (!kept_.rooms.insert(room).second) return;
  for (DialectHub* dialect : place_.dialects) dialect->join(room, *this);
}

// ---- what the client is told ----

void DialectConversation::collect(const std::string& room, std::int64_t after,
                                  std::map<std::int64_t, const node::JobRecord*>& into) const {
  const auto add = [&](const node::JobRecord& record) {
    const bool seen = !record.state.removed && record.state.version > after && auth::may_see(who_, record.state);
    if (seen) into[record.state.version] = &record;
  };
  if (room.starts_with("ref:")) {
    for (const node::JobRecord* record : place_.dialects.front()->with_handle(room.substr(4))) add(*record);
    return;
  }
  const std::optional<Channel> channel = channel_of(room);
  if (!channel || channel->kind == ChannelKind::admin) return;
  for (std::int64_t from = after;;) {
    const node::Page page = place_.hub.node().changes_since(from, std::span(&*channel, 1), kPage);
    for (const node::JobRecord* record : page.jobs) add(*record);
    if (page.at_head) return;
    from = page.next;
  }
}

// Of jobs in these rooms that have changed after this version: how they stand, the oldest change first.
void DialectConversation::tell_present(const std::vector<std::string>& rooms, std::int64_t after,
                                       bool unfinished_only) {
  std::map<std::int64_t, const node::JobRecord*> jobs;
  for (const std::string& room : rooms) collect(room, after, jobs);
  for (const auto& [version, record] : jobs) {
    if (unfinished_only && is_terminal(record->state.status)) continue;
    for (DialectHub* dialect : place_.dialects) {
      for (const EmissionPtr& emission : dialect->present(*record)) {
        if (is_full()) return void(told_ = std::min(told_, version - 1));
        sink_.emit(emission);
      }
    }
  }
}

// Past the high-water mark nothing more is queued; what it has missed is told as it then stands.
bool DialectConversation::is_full() {
  if (lagging_) return true;
  if (sink_.unsent_bytes() <= place_.hub.options().high_water) return false;
  lagging_ = true;
  told_ = place_.hub.node().head().offset;
  return true;
}

void DialectConversation::hear(const JobState& job, const std::vector<EmissionPtr>& emissions, Round round) {
  const auto at = static_cast<std::size_t>(std::find(place_.dialects.begin(), place_.dialects.end(), round.by) -
                                           place_.dialects.begin());
  if (heard_[at] == round || !auth::may_see(who_, job)) return;
  heard_[at] = round;
  if (is_full()) return void(told_ = std::min(told_, job.version - 1));
  for (const EmissionPtr& emission : emissions) sink_.emit(emission);
}

void DialectConversation::hear(const EmissionPtr& emission) {
  if (!is_full()) sink_.emit(emission);
}

bool DialectConversation::hears(const std::optional<Channel>& target) const {
  if (!place_.hub.may_hear(who_, target)) return false;
  if (!target || (target->kind == ChannelKind::user && target->id == who_.user)) return true;
  return kept_.rooms.contains(to_string(*target));
}

// What was said while the connection was away.
void DialectConversation::tell_messages(std::int64_t after) {
  place_.hub.node().records().each_after(node::kMessageKind, after, [this](const log::Record& record) {
    const Announcement announcement(record);
    if (!announcement.is_valid() || !hears(announcement.target())) return;
    hear(std::make_shared<const Emission>(announcement.event(), place_.dialects.front()->offset()));
  });
}

void DialectConversation::drained() {
  if (!std::exchange(lagging_, false)) return;
  tell_present({kept_.rooms.begin(), kept_.rooms.end()}, told_, false);
}

void DialectConversation::say(std::string event, std::string data) {
  sink_.emit(std::make_shared<const Emission>(NamedEvent{std::move(event), {{RawJson{std::move(data)}}, {}}}));
}

void DialectConversation::tick(UnixMs now) {
  if (now - kept_at_ >= Recovery::kRenewEvery) {
    kept_at_ = now;
    place_.recovery.keep(pid_, kept_);
  }
  const Expiry::Due due = expiry_.check(who_.expires_at, place_.hub.options().expiry_grace, now);
  if (due == Expiry::Due::tell) say("auth-error", error_object(without_field(Expiry::error())));
  if (due == Expiry::Due::close) sink_.disconnect(CloseCode::unauthenticated, Expiry::error().message);
}

void RefusedConversation::begin() {
  NamedEvent event{"auth-error", {{RawJson{error_object(without_field(error_))}}, {}}};
  sink_.emit(std::make_shared<const Emission>(std::move(event)));
  sink_.disconnect(CloseCode::unauthenticated, error_.message);
}

}  // namespace jobwire::hub
