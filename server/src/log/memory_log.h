// The log in memory. What it has committed is a value of its own (MemoryStore), so that a test can let the server die
// between append, commit and send, start a new log on what was committed, or on an older copy of it (a backup).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "jobwire/random.h"
#include "jobwire/time.h"
#include "log/event_log.h"

namespace jobwire::log {

using SharedEvent = std::shared_ptr<const JobEvent>;

// Everything durable about a log. Copying it is cheap (events are shared): a copy is a backup.
struct MemoryStore {
  struct KeptVerdict {
    std::uint64_t fingerprint = 0;
    Appended first;
  };
  struct Job {
    std::int64_t seq = 0;
    std::int64_t first = 0;             // offset of its first event
    std::deque<SharedEvent> chatter;    // oldest first
    std::deque<SharedEvent> lifecycle;  // oldest first
    std::unordered_map<std::string, KeptVerdict> event_ids;
  };
  std::unordered_map<JobId, Job> jobs;
  std::deque<SharedEvent> records;  // newer than `through`
  std::unordered_map<JobId, JobSnapshot> snapshots;
  std::map<std::tuple<std::string, std::string, std::string>, Record> keyed;  // by kind, owner, key
  std::int64_t through = 0;
  std::vector<Epoch> epochs;
  std::int64_t head = 0;
  UnixMs last_at = 0;
  std::int64_t tombstone_floor = 0;
};

struct MemoryLogOptions {
  HistoryLimits history;
  bool restartable = true;    // false: keeps no records and snapshots for a later restore() on the same store
  bool hold_commits = false;  // true: what is given waits until commit()
};

class MemoryLog final : public EventLog {
 public:
  // `store` and `clock` outlive the log. Nothing is called back once the log is gone.
  MemoryLog(MemoryLogOptions options, MemoryStore& store, const Clock& clock, Random random, Post post);

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
  std::string degraded() const override { return failure_; }

  // With hold_commits: commits what waits, in order. Destroying the log instead loses it, as a kill would.
  void commit();
  // From now on batches fail as on a full disk, for this reason; "" heals.
  void fail(std::string reason) { failure_ = std::move(reason); }

 private:
  void in_order(std::function<void()> task);
  void answer(std::function<void()> task);  // posts it, unless the log is gone by then
  void write(std::vector<Append>& batch, const AppendDone& done);
  Outcome write_one(Append& append, Logged& logged);
  RecordOutcome write_one(RecordAppend& append, Logged& logged);
  void write_record(Record record, Logged& logged);
  std::int64_t newest_of(const Record& key) const;
  void keep(MemoryStore::Job& job, const JobEvent& event);
  void forget_event_ids(MemoryStore::Job& job) const;
  LookupOutcome find_event_id(const JobEvent& event) const;
  std::vector<JobEvent> newest(const JobId& job, std::size_t limit) const;

  MemoryLogOptions options_;
  MemoryStore& store_;
  const Clock& clock_;
  Random random_;
  Post post_;
  Tail tail_;
  std::deque<std::function<void()>> waiting_;
  std::string failure_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace jobwire::log
