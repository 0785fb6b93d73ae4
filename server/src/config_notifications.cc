#include "config_notifications.h"

#include <string_view>

#include "jobwire/ids.h"

namespace jobwire {
namespace {

node::JobTypeRules& rules_of(NotificationConfig& config, const std::string& type) {
  if (type == "default") return config.rules.others;
  return config.rules.by_type.try_emplace(type, config.rules.others).first->second;
}

node::NotificationRule* rule_named(node::JobTypeRules& rules, std::string_view name) {
  if (name == "started") return &rules.started;
  if (name == "completed") return &rules.completed;
  if (name == "failed") return &rules.failed;
  if (name == "cancelled") return &rules.cancelled;
  return nullptr;
}

std::string trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return std::string(text);
}

std::string set_title(node::NotificationRule& rule, const std::string& value) {
  rule.on = value != "off";
  if (value.empty() || value.size() > 200) return "must be a title of 1 to 200 bytes, or off";
  if (!rule.on) return {};
  if (Status valid = node::check_template(value, "the title"); !valid) return valid.error().message;
  rule.title = value;
  return {};
}

std::string set_type(node::NotificationRule& rule, const std::string& value) {
  const auto type = notification_type(value);
  if (!type) return "must be success, error, alert or info";
  rule.type = *type;
  return {};
}

std::string set_action(node::NotificationRule& rule, const std::string& value) {
  rule.action_label.clear();
  rule.action_url.clear();
  if (value == "off") return {};
  const std::size_t arrow = value.find("->");
  const std::string label = trimmed(value.substr(0, arrow));
  if (arrow == std::string::npos || label.empty() || label.size() > 100) return "must be \"label -> URL\", or off";
  const std::string url = trimmed(value.substr(arrow + 2));
  if (Status valid = node::check_action_template(url, "the URL"); !valid) return valid.error().message;
  rule.action_label = label;
  rule.action_url = url;
  return {};
}

}  // namespace

std::string read_notification_key(NotificationConfig& config, const std::string& type, const std::string& key,
                                  const std::string& value) {
  if (!check_id(type, "type")) return "must be a job type of 1 to 128 bytes";
  node::JobTypeRules& rules = rules_of(config, type);
  if (key == "preset") {
    if (value != "analysis") return "must be analysis";
    rules = node::analysis_rules();
    return {};
  }
  const std::size_t dash = key.find('-');
  node::NotificationRule* rule = rule_named(rules, std::string_view(key).substr(0, dash));
  const std::string_view what = dash == std::string::npos ? std::string_view() : std::string_view(key).substr(dash);
  if (rule != nullptr && what.empty()) return set_title(*rule, value);
  if (rule != nullptr && what == "-type") return set_type(*rule, value);
  if (rule != nullptr && what == "-action") return set_action(*rule, value);
  return "is no key here: use preset, or started, completed, failed, cancelled, each also with -type and -action";
}

}  // namespace jobwire
