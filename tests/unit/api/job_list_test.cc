#include "api/job_list.h"

#include "api_fixture.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

// The ids of a list's answer, in order.
std::vector<std::string> ids(const transport::Response& response) {
  CHECK(response.status == 200);
  std::vector<std::string> found;
  for (std::size_t at = response.body.find(R"({"id":")"); at != std::string::npos;
       at = response.body.find(R"({"id":")", at + 1)) {
    found.push_back(response.body.substr(at + 7, response.body.find('"', at + 7) - at - 7));
  }
  return found;
}

std::string next_page(const transport::Response& response) {
  const auto at = response.body.find(R"("next":)");
  return at == std::string::npos ? "" : response.body.substr(at + 7, response.body.find('}', at) - at - 7);
}

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("the newest change comes first") {
  ApiFixture server;
  for (const char* id : {"1", "2", "3"}) server.create(id, "alice");
  server.append("1", R"({"type":"started"})");
  CHECK(ids(server.get("/api/v1/jobs", server.alice)) == Ids{"1", "3", "2"});
}

TEST_CASE("users list their own jobs, services and admins all") {
  ApiFixture server;
  server.create("a", "alice");
  server.create("b", "bob");
  server.create("none", "");
  CHECK(ids(server.get("/api/v1/jobs", server.alice)) == Ids{"a"});
  CHECK(ids(server.get("/api/v1/jobs?user=bob", server.alice)) == Ids{});
  CHECK(ids(server.get("/api/v1/jobs?queue=normal", server.alice)) == Ids{"a"});
  CHECK(ids(server.get("/api/v1/jobs", server.service)) == Ids{"none", "b", "a"});
  CHECK(ids(server.get("/api/v1/jobs?user=bob", server.admin)) == Ids{"b"});
  CHECK(ids(server.get("/api/v1/jobs", server.token("", auth::Role::user, {"b", "unknown"}))) == Ids{"b"});
}

TEST_CASE("a list is filtered by what a job is") {
  ApiFixture server;
  server.post("/api/v1/jobs", server.service,
              R"({"type":"pdf","id":"1","queue":"large","ref":"file:1","parentId":"p"})");
  server.post("/api/v1/jobs", server.service, R"({"type":"video","id":"2"})");
  server.append("2", R"({"type":"completed","result":{"pages":3}})");
  CHECK(ids(server.get("/api/v1/jobs?type=pdf", server.service)) == Ids{"1"});
  CHECK(ids(server.get("/api/v1/jobs?queue=large", server.service)) == Ids{"1"});
  CHECK(ids(server.get("/api/v1/jobs?ref=file%3A1", server.service)) == Ids{"1"});
  CHECK(ids(server.get("/api/v1/jobs?parent=p", server.service)) == Ids{"1"});
  CHECK(ids(server.get("/api/v1/jobs?status=completed", server.service)) == Ids{"2"});
  CHECK(ids(server.get("/api/v1/jobs?status=completed&type=pdf", server.service)) == Ids{});
}

TEST_CASE("results are left out unless asked for") {
  ApiFixture server;
  server.create("1", "alice");
  server.append("1", R"({"type":"completed","result":{"pages":3}})");
  CHECK_FALSE(contains(server.get("/api/v1/jobs", server.alice).body, "pages"));
  CHECK(contains(server.get("/api/v1/jobs?result=true", server.alice).body, R"("result":{"pages":3})"));
}

TEST_CASE("pages follow one another without gap or repeat, and the last one says so") {
  ApiFixture server;
  for (int i = 1; i <= 5; ++i) server.create(std::to_string(i), "alice");
  Ids all;
  std::string target = "/api/v1/jobs?limit=2";
  for (int pages = 0; pages < 3; ++pages) {
    const auto response = server.get(target, server.alice);
    for (const std::string& id : ids(response)) all.push_back(id);
    const std::string next = next_page(response);
    CHECK(next.empty() == (pages == 2));
    target = "/api/v1/jobs?limit=2&before=" + next;
  }
  CHECK(all == Ids{"5", "4", "3", "2", "1"});
}

TEST_CASE("a filter that fits little looks at so many jobs a page and goes on in the next") {
  api::ApiOptions options;
  options.most_scanned = 2;
  ApiFixture server(options);
  server.post("/api/v1/jobs", server.service, R"({"type":"rare","id":"1"})");
  for (int i = 2; i <= 5; ++i) server.create(std::to_string(i), "alice");
  Ids all;
  std::string before;
  int pages = 0;
  do {
    const auto response =
        server.get("/api/v1/jobs?type=rare" + (before.empty() ? "" : "&before=" + before), server.service);
    for (const std::string& id : ids(response)) all.push_back(id);
    before = next_page(response);
    ++pages;
  } while (!before.empty());
  CHECK(all == Ids{"1"});
  CHECK(pages == 3);
}

TEST_CASE("a page of large results ends early and goes on in the next") {
  ApiFixture server;
  const std::string result(64'000, 'r');
  for (int i = 0; i < 80; ++i) server.append(std::to_string(i), R"({"type":"completed","result":")" + result + "\"}");
  const auto first = server.get("/api/v1/jobs?limit=500&result=true", server.service);
  CHECK(first.body.size() < (5u << 20));
  const Ids on_first = ids(first);
  const Ids on_second =
      ids(server.get("/api/v1/jobs?limit=500&result=true&before=" + next_page(first), server.service));
  CHECK(on_first.size() + on_second.size() == 80);
  CHECK(on_first.back() == std::to_string(80 - on_first.size()));
  CHECK(on_second.front() == std::to_string(79 - on_first.size()));
}

TEST_CASE("removed jobs are not listed") {
  ApiFixture server;
  server.create("1", "alice");
  server.append("1", R"({"type":"removed"})");
  CHECK(ids(server.get("/api/v1/jobs", server.admin)) == Ids{});
}

TEST_CASE("a filter that breaks its rule, or that there is not, is 400: it would list too much") {
  ApiFixture server;
  for (const char* query : {"status=done", "limit=0", "limit=501", "limit=x", "before=0", "before=-1", "before=x",
                            "result=yes", "user=", "userId=alice", "type=%00", "queue=.."}) {
    INFO(query);
    CHECK(server.get(std::string("/api/v1/jobs?") + query, server.service).status == 400);
  }
}

TEST_CASE("a filter that stands twice is 400 and named: either value alone would be a guess") {
  ApiFixture server;
  const auto response = server.get("/api/v1/jobs?status=queued&status=active", server.service);
  CHECK(response.status == 400);
  CHECK(response.body.find(R"("field":"status")") != std::string::npos);
  CHECK(server.get("/api/v1/jobs?token=a&token=b&status=queued", server.service).status == 200);
}
