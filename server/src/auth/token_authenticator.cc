#include "auth/token_authenticator.h"

#include "auth/digest.h"

namespace jobwire::auth {
namespace {

Principal dev_user() {
  Principal who;
  who.role = Role::user;
  who.user = "dev";
  who.owns_ownerless = true;
  return who;
}

}  // namespace

TokenAuthenticator::TokenAuthenticator(AccessOptions options, const Clock& clock)
    : options_(std::move(options)), clock_(clock) {
  for (const ApiKey& key : options_.api_keys) keys_.push_back({key.name, sha256(key.key)});
  if (!options_.dev_token.empty()) dev_token_sha256_ = sha256(options_.dev_token);
}

// Every key is compared, and only digests are: time tells neither which key matched nor how much of one.
Result<Principal> TokenAuthenticator::authenticate(std::string_view token) const {
  const std::string digest = sha256(token);
  const KeyDigest* found = nullptr;
  for (const KeyDigest& key : keys_) {
    if (same_digest(key.sha256, digest)) found = &key;
  }
  if (found != nullptr) {
    Principal who;
    who.role = Role::service;
    who.user = found->name;
    return who;
  }
  if (same_digest(dev_token_sha256_, digest)) return dev_user();
  auto who = read_jwt(options_.jwt, token, clock_.now());
  // Under --dev a token for `dev` is the same person as no token at all.
  if (who && options_.dev && who->role == Role::user && who->user == "dev" && !who->only_named_jobs) {
    who->owns_ownerless = true;
  }
  return who;
}

Result<Principal> TokenAuthenticator::without_token() const {
  if (options_.dev && options_.dev_token.empty()) return dev_user();
  if (options_.anonymous) {
    Principal who;
    who.knows_by_id = true;
    return who;
  }
  return Error{ErrorCode::unauthenticated, "a token is needed", "token", 0};
}

}  // namespace jobwire::auth
