// How the process starts, what it says when it cannot, and how it ends.
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "server_fixture.h"
#include "support/temp_folder.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

const Environment kKnowsSecret = {{"JOBWIRE_SECRET", kSecret}};

// What check-config says about these arguments.
Finished check(std::vector<std::string> arguments, Environment environment = kKnowsSecret) {
  arguments.insert(arguments.begin(), "check-config");
  return run_server(std::move(arguments), std::move(environment));
}

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

}  // namespace

TEST_CASE("server: without a secret and without --dev it does not start, and says what to set") {
  const Finished finished = run_server({"--port", "0"});
  CHECK(finished.code == 1);
  CHECK(finished.output.empty());
  CHECK(contains(finished.errors, "JOBWIRE_SECRET"));
  CHECK(contains(finished.errors, "--secret-file"));
  CHECK(contains(finished.errors, "--dev"));
}

TEST_CASE("server: a taken port is a clear message and exit code 1") {
  TestServer first;
  const Finished second = run_server({"--port", std::to_string(first.port())}, kKnowsSecret);
  CHECK(second.code == 1);
  CHECK(contains(second.errors, std::to_string(first.port())));
  CHECK(contains(second.errors, "the port is taken"));
}

TEST_CASE("server: check-config says OK, or names every key and its rule") {
  const Finished good = check({"--port", "8080", "--allow-origin", "https://app.example", "--heartbeat", "10s"});
  CHECK(good.code == 0);
  CHECK(good.output == "OK\n");
  const Finished bad = check({"--tls-cert", "/nowhere.pem", "--allow-origin", "app.example", "--api-key", "short:key", "--remove-after", "10ms", "--listen", "localhost"});
  CHECK(bad.code == 1);
  CHECK(bad.output.empty());
  for (const char* part : {"tls-cert and tls-key", "tls-cert: there is no file /nowhere.pem", "allow-origin: 'app.example'", "api-key: the key of 'short'", "remove-after: must be at least 1s", "listen: 'localhost' must be an IP address"}) {
    INFO(part << " in " << bad.errors);
    CHECK(contains(bad.errors, part));
  }
}

TEST_CASE("server: a value of the wrong kind names its key and rule") {
  const std::vector<std::pair<std::vector<std::string>, const char*>> cases = {
      {{"--port", "65536"}, "--port: '65536' must be an integer from 0 to 65535"},
      {{"--port", "http"}, "--port: 'http' must be an integer"},
      {{"--store", "redis"}, "--store: 'redis' must be memory or sqlite"},
      {{"--heartbeat", "25"}, "--heartbeat: '25' must be a duration"},
      {{"--heartbeat", "-1s"}, "--heartbeat: '-1s' must be a duration"},
      {{"--max-body", "8 MB"}, "--max-body: '8 MB' must be a size"},
      {{"--log-level", "loud"}, "--log-level: 'loud' must be debug"},
      {{"--log-format", "xml"}, "--log-format: 'xml' must be logfmt or json"},
      {{"--drain-seconds", "1.5"}, "--drain-seconds: '1.5' must be an integer"},
      {{"--history", "0"}, "--history: '0' must be an integer from 1"},
      {{"--bogus"}, "--bogus"},
      {{"extra"}, "extra"},
  };
  for (const auto& [arguments, message] : cases) {
    const Finished finished = check(arguments);
    INFO(message << " in " << finished.errors);
    CHECK(finished.code == 1);
    CHECK(contains(finished.errors, message));
  }
}

TEST_CASE("server: every page together with credentials is refused") {
  const Finished finished = check({"--allow-origin", "*", "--allow-credentials"});
  CHECK(finished.code == 1);
  CHECK(contains(finished.errors, "allow-origin"));
  CHECK(check({"--allow-origin", "*"}).code == 0);
}

TEST_CASE("server: an API key is never printed, not even a malformed one") {
  const Finished finished = check({"--api-key", "this-is-a-key-without-a-name"});
  CHECK(finished.code == 1);
  CHECK_FALSE(contains(finished.errors, "without-a-name"));
}

TEST_CASE("server: flags win over the environment, the environment over the file, and unknown keys of the file are errors") {
  const TempFolder folder;
  const std::string file = folder.file("jobwire.toml");
  const auto port_error = [&](std::vector<std::string> flags, Environment environment) {
    flags.insert(flags.begin(), {"--config", file});
    return check(std::move(flags), std::move(environment)).errors;
  };
  write(file, "secret = \"from the file\"\nport = 70001\n");
  CHECK(contains(port_error({}, {}), "'70001'"));
  CHECK(contains(port_error({}, {{"JOBWIRE_PORT", "70002"}}), "'70002'"));
  CHECK(contains(port_error({"--port", "70003"}, {{"JOBWIRE_PORT", "70002"}}), "'70003'"));
  CHECK(port_error({"--port", "1"}, {}).empty());
  write(file, "dev = true\nallow-origin = [\"https://a.example\", \"https://b.example\"]\n");
  CHECK(port_error({}, {}).empty());
  write(file, "dev = true\nprot = 7070\n");
  CHECK(contains(port_error({}, {}), "unknown key 'prot'"));
  write(file, "dev = true\n[server]\nport = 7070\n");
  CHECK(contains(port_error({}, {}), "unknown key 'server.port'"));
  CHECK(contains(check({"--config", folder.file("none.toml")}).errors, "cannot read"));
}

TEST_CASE("server: `token` prints a token and nothing else, and the server takes it") {
  TestServer server;
  const Finished minted = run_server({"token", "--user", "alice", "--job", "1", "--expires", "1h"}, kKnowsSecret);
  REQUIRE(minted.code == 0);
  CHECK(minted.errors.empty());
  CHECK(minted.output.find('\n') == minted.output.size() - 1);
  server.create("1", "bob");
  server.create("2", "alice");
  HttpClient client = server.as(minted.output.substr(0, minted.output.size() - 1));
  CHECK(client.get("/api/v1/jobs/1").status == 200);
  CHECK(client.get("/api/v1/jobs/2").status == 404);
}

TEST_CASE("server: a token that nobody could use is not minted") {
  CHECK(run_server({"token"}, kKnowsSecret).code == 1);
  CHECK(contains(run_server({"token", "--user", "a", "--role", "root"}, kKnowsSecret).errors, "--role"));
  CHECK(contains(run_server({"token", "--user", "a", "--expires", "soon"}, kKnowsSecret).errors, "--expires"));
  CHECK(run_server({"token", "--user", "a", "--dev"}).code == 1);
}

TEST_CASE("server: the secret may come from a file") {
  const TempFolder folder;
  write(folder.file("secret"), kSecret + "\n");
  ServerProcess server({"--secret-file", folder.file("secret")});
  CHECK(HttpClient(server.port(), token("alice")).get("/api/v1/jobs").status == 200);
}

TEST_CASE("server: under --dev the secret is kept with the data, for its owner only, and tokens survive a restart") {
  const TempFolder folder;
  const std::vector<std::string> arguments = {"--dev", "--data-dir", folder.file("data")};
  std::string bearer;
  {
    ServerProcess server(arguments);
    const Finished minted = run_server({"token", "--dev", "--data-dir", folder.file("data"), "--role", "service"});
    REQUIRE(minted.code == 0);
    bearer = minted.output.substr(0, minted.output.size() - 1);
    CHECK(HttpClient(server.port(), bearer).post("/api/v1/jobs", R"({"type":"pdf","id":"1"})").status == 201);
    CHECK(server.terminate() == 0);
  }
  struct stat status {};
  REQUIRE(::stat(folder.file("data/dev-secret").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  ServerProcess server(arguments);
  CHECK(HttpClient(server.port(), bearer).get("/api/v1/jobs/1").status == 200);
}

TEST_CASE("server: under --dev a page of this machine needs no token, and another Host is refused") {
  ServerProcess server({"--dev"});
  HttpClient client(server.port());
  CHECK(client.get("/api/v1/jobs").status == 200);
  CHECK(client.request("GET", "/api/v1/jobs", {{"origin", "http://localhost:5173"}}).header("access-control-allow-origin") == "http://localhost:5173");
  CHECK(client.request("GET", "/api/v1/jobs", {{"host", "evil.example"}}).status == 403);
  CHECK(client.request("GET", "/api/v1/jobs", {{"origin", "http://evil.example"}}).status == 403);
  RawSocket rebound(server.port());
  CHECK(rebound.ask("GET /ws HTTP/1.1\r\nHost: evil.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").status == 403);
}

TEST_CASE("server: under --dev its own page gets tokens") {
  ServerProcess server({"--dev"});
  HttpClient client(server.port());
  const std::string host = "127.0.0.1:" + std::to_string(server.port());
  const Headers own = {{"content-type", "application/json"}, {"origin", "http://" + host}, {"x-jobwire-dev", "1"}};
  const auto response = client.request("POST", "/api/v1/dev/token", own, R"({"user":"alice","role":"service"})");
  REQUIRE(response.status == 200);
  const std::string bearer = response.body.substr(10, response.body.size() - 12);
  CHECK(HttpClient(server.port(), bearer).post("/api/v1/jobs", R"({"type":"pdf"})").status == 201);
  CHECK(client.request("POST", "/api/v1/dev/token", {{"content-type", "application/json"}}, R"({"user":"alice"})").status == 403);
}

TEST_CASE("server: --dev beyond loopback asks for the token that it printed") {
  ServerProcess server({"--dev", "--listen", "0.0.0.0"});
  const auto line = server.process().wait_for_line("dev token: ");
  REQUIRE(line);
  CHECK(HttpClient(server.port()).get("/api/v1/jobs").status == 401);
  CHECK(HttpClient(server.port(), line->substr(line->find(": ") + 2)).get("/api/v1/jobs").status == 200);
}

TEST_CASE("server: SIGTERM ends it with 0, after goodbye to whom is attached") {
  TestServer server;
  const std::string alice = token("alice");
  EventStream stream(server.port(), "GET", "/api/v1/changes/stream?channels=user%3Aalice", {{"authorization", "Bearer " + alice}});
  const std::string first = stream.next();
  RawWebSocket socket = hello(server.port(), alice, R"(["user:alice"])");
  const auto at = first.find(R"("cursor":")") + 10;
  const std::string cursor = first.substr(at, first.find('"', at) - at);
  HttpResponse polled;
  std::thread poller([&] {
    polled = server.as(alice).post("/api/v1/changes", R"({"channels":["user:alice"],"wait":60000,"cursor":")" + cursor + "\"}");
  });
  HttpClient admin = server.admin();
  while (!contains(admin.get("/api/v1/stats").body, R"("polls":1)")) std::this_thread::yield();
  server.process().signal(SIGTERM);
  CHECK(contains(read_until(socket, "goodbye"), "reconnectAfter"));
  const int code = socket.read_close().close_code();
  CHECK((code == 1001 || code == 4503));
  std::string last;
  while (!contains(last, "goodbye")) last = stream.next();
  CHECK(stream.ended());
  poller.join();
  CHECK((polled.status == 200 || polled.status == 503));
  CHECK(server.process().wait() == 0);
}

TEST_CASE("server: a client that does not go away cannot keep it from ending") {
  TestServer server({"--drain-seconds", "1"});
  RawSocket half(server.port());
  half.send("POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{");
  RawWebSocket silent = hello(server.port(), token("alice"));
  CHECK(server.terminate() == 0);
}

TEST_CASE("server: SIGINT drains too, and a second signal ends at once") {
  TestServer server({"--drain-seconds", "600"});
  RawSocket half(server.port());
  half.send("POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{");
  CHECK(HttpClient(server.port()).get("/healthz").status == 200);
  server.process().signal(SIGINT);
  while (!contains(server.process().errors(), "event=draining")) std::this_thread::yield();
  server.process().signal(SIGINT);
  CHECK(server.process().wait() == 128 + SIGINT);
}

TEST_CASE("server: what was acknowledged is there after kill -9") {
  const TempFolder folder;
  const std::vector<std::string> arguments = {"--data-dir", folder.file("data")};
  {
    TestServer server(arguments);
    server.create("1", "alice");
    CHECK(server.service().post("/api/v1/jobs/1/events", R"({"type":"progress","progress":42})").status == 200);
    server.kill();
  }
  TestServer server(arguments);
  CHECK(contains(server.user("alice").get("/api/v1/jobs/1").body, R"("progress":42)"));
  CHECK(contains(server.user("alice").get("/api/v1/jobs/1/history").body, R"("seq":2)"));
}

TEST_CASE("server: two servers on one file are refused, and the first one goes on") {
  const TempFolder folder;
  TestServer first({"--data-dir", folder.file("data")});
  const Finished second = run_server({"--port", "0", "--data-dir", folder.file("data")}, kKnowsSecret);
  CHECK(second.code == 1);
  CHECK(contains(second.errors, "jobwire.db"));
  CHECK(first.service().get("/readyz").status == 200);
}

TEST_CASE("server: a folder that cannot be made and a certificate that cannot be read are named") {
  const TempFolder folder;
  write(folder.file("file"), "no folder, no certificate");
  const Finished store = run_server({"--port", "0", "--data-dir", folder.file("file/data")}, kKnowsSecret);
  CHECK(store.code == 1);
  CHECK(contains(store.errors, folder.file("file/data")));
  const Finished tls = run_server({"--port", "0", "--tls-cert", folder.file("file"), "--tls-key", folder.file("file")}, kKnowsSecret);
  CHECK(tls.code == 1);
  CHECK(contains(tls.errors, folder.file("file")));
}

TEST_CASE("server: its log is JSON where asked for, and holds neither tokens nor payloads") {
  TestServer server({"--log-level", "debug", "--log-format", "json"});
  const std::string bearer = token("", auth::Role::service);
  server.as(bearer).post("/api/v1/jobs?token=" + bearer, R"({"type":"pdf","payload":"sesame","id":"1"})");
  CHECK(server.terminate() == 0);
  const std::string log = server.process().errors();
  CHECK(contains(log, R"("event":"http","method":"POST","route":"/api/v1/jobs","status":201)"));
  CHECK_FALSE(contains(log, bearer));
  CHECK_FALSE(contains(log, "sesame"));
  CHECK_FALSE(contains(log, kSecret));
}

TEST_CASE("server: help and version are told to whom asks") {
  CHECK(contains(run_server({"--help"}).output, "check-config"));
  CHECK(contains(run_server({"--version"}).output, "."));
  CHECK(run_server({"--help"}).code == 0);
}
