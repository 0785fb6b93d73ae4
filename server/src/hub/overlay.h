// What changes without any job changing: estimates, queue counts, system metrics. Absolute, at most once a second, and
// only what is new since it was last told.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "jobwire/message.h"
#include "jobwire/time.h"
#include "node/estimates.h"
#include "node/node.h"

namespace jobwire::hub {

class Overlay {
 public:
  Overlay(node::Estimates& estimates, const node::Node& node);

  void restored();  // the table after a start
  void changed(const node::Change& change);

  // What a second brings; nothing before the next one is due.
  bool is_due(UnixMs now);
  // Estimates of unfinished jobs for which `is_followed`, that differ from what was told last.
  template <class IsFollowed>
  std::vector<JobEstimate> take_estimates(IsFollowed is_followed) {
    std::vector<JobEstimate> news;
    for (const JobId& id : unfinished_) {
      const node::JobRecord* record = node_.find(id);
      if (record == nullptr || !is_followed(record->state)) continue;
      if (auto estimate = news_of(record->state)) news.push_back(std::move(*estimate));
    }
    return news;
  }
  std::optional<push::QueueStatus> take_queue_status();  // nullopt: as told last
  push::QueueStatus queue_status() const;
  std::optional<JobEstimate> of(const JobState& job) const;  // rounded, as it is told

 private:
  std::optional<JobEstimate> news_of(const JobState& job);

  node::Estimates& estimates_;
  const node::Node& node_;
  std::unordered_set<JobId> unfinished_;
  std::unordered_map<JobId, JobEstimate> told_;
  push::QueueStatus told_queues_;
  UnixMs next_at_ = 0;
};

}  // namespace jobwire::hub
