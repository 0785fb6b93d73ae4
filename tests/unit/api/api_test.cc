// What every request passes: Host, Origin, token, media type.
#include "api/api.h"

#include "api_fixture.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

api::ApiOptions with_origins(auth::OriginRules rules) {
  api::ApiOptions options;
  options.origins = std::move(rules);
  return options;
}

}  // namespace

TEST_CASE("an unknown path is 404, a known path with another method 405 with Allow") {
  ApiFixture server;
  CHECK(server.get("/api/v1/nothing").status == 404);
  CHECK(server.get("/").status == 404);
  const auto refused = server.ask(server.request("DELETE", "/api/v1/jobs/1", server.admin));
  CHECK(refused.status == 405);
  CHECK(header(refused, "allow") == "GET, HEAD, OPTIONS");
  CHECK(contains(refused.body, R"("code":"method_not_allowed")"));
}

TEST_CASE("errors are problem+json with the wire's own fields") {
  ApiFixture server;
  const auto response = server.get("/api/v1/jobs/1", server.alice);
  CHECK(response.status == 404);
  CHECK(header(response, "content-type") == "application/problem+json");
  CHECK(
      response.body ==
      R"({"type":"about:blank","title":"Not Found","status":404,"detail":"there is no such job","code":"not_found","message":"there is no such job"})");
}

TEST_CASE("without a token, with a bad one, or with another scheme: 401, told to bring a Bearer token") {
  ApiFixture server;
  for (const Headers& headers :
       {Headers{}, Headers{{"authorization", "Bearer nonsense"}}, Headers{{"authorization", "Basic YTpi"}},
        Headers{{"authorization", "Bearer"}}, Headers{{"authorization", "Bearer "}}}) {
    const auto response = server.get("/api/v1/jobs", {}, headers);
    CHECK(response.status == 401);
    CHECK(header(response, "www-authenticate") == "Bearer");
    CHECK(contains(response.body, R"("code":"unauthenticated")"));
  }
}

TEST_CASE("an expired token is 401 and says so") {
  ApiFixture server;
  const auto token = *auth::mint_jwt(ApiFixture::kSecret, {.user = "alice", .expires_in = 1000}, server.clock.now());
  CHECK(server.get("/api/v1/jobs", token).status == 200);
  server.clock.advance(1000);
  const auto response = server.get("/api/v1/jobs", token);
  CHECK(response.status == 401);
  CHECK(contains(response.body, "expired"));
}

TEST_CASE("the scheme's name is not case-sensitive") {
  ApiFixture server;
  CHECK(server.get("/api/v1/jobs", {}, {{"authorization", "bearer " + server.alice}}).status == 200);
}

TEST_CASE("a token in the query is read only where the operator said so, and never beside a header") {
  ApiFixture strict;
  CHECK(strict.get("/api/v1/jobs?token=" + strict.alice).status == 401);
  api::ApiOptions options;
  options.credentials.query = true;
  ApiFixture lenient(options);
  CHECK(lenient.get("/api/v1/jobs?token=" + lenient.alice).status == 200);
  CHECK(lenient.get("/api/v1/jobs?token=" + lenient.alice, "nonsense").status == 401);
}

TEST_CASE("users may not call what services and admins may") {
  ApiFixture server;
  for (const std::string& token : {server.alice, server.token("", auth::Role::user, {"1"})}) {
    CHECK(server.post("/api/v1/jobs", token, R"({"type":"pdf"})").status == 403);
    CHECK(server.post("/api/v1/events", token, "[]").status == 403);
    CHECK(server.post("/api/v1/jobs/1/events", token, R"({"type":"started"})").status == 403);
    CHECK(server.get("/api/v1/stats", token).status == 403);
    CHECK(server.get("/api/v1/metrics", token).status == 403);
    CHECK(server.get("/metrics", token).status == 403);
  }
  CHECK(server.node.table().size() == 0);
}

TEST_CASE("a body of another media type is 415, wherever a body is read") {
  ApiFixture server;
  server.create("1", "alice");
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                           "application/jsonx", "application/json; charset=latin1", "application/x-ndjson"}) {
    INFO(type);
    const Headers headers = {{"content-type", type}};
    CHECK(server.post("/api/v1/jobs", server.service, R"({"type":"pdf"})", headers).status == 415);
    CHECK(server.post("/api/v1/jobs/1/events", server.service, R"({"type":"started"})", headers).status == 415);
    CHECK(server.post("/api/v1/jobs/1/cancel", server.alice, "{}", headers).status == 415);
    CHECK(server.post("/api/v1/changes", server.alice, "{}", headers).status == 415);
    CHECK(server.post("/api/v1/changes/stream", server.alice, "{}", headers).status == 415);
  }
  CHECK(server.post("/api/v1/events", server.service, "[]", {{"content-type", "text/plain"}}).status == 415);
  CHECK(server
            .post("/api/v1/jobs", server.service, R"({"type":"pdf"})",
                  {{"content-type", "Application/JSON ; Charset=UTF-8"}})
            .status == 201);
}

TEST_CASE("a page of a foreign origin is refused at every route, and nothing happens") {
  ApiFixture server(with_origins({.allowed = {"https://app.example"}}));
  const Headers foreign = {{"origin", "https://evil.example"}};
  for (const api::Route& route : server.routes->routes()) {
    std::string path(route.pattern);
    if (const auto at = path.find("{id}"); at != std::string::npos) path.replace(at, 4, "1");
    INFO(route.method << ' ' << path);
    const auto response = server.ask(
        server.request(std::string(route.method), path, server.admin, R"({"type":"pdf","id":"1"})", foreign));
    CHECK(response.status == 403);
    CHECK(header(response, "access-control-allow-origin").empty());
  }
  CHECK(server.node.table().size() == 0);
}

TEST_CASE("a page of an allowed origin gets CORS headers for itself alone") {
  ApiFixture server(with_origins({.allowed = {"https://app.example"}}));
  const auto response = server.get("/api/v1/jobs", server.alice, {{"origin", "https://app.example"}});
  CHECK(response.status == 200);
  CHECK(header(response, "access-control-allow-origin") == "https://app.example");
  CHECK(header(response, "access-control-allow-credentials").empty());
  CHECK(header(response, "vary") == "Origin");
  const auto error = server.get("/api/v1/jobs/1", server.alice, {{"origin", "https://app.example"}});
  CHECK(error.status == 404);
  CHECK(header(error, "access-control-allow-origin") == "https://app.example");
}

TEST_CASE("a preflight is answered without a token, and may be cached") {
  ApiFixture server(with_origins({.allowed = {"https://app.example"}}));
  const Headers asks = {{"origin", "https://app.example"},
                        {"access-control-request-method", "POST"},
                        {"access-control-request-headers", "authorization,content-type"}};
  const auto response = server.ask(server.request("OPTIONS", "/api/v1/changes", {}, {}, asks));
  CHECK(response.status == 204);
  CHECK(header(response, "access-control-allow-origin") == "https://app.example");
  CHECK(contains(header(response, "access-control-allow-methods"), "POST"));
  CHECK(contains(header(response, "access-control-allow-headers"), "Authorization, Content-Type"));
  CHECK(header(response, "access-control-max-age") == "7200");
}

TEST_CASE("a preflight of a foreign origin, or for an unknown path, is refused") {
  ApiFixture server;
  const Headers foreign = {{"origin", "https://evil.example"}, {"access-control-request-method", "POST"}};
  CHECK(server.ask(server.request("OPTIONS", "/api/v1/changes", {}, {}, foreign)).status == 403);
  CHECK(server.ask(server.request("OPTIONS", "/api/v1/nothing")).status == 404);
}

TEST_CASE("no preflight allows the header of dev tokens") {
  api::ApiOptions options = with_origins({.loopback_origins = true});
  options.dev_secret = ApiFixture::kSecret;
  ApiFixture server(options);
  const Headers asks = {{"origin", "http://localhost:5173"}, {"access-control-request-method", "POST"}};
  const auto response = server.ask(server.request("OPTIONS", "/api/v1/dev/token", {}, {}, asks));
  CHECK_FALSE(contains(header(response, "access-control-allow-headers"), "Jobwire"));
}

TEST_CASE("credentials are allowed only where the operator said so") {
  ApiFixture server(with_origins({.allowed = {"https://app.example"}, .credentials = true}));
  const auto response = server.get("/api/v1/health", {}, {{"origin", "https://app.example"}});
  CHECK(header(response, "access-control-allow-credentials") == "true");
}

TEST_CASE("under --dev a Host that is not loopback's is refused: its name may have been rebound") {
  ApiFixture server(with_origins({.same_origin = false, .loopback_origins = true, .only_loopback_host = true}),
                    {.dev = true});
  CHECK(server.get("/api/v1/jobs").status == 200);
  CHECK(server.get("/api/v1/jobs", {}, {{"host", "evil.example:7070"}}).status == 403);
}

TEST_CASE("requests are counted by route, and no path, query or token reaches metrics or log") {
  ApiFixture server;
  server.get("/api/v1/jobs/secret-id?x=secret-query", server.alice);
  server.ask(server.request("BREW", "/api/v1/pot"));
  const std::string text = server.metrics.text({});
  CHECK(contains(text, R"(method="GET",route="/api/v1/jobs/{id}",status="404"} 1)"));
  CHECK(contains(text, R"(method="other",route="none",status="404"} 1)"));
  CHECK_FALSE(contains(text, "secret"));
  CHECK_FALSE(contains(text, "BREW"));
}
