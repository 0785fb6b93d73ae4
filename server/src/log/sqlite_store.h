// The synchronous half of the SQLite log: one file, its statements, and the heads in memory. On one thread at a time.
// Included by sqlite_*.cc only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "jobwire/random.h"
#include "log/event_log.h"
#include "log/job_heads.h"
#include "log/sqlite_file.h"

namespace jobwire::log {

class SqliteStore {
 public:
  static Result<std::unique_ptr<SqliteStore>> open(const std::string& path, HistoryLimits limits,
                                                   std::int64_t check_up_to_bytes);
  ~SqliteStore();

  // Reads everything that a node needs and begins an epoch. Once, first.
  Result<Restored> restore(Random& random, UnixMs now);

  // Runs `body`, which may call append(), expire() and find_event_id(), and commits what it wrote. On an error nothing
  // of it is written, and the heads stand as before.
  Status transaction(const std::function<void()>& body);
  Outcome append(Append append, UnixMs now);
  RecordOutcome append(RecordAppend append, UnixMs now);
  void expire(UnixMs now, int most);
  LookupOutcome find_event_id(const JobEvent& event);
  // What transactions have logged since the last call.
  Logged take_logged();

  Result<std::vector<JobEvent>> history(const JobId& job, std::size_t limit);

  // Snapshots and forgotten jobs are planned, then written by maintain(), a slice of about `rows` rows at a time, so
  // that appends need not wait long. What fails stays to be done; what is cut short by a crash is done again.
  void plan_snapshots(std::vector<JobSnapshot> snapshots, std::int64_t through);
  void plan_forget(const std::vector<JobId>& jobs, std::int64_t floor);
  bool has_work() const { return stage_ != Stage::idle || !plan_.empty(); }
  Status maintain(int rows);
  // A small durable write, to learn whether the disk takes writes again.
  Status probe();

 private:
  struct Plan {
    struct Snapshot {
      JobSnapshot snapshot;
      std::int64_t seq = 0;  // the job's, by now: its events after the snapshot are still records
    };
    std::map<std::int64_t, Snapshot> snapshots;  // by job number
    std::int64_t through = 0;
    std::vector<std::int64_t> forgotten;  // job numbers
    std::vector<std::int64_t> forgotten_records;
    std::int64_t floor = 0;
    bool empty() const { return snapshots.empty() && through == 0 && forgotten.empty() && floor == 0; }
  };
  using Task = std::function<void()>;                              // writes a few rows; may be done twice
  using Rows = std::vector<std::pair<std::int64_t, std::string>>;  // offset, body

  SqliteStore(std::string path, HistoryLimits limits, FileLock lock, std::unique_ptr<SQLite::Database> database);

  void read_state(Restored& restored);
  using Versions = std::unordered_map<std::int64_t, std::int64_t>;  // of snapshots, by job number
  Versions read_snapshots(Restored& restored);
  Status read_records(Restored& restored, const Versions& versions);
  void read_keyed(Restored& restored, UnixMs now);
  void write_epochs(Restored& restored, Random& random);

  std::int64_t newest_of(const Record& key);
  void write_record(Record record);

  const KeptVerdict* find_recent_id(std::int64_t number, const std::string& event_id) const;
  bool read_settled_id(std::int64_t number, const std::string& event_id, KeptVerdict& kept);
  Status check_places();
  void roll_back();
  void add_history_rows(Rows& rows, const JobId& job, bool lifecycle, std::size_t limit);

  void begin_copying();
  void begin_dropping();
  void save_snapshot(std::int64_t number, const Plan::Snapshot& planned);
  void settle_job(std::int64_t number);
  void settle_list(std::int64_t number, const std::vector<std::int64_t>& offsets, bool lifecycle);
  void settle_event_ids(std::int64_t number, const RecentEvents& recent);
  void forget_job(std::int64_t number);
  void write_state(std::int64_t floor);

  struct Statements;
  std::string path_;
  HistoryLimits limits_;
  FileLock lock_;
  std::unique_ptr<SQLite::Database> database_;
  std::unique_ptr<Statements> sql_;
  std::optional<FilesInPlace> places_;  // once both files are there

  JobHeads heads_;
  std::int64_t head_ = 0;
  UnixMs last_at_ = 0;
  std::int64_t head_before_ = 0;  // the open transaction, like `last_at_before_`
  UnixMs last_at_before_ = 0;
  Logged logged_;     // of the open transaction
  Logged committed_;  // for take_logged()

  // Upkeep: first everything is copied to where it stays, then what was copied is dropped.
  enum class Stage : std::uint8_t { idle, copying, dropping };
  Plan plan_;                  // given
  Plan work_;                  // begun
  Stage stage_ = Stage::idle;  // of work_
  std::vector<Task> tasks_;    // of the stage
  std::size_t next_task_ = 0;
  std::int64_t drop_from_ = 0;  // records up to work_.through
};

}  // namespace jobwire::log
