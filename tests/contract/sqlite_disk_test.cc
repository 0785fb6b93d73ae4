// Group commit, and a disk that takes no more.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

#include "contract/stores.h"
#include "support/file_size_limit.h"

using namespace jobwire;
using namespace jobwire::test;
using log::Appended;
using log::NotStored;
using log::Outcome;

namespace {

class OnDisk : public Store {
 public:
  explicit OnDisk(std::size_t most_waiting = 200'000) : most_waiting_(most_waiting) {}
  std::unique_ptr<log::EventLog> open(const Clock& clock, Random random, log::Post post) override {
    const log::SqliteLogOptions options{
        .path = path(), .history = {}, .most_waiting = most_waiting_, .retry_every = 10};
    auto log = log::SqliteLog::open(options, clock, random, std::move(post));
    if (!log) FAIL(log.error().message);
    opened_ = log->get();
    return std::move(*log);
  }
  void back_up() override {}
  void bring_back() override {}
  const log::SqliteLog& log() const { return *opened_; }
  std::string path() const { return folder_.file("jobs.db"); }
  std::uint64_t wal_bytes() const { return std::filesystem::file_size(path() + "-wal"); }

 private:
  std::size_t most_waiting_;
  TempFolder folder_;
  log::SqliteLog* opened_ = nullptr;
};

JobEvent large(std::string_view job) { return log_line(job, std::string(4000, 'x')); }

// Appends batches to the job until one is not stored; answers how many events were.
std::int64_t fill_the_disk(Server& server, std::string_view job, std::int64_t seq) {
  for (; seq < 10'000; seq += 3) {
    const auto outcomes = server.append({{large(job), seq}, {large(job), seq + 1}, {large(job), seq + 2}});
    if (std::holds_alternative<Appended>(outcomes.at(0))) continue;
    for (const Outcome& outcome : outcomes) {
      REQUIRE(std::holds_alternative<NotStored>(outcome));
      CHECK(std::get<NotStored>(outcome).error.code == ErrorCode::unavailable);
    }
    return seq;
  }
  FAIL("the disk never filled");
  return 0;
}

}  // namespace

TEST_CASE("batches handed over together commit in one transaction") {
  auto owned = std::make_unique<OnDisk>();
  const OnDisk& disk = *owned;
  Server server(std::move(owned));
  int answers = 0;
  for (int i = 0; i < 50; ++i)
    server.log().append({{queued("job-" + std::to_string(i)), 0}}, [&](const auto&) { ++answers; });
  server.loop().run_until([&] { return answers == 50; });
  CHECK(disk.log().transactions() == 1);
  CHECK(server.seen.size() == 50);
}

TEST_CASE("a disk that does not keep up refuses whole batches, in their turn, and takes more when it has caught up") {
  Server server(std::make_unique<OnDisk>(10));
  std::vector<std::size_t> stored;
  int answers = 0;
  for (int i = 0; i < 6; ++i) {
    const std::string job = "job-" + std::to_string(i);
    server.log().append(
        {{queued(job), 0}, {log_line(job, "a"), 1}, {log_line(job, "b"), 2}}, [&](const auto& outcomes) {
          ++answers;
          REQUIRE(outcomes.size() == 3);
          const auto is_stored = [](const Outcome& outcome) { return std::holds_alternative<Appended>(outcome); };
          stored.push_back(static_cast<std::size_t>(std::count_if(outcomes.begin(), outcomes.end(), is_stored)));
          if (stored.back() > 0) return;
          CHECK_THAT(std::get<NotStored>(outcomes[0]).error.message, Catch::Matchers::Contains("does not keep up"));
        });
  }
  server.loop().run_until([&] { return answers == 6; });
  CHECK(stored == std::vector<std::size_t>{3, 3, 3, 3, 0, 0});
  CHECK(server.seen.size() == 12);
  CHECK(server.log().degraded().empty());
  CHECK(std::holds_alternative<Appended>(server.append(queued("job-5"), 0)));
}

TEST_CASE("on a full disk a batch is refused as a whole, what was stored stays, and writes come back by themselves") {
  auto owned = std::make_unique<OnDisk>();
  const OnDisk& disk = *owned;
  Server server(std::move(owned));
  const JobEvent first = with_event_id(queued("a"), "e1");
  server.append(first, 0);
  CHECK(server.log().degraded().empty());

  FileSizeLimit full(disk.wal_bytes() + 100'000);
  const std::int64_t stored = fill_the_disk(server, "a", 1);
  CHECK_THAT(server.log().degraded(), Catch::Matchers::Contains("disk is full"));
  CHECK_THAT(server.log().degraded(), !Catch::Matchers::Contains(disk.path()));  // pages are told
  CHECK(server.seen.size() == static_cast<std::size_t>(stored));
  CHECK(server.history("a", 1).at(0).offset == stored);
  CHECK(std::holds_alternative<NotStored>(server.append(with_event_id(large("b"), "b1"), 0)));

  full.lift();
  server.loop().run_until([&] { return server.log().degraded().empty(); });
  const UnixMs now = server.clock.now();
  CHECK(server.append(large("a"), stored) == Outcome(Appended{stored + 1, stored + 1, now}));
  CHECK(server.append(with_event_id(large("b"), "b1"), 0) == Outcome(Appended{stored + 2, 1, now}));
  CHECK(server.append(first, 0) == Outcome(log::Repeated{{1, 1, now}}));

  const std::vector<JobEvent> told = server.seen;
  server.restart();
  CHECK(server.restored.events == told);
}

TEST_CASE("snapshots that found the disk full are written once there is room") {
  auto owned = std::make_unique<OnDisk>();
  const OnDisk& disk = *owned;
  Server server(std::move(owned));
  server.append_all({queued("a"), started("a")}, 0);
  server.append_all({queued("b"), removed("b")}, 0);
  {
    FileSizeLimit full(disk.wal_bytes() + 20'000);
    server.save_snapshots({snapshot("a", 2, std::string(100'000, 'x')), snapshot("b", 4)}, 4);
    server.log().forget({JobId{"b"}}, 4);
    server.drain();
    CHECK_FALSE(server.log().degraded().empty());
    CHECK(server.history("b").empty());
  }
  server.loop().run_until([&] { return server.log().degraded().empty(); });
  server.append_all({progress("a", 1)}, 2);
  server.restart();
  REQUIRE(server.restored.snapshots.size() == 1);
  CHECK(server.restored.snapshots[0].bytes.size() == 100'000);
  CHECK(offsets_of(server.restored.events) == std::vector<std::int64_t>{5});
  CHECK(server.restored.tombstone_floor == 4);
  CHECK(offsets_of(server.history("a")) == std::vector<std::int64_t>{5, 2, 1});
}

TEST_CASE("what would be written to a file that is no longer in its place is not stored, until it is back") {
  auto owned = std::make_unique<OnDisk>();
  const OnDisk& disk = *owned;
  Server server(std::move(owned));
  server.append_all({queued("a"), started("a")}, 0);
  const auto [file, what] = GENERATE(std::pair("", "moved"), std::pair("", "replaced"), std::pair("-wal", "moved"),
                                     std::pair("-wal", "replaced"));
  INFO(file << " " << what);
  const std::string path = disk.path() + file;
  std::filesystem::rename(path, disk.path() + ".away");
  if (what == std::string("replaced")) std::filesystem::copy_file(disk.path() + ".away", path);

  const Outcome refused = server.append(progress("a", 1), 2);
  REQUIRE(std::holds_alternative<NotStored>(refused));
  CHECK(std::get<NotStored>(refused).error.code == ErrorCode::unavailable);
  CHECK_THAT(server.log().degraded(), Catch::Matchers::Contains("moved, removed or replaced"));
  CHECK_THAT(server.log().degraded(), !Catch::Matchers::Contains(disk.path()));
  CHECK(offsets_of(server.history("a")) == std::vector<std::int64_t>{2, 1});

  std::filesystem::rename(disk.path() + ".away", path);
  server.loop().run_until([&] { return server.log().degraded().empty(); });
  server.append_all({progress("a", 1)}, 2);
  server.restart();
  CHECK(offsets_of(server.restored.events) == std::vector<std::int64_t>{1, 2, 3});
}

TEST_CASE("a write-ahead log that is removed takes nothing along: what was stored is brought into the file") {
  auto owned = std::make_unique<OnDisk>();
  const OnDisk& disk = *owned;
  Server server(std::move(owned));
  server.append_all({queued("a"), started("a")}, 0);
  std::filesystem::remove(disk.path() + "-wal");
  SECTION("at the next append, for a kill may come") {
    CHECK(std::holds_alternative<NotStored>(server.append(progress("a", 1), 2)));
    std::filesystem::copy_file(disk.path(), disk.path() + ".killed");
    server.stop();
    std::filesystem::rename(disk.path() + ".killed", disk.path());
  }
  SECTION("at the latest at the end") { server.stop(); }
  server.start();
  CHECK(offsets_of(server.restored.events) == std::vector<std::int64_t>{1, 2});
}

TEST_CASE("who is closed after its files were moved away leaves alone what stands in their place by then") {
  auto owned = std::make_unique<OnDisk>();
  const OnDisk& disk = *owned;
  Server server(std::move(owned));
  server.append(queued("a"), 0);
  for (const char* file : {"", "-wal", "-shm"}) {
    std::filesystem::rename(disk.path() + file, disk.path() + file + ".away");
    std::ofstream(disk.path() + file) << "another's";
  }
  server.stop();
  for (const char* file : {"", "-wal", "-shm"}) {
    CHECK(std::filesystem::file_size(disk.path() + file) == 9);
    std::filesystem::rename(disk.path() + file + ".away", disk.path() + file);
  }
  server.start();
  CHECK(offsets_of(server.restored.events) == std::vector<std::int64_t>{1});
}

TEST_CASE("what was given before the log is closed is on the disk") {
  auto owned = std::make_unique<OnDisk>();
  OnDisk& disk = *owned;
  Loop loop;
  ManualClock clock;
  auto log = disk.open(clock, Random(7), loop.post());
  REQUIRE(log->restore());
  for (int i = 0; i < 100; ++i) log->append({{progress("a", 1), i}}, [](const auto&) {});
  log.reset();
  Server server(std::move(owned));
  CHECK(server.restored.head == 100);
}
