#include "api_fixture.h"

using namespace jobwire;
using namespace jobwire::test;

TEST_CASE("queues are told to users as counts") {
  ApiFixture server;
  server.create("1", "bob");
  const auto response = server.get("/api/v1/queues", server.alice);
  CHECK(response.status == 200);
  CHECK(contains(response.body, R"({"queue":"normal","waiting":1,"active":0})"));
  CHECK(contains(response.body, R"("queue":"premium")"));
  CHECK(contains(response.body, R"("queue":"large")"));
  CHECK_FALSE(contains(response.body, "bob"));
}

TEST_CASE("queues are nothing for a token that names a job, nor for who knows only ids") {
  ApiFixture server({}, {.anonymous = true});
  server.create("1", "bob");
  CHECK(server.get("/api/v1/queues", server.token("", auth::Role::user, {"1"})).body == R"({"queues":[]})");
  CHECK(server.get("/api/v1/queues").body == R"({"queues":[]})");
}

TEST_CASE("stats and metrics tell what the server holds") {
  ApiFixture server;
  server.create("1", "alice");
  const auto stream = server.begin(server.request("GET", "/api/v1/changes/stream?channels=user%3Aalice", server.alice));
  const auto stats = server.get("/api/v1/stats", server.admin);
  CHECK(contains(stats.body, R"("connections":3,"sessions":1,"polls":0)"));
  server.clock.advance(1500);
  const auto metrics = server.get("/api/v1/metrics", server.service);
  CHECK(contains(metrics.body, R"("jobs":1,"tombstones":0,"logHead":1)"));
  CHECK(contains(metrics.body, R"("uptime":1500)"));
  const auto scrape = server.get("/metrics", server.service);
  CHECK(header(scrape, "content-type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(contains(scrape.body, "\njobwire_jobs 1\n"));
  CHECK(contains(scrape.body, "\njobwire_sessions 1\n"));
  CHECK(contains(scrape.body, "\njobwire_connections 3\n"));
}

TEST_CASE("/metrics needs a token unless the operator opened it") {
  ApiFixture closed;
  CHECK(closed.get("/metrics").status == 401);
  api::ApiOptions options;
  options.public_metrics = true;
  ApiFixture open(options);
  CHECK(open.get("/metrics").status == 200);
}

TEST_CASE("health is told to anyone: ok, degraded, draining") {
  ApiFixture server;
  CHECK(server.get("/api/v1/health").body == R"({"status":"ok"})");
  CHECK(server.get("/readyz").status == 200);
  server.log.fail("disk full");
  CHECK(server.get("/api/v1/health").body == R"({"status":"degraded","degraded":"disk full"})");
  CHECK(server.get("/readyz").status == 503);
  server.log.fail("");
  server.hub->drain();
  CHECK(server.get("/api/v1/health").body == R"({"status":"draining"})");
  CHECK(server.get("/readyz").status == 503);
  CHECK(server.get("/healthz").status == 200);
}
