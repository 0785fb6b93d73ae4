// Alerts of the system's own, to admins: raised once for a condition, however many nodes see it, and cleared when it
// has ended. One notification a condition: it comes back to the top when it is raised again.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "jobwire/message.h"
#include "node/node.h"

namespace jobwire::node {

struct AlertOptions {
  bool on = true;
  DurationMs stuck_after = 10 * 60 * 1000;  // jobs wait and none is active, for this long
  DurationMs error_window = 5 * 60 * 1000;  // of jobs that ended within it ...
  std::uint64_t error_least = 20;           // ... at least so many ...
  int error_percent = 50;                   // ... so many of a hundred failed
};

class Alerts {
 public:
  Alerts(AlertOptions options, Node& node) : options_(options), node_(node) {}

  // About once a second.
  void tick(const std::vector<QueueCounts>& queues);

 private:
  struct Condition {
    bool holds = false;
    std::string title;
    std::string message;
  };
  void check_store();
  void check_queues(const std::vector<QueueCounts>& queues);
  void check_errors();
  void settle(const std::string& id, const Condition& condition);
  void write(const std::string& id, const InboxEntry* present, const Condition& condition);

  AlertOptions options_;
  Node& node_;
  std::map<std::string, UnixMs> waiting_since_;  // by queue
  struct Sample {
    UnixMs at;
    Node::Ended ended;
  };
  std::deque<Sample> samples_;
  bool erring_ = false;
  std::string store_failed_;         // why, while it did; told once it takes writes again
  std::set<std::string> in_flight_;  // ids
};

}  // namespace jobwire::node
