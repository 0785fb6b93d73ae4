#include "api_fixture.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

constexpr UnixMs kStart = 1'764'000'000'000;  // 2025-11-24T16:00:00Z

}  // namespace

TEST_CASE("a job is told as queue-update tells it, with its status and times beside") {
  ApiFixture server;
  server.clock.set(kStart);
  server.post("/api/v1/jobs", server.service, R"({"type":"report","id":"j1","userId":"alice"})");
  server.hub->tick();  // places in the queue are counted
  CHECK(
      server.get("/analyze/jobs/j1", server.alice).body ==
      R"({"id":"j1","status":"queued","createdAt":"2025-11-24T16:00:00.000Z","eventType":"job-queued","jobId":"j1",)"
      R"("jobType":"report","userId":"alice","progress":0,"stage":"Job queued","queuePosition":1,"timestamp":"2025-11-24T16:00:00.000Z"})");
  server.clock.set(kStart + 1000);
  server.append("j1", R"({"type":"progress","progress":40,"stage":"pages","message":"page 10 of 24"})");
  CHECK(
      server.get("/analyze/jobs/j1", server.alice).body ==
      R"({"id":"j1","status":"active","createdAt":"2025-11-24T16:00:00.000Z","startedAt":"2025-11-24T16:00:01.000Z",)"
      R"("eventType":"job-progress","jobId":"j1","jobType":"report","userId":"alice","progress":40,"stage":"page 10 of 24",)"
      R"("timestamp":"2025-11-24T16:00:01.000Z"})");
  server.append("j1", R"({"type":"completed","result":{"pages":24}})");
  const auto done = server.get("/analyze/jobs/j1", server.alice);
  CHECK(done.status == 200);
  CHECK(header(done, "content-type") == "application/json");
  CHECK(contains(done.body, R"("status":"completed")"));
  CHECK(contains(done.body, R"("completedAt":"2025-11-24T16:00:01.000Z")"));
  CHECK(contains(done.body, R"("eventType":"job-completed")"));
  CHECK(contains(done.body, R"("result":{"pages":24})"));
}

TEST_CASE("how a job ended badly is told in those words too") {
  ApiFixture server;
  server.create("f", "alice");
  server.append("f", R"({"type":"failed","error":{"message":"no such page","code":"E_PAGE"}})");
  const std::string failed = server.get("/analyze/jobs/f", server.alice).body;
  CHECK(contains(failed, R"("eventType":"job-failed")"));
  CHECK(contains(failed, R"("error":"no such page","errorCode":"E_PAGE")"));
  server.create("c", "alice");
  server.append("c", R"({"type":"cancelled","reason":"changed my mind"})");
  const std::string cancelled = server.get("/analyze/jobs/c", server.alice).body;
  CHECK(contains(cancelled, R"("status":"cancelled")"));
  CHECK(contains(cancelled, R"("eventType":"job-cancelled")"));
  CHECK(contains(cancelled, R"("reason":"changed my mind")"));
}

TEST_CASE("every state that a job can be in has a present state") {
  ApiFixture server;
  server.create("j", "alice");
  const auto told = [&] { return server.get("/analyze/jobs/j", server.alice).body; };
  for (const char* event : {R"({"type":"started"})", R"({"type":"updated","status":"warming up"})",
                            R"({"type":"log","message":"half way"})", R"({"type":"stalled"})",
                            R"({"type":"failed","error":"no"})", R"({"type":"retried"})"}) {
    server.append("j", event);
    INFO(event);
    CHECK(contains(told(), R"("eventType":"job-)"));
    CHECK(contains(told(), R"("jobId":"j")"));
  }
}

TEST_CASE("a user's jobs come newest change first, and nobody else's are among them") {
  ApiFixture server;
  server.create("1", "alice");
  server.create("2", "alice");
  server.create("3", "bob");
  server.append("1", R"({"type":"started"})");
  const std::string body = server.get("/analyze/jobs/user/alice", server.alice).body;
  CHECK(body.starts_with(R"([{"id":"1","status":"active")"));
  CHECK(contains(body, R"(},{"id":"2","status":"queued")"));
  CHECK_FALSE(contains(body, "bob"));
  CHECK(server.get("/analyze/jobs/user/nobody", server.admin).body == "[]");
  CHECK(contains(server.get("/analyze/jobs/user/bob", server.service).body, R"("id":"3")"));
}

TEST_CASE("another user's jobs are no jobs, and another's job is an unknown one, byte for byte") {
  ApiFixture server;
  server.create("of-alice", "alice");
  for (const std::string& token : {server.bob, server.token("bob", auth::Role::user, {"mine"})}) {
    CHECK(server.get("/analyze/jobs/user/alice", token).body == "[]");
    const auto hers = server.get("/analyze/jobs/of-alice", token);
    const auto unknown = server.get("/analyze/jobs/unknown", token);
    CHECK(hers.status == 404);
    CHECK(hers.body == unknown.body);
    const auto cancel = server.post("/analyze/jobs/of-alice/cancel", token, "{}");
    CHECK(cancel.status == 404);
    CHECK(cancel.body == server.post("/analyze/jobs/unknown/cancel", token, "{}").body);
  }
  CHECK_FALSE(contains(server.get("/analyze/jobs/of-alice", server.alice).body, "cancelRequested"));
}

TEST_CASE("these calls need a token where all others do") {
  ApiFixture server;
  server.create("1", "alice");
  CHECK(server.get("/analyze/jobs/1").status == 401);
  CHECK(server.get("/analyze/jobs/user/alice").status == 401);
  CHECK(server.post("/analyze/jobs/1/cancel", "", "{}").status == 401);
  CHECK(server.get("/api/v1/websocket/stats").status == 401);
}

TEST_CASE("to know an id is not to be told whose jobs there are") {
  ApiFixture server({}, {.anonymous = true});
  server.create("unguessable", "alice");
  CHECK(server.get("/analyze/jobs/unguessable").status == 200);
  CHECK(server.get("/analyze/jobs/user/alice").body == "[]");
  CHECK(server.post("/analyze/jobs/unguessable/cancel", "", "{}").status == 403);
}

TEST_CASE("under --dev the jobs without owner are the user dev's") {
  ApiFixture server({}, {.dev = true});
  server.create("1", "");
  server.create("2", "alice");
  const std::string body = server.get("/analyze/jobs/user/dev").body;
  CHECK(contains(body, R"("id":"1")"));
  CHECK_FALSE(contains(body, R"("id":"2")"));
  CHECK(server.get("/analyze/jobs/user/alice").body == "[]");
}

TEST_CASE("a cancel is asked for with or without a reason, and refused for an ended job") {
  ApiFixture server;
  server.create("1", "alice");
  const auto asked = server.post("/analyze/jobs/1/cancel", server.alice, R"({"reason":"changed my mind"})");
  CHECK(asked.status == 202);
  CHECK(asked.body == R"({"success":true,"message":"Cancel requested","jobId":"1","cancelRequested":true})");
  CHECK(server.post("/analyze/jobs/1/cancel", server.alice, "").status == 202);
  CHECK(contains(server.get("/analyze/jobs/1", server.alice).body, R"("cancelRequested":true)"));
  CHECK(contains(server.get("/api/v1/jobs/1", server.alice).body, R"("cancelReason":"changed my mind")"));
  server.append("1", R"({"type":"completed"})");
  const auto late = server.post("/analyze/jobs/1/cancel", server.alice, "");
  CHECK(late.status == 409);
  CHECK(header(late, "content-type") == "application/problem+json");
}

TEST_CASE("ids and bodies of these calls are held to the rules, and the field is named") {
  ApiFixture server;
  server.create("1", "alice");
  CHECK(contains(server.get("/analyze/jobs/%2E%2E", server.alice).body, R"("field":"id")"));
  CHECK(server.get("/analyze/jobs/user/" + std::string(129, 'a'), server.alice).status == 400);
  CHECK(contains(server.get("/analyze/jobs/user/%2E%2E", server.alice).body, R"("field":"userId")"));
  CHECK(server.post("/analyze/jobs/1/cancel", server.alice, R"({"reason":7})").status == 400);
  CHECK(server.post("/analyze/jobs/1/cancel", server.alice, "{}", {{"content-type", "text/plain"}}).status == 415);
  CHECK(server.post("/analyze/jobs/user/1", server.alice, "{}").status == 405);
}

TEST_CASE("a removed job is gone for who saw it") {
  ApiFixture server;
  server.create("1", "alice");
  server.append("1", R"({"type":"removed"})");
  CHECK(server.get("/analyze/jobs/1", server.alice).status == 410);
  CHECK(server.get("/analyze/jobs/user/alice", server.alice).body == "[]");
}

TEST_CASE("how many are connected: sockets, streams, and Socket.IO connections that poll") {
  ApiFixture server;
  server.clock.set(kStart);
  server.transport_stats.websockets = 2;
  server.transport_stats.streams = 1;
  CHECK(server.get("/api/v1/websocket/stats", server.alice).body ==
        R"({"success":true,"data":{"connected":3,"timestamp":"2025-11-24T16:00:00.000Z"}})");
  server.polling = 4;
  CHECK(contains(server.get("/api/v1/websocket/stats", server.service).body, R"("connected":7)"));
}

TEST_CASE("the number of connections is told to anyone where /metrics is") {
  api::ApiOptions options;
  options.public_metrics = true;
  ApiFixture server(options);
  CHECK(server.get("/api/v1/websocket/stats").status == 200);
}
