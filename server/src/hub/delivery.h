// One change on its way to those who follow it: encoded at most once per visibility, whoever asks first.
#pragma once

#include <array>
#include <string_view>

#include "dialect/native.h"
#include "node/node.h"

namespace jobwire::hub {

// The job's snapshot as this visibility sees it, from the record's cache.
dialect::Segment snapshot(const node::JobRecord& record, Visibility visibility);

class Delivery {
 public:
  explicit Delivery(const node::Change& change) : change_(change) {}

  const node::Change& change() const { return change_; }
  const JobState& job() const { return change_.job.state; }
  const dialect::Segment& event(Visibility visibility);
  dialect::Segment snapshot(Visibility visibility) { return hub::snapshot(change_.job, visibility); }
  const dialect::Segment& removal();

 private:
  const node::Change& change_;
  std::array<dialect::Segment, 2> events_;
  dialect::Segment removal_;
};

struct InboxNews {
  std::string_view owner;
  const node::InboxEntry& entry;
};
class Announcement;

// Whoever follows channels: a session or a waiting poll.
class Follower {
 public:
  virtual ~Follower() = default;
  // A change of a channel that this follower is registered for. True: taken, and not offered again for its other
  // channels.
  virtual bool offer(Delivery& delivery, const Channel& channel) = 0;
  // News of a followed job's estimate; once or more.
  virtual void offer(const JobEstimate& estimate) = 0;
  // News of an inbox that this follower attends (Hub::attend). An entry is offered as it is made, and as it is read.
  virtual void offer(const InboxNews&) {}
  // An application message that this follower is to hear; live only, once.
  virtual void offer(Announcement&) {}
  // Every half second or so, for those who entered the hub.
  virtual void tick(UnixMs) {}
  // After the last change of a log batch, for followers that asked for it (Hub::mark_dirty).
  virtual void flush() = 0;

 private:
  friend class Hub;
  std::int64_t offered_ = 0;  // offset of the last change offered
  bool dirty_ = false;
};

}  // namespace jobwire::hub
