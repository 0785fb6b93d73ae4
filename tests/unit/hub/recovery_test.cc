// What is kept of a connection that may come back, and what it says then of where it was.
#include "hub/recovery.h"

#include <map>

#include "support/server_core.h"

using namespace jobwire;
using namespace jobwire::test;
using hub::parse_recovery_point;
using hub::RecoveryPoint;

TEST_CASE("a point of recovery is a cursor, and where it differs the offset to go on from") {
  const RecoveryPoint plain{{0xabc0, 100}, 100}, waiting{{0xabc0, 100}, 49}, nothing{{0xabc0, 0}, 0};
  CHECK(to_string(plain) == "000000000000abc0:100");
  CHECK(to_string(waiting) == "000000000000abc0:100/49");
  for (const RecoveryPoint& each : {plain, waiting, nothing}) CHECK(parse_recovery_point(to_string(each)) == each);
}

TEST_CASE("what no server gave is no point of recovery") {
  for (const char* text :
       {"", "/", "/5", "x", "000000000000abc0", "000000000000abc0:", "000000000000abc0:5/", "000000000000abc0:5/6",
        "000000000000abc0:5/-1", "000000000000abc0:5/ 1", "000000000000abc0:5/1 ", "000000000000abc0:5/1/1",
        "000000000000abc0:5/99999999999999999999", "000000000000abc0:-5/1", "000000000000ABC0:5/1"}) {
    INFO(text);
    CHECK_FALSE(parse_recovery_point(text));
  }
}

// ---- what is written ----

namespace {

struct Kept {
  explicit Kept(ServerCore& core) : core(core), recovery({}, core.node, core.clock) {}
  // How many records, and how many bytes.
  std::pair<int, std::size_t> written(const std::function<void(std::function<void(bool)>)>& write) {
    int records = 0;
    std::size_t bytes = 0;
    core.node.observe_records([&](const log::Record& record) {
      ++records;
      bytes += record.bytes.size();
    });
    bool done = false;
    write([&](bool ok) { done = ok; });
    core.run();
    core.node.observe_records({});
    CHECK(done);
    return {records, bytes};
  }
  std::pair<int, std::size_t> keep() {
    return written([&](auto done) { recovery.keep("pid", kept, std::move(done)); });
  }
  std::pair<int, std::size_t> keep_rooms() {
    return written([&](auto done) { recovery.keep_rooms("pid", kept, std::move(done)); });
  }
  std::map<std::string, std::int64_t> found() {
    const auto again = recovery.find("pid", "alice", "/jobs");
    return again ? again->rooms : std::map<std::string, std::int64_t>{{"nothing", 0}};
  }

  ServerCore& core;
  hub::Recovery recovery;
  hub::KeptConversation kept{"id", "/jobs", "alice", {}, 0};
};

std::string room(int number) { return "job:" + std::string(100, 'x') + std::to_string(number); }

}  // namespace

TEST_CASE("of a session that follows much a subscription writes a small part") {
  ServerCore core;
  Kept session(core);
  for (int i = 0; i < 1'000; ++i) session.kept.rooms.emplace(room(i), 0);
  CHECK(session.keep().second > 100'000);
  CHECK(session.found() == session.kept.rooms);
  session.kept.rooms.emplace(room(1'000), 0);
  const auto [records, bytes] = session.keep_rooms();
  CHECK(records == 1);
  CHECK(bytes < 10'000);
  CHECK(session.found() == session.kept.rooms);
  CHECK(session.keep_rooms().first == 0);  // as it was
}

TEST_CASE("whatever is followed and left, it is found again as it is, by the next server too") {
  ServerCore core;
  Kept session(core);
  session.keep();
  Random random(3);
  for (int step = 0; step < 300; ++step) {
    const std::string one = room(static_cast<int>(random.next() % 40));
    random.next() % 2 == 0 ? void(session.kept.rooms.emplace(one, step)) : void(session.kept.rooms.erase(one));
    if (random.next() % 50 == 0) session.kept.written.fill(hub::KeptConversation::kUnknown);
    if (random.next() % 50 == 0) session.kept = *session.recovery.find("pid", "alice", "/jobs");
    random.next() % 20 == 0 ? session.keep() : session.keep_rooms();
    REQUIRE(session.found() == session.kept.rooms);
  }
  session.kept.rooms.clear();
  session.recovery.left("pid", session.kept);
  core.run();
  CHECK(session.found().empty());
}

TEST_CASE("who has left is remembered for two minutes, with all rooms, and then nothing is") {
  ServerCore core;
  Kept session(core);
  for (int i = 0; i < 100; ++i) session.kept.rooms.emplace(room(i), 0);
  session.keep();
  session.recovery.left("pid", session.kept);
  core.run();
  const auto pass = [&](DurationMs time) {
    core.clock.advance(time);
    core.node.tick();
    core.run();
  };
  pass(119'000);
  CHECK(session.found() == session.kept.rooms);
  pass(2'000);
  CHECK(session.found() == std::map<std::string, std::int64_t>{{"nothing", 0}});
  CHECK(core.node.records().size() == 0);
}

TEST_CASE("rooms are read as they were written before they had a time") {
  ServerCore core;
  Kept session(core);
  session.keep();
  log::Record part{"session-rooms", "alice", "pid/0", "job:a\njob:b\t17\njob:c\t", core.clock.now() + 60'000};
  core.node.append_records({{std::move(part), std::nullopt}}, {});
  core.run();
  CHECK(session.found() == std::map<std::string, std::int64_t>{{"job:a", 0}, {"job:b", 17}, {"job:c", 0}});
}
