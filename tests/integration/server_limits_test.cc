// Limits by connection, user and address, as pages, back ends and proxies meet them.
#include "server_fixture.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

// As a proxy on this machine says for whom it asks.
Headers for_client(const std::string& address) { return {{"x-forwarded-for", address}}; }

long number_after(const std::string& text, std::string_view name) {
  const std::size_t at = text.find(name);
  REQUIRE(at != std::string::npos);
  return std::stol(text.substr(at + name.size()));
}

}  // namespace

TEST_CASE("limits: requests beyond the limit are 429 with Retry-After, for their user only") {
  TestServer server({"--limit-commands", "user:3/1h"});
  server.create("1", "alice");
  HttpClient alice = server.user("alice");
  for (int i = 0; i < 3; ++i) CHECK(alice.get("/api/v1/jobs/1").status == 200);
  const auto refused = alice.get("/api/v1/jobs/1");
  CHECK(refused.status == 429);
  CHECK(std::stoi(refused.header("retry-after")) > 1'100);
  CHECK(std::stoi(refused.header("retry-after")) <= 1'200);
  CHECK(contains(refused.body, R"("code":"rate_limited")"));
  CHECK(number_after(refused.body, R"("retryAfter":)") > 1'100'000);
  CHECK(contains(refused.body, "too many commands of this user"));
  CHECK(server.user("bob").get("/api/v1/jobs").status == 200);
  CHECK(HttpClient(server.port()).get("/healthz").status == 200);
  CHECK(contains(server.admin().get("/metrics").body, "jobwire_rate_limited_total 1"));
}

TEST_CASE("limits: publishing is counted by requests, where the operator limits it") {
  TestServer server({"--limit-publishes", "user:2/1h"});
  HttpClient service = server.service();
  const std::string batch = R"([{"jobId":"1","type":"started"},{"jobId":"1","type":"progress","progress":5},
                                {"jobId":"1","type":"progress","progress":6}])";
  CHECK(service.post("/api/v1/events", batch).status == 200);
  CHECK(service.post("/api/v1/events", batch).status == 200);
  CHECK(service.post("/api/v1/events", batch).status == 429);
  CHECK(service.post("/api/v1/jobs", R"({"type":"pdf"})").status == 429);
  CHECK(service.get("/api/v1/jobs/1").status == 200);
}

TEST_CASE("limits: by default a publisher may go as fast as it can") {
  TestServer server;
  HttpClient service = server.service();
  for (int i = 0; i < 3000; ++i) {
    REQUIRE(service.post("/api/v1/jobs/1/events", R"({"type":"progress","progress":5})").status == 200);
  }
}

TEST_CASE("limits: too many commands of a connection are answered, and the connection goes on") {
  TestServer server({"--limit-subscribes", "connection:2/1h"});
  RawWebSocket socket = hello(server.port(), token("alice"));
  for (int i = 1; i <= 3; ++i) {
    socket.text(R"({"event":"subscribe","data":{"channels":["job:x"]},"id":)" + std::to_string(i) + "}");
  }
  CHECK(contains(read_until(socket, R"("id":2)"), R"("ok":true)"));
  const std::string refused = read_until(socket, R"("id":3)");
  CHECK(contains(refused, R"("code":"rate_limited")"));
  CHECK(contains(refused, R"("retryAfter":)"));
  socket.text(R"({"event":"heartbeat","data":{}})");
  CHECK(contains(read_until(socket, "serverTime"), "heartbeat"));
}

TEST_CASE(
    "limits: a proxy's clients are told apart where it is trusted, and a WebSocket too many is closed with 4429") {
  TestServer server({"--limit-connects", "user:off,address:2/1h", "--trusted-proxy", "127.0.0.0/8,::1"});
  const auto open = [&](const std::string& address) {
    RawWebSocket socket(server.port(), "X-Forwarded-For: 203.0.113.7, " + address + "\r\n");
    socket.text(R"({"event":"hello","data":{"token":")" + token("alice") + "\"}}");
    return socket;
  };
  RawWebSocket one = open("198.51.100.1"), two = open("198.51.100.1"), three = open("198.51.100.1");
  CHECK(contains(one.read_frame().payload, "welcome"));
  CHECK(contains(two.read_frame().payload, "welcome"));
  const std::string goodbye = three.read_frame().payload;
  CHECK(contains(goodbye, R"("event":"goodbye")"));
  CHECK(number_after(goodbye, R"("reconnectAfter":)") > 1'700'000);
  CHECK(number_after(goodbye, R"("reconnectAfter":)") <= 1'800'000);
  CHECK(three.read_close().close_code() == 4429);
  RawWebSocket other = open("198.51.100.2");
  CHECK(contains(other.read_frame().payload, "welcome"));
  HttpClient stream = server.user("alice");
  CHECK(stream.request("GET", "/api/v1/changes/stream?channels=user%3Aalice", for_client("198.51.100.1")).status ==
        429);
  CHECK(stream.request("GET", "/api/v1/jobs", for_client("198.51.100.1")).status == 200);
}

TEST_CASE("limits: a flood of bad tokens is limited by its address") {
  TestServer server({"--limit-connects", "address:2/1h", "--trusted-proxy", "127.0.0.1"});
  HttpClient guess = server.as("garbage");
  CHECK(guess.request("GET", "/api/v1/jobs", for_client("198.51.100.1")).status == 401);
  CHECK(guess.request("GET", "/api/v1/jobs", for_client("198.51.100.1")).status == 401);
  CHECK(guess.request("GET", "/api/v1/jobs", for_client("198.51.100.1")).status == 429);
  CHECK(guess.request("GET", "/api/v1/jobs", for_client("198.51.100.2")).status == 401);
}

TEST_CASE("limits: who is not a trusted proxy speaks for nobody, and this machine's own processes are not counted") {
  TestServer server({"--limit-connects", "user:off,address:1/1h"});
  for (int i = 0; i < 5; ++i) {
    RawWebSocket socket(server.port(), "X-Forwarded-For: 198.51.100.1\r\n");
    socket.text(R"({"event":"hello","data":{"token":")" + token("alice") + "\"}}");
    CHECK(contains(socket.read_frame().payload, "welcome"));
  }
}

TEST_CASE("limits: what is no rate and no proxy is told by check-config") {
  const auto errors = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "check-config");
    return run_server(arguments, {{"JOBWIRE_SECRET", kSecret}}).errors;
  };
  CHECK(contains(errors({"--limit-connects", "many"}), "--limit-connects: 'many' must be such as 200/10s"));
  CHECK(contains(errors({"--limit-publishes", "connection:1/1s"}), "--limit-publishes"));
  CHECK(contains(errors({"--trusted-proxy", "proxy.local"}), "trusted-proxy: 'proxy.local' must be an IP address"));
  CHECK(errors({"--limit-commands", "off", "--trusted-proxy", "10.0.0.0/8,::1"}).empty());
}
