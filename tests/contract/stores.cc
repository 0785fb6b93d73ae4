#include "contract/stores.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <utility>

namespace jobwire::test {
namespace {

class InMemory : public Store {
 public:
  explicit InMemory(log::HistoryLimits limits) : limits_(limits) {}
  std::unique_ptr<log::EventLog> open(const Clock& clock, Random random, log::Post post) override {
    return std::make_unique<log::MemoryLog>(log::MemoryLogOptions{.history = limits_}, store_, clock, random,
                                            std::move(post));
  }
  void back_up() override { copy_ = store_; }
  void bring_back() override { store_ = copy_; }
  std::size_t event_ids() const override {
    std::size_t count = 0;
    for (const auto& [id, job] : store_.jobs) count += job.event_ids.size();
    return count;
  }

 private:
  log::HistoryLimits limits_;
  log::MemoryStore store_;
  log::MemoryStore copy_;
};

class InSqlite : public Store {
 public:
  explicit InSqlite(log::HistoryLimits limits) : limits_(limits) {}
  std::unique_ptr<log::EventLog> open(const Clock& clock, Random random, log::Post post) override {
    auto log =
        log::SqliteLog::open({.path = path(), .history = limits_, .rows_at_once = 3}, clock, random, std::move(post));
    if (!log) FAIL(log.error().message);
    return std::move(*log);
  }
  void back_up() override { std::filesystem::copy_file(path(), folder_.file("backup")); }
  void bring_back() override {
    std::filesystem::copy_file(folder_.file("backup"), path(), std::filesystem::copy_options::overwrite_existing);
    std::filesystem::remove(path() + "-wal");
    std::filesystem::remove(path() + "-shm");
  }
  std::size_t event_ids() const override {
    SQLite::Database database(path());
    return static_cast<std::size_t>(database.execAndGet("SELECT count(*) FROM event_id").getInt64());
  }

 private:
  std::string path() const { return folder_.file("jobs.db"); }
  log::HistoryLimits limits_;
  TempFolder folder_;
};

}  // namespace

std::vector<StoreKind> every_store() {
  return {
      {"memory", [](log::HistoryLimits limits) { return std::make_unique<InMemory>(limits); }},
      {"sqlite", [](log::HistoryLimits limits) { return std::make_unique<InSqlite>(limits); }},
  };
}

void Server::start() {
  log_ = store_->open(clock, Random(++starts_), loop_.post());
  seen.clear();
  told.clear();
  records_seen.clear();
  log_->follow([this](const log::Logged& logged) {
    seen.insert(seen.end(), logged.events.begin(), logged.events.end());
    records_seen.insert(records_seen.end(), logged.records.begin(), logged.records.end());
    logged.each([this](const JobEvent& event) { told.push_back(event.offset); },
                [this](const log::Record& record) { told.push_back(record.offset); });
  });
  auto restoring = log_->restore();
  if (!restoring) FAIL(restoring.error().message);
  restored = std::move(*restoring);
}

void Server::stop() {
  drain();
  log_.reset();
}

std::vector<log::Outcome> Server::append(std::vector<log::Append> batch) {
  std::optional<std::vector<log::Outcome>> answer;
  log_->append(std::move(batch), [&](std::vector<log::Outcome> outcomes) { answer = std::move(outcomes); });
  loop_.run_until([&] { return answer.has_value(); });
  return *answer;
}

log::Outcome Server::append(JobEvent event, std::int64_t expected_seq) {
  return append(std::vector<log::Append>{{std::move(event), expected_seq}}).at(0);
}

void Server::append_all(std::vector<JobEvent> events, std::int64_t expected_seq) {
  std::vector<log::Append> batch;
  for (JobEvent& event : events) batch.push_back({std::move(event), expected_seq++});
  for (const log::Outcome& outcome : append(std::move(batch))) REQUIRE(std::holds_alternative<log::Appended>(outcome));
}

std::vector<log::RecordOutcome> Server::append_records(std::vector<log::RecordAppend> batch) {
  std::optional<std::vector<log::RecordOutcome>> answer;
  log_->append_records(std::move(batch), [&](std::vector<log::RecordOutcome> outcomes) { answer = outcomes; });
  loop_.run_until([&] { return answer.has_value(); });
  return *answer;
}

log::LookupOutcome Server::lookup(const JobEvent& event) {
  std::optional<log::LookupOutcome> answer;
  log_->lookup(event, [&](log::LookupOutcome found) { answer = found; });
  loop_.run_until([&] { return answer.has_value(); });
  return *answer;
}

std::vector<JobEvent> Server::history(std::string_view job, std::size_t limit) {
  std::optional<Result<std::vector<JobEvent>>> answer;
  log_->history(JobId{std::string(job)}, limit, [&](Result<std::vector<JobEvent>> events) { answer = events; });
  loop_.run_until([&] { return answer.has_value(); });
  if (!*answer) FAIL(answer->error().message);
  return **answer;
}

void Server::save_snapshots(std::vector<log::JobSnapshot> snapshots, std::int64_t through) {
  log_->save_snapshots(std::move(snapshots), through);
  drain();
}

void Server::drain() {
  bool drained = false;
  log_->drain([&] { drained = true; });
  loop_.run_until([&] { return drained; });
}

std::vector<std::int64_t> offsets_of(const std::vector<JobEvent>& events) {
  std::vector<std::int64_t> offsets;
  for (const JobEvent& event : events) offsets.push_back(event.offset);
  return offsets;
}

}  // namespace jobwire::test
