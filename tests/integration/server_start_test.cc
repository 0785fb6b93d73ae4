// How the process starts, what it says when it cannot, and how it ends.
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "server_fixture.h"
#include "support/temp_folder.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

const Environment kKnowsSecret = {{"JOBWIRE_SECRET", kSecret}};

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
  CHECK(client.request("GET", "/api/v1/jobs", {{"origin", "http://localhost:5173"}})
            .header("access-control-allow-origin") == "http://localhost:5173");
  CHECK(client.request("GET", "/api/v1/jobs", {{"host", "evil.example"}}).status == 403);
  CHECK(client.request("GET", "/api/v1/jobs", {{"origin", "http://evil.example"}}).status == 403);
  RawSocket rebound(server.port());
  CHECK(rebound
            .ask("GET /ws HTTP/1.1\r\nHost: evil.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
            .status == 403);
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
  CHECK(client.request("POST", "/api/v1/dev/token", {{"content-type", "application/json"}}, R"({"user":"alice"})")
            .status == 403);
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
  EventStream stream(server.port(), "GET", "/api/v1/changes/stream?channels=user%3Aalice",
                     {{"authorization", "Bearer " + alice}});
  const std::string first = stream.next();
  RawWebSocket socket = hello(server.port(), alice, R"(["user:alice"])");
  const auto at = first.find(R"("cursor":")") + 10;
  const std::string cursor = first.substr(at, first.find('"', at) - at);
  HttpResponse polled;
  std::thread poller([&] {
    polled = server.as(alice).post("/api/v1/changes",
                                   R"({"channels":["user:alice"],"wait":60000,"cursor":")" + cursor + "\"}");
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

TEST_CASE("server: two servers on one file are refused by whatever name, and where its sign was removed") {
  const TempFolder folder;
  const std::string file = folder.file("data/jobwire.db");
  TestServer first({"--data-dir", folder.file("data")});
  std::filesystem::create_hard_link(file, folder.file("hard.db"));
  std::filesystem::create_symlink(file, folder.file("soft.db"));
  std::filesystem::remove(file + ".lock");
  for (const std::string& name : {folder.file("hard.db"), folder.file("soft.db"), file}) {
    INFO(name);
    const Finished second = run_server({"--port", "0", "--db", name}, kKnowsSecret);
    CHECK(second.code == 1);
    CHECK(contains(second.errors, "in use by another Jobwire server"));
  }
  first.create("1", "alice");
}

TEST_CASE("server: a folder that cannot be made and a certificate that cannot be read are named") {
  const TempFolder folder;
  write(folder.file("file"), "no folder, no certificate");
  const Finished store = run_server({"--port", "0", "--data-dir", folder.file("file/data")}, kKnowsSecret);
  CHECK(store.code == 1);
  CHECK(contains(store.errors, folder.file("file/data")));
  const Finished tls =
      run_server({"--port", "0", "--tls-cert", folder.file("file"), "--tls-key", folder.file("file")}, kKnowsSecret);
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
