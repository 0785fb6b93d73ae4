#include "auth/jwks.h"

#include <algorithm>

#include "auth/text_encoding.h"
#include "jobwire/json_object.h"

namespace jobwire::auth {
namespace {

constexpr std::size_t kLongestKeyId = 256;
constexpr std::size_t kMostOperations = 100;
constexpr CodecLimits kLimits{.message_bytes = kMostJwksBytes, .depth = 16};
constexpr std::size_t kLeastSecretBytes = 32;

Error bad(std::string why) { return {ErrorCode::bad_request, std::move(why), "keys", 0}; }

// A member that is base64url; the error names it.
Result<std::string> bytes_of(const JsonObject& jwk, const char* name) {
  const auto text = jwk.string(name);
  auto bytes = text ? from_base64url(*text) : std::nullopt;
  if (!bytes || bytes->empty()) return bad(std::string(name) + " must be base64url");
  return std::move(*bytes);
}

Result<VerificationKey> read_rsa(const JsonObject& jwk) {
  const auto n = bytes_of(jwk, "n");
  if (!n) return n.error();
  const auto e = bytes_of(jwk, "e");
  if (!e) return e.error();
  return VerificationKey::rsa(*n, *e);
}

Result<VerificationKey> read_curve(const JsonObject& jwk, bool with_y) {
  if (jwk.string("crv") != (with_y ? "P-256" : "Ed25519")) return bad("of curves only P-256 and Ed25519 are taken");
  const auto x = bytes_of(jwk, "x");
  if (!x) return x.error();
  if (!with_y) return VerificationKey::ed25519(*x);
  const auto y = bytes_of(jwk, "y");
  if (!y) return y.error();
  return VerificationKey::p256(*x, *y);
}

Result<VerificationKey> read_secret(const JsonObject& jwk, bool secrets) {
  if (!secrets) return bad("a secret is not taken from a URL");
  const auto k = bytes_of(jwk, "k");
  if (!k) return k.error();
  if (k->size() < kLeastSecretBytes) return bad("a secret must have at least 32 bytes");
  return VerificationKey::secret(*k);
}

Result<VerificationKey> read_material(const JsonObject& jwk, bool secrets) {
  const auto type = jwk.string("kty");
  if (type == "RSA") return read_rsa(jwk);
  if (type == "EC") return read_curve(jwk, true);
  if (type == "OKP") return read_curve(jwk, false);
  if (type == "oct") return read_secret(jwk, secrets);
  return bad("kty must be RSA, EC, OKP or oct");
}

// `use` and `key_ops` (RFC 7517 sections 4.2 and 4.3), where they are there.
Status check_use(const JsonObject& jwk) {
  if (jwk.has("use") && jwk.string("use") != "sig") return bad("use is not sig");
  const JsonValue* operations = jwk.find_value("key_ops");
  if (operations == nullptr) return Done{};
  const auto named = json_elements(operations->json.text, kMostOperations);
  if (!named) return bad("key_ops must be an array");
  const auto verifies = [](const JsonValue& each) { return each.is(JsonValue::Kind::string) && each.text == "verify"; };
  if (std::any_of(named->begin(), named->end(), verifies)) return Done{};
  return bad("key_ops has no verify");
}

Result<NamedKey> read_key(std::string_view json, bool secrets) {
  const auto jwk = JsonObject::parse(json, kLimits, "a key", JsonObject::Repeats::refused);
  if (!jwk) return jwk.error();
  if (jwk->has("kid") && !jwk->string("kid")) return bad("kid must be a string");
  std::string id(jwk->string("kid").value_or(std::string_view()));
  if (id.size() > kLongestKeyId) return bad("kid is too long");
  if (Status use = check_use(*jwk); !use) return use.error();
  auto key = read_material(*jwk, secrets);
  if (!key) return key.error();
  NamedKey named{std::move(id), std::move(*key), std::nullopt};
  if (!jwk->has("alg")) return named;
  const auto algorithm = jwk->string("alg") ? algorithm_from_name(*jwk->string("alg")) : std::nullopt;
  if (!algorithm || !named.key.is_of_kind(*algorithm)) return bad("alg is not known, or not of this kty");
  named.only = algorithm;
  return named;
}

}  // namespace

Result<JwksKeys> read_jwks(std::string_view json, bool secrets) {
  const auto document = JsonObject::parse(json, kLimits, "a key set", JsonObject::Repeats::refused);
  if (!document) return document.error();
  const JsonValue* list = document->find_value("keys");
  if (list == nullptr || !list->is(JsonValue::Kind::array)) return bad("a key set must have the array keys");
  const auto keys = json_elements(list->json.text, kMostJwksKeys, kLimits);
  if (!keys) return bad("a key set may have at most 100 keys");
  JwksKeys read;
  for (std::size_t index = 0; index < keys->size(); ++index) {
    auto key = read_key((*keys)[index].json.text, secrets);
    if (key) {
      read.keys.push_back(std::move(*key));
    } else {
      read.skipped.push_back("keys[" + std::to_string(index) + "]: " + key.error().message);
    }
  }
  if (read.keys.empty()) {
    return bad("the key set has no usable key" + (read.skipped.empty() ? "" : " (" + read.skipped.front() + ")"));
  }
  return read;
}

}  // namespace jobwire::auth
