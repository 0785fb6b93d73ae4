#include "auth/token_authenticator.h"

#include "auth/digest.h"

namespace jobwire::auth {
namespace {

constexpr DurationMs kFetchMs = 1'000;  // until a fetch may have ended

Principal dev_user() {
  Principal who;
  who.role = Role::user;
  who.user = "dev";
  who.owns_ownerless = true;
  return who;
}

KeySet fixed_keys(const AccessOptions& options) {
  std::vector<NamedKey> keys;
  if (!options.secret.empty()) keys.push_back({{}, VerificationKey::secret(options.secret)});
  for (const VerificationKey& key : options.public_keys) keys.push_back({{}, key});
  return KeySet(std::move(keys), options.algorithms);
}

}  // namespace

TokenAuthenticator::TokenAuthenticator(AccessOptions options, const Clock& clock, KeyCache* published)
    : options_(std::move(options)), fixed_(fixed_keys(options_)), clock_(clock), published_(published) {
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
  const auto verify_it = [this](const Signing& signing, std::string_view input, std::string_view signature) {
    return verify(signing, input, signature);
  };
  auto who = read_jwt(options_.jwt, verify_it, token, clock_.now());
  // Under --dev a token for `dev` is the same person as no token at all.
  if (who && options_.dev && who->role == Role::user && who->user == "dev" && !who->only_named_jobs) {
    who->owns_ownerless = true;
  }
  return who;
}

// A token may name no key: then it is judged by those that are here, once there are any.
Status TokenAuthenticator::verify(const Signing& signing, std::string_view input, std::string_view signature) const {
  const KeySet::Verdict by_fixed = fixed_.verify(signing, input, signature);
  if (by_fixed == KeySet::Verdict::verified || published_ == nullptr) return status_of(by_fixed, signing);
  KeySet::Verdict verdict = published_->keys().verify(signing, input, signature);
  if (verdict == KeySet::Verdict::unknown_key || !published_->missing().empty()) {
    if (published_->look_for_more()) {
      return Error{ErrorCode::unavailable, "the keys that could verify this token are being fetched", "token",
                   kFetchMs};
    }
    verdict = published_->keys().verify(signing, input, signature);  // a file is read at once
  }
  return status_of(verdict == KeySet::Verdict::wrong_algorithm ? by_fixed : verdict, signing);
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
