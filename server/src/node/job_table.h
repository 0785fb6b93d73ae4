// The job table: every job this node knows, folded from the log by apply(), and each channel's jobs in version order.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "jobwire/channel.h"
#include "jobwire/job_event.h"
#include "jobwire/job_state.h"

namespace jobwire::node {

struct JobRecord {
  JobState state;
  // The snapshot as last encoded for viewers [0] and admins [1]; cleared when the job changes, so that a reconnect
  // storm copies pointers. Filled by who encodes.
  mutable std::array<std::shared_ptr<const std::string>, 2> encoded;
};

class JobTable {
 public:
  struct Applied {
    const JobRecord* record;
    std::int64_t previous_version;  // 0: new
    bool identity_changed;
    bool began;  // to run: it was not active before
  };
  Applied apply(const JobEvent& event);
  void restore(JobState state);  // from a snapshot; replaces
  void forget(const JobId& id);  // a tombstone whose time has come

  const JobRecord* find(const JobId& id) const;
  std::size_t size() const { return jobs_.size(); }  // tombstones too
  std::size_t live() const { return live_; }

  using ByVersion = std::map<std::int64_t, const JobRecord*>;
  // The jobs of a user, a queue or of all, oldest change first; tombstones among them. Null: none.
  const ByVersion* channel(const Channel& channel) const;
  const ByVersion& all() const { return all_; }

 private:
  // Where a record stands in one list; a change moves the list's own node to the back and allocates nothing.
  struct Place {
    ByVersion* list = nullptr;
    ByVersion::iterator at;
  };
  struct Entry : JobRecord {
    Place in_all, in_user, in_queue;
  };

  Entry& entry(const JobId& id);
  void index(Entry& entry);
  void index_in_channel(Place& place, ChannelKind kind, const std::string& id, const JobRecord& record);
  static void index_in(ByVersion& list, Place& place, const JobRecord& record);
  void leave_channel(Place& place, ChannelKind kind, const std::string& id);

  std::unordered_map<JobId, std::unique_ptr<Entry>> jobs_;
  ByVersion all_;
  std::unordered_map<Channel, ByVersion> channels_;  // user and queue
  std::size_t live_ = 0;
};

}  // namespace jobwire::node
