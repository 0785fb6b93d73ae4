// The client's folded view: many events in, each changed job out once per take().
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "jobwire/channel.h"
#include "jobwire/cursor.h"
#include "jobwire/job_event.h"
#include "jobwire/message.h"

namespace jobwire {

// Groups of fields that changed since the last take(): what a reader has to fetch again.
enum ChangedField : std::uint32_t {
  kChangedLifecycle = 1u << 0,  // status, statusText, attempt, priority, stalled, cancel*, times, error
  kChangedProgress = 1u << 1,   // progress, stage, message, stages, lastReportAt, updatedAt
  kChangedIdentity = 1u << 2,   // type, queue, userId, ref, parentId, workerId
  kChangedResult = 1u << 3,
  kChangedMetadata = 1u << 4,
  kChangedEstimate = 1u << 5,
  kChangedEnded = 1u << 6,      // became terminal while being followed: tell `onEnd` once
  kChangedRemoved = 1u << 7,
  kChangedAll = 0x3f,
};

struct StoreChange {
  JobId job_id;
  std::uint32_t fields = 0;
};

class JobStore {
 public:
  // Folds one `changes` message. An event applies only at seq = known + 1; a smaller one is ignored; anything else
  // makes the job stale. A reset is staged and swapped in at `synced` (at once where there was nothing to protect).
  void fold(const push::Changes& changes);
  void fold(const push::Estimates& estimates);

  // Jobs in doubt since the last call: ask `sync` for them. A snapshot (or removal) ends the doubt.
  std::vector<JobId> take_stale();
  // Forgets which syncs were asked, for a new connection: doubts that still stand are asked again.
  void connection_lost();

  // Drops jobs that no channel in `followed` carries.
  void retain(const std::vector<Channel>& followed);
  void clear();

  // Changed jobs since the last call, each once, with what changed.
  std::vector<StoreChange> take();

  const JobState* find(const JobId& id) const;            // null: unknown, removed, or still to come
  const JobEstimate* estimate(const JobId& id) const;
  bool is_stale(const JobId& id) const;
  std::size_t size() const { return view_.size(); }
  std::vector<const JobState*> jobs() const;
  bool resetting() const { return staging_.has_value(); }

 private:
  struct Entry {
    JobState job;  // seq 0: known by name only, still to come
    std::optional<JobEstimate> estimate;
    std::int64_t doubted_at = 0;  // version that a snapshot must reach to end the doubt; 0: no doubt
    bool sync_asked = false;
  };
  using View = std::map<JobId, Entry>;

  void fold_snapshot(View& view, const JobState& job);
  void fold_event(View& view, const JobEvent& event);
  void fold_removal(View& view, const RemovedJob& removed);
  void swap_in_staging();
  void mark(const View& view, const JobId& id, std::uint32_t fields);
  void doubt(Entry& entry, std::int64_t version);

  View view_;
  std::optional<View> staging_;
  std::map<JobId, std::uint32_t> changed_;
  std::set<JobId> doubted_;  // in doubt and not asked yet
};

}  // namespace jobwire
