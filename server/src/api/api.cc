#include "api/api.h"

#include <algorithm>

#include "api/openapi.h"
#include "api/problem.h"
#include "transport/credentials.h"

namespace jobwire::api {
namespace {

using transport::Request;
using transport::Response;

std::string lower(std::string_view text) {
  std::string copy(text);
  for (char& c : copy) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return copy;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// A body of another type is refused, never guessed at: that a browser cannot send JSON to another site unasked is part
// of what keeps it from acting in a user's name.
std::optional<Error> check_media_type(const Route& route, const Request& request) {
  if (request.body.empty() && route.body != Body::json) return std::nullopt;
  if (route.body == Body::none) return std::nullopt;
  const std::string type = lower(request.header("content-type"));
  const std::string_view media = trim(std::string_view(type).substr(0, type.find(';')));
  const std::size_t charset = type.find("charset=");
  const bool utf8 = charset == std::string::npos || type.find("utf-8", charset) != std::string::npos;
  const bool json = media == "application/json";
  const bool lines = media == "application/x-ndjson" && route.body == Body::json_or_lines;
  if ((json || lines) && utf8) return std::nullopt;
  const std::string may =
      route.body == Body::json_or_lines ? "application/json or application/x-ndjson" : "application/json";
  return Error{ErrorCode::unsupported_media, "Content-Type must be " + may, "Content-Type", 0};
}

std::vector<Route> all_routes(Parts& parts) {
  std::vector<Route> routes;
  for (auto part : {job_routes, event_routes, change_routes, notification_routes, message_routes, analyze_routes,
                    system_routes, dev_token_routes}) {
    for (Route& route : part(parts)) routes.push_back(std::move(route));
  }
  add_openapi(routes);
  return routes;
}

}  // namespace

Api::Api(Parts parts) : parts_(std::move(parts)), router_(all_routes(parts_)) {
  if (!parts_.options.static_dir.empty()) {
    files_.emplace(parts_.options.static_dir, parts_.options.content_security_policy);
  }
}

void Api::handle(std::shared_ptr<transport::Exchange> exchange) {
  const CallPtr call = begin(std::move(exchange));
  const Request& request = call->request();
  if (!auth::host_allowed(parts_.options.origins, request.header("host"))) {
    return call->fail({ErrorCode::forbidden, "under --dev the Host must be localhost, 127.0.0.1 or [::1]", "Host", 0});
  }
  if (!auth::origin_allowed(parts_.options.origins, request.header("origin"), request.header("host"), request.secure)) {
    return call->fail({ErrorCode::forbidden, "pages of this origin may not ask: see --allow-origin", "Origin", 0});
  }
  Router::Match match = router_.match(request.method, request.raw_path);
  if (request.method == "OPTIONS" && !match.allowed.empty()) return preflight(*call, match);
  if (match.route == nullptr) return no_route(*call, match);
  call->route = match.route->pattern;
  call->parameters = std::move(match.parameters);
  if (auto error = identify(*call, *match.route)) return call->fail(*error);
  if (auto error = take(*call, *match.route)) return call->fail(*error);
  if (auto error = check_media_type(*match.route, request)) return call->fail(*error);
  match.route->handle(call);
}

CallPtr Api::begin(std::shared_ptr<transport::Exchange> exchange) {
  return std::make_shared<Call>(std::move(exchange),
                                [this](const Call& call, Response& response) { decorate(call, response); });
}

void Api::decorate(const Call& call, Response& response) {
  const std::string_view origin = call.request().header("origin");
  const auth::OriginRules& rules = parts_.options.origins;
  response.headers.emplace_back("vary", "Origin");
  response.headers.emplace_back("x-content-type-options", "nosniff");
  if (!origin.empty() && auth::origin_allowed(rules, origin, call.request().header("host"), call.request().secure)) {
    response.headers.emplace_back("access-control-allow-origin", origin);
    response.headers.emplace_back("access-control-expose-headers", "Location, Retry-After");
    if (rules.credentials) response.headers.emplace_back("access-control-allow-credentials", "true");
  }
  const std::string_view route = call.route.empty() ? std::string_view("none") : std::string_view(call.route);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - call.begun;
  // A method that no route has could be any text: it would be a series of its own.
  const bool known = call.request().method == "OPTIONS" || !call.route.empty();
  parts_.metrics.request(known ? std::string_view(call.request().method) : "other", route, response.status,
                         taken.count());
  parts_.log.debug("http", {{"method", call.request().method},
                            {"route", route},
                            {"status", response.status},
                            {"ms", static_cast<std::int64_t>(taken.count() * 1000)},
                            {"peer", call.request().peer}});
}

// Fetch, "CORS protocol": the answer is cached, so a long-poll at its fixed URL costs one preflight.
void Api::preflight(const Call& call, const Router::Match& match) const {
  Response response;
  response.status = 204;
  response.headers.emplace_back("allow", match.allowed);
  if (!call.request().header("access-control-request-method").empty()) {
    response.headers.emplace_back("access-control-allow-methods", match.allowed);
    response.headers.emplace_back("access-control-allow-headers", "Authorization, Content-Type, Idempotency-Key");
    response.headers.emplace_back("access-control-max-age", "7200");
  }
  call.reply(std::move(response));
}

void Api::no_route(const Call& call, const Router::Match& match) const {
  const Request& request = call.request();
  if (!match.allowed.empty()) {
    Response response = problem({ErrorCode::method_not_allowed, "use " + match.allowed, "", 0});
    response.headers.emplace_back("allow", match.allowed);
    return call.reply(std::move(response));
  }
  const bool reading = request.method == "GET" || request.method == "HEAD";
  if (files_ && reading && !request.path.starts_with("/api/")) return call.reply(files_->answer(request));
  call.fail({ErrorCode::not_found, "there is nothing at this path", "", 0});
}

std::optional<Error> Api::identify(Call& call, const Route& route) const {
  if (route.access == Access::anyone) return std::nullopt;
  auto who = auth::identify(parts_.authenticator, parts_.options.credentials,
                            transport::credentials_of(call.request(), parts_.options.origins));
  if (!who) {  // a flood of bad tokens is one of connections that come to nothing
    auth::Caller caller{.address = call.request().client};
    const Status taken = parts_.hub.take(auth::Act::connect, caller);
    return taken ? who.error() : taken.error();
  }
  call.who = std::move(*who);
  const bool allowed = route.access == Access::publisher       ? auth::may_publish(call.who)
                       : route.access == Access::administrator ? auth::may_administer(call.who)
                                                               : true;
  if (allowed) return std::nullopt;
  return Error{ErrorCode::forbidden, "this needs a token of role service or admin", "", 0};
}

// Publishing is counted by requests: a batch is one.
std::optional<Error> Api::take(Call& call, const Route& route) {
  if (route.access == Access::anyone) return std::nullopt;
  auth::Caller caller = auth::caller_of(call.who, call.request().client);
  const auth::Act act = route.connects                      ? auth::Act::connect
                        : route.access == Access::publisher ? auth::Act::publish
                                                            : auth::Act::command;
  const Status taken = parts_.hub.take(act, caller);
  if (taken) return std::nullopt;
  return taken.error();
}

}  // namespace jobwire::api
