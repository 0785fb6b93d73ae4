// One dialect's rooms: who is told of which jobs, when, and in bytes that all of them share.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dialect/dialect.h"
#include "hub/conversation.h"
#include "hub/figures.h"
#include "hub/observer.h"
#include "node/node.h"

namespace jobwire::hub {

class DialectConversation;
class Hub;

struct DialectOptions {
  bool enabled = true;
  std::vector<std::string> types = {};  // of jobs that it tells; empty: all
  DurationMs throttle = 100;            // between two reports on one job
};

// A change is told at once but for reports (progress and the like), of which one job has one in `throttle` at most: the
// newest. It is written once, whoever hears it.
class DialectHub final : public Observer {
 public:
  // Where who has been told something goes on, of all dialects that it may be spoken to in; not past `most`.
  using Offset = std::function<std::string(std::int64_t most)>;
  // `hub` outlives it and is to call it: Hub::add().
  DialectHub(Hub& hub, std::unique_ptr<dialect::Dialect> dialect, DialectOptions options, Figures& figures,
             Offset offset);
  DialectHub(const DialectHub&) = delete;
  DialectHub& operator=(const DialectHub&) = delete;

  const dialect::Dialect& dialect() const { return *dialect_; }

  // Rooms: "job:ID", "user:ID", "all-jobs", "admin", and "ref:HANDLE" for what stands after the colon of a `ref`.
  void join(const std::string& room, DialectConversation& conversation);
  void leave(const std::string& room, DialectConversation& conversation);
  void enter(DialectConversation& conversation) { all_.insert(&conversation); }
  void leave(DialectConversation& conversation) { all_.erase(&conversation); }

  bool tells(const JobState& job) const;
  // The job as it stands; often one event, sometimes none or two.
  std::vector<NamedEvent> present(const node::JobRecord& record) const;
  // Up to where everything has been told that was to be.
  std::int64_t told() const;
  std::vector<const node::JobRecord*> with_handle(const std::string& handle) const;
  EmissionPtr queue_status() const;  // null: the dialect has none
  EmissionPtr system_metrics() const;

  void changed(const node::Change& change) override;
  bool follows(const JobState& job) const override;
  void estimated(const node::JobRecord& record, const JobEstimate& estimate) override;
  void counted(const push::QueueStatus& status) override;
  void ticked(UnixMs now) override;

 private:
  struct Waiting {
    JobEvent event;             // the newest
    std::int64_t first_offset;  // of the oldest that was not told
  };

  void tell(const node::JobRecord& record, const JobEvent& event, const std::vector<dialect::Moment>& moments);
  void deliver(const JobState& job, const std::vector<EmissionPtr>& emissions);
  std::vector<EmissionPtr> emissions_of(std::vector<dialect::Said> said, std::int64_t version) const;
  void hold(const JobEvent& event);
  void release(const JobId& job);
  void index(const JobState& job);
  template <class Visit>
  void each_room(const JobState& job, Visit visit) const;

  Hub& hub_;
  std::unique_ptr<dialect::Dialect> dialect_;
  DialectOptions options_;
  Figures& figures_;
  Offset offset_;
  std::unordered_map<std::string, std::vector<DialectConversation*>> rooms_;
  std::set<DialectConversation*> all_;
  std::map<JobId, Waiting> waiting_;
  std::set<std::int64_t> untold_;                  // what is waited for since
  std::unordered_map<JobId, UnixMs> reported_at_;  // of those told within the last `throttle`
  std::unordered_map<std::string, std::set<JobId>> handles_;
  std::uint64_t round_ = 0;
  UnixMs metrics_told_at_ = 0;
};

}  // namespace jobwire::hub
