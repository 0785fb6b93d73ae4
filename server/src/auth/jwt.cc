#include "auth/jwt.h"

#include <jwt.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <optional>

#include "jobwire/codec.h"
#include "jobwire/ids.h"
#include "jobwire/json_writer.h"

namespace jobwire::auth {
namespace {

constexpr std::size_t kMostTokenBytes = 8 << 10;
constexpr std::size_t kMostNamedJobs = 1000;
constexpr double kMostSeconds = 1e11;  // far in the future, and exact in milliseconds

struct FreeJwt {
  void operator()(jwt_t* jwt) const { jwt_free(jwt); }
};
using Jwt = std::unique_ptr<jwt_t, FreeJwt>;

struct FreeText {
  void operator()(char* text) const { std::free(text); }
};
using Text = std::unique_ptr<char, FreeText>;

Error refused(std::string why) { return Error{ErrorCode::unauthenticated, "token: " + std::move(why), "token", 0}; }

const unsigned char* bytes(std::string_view secret) { return reinterpret_cast<const unsigned char*>(secret.data()); }

Jwt decode(const std::string& token, std::string_view secret) {
  jwt_t* jwt = nullptr;
  const auto* key = secret.empty() ? nullptr : bytes(secret);
  if (jwt_decode(&jwt, token.c_str(), key, static_cast<int>(secret.size())) != 0) return nullptr;
  return Jwt(jwt);
}

// The claim as JSON text; nullopt: the token does not carry it, or it is null.
std::optional<std::string> claim(jwt_t* jwt, const std::string& name) {
  const Text text(jwt_get_grants_json(jwt, name.c_str()));
  if (!text || std::string_view(text.get()) == "null") return std::nullopt;
  return std::string(text.get());
}

std::optional<std::string> first_claim(jwt_t* jwt, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (auto found = claim(jwt, name)) return found;
  }
  return std::nullopt;
}

std::optional<std::string> string_of(std::string_view json) {
  if (json.empty() || json.front() != '"') return std::nullopt;
  const auto fields = decode_text_fields("{\"v\":" + std::string(json) + "}");
  if (!fields || fields->size() != 1) return std::nullopt;
  return fields->front().second;
}

// A string, or an array of strings; nullopt for anything else.
std::optional<std::vector<std::string>> strings_of(const std::string& json) {
  if (auto one = string_of(json)) return std::vector<std::string>{*one};
  if (json.empty() || json.front() != '[') return std::nullopt;
  const auto elements = split_array(json, kMostNamedJobs);
  if (!elements) return std::nullopt;
  std::vector<std::string> strings;
  for (const std::string_view element : *elements) {
    auto text = string_of(element);
    if (!text) return std::nullopt;
    strings.push_back(std::move(*text));
  }
  return strings;
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

Role role_of(const std::string& json) {
  if (json == "true") return Role::admin;
  Role highest = Role::user;
  const auto words = strings_of(json);
  if (!words) return highest;
  for (const std::string& word : *words) {
    if (lower(word) == "admin") return Role::admin;
    if (lower(word) == "service") highest = Role::service;
  }
  return highest;
}

// The first role claim above "user" counts: a token may carry `role: "user"` beside `isAdmin: true`.
Role read_role(jwt_t* jwt, const JwtOptions& options) {
  for (const std::string& name : options.role_claims) {
    const auto json = claim(jwt, name);
    if (!json) continue;
    if (const Role role = role_of(*json); role != Role::user) return role;
  }
  return Role::user;
}

Result<std::string> read_user(jwt_t* jwt, const JwtOptions& options) {
  const auto json = first_claim(jwt, options.user_claims);
  if (!json) return std::string();
  std::string user;
  if (auto text = string_of(*json)) {
    user = std::move(*text);
  } else if (json->find_first_not_of("-0123456789") == std::string::npos) {
    user = *json;
  } else {
    return refused("the user claim must be a string or an integer");
  }
  if (const Status valid = check_id(user, "user"); !valid) return refused("the user claim is no valid id");
  return user;
}

// NumericDate (RFC 7519 section 2): seconds, possibly with a fraction. 0: not there.
Result<UnixMs> read_date(jwt_t* jwt, const std::string& name) {
  const auto json = claim(jwt, name);
  if (!json) return UnixMs{0};
  double seconds = 0;
  const auto [end, failed] = std::from_chars(json->data(), json->data() + json->size(), seconds);
  if (failed != std::errc() || end != json->data() + json->size() || !(seconds > 0)) {
    return refused(name + " must be a positive number of seconds");
  }
  return static_cast<UnixMs>(std::floor(std::min(seconds, kMostSeconds) * 1000));
}

Result<Jwt> verified(const JwtOptions& options, std::string_view token) {
  if (options.secret.empty()) return refused("no secret is configured");
  if (token.size() > kMostTokenBytes) return refused("too long");
  const std::string text(token);
  if (text.find('\0') != std::string::npos) return refused("malformed");
  const Jwt unverified = decode(text, {});
  if (!unverified) return refused("malformed");
  // Decoding without a key sets the algorithm to none: the header is what the token claims.
  const char* algorithm = jwt_get_header(unverified.get(), "alg");
  if (algorithm == nullptr || std::string_view(algorithm) != "HS256") return refused("algorithm must be HS256");
  const Text critical(jwt_get_headers_json(unverified.get(), "crit"));
  if (critical) return refused("critical header fields are not supported");
  Jwt jwt = decode(text, options.secret);
  if (!jwt || jwt_get_alg(jwt.get()) != JWT_ALG_HS256) return refused("signature does not verify");
  return jwt;
}

Result<UnixMs> check_dates(jwt_t* jwt, const JwtOptions& options, UnixMs now) {
  const auto expires = read_date(jwt, "exp");
  if (!expires) return expires.error();
  if (*expires != 0 && *expires <= now) return refused("expired");
  const auto not_before = read_date(jwt, "nbf");
  if (!not_before) return not_before.error();
  if (*not_before > now + options.not_before_leeway) return refused("not valid yet");
  return *expires;
}

}  // namespace

Result<Principal> read_jwt(const JwtOptions& options, std::string_view token, UnixMs now) {
  const auto jwt = verified(options, token);
  if (!jwt) return jwt.error();
  const auto expires = check_dates(jwt->get(), options, now);
  if (!expires) return expires.error();

  Principal who;
  who.expires_at = *expires;
  auto user = read_user(jwt->get(), options);
  if (!user) return user.error();
  who.user = std::move(*user);
  who.role = read_role(jwt->get(), options);
  if (const auto jobs = first_claim(jwt->get(), options.job_claims)) {
    auto named = strings_of(*jobs);
    if (!named) return refused("the job claim must be an id or a list of at most 1000 ids");
    who.jobs = std::move(*named);
    who.only_named_jobs = true;
    who.role = Role::user;
  }
  if (who.role == Role::user && who.user.empty() && !who.only_named_jobs) return refused("it names no user");
  return who;
}

namespace {

Status check(const TokenRequest& request) {
  const auto bad = [](std::string field, std::string rule) {
    return Error{ErrorCode::bad_request, field + " " + rule, field, 0};
  };
  if (request.role == Role::anonymous) return bad("role", "must be user, admin or service");
  if (!request.user.empty()) {
    if (Status valid = check_id(request.user, "user"); !valid) return valid;
  } else if (request.role == Role::user && request.jobs.empty()) {
    return bad("user", "is needed for a token that names no job");
  }
  if (!request.jobs.empty() && request.role != Role::user)
    return bad("role", "must be user in a token that names jobs");
  if (request.jobs.size() > kMostNamedJobs) return bad("job", "may be given 1000 times");
  for (const std::string& job : request.jobs) {
    if (Status valid = check_id(job, "job"); !valid) return valid;
  }
  if (request.expires_in < 0) return bad("expires", "must not be negative");
  return Done{};
}

std::string claims_of(const TokenRequest& request, UnixMs now) {
  std::string json;
  JsonWriter writer(json);
  writer.begin_object().field_if("sub", request.user).field("iat", now / 1000);
  if (request.role != Role::user) writer.field("role", role_name(request.role));
  if (request.expires_in > 0) writer.field("exp", (now + request.expires_in + 999) / 1000);
  if (!request.jobs.empty()) {
    writer.key("jobs").begin_array();
    for (const std::string& job : request.jobs) writer.string(job);
    writer.end_array();
  }
  writer.end_object();
  return json;
}

}  // namespace

Result<std::string> mint_jwt(std::string_view secret, const TokenRequest& request, UnixMs now) {
  if (secret.empty()) return Error{ErrorCode::bad_request, "a secret is needed to sign a token", "secret", 0};
  if (Status valid = check(request); !valid) return valid.error();
  const Error failed{ErrorCode::internal, "the token could not be signed", "", 0};
  jwt_t* raw = nullptr;
  if (jwt_new(&raw) != 0) return failed;
  const Jwt jwt(raw);
  if (jwt_set_alg(raw, JWT_ALG_HS256, bytes(secret), static_cast<int>(secret.size())) != 0) return failed;
  if (jwt_add_grants_json(raw, claims_of(request, now).c_str()) != 0) return failed;
  const Text text(jwt_encode_str(raw));
  if (!text) return failed;
  return std::string(text.get());
}

}  // namespace jobwire::auth
