#include "auth/credentials.h"

#include "jobwire/json_object.h"

namespace jobwire::auth {
namespace {

constexpr CodecLimits kPayloadLimits{.message_bytes = 64 << 10, .depth = 16};

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool begins_with_bearer(std::string_view text) {
  constexpr std::string_view kScheme = "bearer ";
  if (text.size() < kScheme.size()) return false;
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
    if (c != kScheme[i]) return false;
  }
  return true;
}

// Pages often hand "Bearer ..." to where the token alone belongs.
std::string_view without_scheme(std::string_view token) {
  return trim(begins_with_bearer(token) ? token.substr(7) : token);
}

Error refused(std::string message, std::string field) {
  return {ErrorCode::unauthenticated, std::move(message), std::move(field), 0};
}

}  // namespace

Result<std::string> token_of(const CredentialRules& rules, const Credentials& credentials) {
  if (!credentials.given.empty()) return std::string(without_scheme(credentials.given));
  if (!credentials.authorization.empty()) {
    if (!begins_with_bearer(credentials.authorization)) {
      return refused("Authorization must be Bearer", "Authorization");
    }
    return std::string(without_scheme(credentials.authorization));
  }
  if (rules.query && !credentials.query.empty()) return credentials.query;
  const std::string_view cookie =
      rules.cookie_name.empty() ? std::string_view() : cookie_value(credentials.cookie, rules.cookie_name);
  if (!cookie.empty() && !credentials.cookie_counts) {
    return refused("the cookie counts only where an allowed Origin header says which page asks", "Cookie");
  }
  return std::string(cookie);
}

Result<Principal> identify(const Authenticator& authenticator, const CredentialRules& rules,
                           const Credentials& credentials) {
  const auto token = token_of(rules, credentials);
  if (!token) return token.error();
  return token->empty() ? authenticator.without_token() : authenticator.authenticate(*token);
}

Result<std::string> token_of_auth_payload(std::string_view json) {
  if (json.empty() || json == "null") return std::string();
  const auto payload = JsonObject::parse(json, kPayloadLimits, "auth");
  if (!payload) return payload.error();
  std::string token;
  for (const JsonObject::Member& member : payload->members()) {
    if (member.name != "token" || member.is(JsonValue::Kind::null)) continue;
    if (!member.is(JsonValue::Kind::string)) return refused("auth.token must be a string", "auth.token");
    if (!token.empty()) return refused("auth.token stands there twice", "auth.token");
    token = member.text;
  }
  return token;
}

std::string_view cookie_value(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const std::size_t end = header.find(';');
    const std::string_view pair = trim(header.substr(0, end));
    header.remove_prefix(end == std::string_view::npos ? header.size() : end + 1);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || trim(pair.substr(0, equals)) != name) continue;
    const std::string_view value = trim(pair.substr(equals + 1));
    const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
    return quoted ? value.substr(1, value.size() - 2) : value;
  }
  return {};
}

}  // namespace jobwire::auth
