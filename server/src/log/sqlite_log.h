// The durable log: one SQLite file (WAL, synchronous=FULL). What is given in one turn of the loop, and whatever comes
// while the disk is busy, is committed as one transaction on the log's own thread; answers come back by Post.
//
// A backup is taken while the server runs (`sqlite3 FILE ".backup COPY"`) and restored while it does not: put the copy
// in the file's place and remove FILE-wal and FILE-shm, which belong to the file that was replaced. Cursors that saw
// more than the backup holds are noticed by their epoch (see epochs.h) and answered by a reset. Where that is done
// while the server runs nothing more is stored (degraded()).
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "jobwire/random.h"
#include "jobwire/time.h"
#include "log/event_log.h"

namespace jobwire::log {

class SqliteStore;

struct SqliteLogOptions {
  std::string path;
  HistoryLimits history;
  std::int64_t check_up_to_bytes = 256 << 20;  // a file up to this size is checked as a whole at the start
  std::size_t most_in_transaction = 10'000;    // events and records; more wait for the next transaction
  std::size_t most_waiting = 200'000;          // events and records given and not written; more are NotStored
  int rows_at_once = 1'000;                    // of upkeep, between two transactions of appends
  DurationMs retry_every = 1'000;              // while the disk takes no writes: how often to try
};

class SqliteLog final : public EventLog {
 public:
  // Takes the file, or says why not: in use by another server, damaged, from a newer version, not ours. `clock` and
  // what `post` leads to outlive the log.
  static Result<std::unique_ptr<SqliteLog>> open(SqliteLogOptions options, const Clock& clock, Random random,
                                                 Post post);
  // Commits what was given; nobody is told any more.
  ~SqliteLog() override;

  Result<Restored> restore() override;
  void follow(Tail tail) override { tail_ = std::move(tail); }
  void append(std::vector<Append> batch, AppendDone done) override;
  void append_records(std::vector<RecordAppend> batch, RecordsDone done) override;
  void expire(UnixMs now) override;
  void lookup(const JobEvent& event, std::function<void(LookupOutcome)> done) override;
  void history(const JobId& job, std::size_t limit, std::function<void(Result<std::vector<JobEvent>>)> done) override;
  void save_snapshots(std::vector<JobSnapshot> snapshots, std::int64_t through) override;
  void forget(std::vector<JobId> jobs, std::int64_t floor) override;
  void drain(std::function<void()> done) override;
  std::string degraded() const override { return degraded_; }

  // Transactions of appends whose outcome has been told; against the events told it shows how well commits are grouped.
  std::uint64_t transactions() const { return transactions_; }

 private:
  struct Turn;
  struct Written;
  struct AppendRequest {
    std::vector<Append> batch;
    AppendDone done;
    UnixMs now = 0;
    std::size_t refused = 0;  // so many came when too much was waiting: they are answered in their turn
  };
  struct RecordsRequest {
    std::vector<RecordAppend> batch;
    RecordsDone done;
    UnixMs now = 0;
    std::size_t refused = 0;
  };
  struct LookupRequest {
    JobEvent event;
    std::function<void(LookupOutcome)> done;
  };
  // Everything else runs alone, between transactions.
  struct OtherRequest {
    std::function<void(Turn&)> run;
  };
  using Request = std::variant<AppendRequest, RecordsRequest, LookupRequest, OtherRequest>;

  SqliteLog(SqliteLogOptions options, std::unique_ptr<SqliteStore> store, const Clock& clock, Random random, Post post);

  // On the loop:
  template <typename Batch>
  std::size_t refuse(Batch& batch);
  void give(Request request);
  void hand_over();
  void take_in(Turn& turn);

  // On the log's thread:
  void run();
  std::optional<std::vector<Request>> next_group();
  void serve(std::vector<Request> group);
  void write(std::vector<Request>& group, Turn& turn);
  void write(Request& request, Written& written);
  void answer(Request& request, Written& written, const Status& status, Turn& turn);
  void maintain();
  void finish_work(Turn& turn);
  void note(const Status& written, Turn& turn);
  void tell(Turn turn);

  SqliteLogOptions options_;
  std::unique_ptr<SqliteStore> store_;  // the thread's, once it runs
  const Clock& clock_;
  Random random_;
  Post post_;

  // The loop's:
  Tail tail_;
  std::vector<Request> given_;  // in this turn of the loop
  std::string degraded_;
  std::uint64_t transactions_ = 0;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);

  // Shared:
  std::atomic<std::size_t> waiting_ = 0;  // events and records given and not yet taken to be written
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Request> queue_;
  bool stopping_ = false;

  bool failing_ = false;  // the thread's: the last write failed
  std::thread thread_;
};

}  // namespace jobwire::log
