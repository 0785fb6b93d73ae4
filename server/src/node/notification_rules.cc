#include "node/notification_rules.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "jobwire/json_object.h"

namespace jobwire::node {
namespace {

constexpr const char* kNames =
    " may name {jobId}, {type}, {queue}, {userId}, {ref}, {parentId} and {metadata.KEY} only";
constexpr std::string_view kMetadata = "metadata.";

using Field = const std::string& (*)(const JobState&);
constexpr std::array<std::pair<std::string_view, Field>, 6> kFields = {{
    {"jobId", [](const JobState& job) -> const std::string& { return job.id.value; }},
    {"type", [](const JobState& job) -> const std::string& { return job.identity.type; }},
    {"queue", [](const JobState& job) -> const std::string& { return job.identity.queue; }},
    {"userId", [](const JobState& job) -> const std::string& { return job.identity.user_id.value; }},
    {"ref", [](const JobState& job) -> const std::string& { return job.identity.ref; }},
    {"parentId", [](const JobState& job) -> const std::string& { return job.identity.parent_id.value; }},
}};

const std::pair<std::string_view, Field>* field_named(std::string_view name) {
  const auto at = std::find_if(kFields.begin(), kFields.end(), [&](const auto& field) { return field.first == name; });
  return at == kFields.end() ? nullptr : &*at;
}

bool is_field(std::string_view name) {
  return field_named(name) != nullptr || (name.starts_with(kMetadata) && name.size() > kMetadata.size());
}

// A string, number or boolean; empty for anything else.
std::string metadata_text(const Metadata& metadata, std::string_view key) {
  const auto at = std::find_if(metadata.begin(), metadata.end(), [&](const auto& entry) { return entry.first == key; });
  if (at == metadata.end()) return {};
  const auto values = json_elements("[" + at->second.text + "]", 1);
  if (!values || values->empty()) return {};
  const JsonValue& value = values->front();
  using Kind = JsonValue::Kind;
  const bool is_text = value.is(Kind::string) || value.is(Kind::number) || value.is(Kind::boolean);
  return is_text ? value.text : std::string();
}

std::string value_of(const JobState& job, std::string_view name) {
  if (const auto* field = field_named(name)) return field->second(job);
  return metadata_text(job.metadata, name.substr(kMetadata.size()));
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

// Between characters.
std::string cut_title(std::string title) {
  constexpr std::string_view kEllipsis = "\xe2\x80\xa6";
  if (title.size() <= kMaxTitleBytes) return title;
  std::size_t end = kMaxTitleBytes - kEllipsis.size();
  while (end > 0 && (static_cast<unsigned char>(title[end]) & 0xc0) == 0x80) --end;
  return title.substr(0, end).append(kEllipsis);
}

// A job that lacks what the title names is told of in the usual words.
std::string title_of(const NotificationRule& rule, const EventBody& body, const JobState& job) {
  const auto title = fill_template(rule.title, job, false);
  if (title && title->is_whole) return cut_title(title->text);
  const JobTypeRules usual;
  return rule_of(usual, std::nullopt, body)->title;
}

// None where the job's fields make an address that may not be: an empty one, for example.
std::optional<NotificationAction> action_of(const NotificationRule& rule, const JobState& job) {
  if (rule.action_label.empty()) return std::nullopt;
  auto url = fill_template(rule.action_url, job, true);
  if (!url || !check_action_url(url->text, "url")) return std::nullopt;
  return NotificationAction{rule.action_label, std::move(url->text)};
}

// `value`: what stands for a field's name.
template <typename Value>
std::optional<Filled> fill(std::string_view text, bool in_url, const Value& value) {
  Filled out;
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    out.text.append(text.substr(0, open));
    if (open == std::string_view::npos) break;
    const std::size_t close = text.find('}', open);
    const auto name = close == std::string_view::npos ? std::string_view() : text.substr(open + 1, close - open - 1);
    if (!is_field(name)) return std::nullopt;
    const std::string field = value(name);
    if (field.empty()) out.is_whole = false;
    in_url ? append_encoded(out.text, field) : void(out.text.append(field));
    text.remove_prefix(close + 1);
  }
  return out;
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

std::optional<Filled> fill_template(std::string_view text, const JobState& job, bool in_url) {
  return fill(text, in_url, [&job](std::string_view name) { return value_of(job, name); });
}

Status check_template(std::string_view text, std::string_view field) {
  if (fill_template(text, JobState{}, false)) return Done{};
  return Error{ErrorCode::bad_request, std::string(field) + kNames, std::string(field), 0};
}

Status check_action_template(std::string_view url, std::string_view field) {
  if (Status valid = check_template(url, field); !valid) return valid;
  return check_action_url(fill(url, true, [](std::string_view) { return std::string("x"); })->text, field);
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
  notification.title = title_of(*rule, event.body, after);
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
