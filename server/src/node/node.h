// One server's core: validate -> append -> tail -> apply -> changes. Runs on one loop; owns the job table.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "jobwire/channel.h"
#include "jobwire/cursor.h"
#include "jobwire/job_event.h"
#include "jobwire/time.h"
#include "log/event_log.h"
#include "node/inbox.h"
#include "node/job_table.h"
#include "node/notification_rules.h"
#include "node/page.h"
#include "node/record_table.h"
#include "node/retention.h"
#include "node/snapshots.h"
#include "node/stage_plans.h"
#include "node/submissions.h"
#include "node/verdict.h"

namespace jobwire::node {

struct NodeOptions {
  DurationMs remove_after = 24 * 60 * 60 * 1000;   // a finished job is removed this long after its end
  DurationMs tombstone_for = 24 * 60 * 60 * 1000;  // a removed id answers 410 this long
  std::size_t wide_channel_start = 500;            // jobs that a wide channel begins with
  std::size_t most_jobs = 1'000'000;               // a new job past this is `unavailable`
  std::int64_t snapshot_every = 50'000;            // records between snapshots; a restart reads that many back
  DurationMs stalled_after = 0;                    // 0: silence is shown (estimates), never declared
  StagePlans stage_plans = {};                     // by job type
  NotificationRules rules = {};
  std::size_t most_notifications = 200;  // of an inbox; the oldest make room
};

// What the hub is told of each applied event.
struct Change {
  const JobEvent& event;
  const JobRecord& job;           // after it
  std::int64_t previous_version;  // 0: the job is new
  bool identity_changed;          // it may have entered channels that did not carry it before
  bool began;                     // to run: it was not active before
};

class Node {
 public:
  // `log` and `clock` outlive the node; the log calls back no more once the node is gone.
  Node(NodeOptions options, log::EventLog& log, const Clock& clock);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // Restores the table from the log and follows its tail. Once, before anything else.
  Status start();

  // Validates and appends each event on its own; conflicts are retried against the newest head. Verdicts in order.
  // `done` comes at once, from inside the call, where no verdict depends on the log.
  void submit(std::vector<JobEvent> events, SubmitDone done);

  // The one question. `after` 0 starts each wide channel at its newest `wide_channel_start` jobs: see floor(). Who asks
  // for several pages gives the floors from which they begin.
  Page changes_since(std::int64_t after, std::span<const Channel> channels, std::size_t limit,
                     const Floors* floors = nullptr) const;
  // Version just below the oldest job that a channel joined now begins with; 0: all of it.
  std::int64_t floor(const Channel& channel) const;

  bool is_valid(const Cursor& cursor) const;  // its epoch's range holds it, and no removal since is forgotten
  Cursor head() const;                        // of what has been applied
  Cursor between_pages(
      std::int64_t offset) const;  // told up to here, of what the table holds now: good in this epoch only

  const JobRecord* find(const JobId& id) const { return table_.find(id); }  // tombstones too
  const JobTable& table() const { return table_; }
  log::EventLog& log() { return log_; }
  const NodeOptions& options() const { return options_; }
  UnixMs now() const { return clock_.now(); }

  // Jobs that ended since the start.
  struct Ended {
    std::uint64_t completed = 0;
    std::uint64_t failed = 0;
  };
  const Ended& ended() const { return ended_; }

  using OnChange = std::function<void(const Change&)>;
  using OnBatchEnd = std::function<void()>;  // after the last change of a tail delivery: the hub flushes
  void observe(OnChange change, OnBatchEnd end);

  // Records besides job events: what each key holds, writing (see log/record.h), and hearing of each as it is applied,
  // in offset order with the changes.
  const RecordTable& records() const { return records_; }
  const Inbox& inbox() const { return inbox_; }  // notifications: these are not in records()
  void append_records(std::vector<log::RecordAppend> batch, log::RecordsDone done) {
    log_.append_records(std::move(batch), std::move(done));
  }
  using OnRecord = std::function<void(const log::Record&)>;
  void observe_records(OnRecord record) { on_record_ = std::move(record); }

  // Retention, snapshots, stalled jobs. Call about once a second.
  void tick();

 private:
  void take_in(const log::Logged& logged);
  void take_in(const JobEvent& event);
  void take_in(const log::Record& record);
  void fold(const log::Record& record);
  void tick_records(UnixMs now);

  NodeOptions options_;
  log::EventLog& log_;
  const Clock& clock_;
  JobTable table_;
  RecordTable records_;
  Inbox inbox_;
  Ended ended_;
  Submissions submissions_;
  Retention retention_;
  Snapshots snapshots_;
  std::vector<log::Epoch> epochs_;  // oldest first
  std::int64_t applied_ = 0;        // offset
  std::int64_t tombstone_floor_ = 0;
  OnChange on_change_;
  OnBatchEnd on_batch_end_;
  OnRecord on_record_;
};

}  // namespace jobwire::node
