// The one question over HTTP: as a long-poll, and as a streamed response.
#include "api/api.h"
#include "api/problem.h"
#include "api/stream_sink.h"

namespace jobwire::api {
namespace {

// A long-poll that waits; the peer's going away drops it.
void long_poll(Parts& parts, const CallPtr& call) {
  auto request = decode_changes_request(call->request().body, parts.options.codec);
  if (!request) return call->fail(request.error());
  auto waiting = std::make_shared<std::unique_ptr<hub::Poll>>();
  auto poll = parts.hub.poll(call->who, *request, [call](std::shared_ptr<const std::string> body) {
    transport::Response response = json_response(200, {});
    response.shared_body = std::move(body);
    call->reply(std::move(response));
  });
  if (!poll) return call->fail(poll.error());
  *waiting = std::move(*poll);
  call->exchange().on_abort([waiting] { waiting->reset(); });
}

// GET: each channel is a parameter of its own, for an id may hold any character.
Result<ChangesRequest> read_query(const transport::Request& request, const CodecLimits& limits) {
  ChangesRequest changes;
  for (const auto& [name, value] : request.query) {
    if (name == "cursor") {
      const auto cursor = parse_cursor(value);
      if (!cursor) return cursor.error();
      changes.cursor = *cursor;
    } else if (name == "channels" || name == "join") {
      auto channel = parse_channel(value);
      if (!channel) return channel.error();
      (name == "join" ? changes.join : changes.channels).push_back(std::move(*channel));
    } else if (name == "reducer") {
      changes.reducer = value == std::to_string(kReducerVersion) ? kReducerVersion : 0;
    }
  }
  if (changes.channels.size() + changes.join.size() > limits.channels) {
    return Error{ErrorCode::too_large, "at most " + std::to_string(limits.channels) + " channels", "channels", 0};
  }
  return changes;
}

void stream(Parts& parts, const CallPtr& call) {
  const transport::Request& request = call->request();
  const auto changes = request.method == "POST" ? decode_changes_request(request.body, parts.options.codec)
                                                : read_query(request, parts.options.codec);
  if (!changes) return call->fail(changes.error());
  auto connection = std::make_shared<StreamConnection>();
  auto session = parts.hub.stream(connection->sink, call->who, *changes);
  if (!session) return call->fail(session.error());
  connection->session = std::move(*session);
  if (request.method == "HEAD") return call->reply(stream_head());
  StreamConnection::open(connection, *call, parts.post);
}

std::vector<Parameter> stream_query() {
  return {{"cursor", "resume `channels` from here"},
          {"channels", "a channel, repeatable"},
          {"join", "a channel told from the start, repeatable"},
          {"reducer", "1: events; else snapshots only"}};
}

}  // namespace

std::vector<Route> change_routes(Parts& parts) {
  Route poll;
  poll.method = "POST";
  poll.pattern = "/api/v1/changes";
  poll.body = Body::json;
  poll.summary = "What has changed since the cursor, at once or when something does (long-poll)";
  poll.request_schema = "ChangesRequest";
  poll.response_schema = "Changes";
  poll.handle = [&parts](const CallPtr& call) { long_poll(parts, call); };
  Route posted = poll;
  posted.pattern = "/api/v1/changes/stream";
  posted.summary = "The same as text/event-stream: each data is a whole message";
  posted.response_schema = "EventStream";
  posted.connects = true;
  posted.handle = [&parts](const CallPtr& call) { stream(parts, call); };
  Route got = posted;
  got.method = "GET";
  got.body = Body::none;
  got.request_schema = {};
  got.query = stream_query();
  return {std::move(poll), std::move(posted), std::move(got)};
}

}  // namespace jobwire::api
