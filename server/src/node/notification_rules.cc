#include "node/notification_rules.h"

#include <cstdio>
#include <utility>

namespace jobwire::node {
namespace {

const std::string* field_of(const JobState& job, std::string_view name) {
  if (name == "jobId") return &job.id.value;
  if (name == "type") return &job.identity.type;
  if (name == "queue") return &job.identity.queue;
  if (name == "userId") return &job.identity.user_id.value;
  if (name == "ref") return &job.identity.ref;
  if (name == "parentId") return &job.identity.parent_id.value;
  return nullptr;
}

// RFC 3986, section 2.3: what is not unreserved is encoded, the slash too.
void append_encoded(std::string& out, std::string_view text) {
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      out.push_back(c);
    } else {
      char encoded[4];
      std::snprintf(encoded, sizeof encoded, "%%%02X", static_cast<unsigned char>(c));
      out.append(encoded);
    }
  }
}

const NotificationRule* rule_of(const JobTypeRules& rules, std::optional<JobStatus> before, const EventBody& body) {
  if (std::holds_alternative<event::Started>(body)) {
    return before == JobStatus::active ? nullptr : &rules.started;  // once an attempt
  }
  if (std::holds_alternative<event::Completed>(body)) return &rules.completed;
  if (std::holds_alternative<event::Failed>(body)) return &rules.failed;
  if (std::holds_alternative<event::Cancelled>(body)) return &rules.cancelled;
  return nullptr;
}

std::string message_of(const JobEvent& event) {
  if (const auto* failed = std::get_if<event::Failed>(&event.body)) return failed->error.message;
  if (const auto* cancelled = std::get_if<event::Cancelled>(&event.body)) return cancelled->reason;
  return event.message.value_or("");
}

// None where the job's fields make an address that may not be: an empty one, for example.
std::optional<NotificationAction> action_of(const NotificationRule& rule, const JobState& job) {
  if (rule.action_label.empty()) return std::nullopt;
  auto url = fill_template(rule.action_url, job, true);
  if (!url || !check_action_url(*url, "url")) return std::nullopt;
  return NotificationAction{rule.action_label, std::move(*url)};
}

std::uint64_t hash_of(std::string_view text) {  // FNV-1a
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
  return hash;
}

}  // namespace

JobTypeRules analysis_rules() {
  JobTypeRules rules;
  rules.started.title = "Analysis Started";
  rules.completed.title = "Analysis Complete!";
  rules.completed.action_label = "View Results";
  rules.completed.action_url = "/jobs/{jobId}";
  rules.failed.title = "Analysis Failed";
  rules.cancelled.title = "Analysis Cancelled";
  return rules;
}

std::optional<std::string> fill_template(std::string_view text, const JobState& job, bool in_url) {
  std::string out;
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    out.append(text.substr(0, open));
    if (open == std::string_view::npos) break;
    const std::size_t close = text.find('}', open);
    const std::string* field =
        close == std::string_view::npos ? nullptr : field_of(job, text.substr(open + 1, close - open - 1));
    if (field == nullptr) return std::nullopt;
    in_url ? append_encoded(out, *field) : void(out.append(*field));
    text.remove_prefix(close + 1);
  }
  return out;
}

Status check_action_template(std::string_view url, std::string_view field) {
  JobState job;
  job.id.value = job.identity.type = job.identity.queue = job.identity.user_id.value = job.identity.ref =
      job.identity.parent_id.value = "x";
  const auto filled = fill_template(url, job, true);
  if (!filled) {
    return Error{ErrorCode::bad_request,
                 std::string(field) + " may name {jobId}, {type}, {queue}, {userId}, {ref} and {parentId} only",
                 std::string(field), 0};
  }
  return check_action_url(*filled, field);
}

std::string notification_id(const JobId& job, std::int64_t seq) {
  constexpr std::size_t kPlain = 100;  // bytes of the job's id; a longer one is told by its hash
  if (job.value.size() <= kPlain) return job.value + ":" + std::to_string(seq);
  char hash[17];
  std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(hash_of(job.value)));
  return std::string("job-") + hash + ":" + std::to_string(seq);
}

std::optional<log::Record> notification_of(const NotificationRules& rules, std::optional<JobStatus> before,
                                           const JobEvent& event, const JobState& after, UnixMs now) {
  if (!rules.on) return std::nullopt;
  const auto of_type = rules.by_type.find(after.identity.type);
  const NotificationRule* rule =
      rule_of(of_type == rules.by_type.end() ? rules.others : of_type->second, before, event.body);
  if (rule == nullptr || !rule->on) return std::nullopt;
  const std::string& owner = after.identity.user_id.empty() ? rules.ownerless : after.identity.user_id.value;
  if (owner.empty()) return std::nullopt;
  Notification notification;
  notification.type = rule->type;
  notification.title = fill_template(rule->title, after, false).value_or(rule->title);
  notification.message = message_of(event);
  notification.job_id = after.id;
  notification.action = action_of(*rule, after);
  return log::Record{std::string(kNotificationKind),
                     owner,
                     notification_id(after.id, after.seq),
                     encode_notification(notification),
                     now + rules.keep_for,
                     0,
                     0};
}

}  // namespace jobwire::node
