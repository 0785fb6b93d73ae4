#include "api_fixture.h"
#include "jobwire/notification.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

struct Inboxes : ApiFixture {
  std::string made(const std::string& user, const std::string& title) {
    const auto response = post("/api/v1/users/" + user + "/notifications", service, R"({"title":")" + title + "\"}");
    REQUIRE(response.status == 201);
    return decode_text_fields(response.body)->at(0).second;
  }
  std::string count(const std::string& token) { return get("/api/v1/notifications/unread-count", token).body; }
};

std::size_t times(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("one's own notifications are listed newest first, in pages, and nobody sees another's") {
  Inboxes server;
  for (const char* title : {"one", "two", "three"}) server.made("alice", title);
  server.made("bob", "his");
  const auto page = server.get("/api/v1/notifications?limit=2", server.alice);
  CHECK(page.status == 200);
  CHECK(page.body.find("three") < page.body.find("two"));
  CHECK(times(page.body, R"("title")") == 2);
  CHECK(contains(page.body, R"("next":2,"unread":3)"));
  const auto rest = server.get("/api/v1/notifications?limit=2&before=2", server.alice);
  CHECK(times(rest.body, R"("title")") == 1);
  CHECK(contains(rest.body, "one"));
  CHECK_FALSE(contains(rest.body, "next"));
  CHECK(server.count(server.bob) == R"({"count":1})");
  CHECK(server.get("/api/v1/notifications").status == 401);
}

TEST_CASE("reading one, and all; another's is not found") {
  Inboxes server;
  const std::string one = server.made("alice", "one");
  server.made("alice", "two");
  CHECK(server.post("/api/v1/notifications/" + one + "/read", server.bob, "").status == 404);
  const auto read = server.post("/api/v1/notifications/" + one + "/read", server.alice, "");
  CHECK(read.body == R"({"read":1,"count":1})");
  CHECK(server.post("/api/v1/notifications/" + one + "/read", server.alice, "").body == R"({"read":0,"count":1})");
  CHECK(times(server.get("/api/v1/notifications?unread=true", server.alice).body, R"("title")") == 1);
  CHECK(server.post("/api/v1/notifications/read-all", server.alice, "").body == R"({"read":1,"count":0})");
  CHECK(server.count(server.alice) == R"({"count":0})");
}

TEST_CASE("only services and admins notify, and what is wrong is told by field") {
  Inboxes server;
  const std::string path = "/api/v1/users/alice/notifications";
  CHECK(server.post(path, server.alice, R"({"title":"t"})").status == 403);
  const auto bad = server.post(path, server.service, R"({"title":"t","action":{"label":"x","url":"//evil"}})");
  CHECK(bad.status == 400);
  CHECK(contains(bad.body, R"("field":"action.url")"));
  const auto once = server.post(path, server.service, R"({"title":"t","id":"n1"})");
  CHECK(once.body == server.post(path, server.service, R"({"title":"t","id":"n1"})").body);
  CHECK(server.count(server.alice) == R"({"count":1})");
  for (const char* query : {"limit=0", "limit=101", "before=x", "unread=1", "colour=red"}) {
    INFO(query);
    CHECK(server.get("/api/v1/notifications?" + std::string(query), server.alice).status == 400);
  }
}

TEST_CASE("application messages are accepted from services, and refused by field") {
  Inboxes server;
  for (const char* path : {"/api/v1/broadcast", "/api/v1/users/alice/messages", "/api/v1/channels/all-jobs/messages",
                           "/api/v1/channels/job%3Aa%2Fb/messages"}) {
    INFO(path);
    const auto sent = server.post(path, server.service, R"({"name":"hello","data":{"x":1}})");
    CHECK(sent.status == 202);
    CHECK(contains(sent.body, R"({"accepted":true,"offset":)"));
    CHECK(server.post(path, server.alice, R"({"name":"hello"})").status == 403);
    CHECK(contains(server.post(path, server.service, R"({"name":"connect"})").body, R"("field":"name")"));
  }
  CHECK(contains(server.post("/api/v1/channels/room/messages", server.service, R"({"name":"x"})").body,
                 R"("field":"channel")"));
  CHECK(server.post("/api/v1/broadcast", server.service, R"({"name":"x","data":1,"id":"m"})").status == 202);
  CHECK(server.post("/api/v1/broadcast", server.service, R"({"name":"x","data":2,"id":"m"})").status == 422);
}
