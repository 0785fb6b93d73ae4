// What a node finds at its start: snapshots, the events after them, epochs.
#include "contract/stores.h"

using namespace jobwire;
using namespace jobwire::test;
using log::Appended;
using log::Conflict;
using log::Epoch;
using log::Outcome;

namespace {

// What a cursor's validity is judged by: does the epoch's range hold the offset?
bool holds(const log::Restored& restored, std::uint64_t epoch, std::int64_t offset) {
  for (std::size_t i = 0; i < restored.epochs.size(); ++i) {
    if (restored.epochs[i].id != epoch) continue;
    const std::int64_t end = i + 1 < restored.epochs.size() ? restored.epochs[i + 1].first_offset - 1 : restored.head;
    return offset >= restored.epochs[i].first_offset - 1 && offset <= end;
  }
  return false;
}

std::vector<std::string> jobs_of(const std::vector<log::JobSnapshot>& snapshots) {
  std::vector<std::string> jobs;
  for (const auto& snapshot : snapshots) jobs.push_back(snapshot.job_id.value);
  return jobs;
}

}  // namespace

TEST_CASE("an empty store restores as nothing, in its first epoch") {
  EACH_STORE(kind);
  Server server(kind);
  CHECK(server.restored.snapshots.empty());
  CHECK(server.restored.events.empty());
  CHECK(server.restored.head == 0);
  REQUIRE(server.restored.epochs.size() == 1);
  CHECK(server.restored.epochs[0].first_offset == 1);
  CHECK(server.restored.epochs[0].id != 0);
}

TEST_CASE("without snapshots a restart gives back every event, as it was") {
  EACH_STORE(kind);
  Server server(kind);
  server.append_all({with_payload(queued("a", 5), R"([1,{"b":"\ud800"}])"), started("a", "w1"), progress("a", 1)}, 0);
  server.append_all({with_user(failed("b", "no such page", "E_PAGE"), "bob")}, 0);
  const std::vector<JobEvent> before = server.seen;
  server.restart();
  CHECK(server.restored.events == before);
  CHECK(server.restored.head == 4);
  CHECK(server.append(completed("a"), 2) == Outcome(Conflict{3}));
  CHECK(server.append(completed("a"), 3) == Outcome(Appended{5, 4, server.clock.now()}));
}

TEST_CASE("a restart gives the newest snapshots in version order, and the events after them") {
  EACH_STORE(kind);
  Server server(kind);
  server.append_all({queued("a"), started("a")}, 0);
  server.append_all({queued("b")}, 0);
  server.save_snapshots({snapshot("a", 2, R"({"old":1})"), snapshot("b", 3, "B3")}, 3);
  server.append_all({progress("a", 10)}, 2);
  server.save_snapshots({snapshot("a", 4, "A4")}, 4);
  server.append_all({progress("a", 20)}, 3);
  server.append_all({queued("c")}, 0);
  server.restart();
  REQUIRE(jobs_of(server.restored.snapshots) == std::vector<std::string>{"b", "a"});
  CHECK(server.restored.snapshots[0].bytes == "B3");
  CHECK(server.restored.snapshots[0].version == 3);
  CHECK(server.restored.snapshots[1].bytes == "A4");
  CHECK(offsets_of(server.restored.events) == std::vector<std::int64_t>{5, 6});
  CHECK(server.restored.head == 6);
}

TEST_CASE("a job known by its snapshot alone goes on where it was") {
  EACH_STORE(kind);
  Server server(kind);
  server.append_all({queued("a"), started("a"), progress("a", 1), progress("a", 2)}, 0);
  // The node's snapshot may be older than what the log has taken since.
  server.save_snapshots({snapshot("a", 3)}, 3);
  server.restart();
  CHECK(offsets_of(server.restored.events) == std::vector<std::int64_t>{4});
  CHECK(server.append(progress("a", 3), 3) == Outcome(Conflict{4}));
  server.save_snapshots({snapshot("a", 4)}, 4);
  server.restart();
  CHECK(server.restored.events.empty());
  CHECK(server.restored.head == 4);
  CHECK(server.append(queued("a"), 0) == Outcome(Conflict{4}));
  CHECK(server.append(progress("a", 3), 4) == Outcome(Appended{5, 5, server.clock.now()}));
}

TEST_CASE("a snapshot may be newer than the others: its job's events up to it are not told again") {
  EACH_STORE(kind);
  Server server(kind);
  server.append_all({queued("a")}, 0);
  server.append_all({queued("b")}, 0);
  server.append_all({started("a"), progress("a", 1)}, 1);
  server.append_all({started("b")}, 1);
  server.append_all({progress("a", 2)}, 3);
  server.save_snapshots({snapshot("a", 4), snapshot("b", 2)}, 2);
  server.restart();
  CHECK(jobs_of(server.restored.snapshots) == std::vector<std::string>{"b", "a"});
  CHECK(offsets_of(server.restored.events) == std::vector<std::int64_t>{5, 6});
  CHECK(offsets_of(server.history("a")) == std::vector<std::int64_t>{6, 4, 3, 1});
  CHECK(server.append(completed("a"), 4) == Outcome(Appended{7, 5, server.clock.now()}));
  CHECK(server.append(completed("b"), 2) == Outcome(Appended{8, 3, server.clock.now()}));
}

TEST_CASE("a snapshot that was taken before its job was forgotten and created anew is not taken for the new one's") {
  EACH_STORE(kind);
  Server server(kind);
  server.append_all({queued("a"), removed("a")}, 0);
  server.log().forget({JobId{"a"}}, 2);
  server.append_all({queued("a")}, 0);
  server.save_snapshots({snapshot("a", 2)}, 2);
  server.restart();
  CHECK(server.restored.snapshots.empty());
  CHECK(offsets_of(server.restored.events) == std::vector<std::int64_t>{3});
}

TEST_CASE("a clean restart keeps every cursor good; a cursor of the future is not") {
  EACH_STORE(kind);
  Server server(kind);
  const std::uint64_t first = server.restored.epochs.back().id;
  server.append_all({queued("a"), started("a")}, 0);
  server.restart();
  const std::uint64_t second = server.restored.epochs.back().id;
  CHECK(second != first);
  CHECK(server.restored.epochs == std::vector<Epoch>{{first, 1}, {second, 3}});
  CHECK(holds(server.restored, first, 0));
  CHECK(holds(server.restored, first, 2));
  CHECK_FALSE(holds(server.restored, first, 3));
  CHECK(holds(server.restored, second, 2));
  CHECK_FALSE(holds(server.restored, second, 1));
}

TEST_CASE("a restored backup is noticed: what it never held has no good cursor") {
  EACH_STORE(kind);
  Server server(kind);
  const std::uint64_t before = server.restored.epochs.back().id;
  server.append_all({queued("a"), started("a")}, 0);
  server.stop();
  server.store().back_up();

  server.start();
  const std::uint64_t lost = server.restored.epochs.back().id;
  server.append_all({progress("a", 50), completed("a")}, 2);
  server.stop();
  server.store().bring_back();

  server.start();
  CHECK(server.restored.head == 2);
  CHECK(holds(server.restored, before, 2));
  CHECK_FALSE(holds(server.restored, lost, 2));
  CHECK_FALSE(holds(server.restored, lost, 4));
  // The history is written anew from where the backup ends, and the lost epoch's offsets stay foreign to it.
  CHECK(server.append(failed("a"), 2) == Outcome(Appended{3, 3, server.clock.now()}));
  server.restart();
  CHECK_FALSE(holds(server.restored, lost, 3));
}

TEST_CASE("a server that went on after its backup in the same epoch is noticed too") {
  EACH_STORE(kind);
  Server server(kind);
  server.append_all({queued("a")}, 0);
  server.restart();
  server.stop();
  server.store().back_up();
  server.start();
  const std::uint64_t lost = server.restored.epochs.back().id;
  server.append_all({started("a")}, 1);
  server.stop();
  server.store().bring_back();
  server.start();
  server.append_all({started("a")}, 1);
  server.restart();
  CHECK_FALSE(holds(server.restored, lost, 2));
}

TEST_CASE("a forgotten job is as if it had never been; offsets go on and the floor is kept") {
  EACH_STORE(kind);
  const bool settled = GENERATE(false, true);
  Server server(kind);
  const JobEvent first = with_event_id(queued("a"), "e1");
  server.append_all({first, completed("a"), removed("a")}, 0);
  if (settled) server.save_snapshots({snapshot("a", 3)}, 3);
  server.log().forget({JobId{"a"}, JobId{"nobody"}}, 3);
  CHECK(server.history("a").empty());
  CHECK(server.lookup(first) == log::LookupOutcome());
  server.restart();
  CHECK(server.restored.snapshots.empty());
  CHECK(server.restored.events.empty());
  CHECK(server.restored.head == 3);
  CHECK(server.restored.tombstone_floor == 3);
  CHECK(server.append(first, 0) == Outcome(Appended{4, 1, server.clock.now()}));
  CHECK(offsets_of(server.history("a")) == std::vector<std::int64_t>{4});
}

TEST_CASE("forgetting one job leaves the others alone") {
  EACH_STORE(kind);
  Server server(kind);
  server.append_all({queued("a"), removed("a")}, 0);
  server.append_all({with_event_id(queued("b"), "e1"), started("b")}, 0);
  server.save_snapshots({snapshot("a", 2), snapshot("b", 4)}, 4);
  server.append_all({progress("b", 1)}, 2);
  server.log().forget({JobId{"a"}}, 2);
  server.restart();
  CHECK(jobs_of(server.restored.snapshots) == std::vector<std::string>{"b"});
  CHECK(offsets_of(server.restored.events) == std::vector<std::int64_t>{5});
  CHECK(offsets_of(server.history("b")) == std::vector<std::int64_t>{5, 4, 3});
  CHECK(std::holds_alternative<log::Repeated>(server.lookup(with_event_id(queued("b"), "e1"))));
}

TEST_CASE("epochs that no good cursor can name are dropped, and their number is bounded") {
  EACH_STORE(kind);
  Server server(kind);
  server.append_all({queued("a"), removed("a")}, 0);
  server.restart();
  server.append_all({queued("b")}, 0);
  server.restart();
  CHECK(server.restored.epochs.size() == 3);
  server.log().forget({JobId{"a"}}, 3);
  server.restart();
  REQUIRE(server.restored.epochs.size() == 3);  // the first range ends at 2, below the floor
  CHECK(server.restored.epochs.front().first_offset == 3);
}
