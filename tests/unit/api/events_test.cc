#include "api_fixture.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("one event gets one verdict, and may create its job") {
  ApiFixture server;
  const auto response = server.post("/api/v1/jobs/1/events", server.service,
                                    R"({"type":"progress","progress":12.5,"job":{"userId":"alice"}})");
  CHECK(response.status == 200);
  CHECK(response.body == R"({"jobId":"1","status":"appended","version":1,"seq":1,"cancelRequested":false})");
  CHECK(contains(server.get("/api/v1/jobs/1", server.alice).body, R"("progress":12.5)"));
}

TEST_CASE("an event that names another job than its path is 400") {
  ApiFixture server;
  CHECK(server.post("/api/v1/jobs/1/events", server.service, R"({"type":"started","jobId":"2"})").status == 400);
  CHECK(server.post("/api/v1/jobs/1/events", server.service, R"({"type":"started","jobId":"1"})").status == 200);
}

TEST_CASE("bad events are 400 and name the field") {
  ApiFixture server;
  const auto refused = [&](std::string body, std::string_view field) {
    INFO(body);
    const auto response = server.post("/api/v1/jobs/1/events", server.service, std::move(body));
    CHECK(response.status == 400);
    if (!field.empty()) CHECK(contains(response.body, R"("field":")" + std::string(field) + '"'));
  };
  refused(R"({"type":"progress","progress":NaN})", "");
  refused(R"({"type":"progress","progress":-1})", "progress");
  refused(R"({"type":"progress","progress":100.1})", "progress");
  refused(R"({"type":"progress","progress":"12"})", "progress");
  refused(R"({"type":"progress"})", "progress");
  refused(R"({"type":"exploded"})", "type");
  refused(R"({"progress":1})", "type");
  refused(R"({"type":"failed","error":7})", "error");
  refused("{", "");
  refused(std::string(200, '['), "");
  refused("{\"type\":\"log\",\"message\":\"\xff\xfe\"}", "");
  CHECK(server.node.table().size() == 0);
}

TEST_CASE("what is too large is 413") {
  ApiFixture server;
  const std::string huge(70'000, 'a');
  CHECK(
      server.post("/api/v1/jobs/1/events", server.service, R"({"type":"completed","result":")" + huge + "\"}").status ==
      413);
  CHECK(
      server.post("/api/v1/jobs/1/events", server.service, R"({"type":"log","x":")" + std::string(1 << 20, 'a') + "\"}")
          .status == 413);
}

TEST_CASE("an ended job takes no more reports, a removed one is gone") {
  ApiFixture server;
  server.create("1", "alice");
  server.append("1", R"({"type":"completed"})");
  CHECK(server.post("/api/v1/jobs/1/events", server.service, R"({"type":"progress","progress":5})").status == 409);
  server.append("1", R"({"type":"removed"})");
  CHECK(server.post("/api/v1/jobs/1/events", server.service, R"({"type":"progress","progress":5})").status == 410);
}

TEST_CASE("an eventId makes a repeat safe; with another body it is 422") {
  ApiFixture server;
  const std::string event = R"({"type":"progress","progress":5,"eventId":"e1"})";
  CHECK(contains(server.post("/api/v1/jobs/1/events", server.service, event).body, R"("status":"appended")"));
  const auto again = server.post("/api/v1/jobs/1/events", server.service, event);
  CHECK(again.status == 200);
  CHECK(contains(again.body, R"("status":"repeated","version":1,"seq":1)"));
  CHECK(server.post("/api/v1/jobs/1/events", server.service, R"({"type":"progress","progress":6,"eventId":"e1"})")
            .status == 422);
}

TEST_CASE("a batch gets a verdict an event, in order, and a bad one spoils only itself") {
  ApiFixture server;
  const auto response = server.post(
      "/api/v1/events", server.service,
      R"([{"type":"started","jobId":"1"},{"type":"progress","jobId":"1","progress":-3},7,)"
      R"({"type":"completed","jobId":"1"},{"type":"progress","jobId":"1","progress":5},{"type":"started"}])");
  CHECK(response.status == 200);
  CHECK(response.body.starts_with(
      R"({"verdicts":[{"jobId":"1","status":"appended","version":1,"seq":1,"cancelRequested":false},{"status":"rejected","cancelRequested":false,"error":{)"));
  CHECK(count(response.body, R"("status":"appended")") == 2);
  CHECK(count(response.body, R"("status":"rejected")") == 4);
  CHECK(count(response.body, R"("code":"conflict")") == 1);
}

TEST_CASE("a batch may be lines") {
  ApiFixture server;
  const auto response =
      server.post("/api/v1/events", server.service,
                  "{\"type\":\"started\",\"jobId\":\"1\"}\r\n\n  "
                  "\n{\"type\":\"completed\",\"jobId\":\"1\"}\n{oops\n{\"type\":\"started\",\"jobId\":\"2\"}",
                  {{"content-type", "application/x-ndjson"}});
  CHECK(response.status == 200);
  CHECK(count(response.body, R"("status":"appended")") == 3);
  CHECK(count(response.body, R"("code":"bad_json")") == 1);
}

TEST_CASE("an empty batch is an empty answer, and what is no batch is 400") {
  ApiFixture server;
  CHECK(server.post("/api/v1/events", server.service, "[]").body == R"({"verdicts":[]})");
  CHECK(server.post("/api/v1/events", server.service, "", {{"content-type", "application/x-ndjson"}}).body ==
        R"({"verdicts":[]})");
  CHECK(server.post("/api/v1/events", server.service, R"({"type":"started","jobId":"1"})").status == 400);
  CHECK(server.post("/api/v1/events", server.service, R"([{"type":"started","jobId":"1"})").status == 400);
  CHECK(server.node.table().size() == 0);
}

TEST_CASE("a batch holds at most 1,000 events, however they are written") {
  ApiFixture server;
  std::string array = "[";
  std::string lines;
  for (int i = 0; i < 1001; ++i) {
    array += R"({"type":"started","jobId":"j"},)";
    lines += "{\"type\":\"started\",\"jobId\":\"j\"}\n";
  }
  array.back() = ']';
  const auto refused = server.post("/api/v1/events", server.service, array);
  CHECK(refused.status == 413);
  CHECK(refused.body.find("at most 1000") != std::string::npos);
  CHECK(server.post("/api/v1/events", server.service, lines, {{"content-type", "application/x-ndjson"}}).status == 413);
  CHECK(server.node.table().size() == 0);
}

TEST_CASE("a batch may be larger than a single event may be") {
  ApiFixture server;
  std::string batch = "[";
  for (int i = 0; i < 40; ++i)
    batch +=
        R"({"type":"completed","jobId":")" + std::to_string(i) + R"(","result":")" + std::string(60'000, 'a') + "\"},";
  batch.back() = ']';
  REQUIRE(batch.size() > (2u << 20));
  CHECK(count(server.post("/api/v1/events", server.service, batch).body, R"("status":"appended")") == 40);
}

TEST_CASE("verdicts are counted") {
  ApiFixture server;
  server.append("1", R"({"type":"started"})");
  server.post("/api/v1/events", server.service, "[1]");
  const std::string text = server.metrics.text({});
  CHECK(contains(text, R"(jobwire_events_total{verdict="appended"} 1)"));
  CHECK(contains(text, R"(jobwire_events_total{verdict="rejected"} 1)"));
  CHECK(contains(text, "jobwire_append_seconds_count 1"));
}
