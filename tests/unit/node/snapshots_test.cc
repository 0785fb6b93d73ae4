#include "node/snapshots.h"

#include <catch2/catch.hpp>
#include <map>

#include "jobwire/codec.h"
#include "node_fixture.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

// Notes what is saved; everything else goes nowhere.
struct SavingLog final : log::EventLog {
  Result<log::Restored> restore() override { return log::Restored{}; }
  void follow(Tail) override {}
  void append(std::vector<log::Append>, log::AppendDone) override {}
  void append_records(std::vector<log::RecordAppend>, log::RecordsDone) override {}
  void expire(UnixMs) override {}
  void lookup(const JobEvent&, std::function<void(log::LookupOutcome)>) override {}
  void history(const JobId&, std::size_t, std::function<void(Result<std::vector<JobEvent>>)>) override {}
  void save_snapshots(std::vector<log::JobSnapshot> given, std::int64_t upto) override {
    saved = std::move(given);
    through = upto;
    ++saves;
  }
  void forget(std::vector<JobId>, std::int64_t) override {}
  void drain(std::function<void()>) override {}
  std::string degraded() const override { return {}; }

  std::vector<log::JobSnapshot> saved;
  std::int64_t through = 0;
  int saves = 0;
};

struct Saving {
  explicit Saving(std::int64_t every, std::size_t per_tick) : snapshots(every, per_tick) {}
  void log(JobEvent event) {
    const node::JobRecord* known = table.find(event.job_id);
    snapshots.applied(table.apply(stamped(event, known ? known->state.seq + 1 : 1, ++head, 1'000 + head)));
  }
  void tick() { snapshots.tick(table, head, saved_to); }
  std::map<std::string, std::int64_t> saved() const {
    std::map<std::string, std::int64_t> versions;
    for (const auto& snapshot : saved_to.saved) {
      CHECK(decode_job(snapshot.bytes)->version == snapshot.version);
      versions[snapshot.job_id.value] = snapshot.version;
    }
    CHECK(versions.size() == saved_to.saved.size());
    return versions;
  }
  node::JobTable table;
  node::Snapshots snapshots;
  SavingLog saved_to;
  std::int64_t head = 0;
};

using Versions = std::map<std::string, std::int64_t>;

}  // namespace

TEST_CASE("only jobs that changed since the last save are saved") {
  Saving s(3, 100);
  s.log(queued("a"));
  s.log(queued("b"));
  s.tick();
  CHECK(s.saved_to.saves == 0);
  s.log(progress("a", 10));
  s.tick();
  CHECK(s.saved() == Versions{{"a", 3}, {"b", 2}});
  CHECK(s.saved_to.through == 3);
  s.log(removed("a"));
  s.log(queued("c"));
  s.log(queued("d"));
  s.tick();
  CHECK(s.saved() == Versions{{"a", 4}, {"c", 5}, {"d", 6}});
  CHECK(s.saved_to.through == 6);
}

TEST_CASE("a save that takes several ticks is complete, though jobs change meanwhile") {
  Saving s(4, 2);
  for (const char* id : {"a", "b", "c", "d"}) s.log(queued(id));
  s.tick();  // a, b
  CHECK(s.snapshots.collecting());
  s.log(progress("c", 10));  // changes before it is visited: saved as it is now
  s.log(progress("a", 10));  // was visited: saved as it was; the change is a record after `through`
  s.log(queued("e"));        // began after the save
  s.tick();                  // d, and c
  CHECK(s.saved_to.saves == 1);
  CHECK(s.saved() == Versions{{"a", 1}, {"b", 2}, {"c", 5}, {"d", 4}});
  CHECK(s.saved_to.through == 4);
  CHECK_FALSE(s.snapshots.collecting());
}

TEST_CASE("after a restart the records that were read again are saved with the next") {
  Saving s(3, 100);
  log::Restored restored;
  restored.head = 12;
  restored.events.push_back(stamped(queued("a"), 1, 11, 1));
  restored.events.push_back(stamped(queued("b"), 1, 12, 1));
  for (const JobEvent& event : restored.events) s.table.apply(event);
  s.snapshots.restored(restored);
  s.head = 12;
  s.tick();
  CHECK(s.saved_to.saves == 0);
  s.log(queued("c"));
  s.tick();
  CHECK(s.saved() == Versions{{"a", 11}, {"b", 12}, {"c", 13}});
}

TEST_CASE("a restart on snapshots newer than the save that they came with applies no event twice") {
  node::NodeOptions options;
  options.snapshot_every = 1;
  NodeFixture f(options);
  std::vector<JobEvent> events;
  for (int i = 0; i < 5'000; ++i) events.push_back(completed("j" + std::to_string(i)));
  f.submit(std::move(events));
  f.tick_after(1'000);                             // a part of them; the save is to be complete up to here
  f.submit({retried("j4999"), started("j4999")});  // saved as it is now, and a record as well
  f.tick_after(1'000);
  CHECK(f.store.through == 5'000);
  CHECK(f.store.snapshots[JobId{"j4999"}].version == 5'002);
  const JobState before = *f.job("j4999");
  f.start();
  CHECK(*f.job("j4999") == before);
  CHECK(before.attempt == 2);
}

TEST_CASE("a job created anew while its predecessor's tombstone is being saved does not inherit it") {
  node::NodeOptions options;
  options.tombstone_for = 500;
  options.snapshot_every = 1;
  NodeFixture f(options);
  std::vector<JobEvent> events;
  for (int i = 0; i < 4'000; ++i) events.push_back(queued("old" + std::to_string(i)));
  for (int i = 0; i < 4'000; ++i) events.push_back(removed("old" + std::to_string(i)));
  for (int i = 0; i < 8'000; ++i) events.push_back(queued("new" + std::to_string(i)));
  f.submit(std::move(events));
  f.node->tick();  // the tombstones are collected; the others take two ticks more
  f.settle();
  for (int i = 0; i < 4 && !f.submit(queued("old0")).appended; ++i) f.tick_after(1'000);
  REQUIRE(f.job("old0"));
  CHECK_FALSE(f.job("old0")->removed);
  f.tick_after(1'000);
  f.start();
  REQUIRE(f.job("old0"));
  CHECK_FALSE(f.job("old0")->removed);
  CHECK(f.job("old1") == nullptr);
  CHECK(f.node->table().size() == 8'001);
}
