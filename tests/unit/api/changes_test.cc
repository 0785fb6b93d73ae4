#include "api_fixture.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

std::string cursor_of(const std::string& body) {
  const auto at = body.find(R"("cursor":")");
  REQUIRE(at != std::string::npos);
  return body.substr(at + 10, body.find('"', at + 10) - at - 10);
}

}  // namespace

TEST_CASE("a long-poll without a cursor is answered at once from the start") {
  ApiFixture server;
  server.create("1", "alice");
  const auto response = server.post("/api/v1/changes", server.alice, R"({"channels":["user:alice"],"wait":60000})");
  CHECK(response.status == 200);
  CHECK(contains(response.body, R"("reset":true,"synced":true)"));
  CHECK(contains(response.body, R"("id":"1")"));
}

TEST_CASE("a long-poll at the head waits until something changes") {
  ApiFixture server;
  server.create("1", "alice");
  const std::string cursor =
      cursor_of(server.post("/api/v1/changes", server.alice, R"({"channels":["user:alice"]})").body);
  const auto waiting =
      server.begin(server.request("POST", "/api/v1/changes", server.alice,
                                  R"({"channels":["user:alice"],"wait":60000,"cursor":")" + cursor + "\"}"));
  CHECK_FALSE(waiting->response);
  server.append("1", R"({"type":"progress","progress":5})");
  server.run();
  REQUIRE(waiting->response);
  CHECK(waiting->answers == 1);
  CHECK(contains(waiting->response->body, R"("progress":5)"));
}

TEST_CASE("a long-poll ends empty after its wait") {
  ApiFixture server;
  const std::string cursor =
      cursor_of(server.post("/api/v1/changes", server.alice, R"({"channels":["user:alice"]})").body);
  const auto waiting = server.begin(server.request(
      "POST", "/api/v1/changes", server.alice, R"({"channels":["user:alice"],"wait":500,"cursor":")" + cursor + "\"}"));
  CHECK_FALSE(waiting->response);
  server.clock.advance(501);
  server.hub->tick();
  REQUIRE(waiting->response);
  CHECK(waiting->response->status == 200);
  CHECK_FALSE(contains(waiting->response->body, R"("jobs")"));
}

TEST_CASE("a poll whose peer has gone is forgotten") {
  ApiFixture server;
  const std::string cursor =
      cursor_of(server.post("/api/v1/changes", server.alice, R"({"channels":["user:alice"]})").body);
  const auto waiting =
      server.begin(server.request("POST", "/api/v1/changes", server.alice,
                                  R"({"channels":["user:alice"],"wait":60000,"cursor":")" + cursor + "\"}"));
  CHECK(server.hub->stats().polls == 1);
  waiting->abort();
  CHECK(server.hub->stats().polls == 0);
  server.create("1", "alice");
  CHECK_FALSE(waiting->response);
}

TEST_CASE("another's job brings nothing to a poll, like an unknown one") {
  ApiFixture server;
  server.create("1", "alice");
  const auto hers = server.post("/api/v1/changes", server.bob, R"({"channels":["job:1"]})");
  const auto unknown = server.post("/api/v1/changes", server.bob, R"({"channels":["job:2"]})");
  CHECK(hers.status == 200);
  std::string expected = unknown.body;
  expected.replace(expected.find("job:2"), 5, "job:1");
  CHECK(hers.body == expected);
}

TEST_CASE("channels that a token may not follow are refused and named") {
  ApiFixture server;
  for (const char* channel : {"user:alice", "all-jobs", "admin"}) {
    const std::string body = std::string(R"({"channels":[")") + channel + "\"]}";
    for (const char* path : {"/api/v1/changes", "/api/v1/changes/stream"}) {
      const auto response = server.post(path, server.bob, body);
      CHECK(response.status == 403);
      CHECK(contains(response.body, channel));
    }
    CHECK(server.get(std::string("/api/v1/changes/stream?channels=") + channel, server.bob).status == 403);
    CHECK(server.get(std::string("/api/v1/changes/stream?join=") + channel, server.bob).status == 403);
  }
}

TEST_CASE("a cursor of another epoch or of the future is a reset, garbage is 400") {
  ApiFixture server;
  server.create("1", "alice");
  const std::string cursor =
      cursor_of(server.post("/api/v1/changes", server.alice, R"({"channels":["user:alice"]})").body);
  const std::string epoch = cursor.substr(0, cursor.find(':'));
  for (const std::string& stale : {std::string("0123456789abcdef:1"), epoch + ":9007199254740991"}) {
    const auto response =
        server.post("/api/v1/changes", server.alice, R"({"channels":["user:alice"],"cursor":")" + stale + "\"}");
    CHECK(response.status == 200);
    CHECK(contains(response.body, R"("reset":true)"));
    CHECK(contains(response.body, R"("id":"1")"));
  }
  for (const char* garbage :
       {"", "x", "1", ":", "0123456789abcdef:-1", "0123456789abcdef:9007199254740992", "zzzzzzzzzzzzzzzz:1"}) {
    INFO(garbage);
    CHECK(server.post("/api/v1/changes", server.alice, R"({"channels":[],"cursor":")" + std::string(garbage) + "\"}")
              .status == 400);
    CHECK(server.get(std::string("/api/v1/changes/stream?channels=user%3Aalice&cursor=") + garbage, server.alice)
              .status == 400);
  }
}

TEST_CASE("channels that break the rules are 400, too many of them 413") {
  ApiFixture server;
  for (const char* channel : {"", "job:", "job", "room:1", "job:..", "all-jobs:1"}) {
    INFO(channel);
    CHECK(server.post("/api/v1/changes", server.alice, R"({"channels":[")" + std::string(channel) + "\"]}").status ==
          400);
    CHECK(server.get(std::string("/api/v1/changes/stream?channels=") + channel, server.alice).status == 400);
  }
  std::string body = R"({"channels":["job:0")";
  std::string query = "channels=job%3A0";
  for (int i = 1; i <= 1000; ++i) {
    body += ",\"job:" + std::to_string(i) + "\"";
    query += "&channels=job%3A" + std::to_string(i);
  }
  CHECK(server.post("/api/v1/changes", server.alice, body + "]}").status == 413);
  CHECK(server.get("/api/v1/changes/stream?" + query, server.alice).status == 413);
}

TEST_CASE("a stream tells the present, then each change, as server-sent events") {
  ApiFixture server;
  server.create("1", "alice");
  const auto exchange =
      server.begin(server.request("GET", "/api/v1/changes/stream?channels=user%3Aalice&reducer=1", server.alice));
  REQUIRE(exchange->body);
  CHECK(exchange->response->status == 200);
  CHECK(header(*exchange->response, "content-type") == "text/event-stream");
  CHECK(header(*exchange->response, "cache-control") == "no-store");
  CHECK(exchange->body->written.starts_with("data: {"));
  CHECK(contains(exchange->body->written, R"("id":"1")"));
  exchange->body->written.clear();
  server.append("1", R"({"type":"progress","progress":5})");
  server.run();
  CHECK(contains(exchange->body->written, R"("events":[{"type":"progress")"));
  CHECK(exchange->body->written.ends_with("\n\n"));
}

TEST_CASE("a stream may be asked for by POST, with the same body as a poll") {
  ApiFixture server;
  const auto exchange =
      server.begin(server.request("POST", "/api/v1/changes/stream", server.alice, R"({"join":["user:alice"]})"));
  REQUIRE(exchange->body);
  CHECK(contains(exchange->body->written, R"("synced":true)"));
}

TEST_CASE("HEAD of a stream tells its type and follows nothing") {
  ApiFixture server;
  const auto response =
      server.ask(server.request("HEAD", "/api/v1/changes/stream?channels=user%3Aalice", server.alice));
  CHECK(response.status == 200);
  CHECK(header(response, "content-type") == "text/event-stream");
  CHECK(server.hub->stats().sessions == 0);
}

TEST_CASE("a stream whose peer has gone is forgotten") {
  ApiFixture server;
  const auto exchange =
      server.begin(server.request("GET", "/api/v1/changes/stream?channels=user%3Aalice", server.alice));
  CHECK(server.hub->stats().sessions == 1);
  exchange->abort();
  CHECK(server.hub->stats().sessions == 0);
  CHECK(exchange->body->ended);
}

TEST_CASE("a stream that is not read is not written to past its mark, and goes on once it is") {
  ApiFixture server;
  server.create("1", "alice");
  const auto exchange =
      server.begin(server.request("GET", "/api/v1/changes/stream?channels=user%3Aalice&reducer=1", server.alice));
  exchange->body->stalled = true;
  const std::string text(4000, 'x');
  for (int i = 0; i < 200; ++i) server.append("1", R"({"type":"log","message":")" + text + "\"}");
  CHECK(exchange->body->unsent < (400u << 10));
  exchange->body->written.clear();
  exchange->body->drain();
  server.run();
  CHECK(contains(exchange->body->written, R"("seq":201)"));
}

TEST_CASE("the server's drain ends a stream with goodbye, and a poll with an answer") {
  ApiFixture server;
  const auto stream = server.begin(server.request("GET", "/api/v1/changes/stream?channels=user%3Aalice", server.alice));
  const std::string cursor = cursor_of(stream->body->written);
  const auto poll =
      server.begin(server.request("POST", "/api/v1/changes", server.alice,
                                  R"({"channels":["user:alice"],"wait":60000,"cursor":")" + cursor + "\"}"));
  server.hub->drain();
  server.run();
  CHECK(contains(stream->body->written, R"("event":"goodbye")"));
  CHECK(poll->response);
  CHECK(server.post("/api/v1/changes", server.alice, R"({"channels":["user:alice"]})").status == 503);
  CHECK(server.get("/api/v1/changes/stream?channels=user%3Aalice", server.alice).status == 503);
}

TEST_CASE("a stream ends after its token does") {
  ApiFixture server;
  const auto token = *auth::mint_jwt(ApiFixture::kSecret, {.user = "alice", .expires_in = 2000}, server.clock.now());
  const auto exchange = server.begin(server.request("GET", "/api/v1/changes/stream?channels=user%3Aalice", token));
  server.clock.advance(2000);
  server.hub->tick();
  CHECK(contains(exchange->body->written, R"("event":"auth-error")"));
  server.clock.advance(60'000);
  server.hub->tick();
  server.run();
  CHECK(exchange->body->ended);
  CHECK(server.hub->stats().sessions == 0);
}
