#include "auth/jwt.h"

#include <optional>

#include "auth/claims.h"
#include "auth/text_encoding.h"
#include "jobwire/json_object.h"

namespace jobwire::auth {
namespace {

constexpr std::size_t kMostTokenBytes = 8 << 10;
constexpr std::size_t kLongestKeyId = 256;
constexpr CodecLimits kLimits{.message_bytes = kMostTokenBytes, .depth = 16};

Error refused(std::string why) { return Error{ErrorCode::unauthenticated, "token: " + std::move(why), "token", 0}; }

// The compact serialisation (RFC 7515 section 3.1), decoded.
struct Compact {
  std::string_view input;  // what was signed
  JsonObject header;
  JsonObject claims;
  std::string signature;
};

Result<JsonObject> object_of(std::string_view segment) {
  const auto bytes = from_base64url(segment);
  if (!bytes) return refused("malformed");
  auto object = JsonObject::parse(*bytes, kLimits, "it", JsonObject::Repeats::refused);
  if (!object) return refused("malformed");
  return std::move(*object);
}

Result<Compact> split(std::string_view token) {
  if (token.size() > kMostTokenBytes) return refused("too long");
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos) return refused("malformed");
  auto header = object_of(token.substr(0, first));
  if (!header) return header.error();
  auto claims = object_of(token.substr(first + 1, second - first - 1));
  if (!claims) return claims.error();
  auto signature = from_base64url(token.substr(second + 1));  // a third dot is not of its alphabet
  if (!signature) return refused("malformed");
  return Compact{token.substr(0, second), std::move(*header), std::move(*claims), std::move(*signature)};
}

// Keys come from the operator alone: `jwk`, `jku`, `x5c` and `x5u` of a header are never looked at.
Result<Signing> signing_of(const JsonObject& header) {
  if (header.has("crit")) return refused("critical header fields are not supported");
  const auto name = header.string("alg");
  const auto algorithm = name ? algorithm_from_name(*name) : std::nullopt;
  if (!algorithm) return refused("its algorithm is not known here");
  if (header.has("kid") && !header.string("kid")) return refused("kid must be a string");
  const std::string_view key_id = header.string("kid").value_or(std::string_view());
  if (key_id.size() > kLongestKeyId) return refused("kid is too long");
  return Signing{*algorithm, std::string(key_id)};
}

}  // namespace

Status status_of(KeySet::Verdict verdict, const Signing& signing) {
  switch (verdict) {
    case KeySet::Verdict::verified:
      return Done{};
    case KeySet::Verdict::wrong_signature:
      return refused("signature does not verify");
    case KeySet::Verdict::unknown_key:
      return refused("its key (kid) is not known here");
    case KeySet::Verdict::wrong_algorithm:
      return refused("no key here does " + std::string(algorithm_name(signing.algorithm)));
  }
  return refused("signature does not verify");
}

Result<Principal> read_jwt(const JwtRules& rules, const Verify& verify, std::string_view token, UnixMs now) {
  const auto parts = split(token);
  if (!parts) return parts.error();
  const auto signing = signing_of(parts->header);
  if (!signing) return signing.error();
  if (Status verified = verify(*signing, parts->input, parts->signature); !verified) return verified.error();
  return read_claims(rules, parts->claims, now);
}

Result<Principal> read_jwt(const JwtRules& rules, const KeySet& keys, std::string_view token, UnixMs now) {
  const auto verify = [&keys](const Signing& signing, std::string_view input, std::string_view signature) {
    return status_of(keys.verify(signing, input, signature), signing);
  };
  return read_jwt(rules, verify, token, now);
}

}  // namespace jobwire::auth
