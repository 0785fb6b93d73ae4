// Tokens that this server itself signs, by libjwt: what a library of its own makes, every test reads by the server's
// verification.
#include <jwt.h>

#include <cstdlib>
#include <memory>

#include "auth/jwt.h"
#include "jobwire/ids.h"
#include "jobwire/json_writer.h"

namespace jobwire::auth {
namespace {

constexpr std::size_t kMostNamedJobs = 1000;

struct FreeJwt {
  void operator()(jwt_t* jwt) const { jwt_free(jwt); }
};
using Jwt = std::unique_ptr<jwt_t, FreeJwt>;

struct FreeText {
  void operator()(char* text) const { std::free(text); }
};
using Text = std::unique_ptr<char, FreeText>;

const unsigned char* bytes(std::string_view secret) { return reinterpret_cast<const unsigned char*>(secret.data()); }

Status check(const TokenRequest& request) {
  const auto bad = [](const std::string& field, const std::string& rule) {
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
