// The native dialect: how a change reads on the native wire. Pieces are encoded once and shared; a message joins them.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "jobwire/channel.h"
#include "jobwire/codec.h"
#include "jobwire/cursor.h"
#include "jobwire/message.h"

namespace jobwire::dialect {

// One encoded event, job or removal: immutable, shared by every message that carries it.
using Segment = std::shared_ptr<const std::string>;

Segment event_segment(const JobEvent& event, Visibility visibility);
Segment job_segment(const JobState& job, Visibility visibility);
Segment removal_segment(const JobId& job, std::int64_t version);

// What one `changes` message tells.
struct Changes {
  std::vector<Segment> events;
  std::vector<Segment> jobs;
  std::vector<Segment> removed;
  std::vector<Segment> notifications;  // made, or read since
  std::optional<std::int64_t> unread;  // of the inboxes; with notifications, and where a view begins
  std::size_t bytes = 0;               // of the segments

  bool empty() const { return events.empty() && jobs.empty() && removed.empty() && notifications.empty(); }
  void clear();
  void add_event(Segment segment);
  void add_job(Segment segment);
  void add_removal(Segment segment);
  void add_notification(Segment segment);
  // The same pieces, not merely equal ones: then the same bytes serve.
  bool same_segments(const Changes& other) const;
};

// What stands around the pieces.
struct ChangesFrame {
  Cursor cursor;
  bool reset = false;
  bool synced = false;
  std::span<const Channel> followed = {};
  std::span<const Channel> truncated = {};
  std::string_view user = {};  // where no welcome says it
  std::string_view role = {};
  // Over HTTP only:
  std::vector<JobEstimate> estimates = {};
  std::optional<std::vector<QueueCounts>> queues = {};
  std::vector<std::string_view> messages = {};  // application messages, each as JSON text
};

std::string changes_object(const ChangesFrame& frame, const Changes& changes);   // as HTTP answers it
std::string changes_message(const ChangesFrame& frame, const Changes& changes);  // {"event":"changes","data":...}

}  // namespace jobwire::dialect
