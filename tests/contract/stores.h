// The stores that the contract is held against. A new log adds itself to every_store(), in stores.cc.
#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "log/event_log.h"
#include "log/memory_log.h"
#include "log/sqlite_log.h"
#include "support/clock.h"
#include "support/events.h"
#include "support/loop.h"
#include "support/temp_folder.h"

namespace jobwire::test {

// What outlives a log.
class Store {
 public:
  virtual ~Store() = default;
  // A log on what the store holds; the one before must be gone.
  virtual std::unique_ptr<log::EventLog> open(const Clock& clock, Random random, log::Post post) = 0;
  virtual void back_up() = 0;                          // keeps a copy; no log is open
  virtual void bring_back() = 0;                       // puts the copy in its place; no log is open
  virtual std::size_t event_ids() const { return 0; }  // how many it holds; no log is open
};

struct StoreKind {
  std::string name;
  std::function<std::unique_ptr<Store>(log::HistoryLimits)> make;
};
std::vector<StoreKind> every_store();

// Runs the rest of the test case once for each store.
#define EACH_STORE(kind)                                                  \
  const auto kind = GENERATE(from_range(::jobwire::test::every_store())); \
  INFO("store: " << kind.name)

// A server as the log sees one: it restores, follows the tail and appends. `seen` is the tail.
class Server {
 public:
  Server(const StoreKind& kind, log::HistoryLimits limits = {}) : store_(kind.make(limits)) { start(); }
  explicit Server(std::unique_ptr<Store> store) : store_(std::move(store)) { start(); }

  void start();
  void stop();  // drains
  void restart() { stop(), start(); }
  Store& store() { return *store_; }
  log::EventLog& log() { return *log_; }
  Loop& loop() { return loop_; }

  std::vector<log::Outcome> append(std::vector<log::Append> batch);
  log::Outcome append(JobEvent event, std::int64_t expected_seq);
  // Appends events of one job that follow one another; all must be taken.
  void append_all(std::vector<JobEvent> events, std::int64_t expected_seq);
  std::vector<log::RecordOutcome> append_records(std::vector<log::RecordAppend> batch);
  log::LookupOutcome lookup(const JobEvent& event);
  std::vector<JobEvent> history(std::string_view job, std::size_t limit = 1000);
  void save_snapshots(std::vector<log::JobSnapshot> snapshots, std::int64_t through);
  void drain();

  ManualClock clock;
  log::Restored restored;
  std::vector<JobEvent> seen;
  std::vector<log::Record> records_seen;
  std::vector<std::int64_t> told;  // offsets of both, as the tail brought them

 private:
  std::unique_ptr<Store> store_;
  Loop loop_;
  std::uint64_t starts_ = 0;
  std::unique_ptr<log::EventLog> log_;
};

inline log::JobSnapshot snapshot(std::string_view job, std::int64_t version, std::string_view bytes = "{}") {
  return {JobId{std::string(job)}, version, std::string(bytes)};
}
std::vector<std::int64_t> offsets_of(const std::vector<JobEvent>& events);

}  // namespace jobwire::test
