// The inbox and application messages of the real server: over HTTP, on WebSockets, and across a kill.
#include <fstream>

#include "server_fixture.h"
#include "support/temp_folder.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

RawWebSocket inbox_page(std::uint16_t port, const std::string& user) {
  RawSocket socket(port);
  socket.send(upgrade_request("Authorization: Bearer " + token(user) + "\r\n", "/notifications"));
  REQUIRE(contains(socket.read_until("\r\n\r\n"), "101"));
  return RawWebSocket(std::move(socket));
}

void finish(TestServer& server, const std::string& job, const std::string& user) {
  const std::string body = R"([{"type":"started","jobId":")" + job + R"(","job":{"type":"report","userId":")" + user +
                           R"("}},{"type":"progress","jobId":")" + job + R"(","progress":50},)" +
                           R"({"type":"completed","jobId":")" + job + "\"}]";
  REQUIRE(server.service().post("/api/v1/events", body).status == 200);
}

}  // namespace

TEST_CASE("server: what a job has told its owner outlives a kill, once, read as it was") {
  const TempFolder folder;
  const std::vector<std::string> arguments = {"--data-dir", folder.file("data")};
  std::string before;
  {
    TestServer server(arguments);
    finish(server, "a", "alice");
    CHECK(server.user("alice").post("/api/v1/notifications/a:1/read", "").status == 200);
    before = server.user("alice").get("/api/v1/notifications").body;
    CHECK(contains(before, R"("unread":1)"));
    CHECK(contains(server.user("bob").get("/api/v1/notifications").body, R"("notifications":[])"));
    server.kill();
  }
  TestServer server(arguments);
  CHECK(server.user("alice").get("/api/v1/notifications").body == before);
}

TEST_CASE("server: every device of the user is told, in whatever framing, and of what is read on another") {
  TestServer server;
  RawWebSocket native = hello(server.port(), token("alice"));
  RawWebSocket page = inbox_page(server.port(), "alice");
  read_until(page, R"("event":"notifications")");
  finish(server, "a", "alice");
  CHECK(contains(read_until(native, "a:3"), R"("title":"Job completed")"));
  CHECK(contains(read_until(page, R"("count":2)"), R"({"event":"notification","data":{"id":"a:3")"));
  native.text(R"({"event":"read","data":{"all":true},"id":1})");
  read_until(native, R"("event":"reply")");
  CHECK(contains(read_until(page, R"("count":0)"), R"({"event":"notification-read","data":{"id":"a:1")"));
  CHECK(server.user("alice").get("/api/v1/notifications/unread-count").body == R"({"count":0})");
}

TEST_CASE("server: a message comes to the pages of its user by all of them, and to nobody else's") {
  TestServer server;
  RawWebSocket native = hello(server.port(), token("alice"));
  RawWebSocket page = inbox_page(server.port(), "alice");
  RawWebSocket other = hello(server.port(), token("bob"));
  read_until(page, R"("event":"notifications")");
  HttpClient service = server.service();
  CHECK(service.post("/api/v1/users/alice/messages", R"({"name":"hers","data":[1]})").status == 202);
  CHECK(service.post("/api/v1/broadcast", R"({"name":"everybody"})").status == 202);
  CHECK(contains(read_until(native, "everybody"), R"({"event":"message","data":{"name":"hers","data":[1]}})"));
  CHECK(contains(read_until(page, "everybody"), R"({"event":"hers","data":[1]})"));
  CHECK_FALSE(contains(read_until(other, "everybody"), "hers"));
  CHECK(server.user("alice").post("/api/v1/broadcast", R"({"name":"everybody"})").status == 403);
}

TEST_CASE("server: rules and titles are the file's, by job type") {
  const TempFolder folder;
  const std::string file = folder.file("jobwire.toml");
  std::ofstream(file)
      << "[notify.report]\nstarted = \"off\"\ncompleted = \"Report {jobId} is there\"\n"
         "completed-type = \"alert\"\ncompleted-action = \"Open it -> /#/reports/{jobId}?of={userId}\" # by hash\n";
  TestServer server({"--config", file});
  finish(server, "a b", "alice");
  const std::string body = server.user("alice").get("/api/v1/notifications").body;
  CHECK(contains(body, R"("unread":1)"));
  CHECK(contains(body, R"("type":"alert","title":"Report a b is there")"));
  CHECK(contains(body, R"("action":{"label":"Open it","url":"/#/reports/a%20b?of=alice"})"));
}
