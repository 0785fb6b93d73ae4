// The inbox: one's own notifications, listed and read; and those that an application makes.
#include "api/api.h"
#include "api/job_list.h"
#include "api/problem.h"
#include "jobwire/notification.h"
#include "node/inbox_writes.h"

namespace jobwire::api {
namespace {

constexpr std::int64_t kLargestOffset = (std::int64_t{1} << 53) - 1;

Result<InboxQuery> read_query(const transport::Request& request) {
  InboxQuery query;
  const auto bad = [](const std::string& field, const std::string& rule) {
    return Error{ErrorCode::bad_request, field + " " + rule, field, 0};
  };
  for (const auto& [name, value] : request.query) {
    if (name == "token") continue;
    if (name == "unread") {
      if (value != "true" && value != "false") return bad(name, "must be true or false");
      query.unread = value == "true";
      continue;
    }
    if (name != "limit" && name != "before") return bad(name, "is no filter: use unread limit before");
    const std::int64_t most = name == "limit" ? kMostListedNotifications : kLargestOffset;
    const auto number = parse_count(value, 1, most);
    if (!number) return bad(name, "must be an integer from 1 to " + std::to_string(most));
    (name == "limit" ? query.limit : query.before) = *number;
  }
  return query;
}

void list(Parts& parts, const CallPtr& call) {
  const auto query = read_query(call->request());
  if (!query) return call->fail(query.error());
  call->reply(json_response(200, parts.hub.inbox_page(call->who, *query)));
}

void unread_count(Parts& parts, const CallPtr& call) {
  std::string body;
  JsonWriter(body).begin_object().field("count", parts.hub.unread(auth::inboxes(call->who))).end_object();
  call->reply(json_response(200, std::move(body)));
}

void mark(Parts& parts, const CallPtr& call, command::Read read) {
  parts.hub.read(call->who, std::move(read), [&parts, call](const Result<std::size_t>& marked) {
    if (!marked) return call->fail(marked.error());
    std::string body;
    JsonWriter(body)
        .begin_object()
        .field("read", static_cast<std::int64_t>(*marked))
        .field("count", parts.hub.unread(auth::inboxes(call->who)))
        .end_object();
    call->reply(json_response(200, std::move(body)));
  });
}

// Another's and an unknown one are answered alike.
void read_one(Parts& parts, const CallPtr& call) {
  const std::string_view id = call->parameter("id");
  bool known = false;
  for (const std::string& owner : auth::inboxes(call->who)) {
    known = known || parts.node.inbox().find(owner, id) != nullptr;
  }
  if (!known) return call->fail({ErrorCode::not_found, "there is no such notification", "", 0});
  mark(parts, call, {{std::string(id)}, false});
}

void make(Parts& parts, const CallPtr& call) {
  const std::string_view user = call->parameter("userId");
  if (Status valid = check_id(user, "userId"); !valid) return call->fail(valid.error());
  const auto notification = decode_new_notification(call->request().body, parts.options.codec);
  if (!notification) return call->fail(notification.error());
  node::notify(parts.node, std::string(user), *notification, [call](const Result<node::Notified>& made) {
    if (!made) return call->fail(made.error());
    std::string body;
    JsonWriter(body).begin_object().field("id", made->id).field("offset", made->offset).end_object();
    call->reply(json_response(201, std::move(body)));
  });
}

Route route(Parts& parts, std::string_view method, std::string_view pattern, std::string_view summary,
            std::string_view response, void (*answer)(Parts&, const CallPtr&)) {
  Route made;
  made.method = method;
  made.pattern = pattern;
  made.summary = summary;
  made.response_schema = response;
  if (method == "POST") made.body = Body::optional_json;
  made.handle = [&parts, answer](const CallPtr& call) { answer(parts, call); };
  return made;
}

}  // namespace

std::vector<Route> notification_routes(Parts& parts) {
  Route listed =
      route(parts, "GET", "/api/v1/notifications", "One's own notifications, newest first", "Notifications", list);
  listed.query = {{"unread", "true: only those"},
                  {"limit", "at most 100, usually 50"},
                  {"before", "the `next` of the page before"}};
  Route made = route(parts, "POST", "/api/v1/users/{userId}/notifications", "Put a notification into a user's inbox",
                     "NotificationMade", make);
  made.access = Access::publisher;
  made.body = Body::json;
  made.request_schema = "NewNotification";
  made.status = 201;
  return {
      std::move(listed),
      route(parts, "GET", "/api/v1/notifications/unread-count", "How many are unread", "UnreadCount", unread_count),
      route(parts, "POST", "/api/v1/notifications/{id}/read", "Mark one as read, on every device", "NotificationsRead",
            read_one),
      route(parts, "POST", "/api/v1/notifications/read-all", "Mark all as read, on every device", "NotificationsRead",
            [](Parts& of, const CallPtr& call) {
              mark(of, call, {{}, true});
            }),
      std::move(made)};
}

}  // namespace jobwire::api
