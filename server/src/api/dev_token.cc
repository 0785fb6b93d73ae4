// POST /dev/token, under --dev only: tokens for the pages of this very server. A name that an attacker rebinds to
// loopback fails on Host, another page on Origin, a form on the header (which no form can send).
#include "api/api.h"
#include "api/problem.h"
#include "auth/jwt.h"
#include "auth/origin.h"

namespace jobwire::api {
namespace {

constexpr DurationMs kValidFor = 12 * 60 * 60 * 1000;

bool comes_from_own_page(const transport::Request& request) {
  const std::string_view host = request.header("host");
  return request.loopback && auth::is_loopback_host(host) &&
         auth::is_same_origin(request.header("origin"), host, request.secure) && request.header("x-jobwire-dev") == "1";
}

Result<auth::TokenRequest> read(std::string_view body, const CodecLimits& limits) {
  const auto fields = decode_text_fields(body, limits);
  if (!fields) return fields.error();
  auth::TokenRequest request;
  request.expires_in = kValidFor;
  for (const auto& [name, value] : *fields) {
    if (name == "user") request.user = value;
    if (name != "role") continue;
    if (value == "admin")
      request.role = auth::Role::admin;
    else if (value == "service")
      request.role = auth::Role::service;
    else if (value != "user")
      return Error{ErrorCode::bad_request, "role must be user, admin or service", "role", 0};
  }
  return request;
}

void mint(Parts& parts, const CallPtr& call) {
  if (!comes_from_own_page(call->request())) {
    return call->fail({ErrorCode::forbidden,
                       "dev tokens are for pages of this server on loopback, with the header X-Jobwire-Dev: 1", "", 0});
  }
  const auto request = read(call->request().body, parts.options.codec);
  if (!request) return call->fail(request.error());
  const auto token = auth::mint_jwt(parts.options.dev_secret, *request, parts.clock.now());
  if (!token) return call->fail(token.error());
  std::string body;
  JsonWriter(body).begin_object().field("token", *token).end_object();
  call->reply(json_response(200, std::move(body)));
}

}  // namespace

std::vector<Route> dev_token_routes(Parts& parts) {
  if (parts.options.dev_secret.empty()) return {};
  Route route;
  route.method = "POST";
  route.pattern = "/api/v1/dev/token";
  route.access = Access::anyone;
  route.body = Body::json;
  route.summary = "A token for development, to this server's own pages on loopback";
  route.request_schema = "DevTokenRequest";
  route.response_schema = "DevToken";
  route.handle = [&parts](const CallPtr& call) { mint(parts, call); };
  return {std::move(route)};
}

}  // namespace jobwire::api
