// Which events of a job tell its owner, and how: started, completed, failed and cancelled may, nothing else does.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "jobwire/job_event.h"
#include "jobwire/job_state.h"
#include "jobwire/notification.h"
#include "log/record.h"

namespace jobwire::node {

inline constexpr std::string_view kNotificationKind = "notification";

struct NotificationRule {
  bool on = true;
  NotificationType type = NotificationType::info;
  std::string title;         // {field} stands for a field of the job: see fill_template()
  std::string action_label;  // empty: no button
  std::string action_url;
  bool operator==(const NotificationRule&) const = default;
};

struct JobTypeRules {
  NotificationRule started{true, NotificationType::info, "Job started", "", ""};
  NotificationRule completed{true, NotificationType::success, "Job completed", "", ""};
  NotificationRule failed{true, NotificationType::error, "Job failed", "", ""};
  NotificationRule cancelled{true, NotificationType::info, "Job cancelled", "", ""};
};

struct NotificationRules {
  bool on = false;
  JobTypeRules others;
  std::map<std::string, JobTypeRules, std::less<>> by_type;
  std::string ownerless;  // --dev: the user who owns jobs without owner; empty: nobody is told of them
  DurationMs keep_for = DurationMs{30} * 24 * 60 * 60 * 1000;
};
// What video analyses are called where their queue has its own vocabulary: "Analysis Complete!", "View Results".
JobTypeRules analysis_rules();

struct Filled {
  std::string text;
  bool is_whole = true;  // the job has all that is named
};
// Replaces {jobId}, {type}, {queue}, {userId}, {ref}, {parentId} and {metadata.KEY}; `in_url`: percent-encoded, whole
// segments at a time. nullopt: another name stands in braces.
std::optional<Filled> fill_template(std::string_view text, const JobState& job, bool in_url);
// Whether only such names stand in braces; and whether it can make a URL that is allowed. The error's field is `field`.
Status check_template(std::string_view text, std::string_view field);
Status check_action_template(std::string_view url, std::string_view field);

// Whether a rule may ever concern such an event.
inline bool may_tell(const EventBody& body) {
  return std::holds_alternative<event::Started>(body) || std::holds_alternative<event::Completed>(body) ||
         std::holds_alternative<event::Failed>(body) || std::holds_alternative<event::Cancelled>(body);
}
// The record that goes to the log with this event, if a rule says so; `before`: the job's status, nullopt: it is new.
// Its key is derived from the job and the event's seq: however often it is written, it is one.
std::optional<log::Record> notification_of(const NotificationRules& rules, std::optional<JobStatus> before,
                                           const JobEvent& event, const JobState& after, UnixMs now);
std::string notification_id(const JobId& job, std::int64_t seq);

}  // namespace jobwire::node
