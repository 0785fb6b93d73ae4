// The routes over a real node, hub and log in memory, asked through exchanges without a connection.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "auth/jwt.h"
#include "auth/token_authenticator.h"
#include "support/core_routes.h"
#include "support/fake_exchange.h"
#include "transport/http_rules.h"

namespace jobwire::test {

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

struct ApiFixture : Core, CoreRoutes {
  static constexpr const char* kSecret = "a secret of thirty-two characters";

  explicit ApiFixture(api::ApiOptions options = {}, auth::AccessOptions access = {}) : CoreRoutes(clock) {
    access.secret = kSecret;
    REQUIRE(start(std::make_unique<auth::TokenAuthenticator>(std::move(access), clock)));
    open(*this, std::move(options));
  }

  std::string token(std::string user, auth::Role role = auth::Role::user, std::vector<std::string> jobs = {}) {
    const auth::TokenRequest request{.user = std::move(user), .role = role, .jobs = std::move(jobs)};
    return *auth::mint_jwt(kSecret, request, clock.now());
  }

  static transport::Request request(std::string method, std::string_view target, const std::string& token = {},
                                    std::string body = {}, Headers headers = {}) {
    transport::Request made;
    made.method = std::move(method);
    REQUIRE_FALSE(transport::apply_target(target, made));
    made.headers = std::move(headers);
    const auto absent = [&](std::string_view name) { return made.header(name).empty(); };
    if (absent("host")) made.headers.emplace_back("host", "localhost:7070");
    if (!token.empty()) made.headers.emplace_back("authorization", "Bearer " + token);
    if (!body.empty() && absent("content-type")) made.headers.emplace_back("content-type", "application/json");
    made.body = std::move(body);
    made.loopback = true;
    made.peer = "127.0.0.1";
    return made;
  }

  // Puts the request in and runs what it posts; it may still be waiting (a long-poll).
  std::shared_ptr<FakeExchange> begin(transport::Request made) {
    auto exchange = std::make_shared<FakeExchange>(std::move(made));
    routes->handle(exchange);
    run();
    return exchange;
  }
  transport::Response ask(transport::Request made) {
    const auto exchange = begin(std::move(made));
    REQUIRE(exchange->response);
    CHECK(exchange->answers == 1);
    return *exchange->response;
  }
  transport::Response get(std::string_view target, const std::string& token = {}, Headers headers = {}) {
    return ask(request("GET", target, token, {}, std::move(headers)));
  }
  transport::Response post(std::string_view target, const std::string& token, std::string body, Headers headers = {}) {
    return ask(request("POST", target, token, std::move(body), std::move(headers)));
  }
  void create(const std::string& id, const std::string& owner) {
    const std::string user = owner.empty() ? "" : R"(,"userId":")" + owner + '"';
    REQUIRE(post("/api/v1/jobs", service, R"({"type":"pdf","id":")" + id + '"' + user + "}").status == 201);
  }
  void append(const std::string& id, std::string event) {
    REQUIRE(post("/api/v1/jobs/" + id + "/events", service, std::move(event)).status == 200);
  }

  const std::string service = token("", auth::Role::service);
  const std::string admin = token("", auth::Role::admin);
  const std::string alice = token("alice");
  const std::string bob = token("bob");
};

}  // namespace jobwire::test
