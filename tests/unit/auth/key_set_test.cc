// Which key a token is held against, and the ways in which somebody may try to choose another one.
#include "auth/key_set.h"

#include <catch2/catch.hpp>

#include "auth/jwks.h"
#include "auth/jwt.h"
#include "support/tokens.h"

using namespace jobwire;
using namespace jobwire::auth;
using namespace jobwire::test;

namespace {

constexpr UnixMs kNow = 1'764'000'000'000;
const std::string kClaims = R"({"sub":"alice"})";
const std::string kSecret(64, 's');

const SigningKey& rsa() {
  static const SigningKey key = SigningKey::rsa();
  return key;
}
const SigningKey& p256() {
  static const SigningKey key = SigningKey::p256();
  return key;
}
const SigningKey& ed25519() {
  static const SigningKey key = SigningKey::ed25519();
  return key;
}

NamedKey pem(const SigningKey& key, std::string id = {}) {
  const auto keys = VerificationKey::from_pem(key.public_pem());
  REQUIRE(keys);
  return {std::move(id), keys->front()};
}
NamedKey secret(std::string id = {}) { return {std::move(id), VerificationKey::secret(kSecret)}; }

KeySet everything() { return KeySet({secret("hs"), pem(rsa(), "rs"), pem(p256(), "es"), pem(ed25519(), "ed")}); }

std::string outcome(const KeySet& keys, const std::string& token) {
  const auto who = read_jwt({}, keys, token, kNow);
  return who ? who->user : who.error().message;
}

const std::string kUnknownKey = "token: its key (kid) is not known here";
const std::string kWrongSignature = "token: signature does not verify";

}  // namespace

TEST_CASE("every algorithm verifies what its key has signed") {
  const KeySet keys = everything();
  for (const char* algorithm : {"HS256", "HS384", "HS512"}) {
    CHECK(outcome(keys, signed_with(algorithm, kSecret, kClaims)) == "alice");
  }
  CHECK(outcome(keys, signed_by(rsa(), "rs", kClaims)) == "alice");
  CHECK(outcome(keys, signed_by(p256(), "es", kClaims)) == "alice");
  CHECK(outcome(keys, signed_by(ed25519(), "ed", kClaims)) == "alice");
  for (const SigningKey* key : {&rsa(), &p256(), &ed25519()})
    CHECK(outcome(keys, signed_by(*key, "", kClaims)) == "alice");
}

TEST_CASE("what another key has signed does not verify") {
  const KeySet keys = everything();
  CHECK(outcome(keys, signed_by(SigningKey::rsa(), "rs", kClaims)) == kWrongSignature);
  CHECK(outcome(keys, signed_by(SigningKey::p256(), "es", kClaims)) == kWrongSignature);
  CHECK(outcome(keys, signed_by(SigningKey::ed25519(), "ed", kClaims)) == kWrongSignature);
  CHECK(outcome(keys, signed_with("HS256", "another secret", kClaims)) == kWrongSignature);
}

TEST_CASE("a signature that was changed at any byte does not verify") {
  const KeySet keys = everything();
  for (const SigningKey* key : {&rsa(), &p256(), &ed25519()}) {
    const std::string good = signed_by(*key, "", kClaims);
    const std::size_t begin = good.rfind('.') + 1;
    for (std::size_t i = begin; i < good.size(); ++i) {
      std::string bad = good;
      bad[i] = bad[i] == 'A' ? 'B' : 'A';
      CHECK(outcome(keys, bad) != "alice");
    }
    CHECK(outcome(keys, good.substr(0, begin)) != "alice");
    CHECK(outcome(keys, good + "AAAA") != "alice");
  }
}

TEST_CASE("key confusion: HS256 signed with the public key's own text is refused") {
  for (const SigningKey* key : {&rsa(), &p256(), &ed25519()}) {
    const KeySet keys({pem(*key, "k")});
    for (const std::string& public_text : {key->public_pem(), key->jwk("k")}) {
      CHECK(outcome(keys, signed_with("HS256", public_text, kClaims)) == "token: no key here does HS256");
      const std::string header = R"({"alg":"HS256","kid":"k"})";
      CHECK(outcome(keys, signed_header(header, public_text, kClaims)) == "token: no key here does HS256");
    }
  }
  CHECK(outcome(everything(), signed_header(R"({"alg":"HS256","kid":"rs"})", rsa().public_pem(), kClaims)) ==
        "token: no key here does HS256");
}

TEST_CASE("key confusion: an algorithm that is not of the key's kind is refused, whatever the signature") {
  const KeySet keys = everything();
  CHECK(outcome(keys, signed_by(rsa(), "rs", kClaims, "ES256")) == "token: no key here does ES256");
  CHECK(outcome(keys, signed_by(rsa(), "rs", kClaims, "EdDSA")) == "token: no key here does EdDSA");
  CHECK(outcome(keys, signed_by(p256(), "es", kClaims, "RS256")) == "token: no key here does RS256");
  CHECK(outcome(keys, signed_by(ed25519(), "ed", kClaims, "HS256")) == "token: no key here does HS256");
  for (const char* other : {"RS384", "RS512", "PS256", "ES384", "ES256K", "Ed25519", "rs256"}) {
    CHECK(outcome(keys, signed_by(rsa(), "rs", kClaims, other)) == "token: its algorithm is not known here");
  }
}

TEST_CASE("key confusion: a kid that names a key of another kind does not lead to one of the right kind") {
  const KeySet keys = everything();
  CHECK(outcome(keys, signed_by(rsa(), "es", kClaims)) == "token: no key here does RS256");
  CHECK(outcome(keys, signed_by(p256(), "rs", kClaims)) == "token: no key here does ES256");
  const KeySet two({pem(rsa(), "old"), pem(SigningKey::rsa(), "new")});
  CHECK(outcome(two, signed_by(rsa(), "new", kClaims)) == kWrongSignature);
  CHECK(outcome(two, signed_by(rsa(), "gone", kClaims)) == kUnknownKey);
}

TEST_CASE("a kid is a string, and not a long one") {
  const auto with_kid = [](const std::string& kid) {
    return signed_header(R"({"alg":"HS256","kid":)" + kid + "}", kSecret, kClaims);
  };
  const KeySet keys({secret()});
  CHECK(outcome(keys, with_kid("\"any\"")) == "alice");
  CHECK(outcome(keys, with_kid("null")) == "alice");
  for (const char* kid : {"1", "[\"k\"]", "{}", "true"})
    CHECK(outcome(keys, with_kid(kid)) == "token: kid must be a string");
  CHECK(outcome(keys, with_kid('"' + std::string(300, 'k') + '"')) == "token: kid is too long");
}

TEST_CASE("a key that says what it is for does nothing else") {
  const auto read = read_jwks(jwks_of(SigningKey::rsa().jwk("a", R"(,"alg":"RS256")") + "," +
                                      R"({"kid":"b","kty":"oct","alg":"HS512","k":")" + base64url_of(kSecret) + "\"}"),
                              true);
  REQUIRE(read);
  const KeySet keys(read->keys);
  CHECK(outcome(keys, signed_header(R"({"alg":"HS256","kid":"b"})", kSecret, kClaims)) ==
        "token: no key here does HS256");
  CHECK(outcome(keys, signed_with("HS512", kSecret, kClaims)) == "alice");
}

TEST_CASE("the operator's list of algorithms shuts out what keys could do") {
  const KeySet keys({secret(), pem(rsa()), pem(p256())}, {Algorithm::es256});
  CHECK(outcome(keys, signed_by(p256(), "", kClaims)) == "alice");
  CHECK(outcome(keys, signed_by(rsa(), "", kClaims)) == "token: no key here does RS256");
  CHECK(outcome(keys, signed_with("HS256", kSecret, kClaims)) == "token: no key here does HS256");
}

TEST_CASE("a token that names no key is held against a bounded number of them") {
  std::vector<NamedKey> many;
  for (int i = 0; i < 40; ++i)
    many.push_back({std::to_string(i), VerificationKey::secret("another" + std::to_string(i))});
  many.push_back(secret("last"));
  const KeySet keys(std::move(many));
  CHECK(outcome(keys, signed_with("HS256", kSecret, kClaims)) == kWrongSignature);
  CHECK(outcome(keys, signed_header(R"({"alg":"HS256","kid":"last"})", kSecret, kClaims)) == "alice");
}
