#include "jobwire/notification.h"

#include <algorithm>
#include <array>
#include <utility>

namespace jobwire {
namespace {

constexpr std::array<std::pair<NotificationType, std::string_view>, 4> kTypes = {{
    {NotificationType::info, "info"},
    {NotificationType::success, "success"},
    {NotificationType::error, "error"},
    {NotificationType::alert, "alert"},
}};

bool begins_with(std::string_view text, std::string_view lower_case) {
  if (text.size() < lower_case.size()) return false;
  return std::equal(lower_case.begin(), lower_case.end(), text.begin(),
                    [](char expected, char c) { return expected == (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); });
}

// RFC 3986's authority is not empty: its first character is no delimiter.
bool has_host(std::string_view url, std::size_t scheme) {
  const char first = url.size() > scheme ? url[scheme] : '/';
  return first != '/' && first != '?' && first != '#' && first != ':' && first != '@';
}

}  // namespace

std::string_view type_name(NotificationType type) { return kTypes[static_cast<std::size_t>(type)].second; }

std::optional<NotificationType> notification_type(std::string_view name) {
  for (const auto& [type, word] : kTypes) {
    if (word == name) return type;
  }
  return std::nullopt;
}

Status check_action_url(std::string_view url, std::string_view field) {
  const auto refused = [field](const char* rule) {
    return Error{ErrorCode::bad_request, std::string(field) + rule, std::string(field), 0};
  };
  if (url.size() > kMaxUrlBytes) return refused(" is too long");
  const bool plain = std::all_of(url.begin(), url.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7f && c != '\\';
  });
  if (!plain) return refused(" must hold no blank, control character or backslash");
  const bool path = url.starts_with('/') && !url.starts_with("//");
  if (path || (begins_with(url, "http://") && has_host(url, 7)) || (begins_with(url, "https://") && has_host(url, 8))) {
    return Done{};
  }
  return refused(" must be an http or https URL, or a path that begins with one /");
}

}  // namespace jobwire
