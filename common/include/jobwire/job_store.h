// The client's folded view: many events in, each changed job out once per take().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jobwire/channel.h"
#include "jobwire/cursor.h"
#include "jobwire/job_event.h"
#include "jobwire/message.h"
#include "jobwire/plain_list.h"

namespace jobwire {

// Groups of fields that changed since the last take(): what a reader has to fetch again.
enum ChangedField : std::uint32_t {
  kChangedLifecycle = 1u << 0,  // status, statusText, attempt, priority, stalled, cancel*, times, error
  kChangedProgress = 1u << 1,   // progress, lastReportAt, updatedAt
  kChangedStage = 1u << 2,      // stage, stages
  kChangedMessage = 1u << 3,
  kChangedIdentity = 1u << 4,  // type, queue, userId, ref, parentId, workerId
  kChangedResult = 1u << 5,
  kChangedMetadata = 1u << 6,
  kChangedAll = 0x7f,
  kChangedEnded = 1u << 7,  // became terminal while being followed: tell `onEnd` once
  kChangedRemoved = 1u << 8,
  kChangedNew = 1u << 9,  // the reader does not know this slot's job yet
};

struct StoreChange {
  JobId job_id;
  std::uint32_t fields = 0;
};

// A changed job as a reader sees it that keeps a table of its own: by slot, a small number that is the job's until the
// reader was told of its removal.
struct ChangedJob {
  std::uint32_t slot = 0;
  std::uint32_t fields = 0;
  const JobId& id;
  const JobState* job = nullptr;  // null: removed
  bool is_stale = false;
};

class JobStore {
 public:
  JobStore() = default;
  JobStore(const JobStore&) = delete;
  JobStore& operator=(const JobStore&) = delete;

  // One `changes` message: begin(), its snapshots, events and removals, end(). An event applies only at seq = known +
  // 1; a smaller one is ignored; anything else makes the job stale. A reset is staged and swapped in at `synced` (at
  // once where there was nothing to protect). A message that breaks off loses nothing: what it told is true.
  void begin(bool reset);
  void fold(std::unique_ptr<JobState> snapshot);
  void fold(const EventView& event);
  bool fold_if_known(const EventView& event);  // false: its job was never told
  void fold(const RemovedJob& removed);
  void end(bool synced);
  void fold(const push::Changes& changes);  // a whole message; what it tells beside the log is left out

  // Jobs in doubt, to be asked for by `sync`: the first from this slot on that was not asked for on this connection, or
  // null. A snapshot (or removal) ends the doubt.
  const JobId* next_doubt(std::uint32_t& slot);
  void asked(std::string_view id);
  std::vector<JobId> take_stale();  // all of them, now asked for
  // Forgets which syncs were asked, for a new connection: doubts that still stand are asked again.
  void connection_lost();

  // Drops jobs that are not carried, `is_carried(JobState)`; `or_told`: and that the last message did not tell. Of a
  // job that is known by name only there is but its id, and seq 0.
  template <class IsCarried>
  void retain(bool or_told, const IsCarried& is_carried) {
    const auto stays = [&](const Known& known) {
      return (or_told && known.told_by == message_) || is_carried(*known.job);
    };
    for (Entry* const entry : slots_.all()) {
      if (entry == nullptr) continue;
      if (entry->staged != nullptr && entry->staged->is_there() && !stays(*entry->staged)) entry->staged.reset();
      if (entry->shown.is_there() && !stays(entry->shown)) remove(*entry);
      forget_if_gone(*entry);
    }
  }
  void clear();

  // Changed jobs since the last call, each once, with what changed.
  std::vector<StoreChange> take();
  // The same, borrowed: calls `tell(ChangedJob)`.
  template <class Tell>
  void take(const Tell& tell) {
    while (changed_ != nullptr) {
      Entry& entry = *std::exchange(changed_, changed_->next_changed);
      if (const ChangedJob change = tell_of(entry); change.fields != 0) tell(change);
      forget_if_gone(entry);
    }
  }

  const JobState* find(const JobId& id) const;  // null: unknown, removed, or still to come
  bool is_stale(const JobId& id) const;
  std::size_t size() const;
  std::vector<const JobState*> jobs() const;
  bool resetting() const { return resetting_; }

 private:
  struct Known {
    std::unique_ptr<JobState> job;  // null: nothing is known; seq 0: known by name only, still to come
    std::int64_t doubted_at = 0;    // version that a snapshot must reach to end the doubt; 0: no doubt
    std::uint32_t told_by = 0;      // the message that last brought a snapshot
    bool sync_asked = false;
    bool is_there() const { return job != nullptr; }
    bool is_shown() const { return job != nullptr && job->seq != 0; }
  };
  struct Entry {
    JobId id;
    Known shown;
    std::unique_ptr<Known> staged;  // of a reset that is not whole yet
    std::uint32_t slot = 0;
    std::uint32_t hash = 0;
    std::uint32_t fields = 0;     // changed and not taken
    bool is_told = false;         // to the reader
    bool told_running = false;    // likewise, as not ended
    std::unique_ptr<Entry> next;  // of the same bucket
    Entry* next_changed = nullptr;
  };

  static std::uint32_t hash_of(std::string_view id);
  Entry* look_up(std::string_view id) const;
  Entry& look_up_or_add(std::string_view id);
  void forget(Entry& entry);
  void forget_if_gone(Entry& entry);
  ChangedJob tell_of(Entry& entry);

  void fold(Entry& entry, const EventView& event);
  Known& folded(Entry& entry);  // what the message being folded is about
  void drop_staging();
  void swap_in_staging();
  void swap_in(Entry& entry);
  void remove(Entry& entry);
  void mark(Entry& entry, std::uint32_t fields);
  void doubt(Known& known, std::int64_t version);

  PlainList<Entry*> slots_;  // null: free
  // A page knows tens of jobs, an administrator's thousands: chains stay short, and the table never grows.
  static constexpr std::size_t kBuckets = 1024;
  std::unique_ptr<Entry> buckets_[kBuckets];
  std::size_t entries_ = 0;
  Entry* changed_ = nullptr;  // since the last take(), in their order
  Entry* last_changed_ = nullptr;
  std::uint32_t message_ = 0;  // counts begin()
  bool resetting_ = false;
  bool has_doubts_ = false;  // some may not be asked yet
};

}  // namespace jobwire
