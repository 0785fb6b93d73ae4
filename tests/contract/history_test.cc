// History: newest first, bounded, and lifecycle outlives chatter.
#include "contract/stores.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {
// The job's events so far, as the node would fold and save them.
void settle(Server& server, std::string_view job, std::int64_t version) {
  server.save_snapshots({snapshot(job, version)}, version);
}
}  // namespace

TEST_CASE("history is the job's own events, newest first, as many as asked for") {
  EACH_STORE(kind);
  Server server(kind);
  server.append_all({queued("a"), started("a")}, 0);
  server.append_all({queued("b")}, 0);
  server.append_all({with_message(progress("a", 10), "page 1"), completed("a", R"({"pages":1})")}, 2);
  CHECK(offsets_of(server.history("a")) == std::vector<std::int64_t>{5, 4, 2, 1});
  CHECK(offsets_of(server.history("a", 2)) == std::vector<std::int64_t>{5, 4});
  CHECK(offsets_of(server.history("b")) == std::vector<std::int64_t>{3});
  CHECK(server.history("nobody").empty());
  CHECK(server.history("a", 0).empty());
  CHECK(server.history("a").at(1) == server.seen.at(3));
}

TEST_CASE("history sees every append that was given before it") {
  EACH_STORE(kind);
  Server server(kind);
  server.log().append({{queued("a"), 0}, {started("a"), 1}}, [](const auto&) {});
  CHECK(offsets_of(server.history("a")) == std::vector<std::int64_t>{2, 1});
}

TEST_CASE("history reads the same before and after snapshots and restarts") {
  EACH_STORE(kind);
  Server server(kind);
  server.append_all({queued("a"), started("a"), progress("a", 10), progress("a", 20)}, 0);
  settle(server, "a", 3);
  const std::vector<std::int64_t> all{6, 5, 4, 3, 2, 1};
  server.append_all({progress("a", 30), completed("a")}, 4);
  CHECK(offsets_of(server.history("a")) == all);
  CHECK(offsets_of(server.history("a", 3)) == std::vector<std::int64_t>{6, 5, 4});
  server.restart();
  CHECK(offsets_of(server.history("a")) == all);
  settle(server, "a", 6);
  CHECK(offsets_of(server.history("a")) == all);
  server.restart();
  CHECK(offsets_of(server.history("a")) == all);
}

TEST_CASE("a chatty job keeps its newest chatter, and its lifecycle beside it") {
  EACH_STORE(kind);
  const bool settles = GENERATE(false, true);
  Server server(kind, {.chatter = 3, .lifecycle = 10});
  server.append_all({queued("a"), started("a")}, 0);
  for (int i = 3; i <= 40; ++i) {
    server.append_all({progress("a", i)}, i - 1);
    if (settles && i % 7 == 0) settle(server, "a", i);
  }
  server.append_all({cancel_requested("a"), cancelled("a")}, 40);
  const std::vector<std::int64_t> kept{42, 41, 40, 39, 38, 2, 1};
  CHECK(offsets_of(server.history("a")) == kept);
  settle(server, "a", 42);
  CHECK(offsets_of(server.history("a")) == kept);
  server.restart();
  CHECK(offsets_of(server.history("a")) == kept);
}

TEST_CASE("a job that is retried for ever keeps its newest lifecycle only") {
  EACH_STORE(kind);
  Server server(kind, {.chatter = 3, .lifecycle = 4});
  server.append_all({progress("a", 1), failed("a")}, 0);
  for (int i = 2; i < 20; i += 2) {
    server.append_all({retried("a"), failed("a")}, i);
    if (i % 6 == 0) settle(server, "a", i);
  }
  CHECK(offsets_of(server.history("a")) == std::vector<std::int64_t>{20, 19, 18, 17, 1});
}
