// Who gets in, and that another's job is an unknown job by every route.
#include "server_fixture.h"
#include "support/tokens.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

std::string claims(const char* name, UnixMs ms) {
  return R"({"sub":"alice","role":"admin",")" + std::string(name) + "\":" + std::to_string(ms / 1000) + "}";
}

std::string tampered() {
  std::string bearer = token("alice");
  const std::size_t payload = bearer.find('.') + 5;
  bearer[payload] = bearer[payload] == 'A' ? 'B' : 'A';
  return bearer;
}

std::vector<std::pair<const char*, std::string>> bad_tokens() {
  return {{"expired", signed_with("HS256", kSecret, claims("exp", wall_clock() - 1000))},
          {"not yet valid", signed_with("HS256", kSecret, claims("nbf", wall_clock() + 60'000))},
          {"unsigned", unsigned_token(R"({"sub":"alice","role":"admin"})")},
          {"unsigned, another spelling", "eyJhbGciOiJOT05FIn0.eyJzdWIiOiJhbGljZSJ9."},
          {"wrong algorithm", signed_with("HS512", kSecret, R"({"sub":"alice"})")},
          {"wrong secret", signed_with("HS256", "another secret", R"({"sub":"alice"})")},
          {"tampered", tampered()},
          {"empty parts", ".."},
          {"garbage", "garbage"}};
}

}  // namespace

TEST_CASE("access: a token that does not verify opens nothing, over HTTP and WebSocket") {
  TestServer server;
  server.create("1", "alice");
  for (const auto& [what, bearer] : bad_tokens()) {
    INFO(what);
    HttpClient client = server.as(bearer);
    CHECK(client.get("/api/v1/jobs").status == 401);
    CHECK(client.get("/api/v1/jobs/1").status == 401);
    CHECK(client.post("/api/v1/changes", R"({"channels":["job:1"]})").status == 401);
    CHECK(client.get("/api/v1/changes/stream?channels=job%3A1").status == 401);
    RawWebSocket socket(server.port());
    socket.text(R"({"event":"hello","data":{"token":")" + bearer + "\"}}");
    CHECK(socket.read_close().close_code() == 4401);
  }
}

TEST_CASE("access: without a token nothing is open but health and the document") {
  TestServer server;
  HttpClient nobody(server.port());
  for (const char* open : {"/healthz", "/readyz", "/api/v1/health", "/api/v1/openapi.json"})
    CHECK(nobody.get(open).status == 200);
  for (const char* closed : {"/api/v1/jobs", "/api/v1/jobs/1", "/api/v1/jobs/1/history", "/api/v1/queues",
                             "/api/v1/stats", "/api/v1/metrics", "/metrics", "/api/v1/changes/stream"}) {
    INFO(closed);
    CHECK(nobody.get(closed).status == 401);
  }
  for (const char* closed : {"/api/v1/jobs", "/api/v1/events", "/api/v1/jobs/1/events", "/api/v1/jobs/1/cancel",
                             "/api/v1/jobs/1/retry", "/api/v1/changes", "/api/v1/changes/stream"}) {
    INFO(closed);
    CHECK(nobody.post(closed, "{}").status == 401);
  }
  RawWebSocket socket(server.port());
  socket.text(R"({"event":"hello","data":{}})");
  CHECK(socket.read_close().close_code() == 4401);
}

TEST_CASE("access: another's job is an unknown job, by every route over HTTP") {
  TestServer server;
  server.create("hers", "alice");
  server.create("nobodys", "");
  HttpClient bob = server.user("bob");
  for (const std::string job : {"hers", "nobodys"}) {
    INFO(job);
    for (const char* rest : {"", "/history"}) {
      const auto one = bob.get("/api/v1/jobs/" + job + rest);
      CHECK(one.status == 404);
      CHECK(one.body == bob.get(std::string("/api/v1/jobs/unknown") + rest).body);
    }
    for (const char* rest : {"/cancel", "/retry"}) {
      const auto one = bob.post("/api/v1/jobs/" + job + rest, "{}");
      CHECK(one.status == 404);
      CHECK(one.body == bob.post(std::string("/api/v1/jobs/unknown") + rest, "{}").body);
    }
    CHECK(bob.post("/api/v1/jobs/" + job + "/events", R"({"type":"started"})").status == 403);
    const auto polled = bob.post("/api/v1/changes", R"({"channels":["job:)" + job + "\"]}");
    CHECK(polled.status == 200);
    CHECK_FALSE(contains(polled.body, R"("jobs")"));
  }
  CHECK(bob.get("/api/v1/jobs").body == R"({"jobs":[]})");
  CHECK(bob.get("/api/v1/jobs?user=alice").body == R"({"jobs":[]})");
  CHECK(bob.post("/api/v1/changes", R"({"channels":["user:alice"]})").status == 403);
  CHECK(bob.post("/api/v1/changes", R"({"channels":["all-jobs"]})").status == 403);
  CHECK_FALSE(contains(server.user("alice").get("/api/v1/jobs/hers").body, "cancelRequestedAt"));
}

TEST_CASE("access: another's job brings nothing to a stream, while one's own goes on") {
  TestServer server;
  server.create("hers", "alice");
  EventStream stream(server.port(), "GET", "/api/v1/changes/stream?channels=job%3Ahers&channels=user%3Abob&reducer=1",
                     {{"authorization", "Bearer " + token("bob")}});
  REQUIRE(stream.status() == 200);
  std::string all = stream.next();
  HttpClient service = server.service();
  service.post("/api/v1/jobs/hers/events", R"({"type":"progress","progress":50})");
  server.create("his", "bob");
  while (!contains(all, R"("his")")) all += stream.next();
  CHECK_FALSE(contains(all, R"("jobId":"hers")"));
  CHECK_FALSE(contains(all, R"("id":"hers")"));
  CHECK_FALSE(contains(all, "alice"));
}

TEST_CASE("access: another's job brings nothing to a WebSocket: not to follow, not to sync, not to cancel") {
  TestServer server;
  server.create("hers", "alice");
  RawWebSocket socket = hello(server.port(), token("bob"), R"(["user:bob"])");
  std::string all;
  const auto ask = [&](const std::string& command, const std::string& id) {
    socket.text(command);
    const std::string answer = read_until(socket, "\"id\":" + id);
    all += answer;
    return answer;
  };
  ask(R"({"event":"subscribe","data":{"channels":["job:hers"]},"id":1})", "1");
  socket.text(R"({"event":"sync","data":{"jobIds":["hers"]}})");
  const std::string hers = ask(R"({"event":"cancel","data":{"jobId":"hers"},"id":2})", "2");
  const std::string unknown = ask(R"({"event":"cancel","data":{"jobId":"unknown"},"id":3})", "3");
  CHECK(contains(hers, R"("code":"not_found")"));
  CHECK(hers.substr(hers.find(R"("error")")) == unknown.substr(unknown.find(R"("error")")));
  CHECK(contains(ask(R"({"event":"subscribe","data":{"channels":["user:alice"]},"id":4})", "4"),
                 R"("code":"forbidden")"));
  CHECK(
      contains(ask(R"({"event":"subscribe","data":{"channels":["all-jobs"]},"id":5})", "5"), R"("code":"forbidden")"));
  server.service().post("/api/v1/jobs/hers/events", R"({"type":"progress","progress":50})");
  server.create("his", "bob");
  all += read_until(socket, R"("his")");
  CHECK_FALSE(contains(all, R"("jobs":[{"id":"hers")"));
  CHECK_FALSE(contains(all, R"("type":"progress")"));
  CHECK_FALSE(contains(all, "alice\",\"status"));
  CHECK_FALSE(contains(server.user("alice").get("/api/v1/jobs/hers").body, "cancelRequestedAt"));
}

TEST_CASE("access: a queue tells users counts and admins jobs") {
  TestServer server;
  server.create("hers", "alice");
  const auto counts = server.user("bob").post("/api/v1/changes", R"({"channels":["queue:normal"]})");
  CHECK(counts.status == 200);
  CHECK_FALSE(contains(counts.body, "hers"));
  CHECK(contains(server.user("bob").get("/api/v1/queues").body, R"("waiting":1)"));
  CHECK(contains(server.admin().post("/api/v1/changes", R"({"channels":["queue:normal"]})").body, "hers"));
}

TEST_CASE("access: a token that names a job follows that job and nothing else") {
  TestServer server;
  server.create("1", "alice");
  server.create("2", "alice");
  HttpClient link = server.as(token("", auth::Role::user, {"1"}));
  CHECK(link.get("/api/v1/jobs/1").status == 200);
  CHECK(link.get("/api/v1/jobs/2").status == 404);
  CHECK(contains(link.post("/api/v1/changes", R"({"channels":["job:1"]})").body, R"("id":"1")"));
  CHECK(link.post("/api/v1/changes", R"({"channels":["user:alice"]})").status == 403);
  CHECK(link.post("/api/v1/jobs/1/cancel", "{}").status == 403);
  CHECK(contains(link.get("/api/v1/jobs").body, R"("id":"1")"));
  CHECK_FALSE(contains(link.get("/api/v1/jobs").body, R"("id":"2")"));
}

TEST_CASE("access: an API key is a service") {
  TestServer server({"--api-key", "backend:0123456789abcdef0123"});
  CHECK(server.as("0123456789abcdef0123").post("/api/v1/jobs", R"({"type":"pdf"})").status == 201);
  CHECK(server.as("0123456789abcdef0124").post("/api/v1/jobs", R"({"type":"pdf"})").status == 401);
  CHECK(server.as("backend:0123456789abcdef0123").post("/api/v1/jobs", R"({"type":"pdf"})").status == 401);
}

TEST_CASE("access: under --anonymous an id is the key to its job, and to nothing else") {
  TestServer server({"--anonymous"});
  server.create("unguessable", "alice");
  HttpClient nobody(server.port());
  CHECK(nobody.get("/api/v1/jobs/unguessable").status == 200);
  CHECK(contains(nobody.post("/api/v1/changes", R"({"channels":["job:unguessable"]})").body, R"("id":"unguessable")"));
  for (const char* channel : {"all-jobs", "admin", "user:alice", "queue:normal"}) {
    CHECK(nobody.post("/api/v1/changes", R"({"channels":[")" + std::string(channel) + "\"]}").status == 403);
  }
  CHECK(nobody.get("/api/v1/jobs").body == R"({"jobs":[]})");
  CHECK(nobody.post("/api/v1/jobs/unguessable/cancel", "{}").status == 403);
}

TEST_CASE("access: a page of a foreign origin is refused over HTTP and WebSocket, a configured one is welcome") {
  TestServer server({"--allow-origin", "https://app.example"});
  const std::string bearer = token("alice");
  HttpClient client = server.as(bearer);
  CHECK(client.request("GET", "/api/v1/jobs", {{"origin", "https://evil.example"}}).status == 403);
  CHECK(
      client.request("POST", "/api/v1/jobs/1/cancel", {{"origin", "null"}, {"content-type", "application/json"}}, "{}")
          .status == 403);
  const auto allowed = client.request("GET", "/api/v1/jobs", {{"origin", "https://app.example"}});
  CHECK(allowed.status == 200);
  CHECK(allowed.header("access-control-allow-origin") == "https://app.example");
  const std::string own = "http://127.0.0.1:" + std::to_string(server.port());
  CHECK(client.request("GET", "/api/v1/jobs", {{"origin", own}}).status == 200);
  RawSocket foreign(server.port());
  CHECK(foreign.ask(upgrade_request("Origin: https://evil.example\r\n")).status == 403);
  RawWebSocket welcome(server.port(), "Origin: https://app.example\r\n");
  welcome.text(R"({"event":"hello","data":{"token":")" + bearer + "\"}}");
  CHECK(contains(welcome.read_frame().payload, "welcome"));
}

TEST_CASE("access: a preflight is answered without a token") {
  TestServer server({"--allow-origin", "https://app.example"});
  HttpClient browser(server.port());
  const Headers asks = {{"origin", "https://app.example"},
                        {"access-control-request-method", "POST"},
                        {"access-control-request-headers", "authorization, content-type"}};
  const auto response = browser.request("OPTIONS", "/api/v1/changes", asks);
  CHECK(response.status == 204);
  CHECK(response.header("access-control-allow-origin") == "https://app.example");
  CHECK(contains(response.header("access-control-allow-methods"), "POST"));
  CHECK(contains(response.header("access-control-allow-headers"), "Authorization"));
  CHECK(browser
            .request("OPTIONS", "/api/v1/changes",
                     {{"origin", "https://evil.example"}, {"access-control-request-method", "POST"}})
            .status == 403);
}

TEST_CASE("access: a token that runs out ends the session that it opened") {
  TestServer server;
  const auto bearer = *auth::mint_jwt(kSecret, {.user = "alice", .expires_in = 1}, wall_clock());
  RawWebSocket socket = hello(server.port(), bearer);
  CHECK(contains(read_until(socket, "auth-error"), "unauthenticated"));
  socket.text(R"({"event":"token","data":{"token":")" + token("alice") + R"("},"id":1})");
  CHECK(contains(read_until(socket, R"("id":1)"), R"("ok":true)"));
  socket.text(R"({"event":"subscribe","data":{"channels":["user:alice"]},"id":2})");
  CHECK(contains(read_until(socket, R"("id":2)"), R"("ok":true)"));
}

TEST_CASE("access: a cookie says who asks only for pages of allowed origins") {
  TestServer server({"--cookie-name", "jobwire", "--allow-origin", "https://app.example"});
  server.create("hers", "alice");
  HttpClient browser(server.port());
  const std::string cookie = "theme=dark; jobwire=" + token("alice");
  const auto cancel = [&](Headers headers) {
    headers.push_back({"cookie", cookie});
    headers.push_back({"content-type", "application/json"});
    return browser.request("POST", "/api/v1/jobs/hers/cancel", headers, "{}");
  };
  CHECK(browser.request("GET", "/api/v1/jobs/hers", {{"cookie", cookie}}).status == 200);
  CHECK(cancel({{"origin", "https://evil.example"}}).status == 403);
  const auto formless = cancel({});
  CHECK(formless.status == 401);
  CHECK(contains(formless.body, "Origin"));
  CHECK_FALSE(contains(server.user("alice").get("/api/v1/jobs/hers").body, "cancelRequestedAt"));
  CHECK(cancel({{"origin", "https://app.example"}}).status == 202);
  TestServer without;
  CHECK(HttpClient(without.port()).request("GET", "/api/v1/jobs", {{"cookie", cookie}}).status == 401);
}

TEST_CASE("access: a cookie opens a WebSocket for a page of an allowed origin, and for nobody without one") {
  TestServer server({"--cookie-name", "jobwire"});
  const std::string cookie = "Cookie: jobwire=" + token("alice") + "\r\n";
  const std::string own = "Origin: http://h\r\n";
  RawWebSocket page(server.port(), cookie + own);
  page.text(R"({"event":"hello","data":{}})");
  CHECK(contains(page.read_frame().payload, R"("user":"alice")"));
  RawWebSocket script(server.port(), cookie);
  script.text(R"({"event":"hello","data":{}})");
  CHECK(script.read_close().close_code() == 4401);
}
