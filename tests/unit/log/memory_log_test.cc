// What MemoryLog has beyond the contract: deaths between append, commit and send, backups, failures on demand.
#include "log/memory_log.h"

#include <catch2/catch.hpp>

#include "support/clock.h"
#include "support/events.h"
#include "support/loop.h"

using namespace jobwire;
using namespace jobwire::test;
using log::MemoryLog;
using log::Outcome;

namespace {

struct Life {
  log::MemoryStore& store;
  bool hold = false;
  std::uint64_t seed = 1;
  ManualClock clock{};
  Loop loop{};
  MemoryLog log{{.hold_commits = hold}, store, clock, Random(seed), loop.post()};
  std::vector<Outcome> told{};
  std::size_t seen = 0;
  log::Restored restored = *log.restore();

  void append(JobEvent event, std::int64_t expected_seq) {
    log.follow([this](const log::Logged& logged) { seen += logged.events.size(); });
    log.append({{std::move(event), expected_seq}},
               [this](std::vector<Outcome> outcomes) { told.push_back(outcomes.at(0)); });
  }
};

}  // namespace

TEST_CASE("killed before the commit: nothing is there and nobody was told") {
  log::MemoryStore store;
  {
    Life life{store, true};
    life.append(queued("a"), 0);
    life.loop.run_posted();
    CHECK(life.told.empty());
  }
  CHECK(Life{store}.restored.head == 0);
}

TEST_CASE("killed between commit and send: the event is there though nobody was told") {
  log::MemoryStore store;
  {
    Life life{store, true};
    life.append(queued("a"), 0);
    life.log.commit();
    CHECK(life.loop.posted() == 1);
    CHECK(life.told.empty());
  }
  CHECK(Life{store}.restored.head == 1);
}

TEST_CASE("held commits keep their order, lookups and drain among them") {
  log::MemoryStore store;
  Life life{store, true};
  const JobEvent event = with_event_id(queued("a"), "e1");
  bool found = false, drained = false;
  life.append(event, 0);
  life.log.lookup(event, [&](log::LookupOutcome outcome) { found = std::holds_alternative<log::Repeated>(outcome); });
  life.log.drain([&] { drained = life.told.size() == 1 && found; });
  life.loop.run_posted();
  CHECK_FALSE(drained);
  life.log.commit();
  life.loop.run_posted();
  CHECK(drained);
}

TEST_CASE("a copy of the store is a backup") {
  log::MemoryStore store;
  log::MemoryStore backup;
  {
    Life life{store};
    life.append(queued("a"), 0);
    life.loop.run_posted();
    backup = store;
    life.append(started("a"), 1);
    life.loop.run_posted();
    CHECK(life.seen == 2);
  }
  CHECK(Life{backup, false, 2}.restored.head == 1);
  CHECK(Life{store, false, 2}.restored.head == 2);
}

TEST_CASE("failing on demand: batches are not stored and the log says why, until it heals") {
  log::MemoryStore store;
  Life life{store};
  life.log.fail("the disk is full");
  life.append(queued("a"), 0);
  life.loop.run_posted();
  REQUIRE(std::holds_alternative<log::NotStored>(life.told.at(0)));
  CHECK(std::get<log::NotStored>(life.told[0]).error == Error{ErrorCode::unavailable, "the disk is full", "", 0});
  CHECK(life.log.degraded() == "the disk is full");
  CHECK(life.seen == 0);
  life.log.fail("");
  life.append(queued("a"), 0);
  life.loop.run_posted();
  CHECK(std::holds_alternative<log::Appended>(life.told.at(1)));
  CHECK(life.log.degraded().empty());
}

TEST_CASE("a log that is not restartable keeps history and event ids only") {
  log::MemoryStore store;
  ManualClock clock;
  Loop loop;
  MemoryLog log({.restartable = false}, store, clock, Random(1), loop.post());
  REQUIRE(log.restore());
  log.append({{with_event_id(queued("a"), "e1"), 0}}, [](const auto&) {});
  log.save_snapshots({{JobId{"a"}, 1, "{}"}}, 1);
  loop.run_posted();
  CHECK(store.records.empty());
  CHECK(store.snapshots.empty());
  CHECK(store.jobs.at(JobId{"a"}).event_ids.size() == 1);
}
