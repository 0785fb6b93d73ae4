// The log: the only way in, and its tail the only way out. One interface, one contract test suite (tests/contract).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "jobwire/job_event.h"
#include "jobwire/result.h"
#include "log/record.h"

namespace jobwire::log {

// A log runs on one loop: its methods are called there, and its callbacks come there, never from inside a call.
using Post = std::function<void(std::function<void()>)>;

struct Append {
  JobEvent event;                    // seq, offset and at are stamped by the log
  std::int64_t expected_seq = 0;     // of the job, before this event; 0: the job does not exist yet
  std::vector<Record> records = {};  // written if the event is, right after it, and never without it
};

// The verdict that is kept with an eventId, for as long as HistoryLimits say.
struct Appended {
  std::int64_t offset = 0;
  std::int64_t seq = 0;
  UnixMs at = 0;
  bool operator==(const Appended&) const = default;
};
struct Repeated {  // the eventId is there already with the same body: its first verdict
  Appended first;
  bool operator==(const Repeated&) const = default;
};
struct Conflict {  // the job is not at expected_seq
  std::int64_t actual_seq = 0;
  bool operator==(const Conflict&) const = default;
};
struct EventIdReused {
  bool operator==(const EventIdReused&) const = default;
};
struct NotStored {  // the store failed; nothing of this batch was written
  Error error;
  bool operator==(const NotStored&) const = default;
};
using Outcome = std::variant<Appended, Repeated, Conflict, EventIdReused, NotStored>;
using AppendDone = std::function<void(std::vector<Outcome>)>;  // one per Append, in order

// Is this (job, eventId) stored? monostate: no.
using LookupOutcome = std::variant<std::monostate, Repeated, EventIdReused, NotStored>;

struct JobSnapshot {
  JobId job_id;
  std::int64_t version = 0;
  std::string bytes;  // encode_job(..., Visibility::store)
};

struct Epoch {
  std::uint64_t id = 0;
  std::int64_t first_offset = 0;  // valid for cursors from first_offset - 1 up to the next epoch's first_offset - 1
  bool operator==(const Epoch&) const = default;
};

// What a node needs to know at its start.
struct Restored {
  std::vector<JobSnapshot> snapshots;
  std::vector<JobEvent> events;      // after the snapshots, in order
  std::vector<Record> records;       // the newest of each key that has not expired, in order
  std::vector<Epoch> epochs;         // oldest first; the last one was begun by this start
  std::int64_t head = 0;             // offset of the newest record; 0: none
  std::int64_t tombstone_floor = 0;  // cursors below it may have missed a removal that is forgotten by now
};

// A part of the tail: each list in offset order, and together every offset between the part's first and last.
struct Logged {
  std::vector<JobEvent> events;
  std::vector<Record> records;
  bool empty() const { return events.empty() && records.empty(); }
  // In offset order over both.
  template <class OnEvent, class OnRecord>
  void each(OnEvent on_event, OnRecord on_record) const {
    auto record = records.begin();
    for (const JobEvent& event : events) {
      for (; record != records.end() && record->offset < event.offset; ++record) on_record(*record);
      on_event(event);
    }
    for (; record != records.end(); ++record) on_record(*record);
  }
};

class EventLog {
 public:
  virtual ~EventLog() = default;

  // Called once, first. Begins a new epoch.
  virtual Result<Restored> restore() = 0;

  // Everything durably appended, in offset order, each before its batch is answered.
  using Tail = std::function<void(const Logged&)>;
  virtual void follow(Tail tail) = 0;

  // Appends each event whose job is at expected_seq (counting earlier events of the same batch). Atomic per event; a
  // store failure fails the whole batch. Batches complete in the order they were given.
  virtual void append(std::vector<Append> batch, AppendDone done) = 0;

  // Appends each record whose key is where it is expected to be (counting earlier records of the same batch). Atomic
  // per record; a store failure fails the whole batch. In order with append().
  virtual void append_records(std::vector<RecordAppend> batch, RecordsDone done) = 0;

  // Drops records that have expired by `now` from the store, some at a time.
  virtual void expire(UnixMs now) = 0;

  // In order with appends: sees every append given before it.
  virtual void lookup(const JobEvent& event, std::function<void(LookupOutcome)> done) = 0;

  // Newest first, at most `limit`; ordered by offset. Lifecycle events outlive chatter (see prune in the log's
  // options).
  virtual void history(const JobId& job, std::size_t limit,
                       std::function<void(Result<std::vector<JobEvent>>)> done) = 0;

  // The states of all jobs changed since the last call, complete up to `through`; restore() then starts there.
  virtual void save_snapshots(std::vector<JobSnapshot> snapshots, std::int64_t through) = 0;

  // Forgets tombstones (their snapshots, event ids and what is left of history); `floor`: highest version among them.
  virtual void forget(std::vector<JobId> jobs, std::int64_t floor) = 0;

  // Finishes what was given (the last AppendDone has come), then calls done.
  virtual void drain(std::function<void()> done) = 0;

  // Empty: healthy. Otherwise why writes fail, for /readyz and `welcome.degraded`.
  virtual std::string degraded() const = 0;
};

struct HistoryLimits {
  std::size_t chatter = 100;    // newest progress/log/updated/... events kept per job
  std::size_t lifecycle = 100;  // newest lifecycle events kept per job, counted apart
  // Repeats are known of a job's newest events, and of its first, which created it: however many there are, a job's
  // event ids take bounded space. A back end repeats what it has just sent.
  std::int64_t event_ids = 10'000;
  bool remembers(std::int64_t seq, std::int64_t newest_seq) const { return seq == 1 || seq > newest_seq - event_ids; }
};
// queued started completed failed cancel-requested cancelled retried removed: what outlives chatter.
bool is_lifecycle(const JobEvent& event);
// Identity of an event's content for a repeated eventId: everything but what the log stamps. FNV-1a, 64 bit.
std::uint64_t fingerprint(const JobEvent& event);

}  // namespace jobwire::log
