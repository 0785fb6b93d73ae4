// Who is told of every change, besides the followers of channels: the dialects.
#pragma once

#include "jobwire/message.h"
#include "node/node.h"

namespace jobwire::hub {

class Announcement;

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void changed(const node::Change& change) = 0;
  virtual bool follows(const JobState& job) const = 0;  // is its estimate wanted?
  virtual void estimated(const node::JobRecord& record, const JobEstimate& estimate) = 0;
  virtual void counted(const push::QueueStatus& status) = 0;  // queues, at most once a second
  virtual void announced(const Announcement&) {}              // an application message; live only
  virtual void ticked(UnixMs now) = 0;                        // every 100 ms or so
};

}  // namespace jobwire::hub
