// Application messages: to everybody, to a user's connections, to those who follow a channel. Live only, at most once.
#include "api/api.h"
#include "api/problem.h"
#include "jobwire/notification.h"
#include "node/inbox_writes.h"

namespace jobwire::api {
namespace {

void send(Parts& parts, const CallPtr& call, const std::string& target) {
  const auto message = decode_new_message(call->request().body, parts.options.codec);
  if (!message) return call->fail(message.error());
  node::send_message(parts.node, target, *message, [call](const Result<std::int64_t>& offset) {
    if (!offset) return call->fail(offset.error());
    std::string body;
    JsonWriter(body).begin_object().field("accepted", true).field("offset", *offset).end_object();
    call->reply(json_response(202, std::move(body)));
  });
}

void broadcast(Parts& parts, const CallPtr& call) { send(parts, call, ""); }

void to_user(Parts& parts, const CallPtr& call) {
  const std::string_view user = call->parameter("userId");
  if (Status valid = check_id(user, "userId"); !valid) return call->fail(valid.error());
  send(parts, call, to_string(Channel{ChannelKind::user, std::string(user)}));
}

void to_channel(Parts& parts, const CallPtr& call) {
  const auto channel = parse_channel(call->parameter("channel"));
  if (!channel) {
    Error error = channel.error();
    error.field = "channel";
    return call->fail(error);
  }
  send(parts, call, to_string(*channel));
}

Route route(Parts& parts, std::string_view pattern, std::string_view summary, void (*answer)(Parts&, const CallPtr&)) {
  Route made;
  made.method = "POST";
  made.pattern = pattern;
  made.access = Access::publisher;
  made.body = Body::json;
  made.summary = summary;
  made.request_schema = "NewMessage";
  made.response_schema = "MessageAccepted";
  made.status = 202;
  made.handle = [&parts, answer](const CallPtr& call) { answer(parts, call); };
  return made;
}

}  // namespace

std::vector<Route> message_routes(Parts& parts) {
  return {route(parts, "/api/v1/broadcast", "Tell every connection", broadcast),
          route(parts, "/api/v1/users/{userId}/messages", "Tell every connection of a user", to_user),
          route(parts, "/api/v1/channels/{channel}/messages", "Tell those who follow a channel", to_channel)};
}

}  // namespace jobwire::api
