// Upkeep in slices: between any two of them, and after a death there, everything reads the same.
#include "log/sqlite_store.h"

#include <catch2/catch.hpp>
#include <map>

#include "support/events.h"
#include "support/temp_folder.h"

using namespace jobwire;
using namespace jobwire::test;
using log::SqliteStore;

namespace {

constexpr log::HistoryLimits kLimits{.chatter = 4, .lifecycle = 3};

std::unique_ptr<SqliteStore> open(const TempFolder& folder, log::Restored* restored = nullptr) {
  static std::uint64_t starts = 0;
  auto store = SqliteStore::open(folder.file("jobs.db"), kLimits, 1 << 20);
  REQUIRE(store);
  Random random(++starts);
  auto read = (*store)->restore(random, 5000);
  REQUIRE(read);
  if (restored) *restored = *read;
  return std::move(*store);
}

void append(SqliteStore& store, std::vector<JobEvent> events, std::int64_t seq) {
  REQUIRE(store.transaction([&] {
    for (JobEvent& event : events) {
      const log::Outcome outcome = store.append({event, seq++}, 5000);
      CHECK(std::holds_alternative<log::Appended>(outcome));
    }
  }));
}

// Jobs a and b have snapshots; c is forgotten; a has gone on since the snapshots (offsets 15 and 16).
void fill(SqliteStore& store) {
  append(store, {queued("a"), with_event_id(started("a"), "s"), progress("a", 1), progress("a", 2), progress("a", 3)},
         0);
  append(store, {queued("c"), with_event_id(removed("c"), "r")}, 0);
  append(store, {with_event_id(progress("b", 1), "p"), progress("b", 2), completed("b"), retried("b"), failed("b")}, 0);
  append(store, {progress("a", 4), progress("a", 5)}, 5);
  store.plan_snapshots({{JobId{"a"}, 14, "A"}, {JobId{"b"}, 12, "B"}, {JobId{"c"}, 7, "C"}}, 14);
  append(store, {progress("a", 6), completed("a")}, 7);
  store.plan_forget({JobId{"c"}}, 7);
}

std::vector<std::int64_t> history(SqliteStore& store, std::string_view job) {
  auto events = store.history(JobId{std::string(job)}, 100);
  REQUIRE(events);
  std::vector<std::int64_t> offsets;
  for (const JobEvent& event : *events) offsets.push_back(event.offset);
  return offsets;
}

void check_reads(SqliteStore& store) {
  CHECK(history(store, "a") == std::vector<std::int64_t>{16, 15, 14, 13, 5, 2, 1});
  CHECK(history(store, "b") == std::vector<std::int64_t>{12, 11, 10, 9, 8});
  CHECK(store.find_event_id(with_event_id(started("a"), "s")) == log::LookupOutcome(log::Repeated{{2, 2, 5000}}));
  CHECK(store.find_event_id(with_event_id(started("b"), "p")) == log::LookupOutcome(log::EventIdReused{}));
}

// Each job at its last event, by snapshot or by event, none told twice.
void check_restored(const log::Restored& restored) {
  std::map<std::string, std::int64_t> versions;
  for (const auto& snapshot : restored.snapshots) versions[snapshot.job_id.value] = snapshot.version;
  for (const JobEvent& event : restored.events) {
    CHECK(event.offset > versions[event.job_id.value]);
    versions[event.job_id.value] = event.offset;
  }
  CHECK(versions["a"] == 16);
  CHECK(versions["b"] == 12);
  CHECK(restored.head == 16);
}

}  // namespace

TEST_CASE("history and event ids read the same between any two slices of upkeep") {
  TempFolder folder;
  auto store = open(folder);
  fill(*store);
  int slices = 0;
  for (check_reads(*store); store->has_work(); check_reads(*store), ++slices) REQUIRE(store->maintain(1));
  CHECK(slices > 5);
  CHECK(history(*store, "c").empty());
}

TEST_CASE("upkeep that a death cuts short after any slice loses nothing and is done again") {
  bool cut = true;
  for (int slices = 0; cut; ++slices) {
    INFO("slices: " << slices);
    TempFolder folder;
    auto store = open(folder);
    fill(*store);
    for (int i = 0; i < slices && store->has_work(); ++i) REQUIRE(store->maintain(1));
    cut = store->has_work();
    store.reset();

    log::Restored restored;
    store = open(folder, &restored);
    check_restored(restored);
    check_reads(*store);
    append(*store, {retried("a")}, 9);
    store->plan_snapshots({{JobId{"a"}, 17, "A"}, {JobId{"b"}, 12, "B"}}, 17);
    while (store->has_work()) REQUIRE(store->maintain(1));
    CHECK(history(*store, "a") == std::vector<std::int64_t>{17, 16, 15, 14, 13, 5, 2});
    store.reset();
    store = open(folder, &restored);
    CHECK(restored.events.empty());
    CHECK(restored.head == 17);
  }
}

TEST_CASE("a transaction that fails leaves heads, offsets and time as they were") {
  TempFolder folder;
  auto store = open(folder);
  append(*store, {queued("a")}, 0);
  store->take_logged();
  const Status failed_one = store->transaction([&] {
    store->append({with_event_id(started("a"), "s"), 1}, 9000);
    store->append({queued("b"), 0}, 9000);
    throw SQLite::Exception("the disk is full", 13);
  });
  REQUIRE_FALSE(failed_one);
  CHECK(failed_one.error().retry_after_ms == 1000);
  CHECK(store->take_logged().empty());
  CHECK(store->find_event_id(with_event_id(started("a"), "s")) == log::LookupOutcome());
  CHECK(history(*store, "a") == std::vector<std::int64_t>{1});
  append(*store, {with_event_id(started("a"), "s")}, 1);
  const auto logged = store->take_logged();
  REQUIRE(logged.events.size() == 1);
  CHECK(logged.events[0].offset == 2);
  CHECK(logged.events[0].at == 5000);
}

TEST_CASE("the file holds no more of a job than the limits, however much it had to say") {
  TempFolder folder;
  auto store = open(folder);
  append(*store, {queued("a")}, 0);
  for (int round = 0; round < 20; ++round) {
    for (int i = 1; i <= 10; ++i) append(*store, {progress("a", i)}, round * 11 + i);
    append(*store, {cancel_requested("a")}, round * 11 + 11);
    store->plan_snapshots({{JobId{"a"}, round * 11 + 12, "A"}}, round * 11 + 12);
    while (store->has_work()) REQUIRE(store->maintain(1000));
  }
  store.reset();
  SQLite::Database file(folder.file("jobs.db"), SQLite::OPEN_READONLY);
  CHECK(file.execAndGet("SELECT count(*) FROM history").getInt() == 4 + 3);
  CHECK(file.execAndGet("SELECT count(*) FROM record").getInt() == 0);
  CHECK(file.execAndGet("SELECT count(*) FROM snapshot").getInt() == 1);
}

TEST_CASE("a job that is forgotten leaves no row behind") {
  TempFolder folder;
  auto store = open(folder);
  fill(*store);
  while (store->has_work()) REQUIRE(store->maintain(1000));
  store->plan_forget({JobId{"a"}, JobId{"b"}}, 16);
  while (store->has_work()) REQUIRE(store->maintain(1000));
  store.reset();
  SQLite::Database file(folder.file("jobs.db"), SQLite::OPEN_READONLY);
  for (const char* table : {"record", "history", "snapshot", "event_id"}) {
    INFO(table);
    CHECK(file.execAndGet(std::string("SELECT count(*) FROM ") + table).getInt() == 0);
  }
}
