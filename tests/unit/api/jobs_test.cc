#include "api_fixture.h"

using namespace jobwire;
using namespace jobwire::test;

TEST_CASE("a job is created with a verdict and a place to look at it") {
  ApiFixture server;
  const auto response = server.post("/api/v1/jobs", server.service, R"({"type":"pdf","id":"a/b","userId":"alice"})");
  CHECK(response.status == 201);
  CHECK(header(response, "location") == "/api/v1/jobs/a%2Fb");
  CHECK(response.body == R"({"jobId":"a/b","status":"appended","version":1,"seq":1,"cancelRequested":false})");
  const auto job = server.get("/api/v1/jobs/a%2Fb", server.alice);
  CHECK(job.status == 200);
  CHECK(contains(job.body, R"("id":"a/b","type":"pdf","queue":"normal","userId":"alice","status":"queued")"));
}

TEST_CASE("a job without id gets one that nobody guesses") {
  ApiFixture server;
  const auto response = server.post("/api/v1/jobs", server.service, R"({"type":"pdf"})");
  CHECK(response.status == 201);
  CHECK(contains(response.body, R"("jobId":"random-1")"));
}

TEST_CASE("the same id with the same body is the first answer again, with another body 422") {
  ApiFixture server;
  CHECK(server.post("/api/v1/jobs", server.service, R"({"type":"pdf","id":"1"})").status == 201);
  const auto again = server.post("/api/v1/jobs", server.service, R"({"type":"pdf","id":"1"})");
  CHECK(again.status == 200);
  CHECK(contains(again.body, R"("status":"repeated","version":1,"seq":1)"));
  const auto other = server.post("/api/v1/jobs", server.service, R"({"type":"video","id":"1"})");
  CHECK(other.status == 422);
  CHECK(contains(other.body, R"("code":"event_id_reused")"));
  CHECK(server.node.table().size() == 1);
}

TEST_CASE("an id that an event took before is a conflict, not a repeat") {
  ApiFixture server;
  server.append("1", R"({"type":"progress","progress":5})");
  CHECK(server.post("/api/v1/jobs", server.service, R"({"type":"pdf","id":"1"})").status == 409);
}

TEST_CASE("an Idempotency-Key makes a repeat safe, with and without an id") {
  ApiFixture server;
  const Headers key = {{"idempotency-key", "order-7"}};
  const auto first = server.post("/api/v1/jobs", server.service, R"({"type":"pdf"})", key);
  CHECK(first.status == 201);
  const auto second = server.post("/api/v1/jobs", server.service, R"({"type":"pdf"})", key);
  CHECK(second.status == 200);
  CHECK(header(second, "location") == header(first, "location"));
  CHECK(server.post("/api/v1/jobs", server.service, R"({"type":"video"})", key).status == 422);
  const Headers other = {{"idempotency-key", "order-8"}};
  CHECK(server.post("/api/v1/jobs", server.service, R"({"type":"pdf","id":"x"})", other).status == 201);
  CHECK(server.post("/api/v1/jobs", server.service, R"({"type":"pdf","id":"x"})", other).status == 200);
  CHECK(server.node.table().size() == 2);
}

TEST_CASE("a repeat is answered by the first verdict even when the job has moved on") {
  ApiFixture server;
  const Headers key = {{"idempotency-key", "k"}};
  server.post("/api/v1/jobs", server.service, R"({"type":"pdf","id":"1"})", key);
  server.append("1", R"({"type":"completed"})");
  const auto again = server.post("/api/v1/jobs", server.service, R"({"type":"pdf","id":"1"})", key);
  CHECK(again.status == 200);
  CHECK(contains(again.body, R"("status":"repeated","version":1,"seq":1)"));
}

TEST_CASE("two services that use the same key do not meet") {
  ApiFixture server({}, {.api_keys = {{"one", "0123456789abcdef-1"}, {"two", "0123456789abcdef-2"}}});
  const Headers key = {{"idempotency-key", "k"}};
  const auto one = server.post("/api/v1/jobs", "0123456789abcdef-1", R"({"type":"pdf"})", key);
  const auto two = server.post("/api/v1/jobs", "0123456789abcdef-2", R"({"type":"video"})", key);
  CHECK(one.status == 201);
  CHECK(two.status == 201);
  CHECK(header(one, "location") != header(two, "location"));
}

TEST_CASE("what breaks a rule is 400 and names the field") {
  ApiFixture server;
  const auto field = [&](std::string body, Headers headers = {}) {
    const auto response = server.post("/api/v1/jobs", server.service, std::move(body), std::move(headers));
    CHECK(response.status == 400);
    const auto at = response.body.find(R"("field":")");
    return at == std::string::npos ? std::string()
                                   : response.body.substr(at + 9, response.body.find('"', at + 9) - at - 9);
  };
  CHECK(field("{}") == "type");
  CHECK(field(R"({"type":"pdf","id":".."})") == "id");
  CHECK(field(R"({"type":"pdf","id":"a\u0000b"})") == "id");
  CHECK(field(R"({"type":"pdf","userId":7})") == "userId");
  CHECK(field(R"({"type":"pdf","priority":1001})") == "priority");
  CHECK(field(R"({"type":"pdf","priority":1.5})") == "priority");
  CHECK(field(R"({"type":"pdf"})", {{"idempotency-key", std::string(256, 'k')}}) == "Idempotency-Key");
  CHECK(field("", {{"content-type", "application/json"}}) == "");
  CHECK(field("[]") != "type");
  CHECK(server.node.table().size() == 0);
}

TEST_CASE("another's job is answered like an unknown one, byte for byte, at every route") {
  ApiFixture server;
  server.create("of-alice", "alice");
  server.create("ownerless", "");
  for (const std::string& token : {server.bob, server.token("bob", auth::Role::user, {"mine"})}) {
    for (const std::string& job : {std::string("of-alice"), std::string("ownerless")}) {
      for (const char* rest : {"", "/history", "/history?limit=3"}) {
        const auto hers = server.get("/api/v1/jobs/" + job + rest, token);
        const auto unknown = server.get(std::string("/api/v1/jobs/unknown") + rest, token);
        CHECK(hers.status == 404);
        CHECK(hers.body == unknown.body);
        CHECK(hers.headers == unknown.headers);
      }
      for (const char* rest : {"/cancel", "/retry"}) {
        const auto hers = server.post("/api/v1/jobs/" + job + rest, token, "{}");
        const auto unknown = server.post(std::string("/api/v1/jobs/unknown") + rest, token, "{}");
        CHECK(hers.status == 404);
        CHECK(hers.body == unknown.body);
        CHECK(hers.headers == unknown.headers);
      }
    }
  }
  CHECK_FALSE(contains(server.get("/api/v1/jobs/of-alice", server.alice).body, "cancelRequestedAt"));
}

TEST_CASE("a removed job is gone for who saw it, and unknown to everybody else") {
  ApiFixture server;
  server.create("1", "alice");
  server.append("1", R"({"type":"removed"})");
  CHECK(server.get("/api/v1/jobs/1", server.alice).status == 410);
  CHECK(server.get("/api/v1/jobs/1/history", server.alice).status == 410);
  CHECK(server.post("/api/v1/jobs/1/cancel", server.alice, "{}").status == 410);
  CHECK(server.get("/api/v1/jobs/1", server.admin).status == 410);
  CHECK(server.get("/api/v1/jobs/1", server.bob).status == 404);
}

TEST_CASE("a worker's name is for admins and services") {
  ApiFixture server;
  server.create("1", "alice");
  server.append("1", R"({"type":"started","workerId":"w1"})");
  CHECK_FALSE(contains(server.get("/api/v1/jobs/1", server.alice).body, "w1"));
  CHECK_FALSE(contains(server.get("/api/v1/jobs/1/history", server.alice).body, "w1"));
  CHECK(contains(server.get("/api/v1/jobs/1", server.service).body, "w1"));
}

TEST_CASE("payload never leaves, not even to an admin") {
  ApiFixture server;
  server.post("/api/v1/jobs", server.service, R"({"type":"pdf","id":"1","userId":"alice","payload":{"key":"sesame"}})");
  for (const std::string& token : {server.alice, server.admin}) {
    CHECK_FALSE(contains(server.get("/api/v1/jobs/1", token).body, "sesame"));
    CHECK_FALSE(contains(server.get("/api/v1/jobs/1/history", token).body, "sesame"));
    CHECK_FALSE(contains(server.get("/api/v1/jobs?result=true", token).body, "sesame"));
  }
}

TEST_CASE("history is told oldest first, at most as many as asked for") {
  ApiFixture server;
  server.create("1", "alice");
  for (const char* percent : {"10", "20", "30"})
    server.append("1", std::string(R"({"type":"progress","progress":)") + percent + "}");
  const auto all = server.get("/api/v1/jobs/1/history", server.alice);
  CHECK(all.status == 200);
  CHECK(all.body.find("queued") < all.body.find("\"progress\":10"));
  CHECK(all.body.find("\"progress\":10") < all.body.find("\"progress\":30"));
  const auto last = server.get("/api/v1/jobs/1/history?limit=1", server.alice);
  CHECK(contains(last.body, R"("seq":4)"));
  CHECK_FALSE(contains(last.body, R"("seq":3)"));
  for (const char* limit : {"0", "101", "-1", "x", "1.5", ""}) {
    CHECK(server.get(std::string("/api/v1/jobs/1/history?limit=") + limit, server.alice).status == 400);
  }
}

TEST_CASE("the owner asks for a cancel, and asking twice is one request") {
  ApiFixture server;
  server.create("1", "alice");
  const auto first = server.post("/api/v1/jobs/1/cancel", server.alice, R"({"reason":"changed my mind"})");
  CHECK(first.status == 202);
  CHECK(contains(first.body, R"("status":"appended")"));
  CHECK(contains(first.body, R"("cancelRequested":true)"));
  const auto second = server.post("/api/v1/jobs/1/cancel", server.alice, "");
  CHECK(second.status == 202);
  CHECK(contains(second.body, R"("status":"unchanged")"));
  CHECK(contains(server.get("/api/v1/jobs/1", server.alice).body, R"("cancelReason":"changed my mind")"));
}

TEST_CASE("a back end hears of a cancel in its next verdict, even a refused one") {
  ApiFixture server;
  server.create("1", "alice");
  server.post("/api/v1/jobs/1/cancel", server.alice, "{}");
  const auto accepted = server.post("/api/v1/jobs/1/events", server.service, R"({"type":"progress","progress":5})");
  CHECK(contains(accepted.body, R"("cancelRequested":true)"));
  const auto refused =
      server.post("/api/v1/jobs/1/events", server.service, R"({"type":"progress","progress":6,"attempt":9})");
  CHECK(refused.status == 409);
  CHECK(contains(refused.body, R"("jobId":"1","cancelRequested":true)"));
}

TEST_CASE("an ended job cannot be cancelled, and can be retried by its owner") {
  ApiFixture server;
  server.create("1", "alice");
  CHECK(server.post("/api/v1/jobs/1/retry", server.alice, "").status == 409);
  server.append("1", R"({"type":"failed","error":"no such page"})");
  CHECK(server.post("/api/v1/jobs/1/cancel", server.alice, "{}").status == 409);
  CHECK(server.post("/api/v1/jobs/1/retry", server.alice, "").status == 202);
  CHECK(contains(server.get("/api/v1/jobs/1", server.alice).body, R"("status":"queued","progress":0,"attempt":2)"));
}

TEST_CASE("a token that names a job shows it, but cancels nothing for who does not own it") {
  ApiFixture server;
  server.create("1", "alice");
  server.create("2", "alice");
  const std::string link = server.token("", auth::Role::user, {"1"});
  CHECK(server.get("/api/v1/jobs/1", link).status == 200);
  CHECK(server.get("/api/v1/jobs/1/history", link).status == 200);
  CHECK(server.get("/api/v1/jobs/2", link).status == 404);
  CHECK(server.post("/api/v1/jobs/1/cancel", link, "{}").status == 403);
  CHECK(server.post("/api/v1/jobs/1/retry", link, "").status == 403);
}

TEST_CASE("under --anonymous who knows an id sees the job, lists nothing and changes nothing") {
  ApiFixture server({}, {.anonymous = true});
  server.create("unguessable", "alice");
  CHECK(server.get("/api/v1/jobs/unguessable").status == 200);
  CHECK(server.get("/api/v1/jobs/guess").status == 404);
  CHECK(server.get("/api/v1/jobs").body == R"({"jobs":[]})");
  CHECK(server.get("/api/v1/jobs?user=alice").body == R"({"jobs":[]})");
  CHECK(server.post("/api/v1/jobs/unguessable/cancel", "", "{}").status == 403);
  CHECK(server.post("/api/v1/jobs", "", R"({"type":"pdf"})").status == 403);
}

TEST_CASE("under --dev the user dev has the jobs without owner, and publishes nothing without a token") {
  ApiFixture server({}, {.dev = true});
  server.create("1", "");
  server.create("2", "alice");
  CHECK(server.get("/api/v1/jobs/1").status == 200);
  CHECK(server.get("/api/v1/jobs/2").status == 404);
  CHECK(contains(server.get("/api/v1/jobs").body, R"("id":"1")"));
  CHECK_FALSE(contains(server.get("/api/v1/jobs").body, R"("id":"2")"));
  CHECK(server.post("/api/v1/jobs/1/cancel", "", "{}").status == 202);
  CHECK(server.post("/api/v1/jobs", "", R"({"type":"pdf"})").status == 403);
}

TEST_CASE("ids in a path are held to the rules") {
  ApiFixture server;
  CHECK(server.get("/api/v1/jobs/%2E%2E", server.service).status == 400);
  CHECK(server.post("/api/v1/jobs/%2E%2E/events", server.service, R"({"type":"started"})").status == 400);
  CHECK(server.get("/api/v1/jobs/" + std::string(129, 'a'), server.service).status == 400);
  CHECK(server.get("/api/v1/jobs/" + std::string(128, 'a'), server.service).status == 404);
}

TEST_CASE("the first job without owner is told to the operator, once") {
  ApiFixture server;
  server.create("1", "alice");
  CHECK(server.journal_text.str().empty());
  server.create("2", "");
  server.create("3", "");
  const std::string log = server.journal_text.str();
  CHECK(contains(log, "event=job-without-owner job=2 route=/api/v1/jobs"));
  CHECK_FALSE(contains(log, "job=3"));
}

TEST_CASE("a store that takes no writes is 503, and nothing is lost by trying again") {
  ApiFixture server;
  server.log.fail("disk full");
  const auto refused = server.post("/api/v1/jobs", server.service, R"({"type":"pdf","id":"1"})");
  CHECK(refused.status == 503);
  CHECK(contains(refused.body, R"("code":"unavailable")"));
  server.log.fail("");
  CHECK(server.post("/api/v1/jobs", server.service, R"({"type":"pdf","id":"1"})").status == 201);
}
