#include "hub/notifications_conversation.h"

#include <utility>

#include "auth/rate_limit.h"
#include "hub/announcement.h"
#include "hub/expiry.h"
#include "hub/fresh_token.h"
#include "jobwire/json_object.h"
#include "jobwire/json_writer.h"

namespace jobwire::hub {
namespace {

NamedEvent named(std::string name, std::string json) { return {std::move(name), {{{std::move(json)}}, {}}}; }

std::string count_object(std::int64_t count) {
  std::string json;
  JsonWriter(json).begin_object().field("count", count).end_object();
  return json;
}

std::string failure(const Error& error) {
  std::string json;
  JsonWriter(json).begin_object().field("success", false).key("error").raw(encode_error(error)).end_object();
  return json;
}

// {notificationId} | {notificationIds} | {id} | "id", as such gateways have it.
Result<command::Read> read_ids(const Arguments& arguments) {
  const Error missing{ErrorCode::bad_request, "notificationId or notificationIds is required", "notificationId", 0};
  if (arguments.values.empty()) return missing;
  const std::string& given = arguments.values.front().text;
  const auto object = JsonObject::parse(given.starts_with('"') ? "{\"id\":" + given + "}" : given);
  if (!object) return object.error();
  if (object->find("notificationIds") != nullptr) return decode_read(given);
  for (const char* name : {"notificationId", "id"}) {
    auto id = object->text(name);
    if (!id) return id.error();
    if (!id->empty()) return command::Read{{std::move(*id)}, false};
  }
  return missing;
}

class NotificationsConversation final : public Conversation, public Follower {
 public:
  NotificationsConversation(Hub& hub, EventSink& sink, auth::Principal who, auth::Caller caller)
      : hub_(hub), sink_(sink), who_(std::move(who)), inboxes_(auth::inboxes(who_)), caller_(std::move(caller)) {
    hub_.attend(inboxes_, *this);
    hub_.enter(*this);
  }
  ~NotificationsConversation() override {
    hub_.depart(inboxes_, *this);
    hub_.leave(static_cast<Follower&>(*this));
  }

  // ---- Conversation ----
  void begin() override {
    begun_ = true;
    tell_state();
  }
  void drained() override {
    if (std::exchange(behind_, false)) tell_state();
  }
  void received(NamedEvent event, Acknowledge acknowledge) override {
    if (const Status taken = hub_.take(auth::Act::command, caller_); !taken) {
      return answer(acknowledge, failure(taken.error()));
    }
    if (event.name == kTokenEvent) return refresh(event.arguments, acknowledge);
    if (event.name == "mark-as-read") {
      auto read = read_ids(event.arguments);
      return read ? mark(std::move(*read), acknowledge) : answer(acknowledge, failure(read.error()));
    }
    if (event.name == "mark-all-as-read") return mark({{}, true}, acknowledge);
    if (event.name == "get-notifications") return list(event.arguments, acknowledge);
    if (event.name == "get-unread-count") return answer(acknowledge, count_object(hub_.unread(inboxes_)));
    answer(acknowledge,
           failure({ErrorCode::bad_request,
                    "use mark-as-read, mark-all-as-read, get-notifications, get-unread-count or token", "event", 0}));
  }

  // ---- Follower ----
  bool offer(Delivery&, const Channel&) override { return false; }
  void offer(const JobEstimate&) override {}
  void offer(const InboxNews& news) override {
    hub_.mark_dirty(*this);
    news_bytes_ += news.entry.text->size();
    if (is_too_much()) return news_.clear();
    // Written first, or raised anew: news. Else it stands as before, but that it is read.
    news_.push_back(named(news.entry.read ? "notification-read" : "notification", *news.entry.text));
  }
  void offer(Announcement& announcement) override {
    if (!begun_ || is_full() || !hub_.may_hear(who_, announcement.target())) return;
    emit(announcement.event());
  }
  void flush() override {
    if (!begun_ || marking_ > 0 || news_bytes_ == 0) return;
    behind_ = behind_ || is_full();
    if (behind_) return forget_news();
    if (is_too_much()) return tell_state();
    news_bytes_ = 0;
    for (NamedEvent& event : std::exchange(news_, {})) emit(std::move(event));
    emit(named("unread-count", count_object(hub_.unread(inboxes_))));
  }
  void tick(UnixMs now) override {
    switch (expiry_.check(who_.expires_at, hub_.options().expiry_grace, now)) {
      case Expiry::Due::nothing:
        return;
      case Expiry::Due::tell:
        return emit(named("auth-error", encode_error(Expiry::error())));
      case Expiry::Due::close:
        return sink_.disconnect(CloseCode::unauthenticated, Expiry::error().message);
    }
  }

 private:
  // What happens at once beyond a page is read from the inbox, like anything that was missed.
  bool is_too_much() const { return news_bytes_ > hub_.options().page_bytes; }
  void forget_news() {
    news_.clear();
    news_bytes_ = 0;
  }
  bool is_full() const { return sink_.unsent_exceeds(hub_.options().high_water); }
  void emit(NamedEvent event) { sink_.emit(std::make_shared<const Emission>(std::move(event))); }
  static void answer(const Acknowledge& acknowledge, std::string json) {
    if (acknowledge) acknowledge({{{std::move(json)}}, {}});
  }
  void tell_state() {
    forget_news();
    emit(named("unread-count", count_object(hub_.unread(inboxes_))));
    emit(named("notifications", hub_.inbox_page(who_, {})));
  }
  // The inboxes are the user's, and that stays; an admin's may go, or come.
  void refresh(const Arguments& arguments, const Acknowledge& acknowledge) {
    auto who = read_fresh_token(hub_, arguments, who_);
    if (!who) {
      answer(acknowledge, failure(who.error()));
      if (who.error().code != ErrorCode::unauthenticated) return;
      emit(named("auth-error", encode_error(auth_error(who.error()))));
      return sink_.disconnect(CloseCode::unauthenticated, who.error().message);
    }
    hub_.depart(inboxes_, *this);
    const bool same = inboxes_ == auth::inboxes(*who);
    who_ = std::move(*who);
    inboxes_ = auth::inboxes(who_);
    hub_.attend(inboxes_, *this);
    expiry_.renewed();
    answer(acknowledge, R"({"success":true})");
    if (!same) tell_state();
  }
  void list(const Arguments& arguments, const Acknowledge& acknowledge) {
    const Result<InboxQuery> query =
        arguments.values.empty() ? Result<InboxQuery>(InboxQuery{}) : decode_inbox_query(arguments.values.front().text);
    answer(acknowledge, query ? hub_.inbox_page(who_, *query) : failure(query.error()));
  }
  // What it brings is told after the answer.
  void mark(command::Read read, const Acknowledge& acknowledge) {
    ++marking_;
    hub_.read(who_, std::move(read),
              [this, alive = std::weak_ptr<const bool>(alive_), acknowledge](const Result<std::size_t>& marked) {
                if (alive.expired()) return;
                answer(acknowledge, marked ? marked_object(*marked) : failure(marked.error()));
                --marking_;
                flush();
              });
  }
  std::string marked_object(std::size_t marked) const {
    std::string json;
    JsonWriter(json)
        .begin_object()
        .field("success", true)
        .field("read", static_cast<std::int64_t>(marked))
        .field("count", hub_.unread(inboxes_))
        .end_object();
    return json;
  }

  Hub& hub_;
  EventSink& sink_;
  auth::Principal who_;
  std::vector<std::string> inboxes_;
  auth::Caller caller_;
  Expiry expiry_;
  bool begun_ = false;
  bool behind_ = false;  // past the high-water mark: the state as it then is comes once it has drained
  int marking_ = 0;
  std::vector<NamedEvent> news_;  // since the last flush
  std::size_t news_bytes_ = 0;    // of all that there was, though not all is kept
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

Refused refusal(const Error& error) { return {error.message, {encode_error(error)}, refusal_code(error)}; }

}  // namespace

Namespace notifications_namespace(Hub& hub, std::function<std::string()> id) {
  return {"/notifications", [&hub, id = std::move(id)](EventSink& sink, const Opening& opening) -> Opened {
            auto who = hub.authenticate(opening);
            if (!who) return refusal(who.error());
            auth::Caller caller = auth::caller_of(*who, opening.address);
            return Accepted{
                std::make_unique<NotificationsConversation>(hub, sink, std::move(*who), std::move(caller)), id(), {}};
          }};
}

}  // namespace jobwire::hub
