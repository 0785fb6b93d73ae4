// What the real server answers to bad and borderline input, and what every route answers to good input.
#include <filesystem>
#include <fstream>

#include "server_fixture.h"
#include "support/temp_folder.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

constexpr const char* kEvents = "/api/v1/jobs/1/events";

std::string cursor_of(const std::string& body) {
  const auto at = body.find(R"("cursor":")") + 10;
  return body.substr(at, body.find('"', at) - at);
}

}  // namespace

TEST_CASE("routes: a job's whole life over HTTP") {
  TestServer server;
  HttpClient service = server.service();
  HttpClient alice = server.user("alice");
  const auto created =
      service.request("POST", "/api/v1/jobs", {{"content-type", "application/json"}, {"idempotency-key", "k"}},
                      R"({"type":"pdf","userId":"alice","metadata":{"title":"report"}})");
  REQUIRE(created.status == 201);
  const std::string job = created.header("location");
  CHECK(service
            .request("POST", "/api/v1/jobs", {{"content-type", "application/json"}, {"idempotency-key", "k"}},
                     R"({"type":"pdf","userId":"alice","metadata":{"title":"report"}})")
            .status == 200);
  CHECK(service.post(job + "/events", R"({"type":"started","workerId":"w1"})").status == 200);
  CHECK(service.post(job + "/events", R"({"type":"progress","progress":40,"stage":"pages"})").status == 200);
  CHECK(contains(alice.get("/api/v1/jobs?status=active").body, R"("progress":40)"));
  CHECK(alice.post(job + "/cancel", R"({"reason":"changed my mind"})").status == 202);
  CHECK(contains(service.post(job + "/events", R"({"type":"progress","progress":50})").body,
                 R"("cancelRequested":true)"));
  CHECK(service.post(job + "/events", R"({"type":"cancelled","reason":"as asked"})").status == 200);
  CHECK(alice.post(job + "/retry", "").status == 202);
  CHECK(service.post(job + "/events", R"({"type":"completed","result":{"pages":24}})").status == 200);
  CHECK(contains(alice.get(job).body, R"("status":"completed","progress":100)"));
  CHECK(contains(alice.get(job).body, R"("result":{"pages":24})"));
  CHECK(contains(alice.get(job + "/history").body, R"("type":"retried")"));
  CHECK(service.post(job + "/events", R"({"type":"removed"})").status == 200);
  CHECK(alice.get(job).status == 410);
}

TEST_CASE("routes: the others answer too") {
  TestServer server;
  HttpClient admin = server.admin();
  CHECK(contains(admin.get("/api/v1/stats").body, R"("connections":1)"));
  CHECK(contains(admin.get("/api/v1/metrics").body, R"("memoryBytes":)"));
  CHECK(contains(admin.get("/metrics").body, "jobwire_connections 1"));
  CHECK(contains(admin.get("/api/v1/queues").body, R"("queue":"normal")"));
  CHECK(admin.get("/api/v1/health").body == R"({"status":"ok"})");
  CHECK(contains(admin.get("/api/v1/openapi.json").body, R"("openapi":"3.1.0")"));
  const auto batch =
      admin.request("POST", "/api/v1/events", {{"content-type", "application/x-ndjson"}},
                    "{\"type\":\"started\",\"jobId\":\"1\"}\n{\"type\":\"completed\",\"jobId\":\"1\"}\n");
  CHECK(batch.status == 200);
  CHECK(contains(batch.body, R"("seq":2)"));
  const auto head = admin.request("HEAD", "/api/v1/jobs/1");
  CHECK(head.status == 200);
  CHECK(head.body.empty());
  CHECK(admin.request("PUT", "/api/v1/jobs/1", {{"content-type", "application/json"}}, "{}").status == 405);
  CHECK(admin.request("PUT", "/api/v1/jobs/1", {{"content-type", "application/json"}}, "{}").header("allow") ==
        "GET, HEAD, OPTIONS");
  CHECK(admin.get("/api/v2/jobs").status == 404);
}

TEST_CASE("routes: a poll waits, is answered by a change, and ends after its time") {
  TestServer server;
  server.create("1", "alice");
  HttpClient alice = server.user("alice");
  const std::string cursor = cursor_of(alice.post("/api/v1/changes", R"({"channels":["user:alice"]})").body);
  const auto empty =
      alice.post("/api/v1/changes", R"({"channels":["user:alice"],"wait":1,"cursor":")" + cursor + "\"}");
  CHECK(empty.status == 200);
  CHECK_FALSE(contains(empty.body, R"("id":"1")"));
  server.service().post(kEvents, R"({"type":"progress","progress":7})");
  const auto told =
      alice.post("/api/v1/changes", R"({"channels":["user:alice"],"wait":20000,"cursor":")" + cursor + "\"}");
  CHECK(contains(told.body, R"("progress":7)"));
}

TEST_CASE("routes: a change reaches a stream, a poll and a WebSocket alike") {
  TestServer server;
  server.create("1", "alice");
  const std::string bearer = token("alice");
  EventStream stream(server.port(), "POST", "/api/v1/changes/stream",
                     {{"authorization", "Bearer " + bearer}, {"content-type", "application/json"}},
                     R"({"channels":["job:1"],"reducer":1})");
  CHECK(stream.header("content-type") == "text/event-stream");
  CHECK(contains(stream.next(), R"("id":"1")"));
  RawWebSocket socket = hello(server.port(), bearer, R"(["job:1"])");
  read_until(socket, R"("synced":true)");
  server.service().post(kEvents, R"({"type":"progress","progress":33})");
  CHECK(contains(read_until(socket, R"("progress":33)"), R"("events":[{"type":"progress")"));
  std::string event;
  while (!contains(event, R"("progress":33)")) event = stream.next();
  CHECK(contains(event, R"("events":[{"type":"progress")"));
}

TEST_CASE("input: JSON that is none is 400 bad_json") {
  TestServer server;
  HttpClient service = server.service();
  for (const std::string& body :
       {std::string("{"), std::string("{}x"), std::string("nonsense"), std::string("{\"type\":\"log\",}"),
        std::string("{'type':'log'}"), std::string("\xEF\xBB\xBF{}x"), std::string(100, '['),
        R"({"type":"log","metadata":{"a":)" + std::string(100, '[') + std::string(100, ']') + "}}",
        std::string("{\"type\":\"log\",\"message\":\"\xC3\x28\"}"),
        std::string("{\"type\":\"log\",\"message\":\"\xED\xA0\x80\"}"), std::string("{\"type\":\"log\0\"}", 15),
        std::string(R"({"type":"progress","progress":NaN})"), std::string(R"({"type":"progress","progress":Infinity})"),
        std::string(R"({"type":"progress","progress":01})")}) {
    INFO(body);
    const auto response = service.post(kEvents, body);
    CHECK(response.status == 400);
    CHECK(response.header("content-type") == "application/problem+json");
  }
  CHECK(contains(service.post(kEvents, "{").body, R"("code":"bad_json")"));
}

TEST_CASE("input: progress outside 0 to 100 is 400 and names the field") {
  TestServer server;
  HttpClient service = server.service();
  for (const char* progress : {"-1", "-0.01", "100.01", "1e9", "1e999", "\"50\"", "null", "true", "[50]"}) {
    INFO(progress);
    CHECK(service.post(kEvents, R"({"type":"progress","progress":)" + std::string(progress) + "}").status == 400);
  }
  for (const char* progress : {"0", "-0", "0.005", "99.999", "100", "1e2", "1.0E+1"}) {
    INFO(progress);
    CHECK(service.post(kEvents, R"({"type":"progress","progress":)" + std::string(progress) + "}").status == 200);
  }
}

TEST_CASE("input: opaque JSON comes back byte for byte, text with a lone surrogate as U+FFFD") {
  TestServer server;
  HttpClient service = server.service();
  const std::string opaque =
      R"({"n":0.30000000000000004,"big":123456789012345678901234567890,"e":1E300,"s":"\ud800","nul":"\u0000","twice":1,"twice":2})";
  REQUIRE(
      service.post(kEvents, R"({"type":"completed","message":"half a \ud83d pair","result":)" + opaque + "}").status ==
      200);
  const std::string job = service.get("/api/v1/jobs/1").body;
  CHECK(contains(job, "\"result\":" + opaque));
  CHECK(contains(job, "half a \xEF\xBF\xBD pair"));
}

TEST_CASE("input: a number that no page could read is refused, also in opaque JSON") {
  TestServer server;
  CHECK(server.service().post(kEvents, R"({"type":"completed","result":1E400})").status == 400);
}

TEST_CASE("input: what is too large is 413, declared or chunked, and the server goes on") {
  TestServer server({"--max-body", "64k", "--max-message", "32k", "--max-result", "8k"});
  HttpClient service = server.service();
  CHECK(service.post(kEvents, R"({"type":"log","message":")" + std::string(100'000, 'a') + "\"}").status == 413);
  CHECK(service.post(kEvents, R"({"type":"log","x":")" + std::string(40'000, 'a') + "\"}").status == 413);
  CHECK(service.post(kEvents, R"({"type":"completed","result":")" + std::string(9'000, 'a') + "\"}").status == 413);
  RawSocket chunked(server.port());
  std::string body = "POST /api/v1/jobs/1/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 20; ++i) body += "1000\r\n" + std::string(0x1000, 'a') + "\r\n";
  CHECK(chunked.ask(body).status == 413);
  RawWebSocket socket = hello(server.port(), token("alice"));
  socket.text(R"({"event":"sync","data":{"jobIds":[")" + std::string(40'000, 'a') + "\"]}}");
  const int code = socket.read_close().close_code();
  CHECK((code == 4413 || code == 1009));
  CHECK(service.get("/healthz").status == 200);
}

TEST_CASE("input: ids that break the rules are 400, wherever they come") {
  TestServer server;
  HttpClient service = server.service();
  for (const char* id : {"", ".", "..", R"(a\u0000)", R"(\u001f)", R"(\u007f)"}) {
    INFO(id);
    if (*id != '\0')
      CHECK(service.post("/api/v1/jobs", R"({"type":"pdf","id":")" + std::string(id) + "\"}").status == 400);
    CHECK(service.post("/api/v1/jobs", R"({"type":")" + std::string(id) + "\"}").status == 400);
    CHECK(service.post(kEvents, R"({"type":"log","jobId":")" + std::string(id) + "\"}").status == 400);
    if (*id != '\0')
      CHECK(service.post(kEvents, R"({"type":"log","eventId":")" + std::string(id) + "\"}").status == 400);
  }
  CHECK(service.post("/api/v1/jobs", R"({"type":"pdf","id":")" + std::string(129, 'a') + "\"}").status == 400);
  CHECK(service.post("/api/v1/jobs", R"({"type":"pdf","id":")" + std::string(128, 'a') + "\"}").status == 201);
  for (const char* path :
       {"/api/v1/jobs/%00", "/api/v1/jobs/%0A", "/api/v1/jobs/%2E%2E", "/api/v1/jobs/%FF", "/api/v1/jobs/%zz"}) {
    INFO(path);
    const int status = service.get(path).status;
    CHECK((status == 400 || status == 404));
  }
}

TEST_CASE("input: events for a finished job are 409, for a removed one 410, unknown ones 400") {
  TestServer server;
  HttpClient service = server.service();
  CHECK(service.post(kEvents, R"({"type":"exploded"})").status == 400);
  CHECK(service.post("/api/v1/jobs/none/events", R"({"type":"retried"})").status == 404);
  CHECK(service.post(kEvents, R"({"type":"failed","error":"it broke"})").status == 200);
  CHECK(service.post(kEvents, R"({"type":"progress","progress":50})").status == 409);
  CHECK(service.post(kEvents, R"({"type":"completed"})").status == 409);
  CHECK(service.post(kEvents, R"({"type":"removed"})").status == 200);
  CHECK(service.post(kEvents, R"({"type":"progress","progress":50})").status == 410);
  CHECK(service.post("/api/v1/jobs", R"({"type":"pdf","id":"1"})").status == 410);
}

TEST_CASE("input: a repeated eventId is the first verdict, with another body 422, also after a restart") {
  const TempFolder folder;
  const std::vector<std::string> arguments = {"--data-dir", folder.file("data")};
  const std::string event = R"({"type":"progress","progress":5,"eventId":"e1"})";
  const std::string other = R"({"type":"progress","progress":6,"eventId":"e1"})";
  std::string first;
  {
    TestServer server(arguments);
    first = server.service().post(kEvents, event).body;
    CHECK(contains(server.service().post(kEvents, event).body, R"("status":"repeated","version":1)"));
    CHECK(server.service().post(kEvents, other).status == 422);
    CHECK(server.terminate() == 0);
  }
  TestServer server(arguments);
  CHECK(contains(server.service().post(kEvents, event).body, R"("status":"repeated","version":1)"));
  CHECK(server.service().post(kEvents, other).status == 422);
  CHECK(contains(first, R"("version":1)"));
}

TEST_CASE("input: a cursor of another epoch or from the future starts over, garbage is refused") {
  TestServer server;
  server.create("1", "alice");
  const std::string bearer = token("alice");
  HttpClient alice = server.as(bearer);
  const std::string cursor = cursor_of(alice.post("/api/v1/changes", R"({"channels":["user:alice"]})").body);
  const std::string future = cursor.substr(0, cursor.find(':')) + ":9000000";
  for (const std::string& stale : {std::string("0123456789abcdef:1"), future}) {
    INFO(stale);
    const auto response = alice.post("/api/v1/changes", R"({"channels":["user:alice"],"cursor":")" + stale + "\"}");
    CHECK(response.status == 200);
    CHECK(contains(response.body, R"("reset":true)"));
    CHECK(contains(response.body, R"("id":"1")"));
    RawWebSocket socket(server.port());
    socket.text(R"({"event":"hello","data":{"token":")" + bearer + R"(","channels":["user:alice"],"cursor":")" + stale +
                "\"}}");
    CHECK(contains(read_until(socket, R"("synced":true)"), R"("reset":true)"));
  }
  CHECK(alice.post("/api/v1/changes", R"({"channels":[],"cursor":"garbage"})").status == 400);
  CHECK(alice.get("/api/v1/changes/stream?cursor=garbage").status == 400);
  RawWebSocket socket(server.port());
  socket.text(R"({"event":"hello","data":{"token":")" + bearer + R"(","cursor":"garbage"}})");
  CHECK(socket.read_close().close_code() == 4400);
}

TEST_CASE("input: more channels than a connection may have are refused") {
  TestServer server({"--max-channels", "3"});
  HttpClient alice = server.user("alice");
  const std::string four = R"(["job:1","job:2","job:3","job:4"])";
  CHECK(alice.post("/api/v1/changes", R"({"channels":)" + four + "}").status == 413);
  CHECK(alice.post("/api/v1/changes", R"({"channels":["job:1","job:2"],"join":["job:3","job:4"]})").status == 413);
  CHECK(alice.get("/api/v1/changes/stream?channels=job:1&channels=job:2&channels=job:3&join=job:4").status == 413);
  RawWebSocket socket = hello(server.port(), token("alice"), R"(["job:1","job:2"])");
  socket.text(R"({"event":"subscribe","data":{"channels":["job:3","job:4"]},"id":1})");
  CHECK(contains(read_until(socket, R"("id":1)"), R"("error")"));
}

TEST_CASE("input: other media types are 415, also of a form that a foreign page could send") {
  TestServer server;
  HttpClient service = server.service();
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data"}) {
    CHECK(service.request("POST", "/api/v1/jobs", {{"content-type", type}}, R"({"type":"pdf"})").status == 415);
  }
  CHECK(service.request("POST", "/api/v1/jobs", {}, R"({"type":"pdf"})").status == 415);
}

TEST_CASE("static: a folder is served beside the routes, and nothing above it") {
  const TempFolder folder;
  std::filesystem::create_directory(folder.path() / "www");
  std::ofstream(folder.file("www/index.html")) << "<!doctype html>";
  std::ofstream(folder.file("outside.txt")) << "outside";
  TestServer server({"--static", folder.file("www")});
  HttpClient anybody(server.port());
  const auto page = anybody.get("/");
  CHECK(page.status == 200);
  CHECK(page.body == "<!doctype html>");
  CHECK(contains(page.header("content-security-policy"), "'wasm-unsafe-eval'"));
  CHECK(page.header("x-content-type-options") == "nosniff");
  CHECK(anybody.request("GET", "/", {{"if-none-match", page.header("etag")}}).status == 304);
  for (const char* target :
       {"/../outside.txt", "/%2e%2e/outside.txt", "/..%2foutside.txt", "//outside.txt", "/%2e%2e%2foutside.txt"}) {
    RawSocket socket(server.port());
    const auto response = socket.ask("GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    INFO(target);
    CHECK((response.status == 404 || response.status == 400));
    CHECK_FALSE(contains(response.body, "outside\n"));
  }
}
