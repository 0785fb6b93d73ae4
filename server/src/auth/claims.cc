#include "auth/claims.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "jobwire/ids.h"

namespace jobwire::auth {
namespace {

constexpr std::size_t kMostNamedJobs = 1000;
constexpr double kMostSeconds = 1e11;  // far in the future, and exact in milliseconds

using Kind = JsonValue::Kind;
using Texts = std::vector<std::string>;

Error refused(std::string why) { return Error{ErrorCode::unauthenticated, "token: " + std::move(why), "token", 0}; }

const JsonValue* first_claim(const JsonObject& claims, const Texts& names) {
  for (const std::string& name : names) {
    if (const JsonValue* found = claims.find_value(name)) return found;
  }
  return nullptr;
}

// A string, or an array of strings; nullopt for anything else.
std::optional<Texts> strings_of(const JsonValue& value) {
  if (value.is(Kind::string)) return Texts{value.text};
  const auto elements = json_elements(value.json.text, kMostNamedJobs);
  if (!elements) return std::nullopt;
  Texts strings;
  for (const JsonValue& each : *elements) {
    if (!each.is(Kind::string)) return std::nullopt;
    strings.push_back(each.text);
  }
  return strings;
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

Role role_of(const JsonValue& value) {
  if (value.is_true()) return Role::admin;
  Role highest = Role::user;
  const auto words = strings_of(value);
  if (!words) return highest;
  for (const std::string& word : *words) {
    if (lower(word) == "admin") return Role::admin;
    if (lower(word) == "service") highest = Role::service;
  }
  return highest;
}

// The first role claim above "user" counts: a token may carry `role: "user"` beside `isAdmin: true`.
Role read_role(const JwtRules& rules, const JsonObject& claims) {
  for (const std::string& name : rules.role_claims) {
    const JsonValue* value = claims.find_value(name);
    if (value == nullptr) continue;
    if (const Role role = role_of(*value); role != Role::user) return role;
  }
  return Role::user;
}

Result<std::string> read_user(const JwtRules& rules, const JsonObject& claims) {
  const JsonValue* value = first_claim(claims, rules.user_claims);
  if (value == nullptr) return std::string();
  const bool integer = value->is(Kind::number) && value->text.find_first_not_of("-0123456789") == std::string::npos;
  if (!integer && !value->is(Kind::string)) return refused("the user claim must be a string or an integer");
  const std::string& user = value->text;
  if (const Status valid = check_id(user, "user"); !valid) return refused("the user claim is no valid id");
  return user;
}

// NumericDate (RFC 7519 section 2): seconds, possibly with a fraction. 0: not there.
Result<UnixMs> read_date(const JsonObject& claims, const std::string& name) {
  const JsonValue* value = claims.find_value(name);
  if (value == nullptr) return UnixMs{0};
  double seconds = 0;
  const std::string& text = value->text;
  if (value->is(Kind::number)) std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (!(seconds > 0)) return refused(name + " must be a positive number of seconds");
  return static_cast<UnixMs>(std::floor(std::min(seconds, kMostSeconds) * 1000));
}

// Until when the token is good; 0: for ever.
Result<UnixMs> check_dates(const JwtRules& rules, const JsonObject& claims, UnixMs now) {
  const auto expires = read_date(claims, "exp");
  if (!expires) return expires.error();
  const UnixMs good_until = *expires == 0 ? 0 : *expires + rules.expiry_leeway;
  if (good_until != 0 && good_until <= now) return refused("expired");
  const auto not_before = read_date(claims, "nbf");
  if (!not_before) return not_before.error();
  if (*not_before > now + rules.not_before_leeway) return refused("not valid yet");
  return good_until;
}

bool contains(const Texts& texts, std::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

Status check_audience(const JwtRules& rules, const JsonObject& claims) {
  if (!rules.issuers.empty()) {
    const auto issuer = claims.string("iss");
    if (!issuer || !contains(rules.issuers, *issuer)) return refused("its issuer (iss) is not accepted here");
  }
  if (rules.audiences.empty()) return Done{};
  const JsonValue* audience = claims.find_value("aud");
  const auto named = audience != nullptr ? strings_of(*audience) : std::nullopt;
  const bool ours = named && std::any_of(named->begin(), named->end(),
                                         [&](const std::string& one) { return contains(rules.audiences, one); });
  if (!ours) return refused("it is for another audience (aud)");
  return Done{};
}

}  // namespace

Result<Principal> read_claims(const JwtRules& rules, const JsonObject& claims, UnixMs now) {
  const auto expires = check_dates(rules, claims, now);
  if (!expires) return expires.error();
  if (Status meant = check_audience(rules, claims); !meant) return meant.error();
  Principal who;
  who.expires_at = *expires;
  auto user = read_user(rules, claims);
  if (!user) return user.error();
  who.user = std::move(*user);
  who.role = read_role(rules, claims);
  if (const JsonValue* jobs = first_claim(claims, rules.job_claims)) {
    auto named = strings_of(*jobs);
    if (!named) return refused("the job claim must be an id or a list of at most 1000 ids");
    who.jobs = std::move(*named);
    who.only_named_jobs = true;
    who.role = Role::user;
  }
  if (who.role == Role::user && who.user.empty() && !who.only_named_jobs) return refused("it names no user");
  return who;
}

}  // namespace jobwire::auth
