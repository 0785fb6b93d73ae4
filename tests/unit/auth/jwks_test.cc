#include "auth/jwks.h"

#include <catch2/catch.hpp>

#include "support/tokens.h"

using namespace jobwire;
using namespace jobwire::auth;
using namespace jobwire::test;

namespace {

JwksKeys read(const std::string& keys, bool secrets = false) {
  const auto read = read_jwks(jwks_of(keys), secrets);
  INFO((read ? "" : read.error().message));
  REQUIRE(read);
  return *read;
}

std::string refusal(const std::string& document, bool secrets = false) {
  const auto read = read_jwks(document, secrets);
  REQUIRE_FALSE(read);
  return read.error().message;
}

// Why this one key is not taken.
std::string skipped(const std::string& key) { return refusal(jwks_of(key)); }

}  // namespace

TEST_CASE("a key set may mix kinds, with ids and without") {
  const auto set = read(SigningKey::rsa().jwk("a", R"(,"use":"sig","alg":"RS256","x5t":"ignored")") + "," +
                        SigningKey::p256().jwk("b", R"(,"key_ops":["sign","verify"])") + "," +
                        SigningKey::ed25519().jwk("", R"(,"alg":null)"));
  REQUIRE(set.keys.size() == 3);
  CHECK(set.skipped.empty());
  CHECK(set.keys[0].id == "a");
  CHECK(set.keys[0].only == Algorithm::rs256);
  CHECK(set.keys[1].key.can(Algorithm::es256));
  CHECK(set.keys[2].id.empty());
}

TEST_CASE("the example of RFC 8037 (appendix A) is read") {
  const auto set = read(R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
  const std::string input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
  std::string bytes =
      "\x86\x0c\x98\xd2\x29\x7f\x30\x60\xa3\x3f\x42\x73\x96\x72\xd6\x1b\x53\xcf\x3a\xde\xfe\xd3\xd3\xc6\x72\xf3\x20\xdc"
      "\x02\x1b\x41\x1e\x9d\x59\xb8\x62\x8d\xc3\x51\xe2\x48\xb8\x8b\x29\x46\x8e\x0e\x41\x85\x5b\x0f\xb7\xd8\x3b\xb1\x5b"
      "\xe9\x02\xbf\xcc\xb8\xcd\x0a\x02";
  CHECK(set.keys[0].key.verifies(Algorithm::eddsa, input, bytes));
  bytes.back() ^= 1;
  CHECK_FALSE(set.keys[0].key.verifies(Algorithm::eddsa, input, bytes));
}

TEST_CASE("keys for other uses and of other kinds are passed over, and it is told why") {
  const std::string good = SigningKey::p256().jwk("good");
  const auto set = read(SigningKey::rsa().jwk("enc", R"(,"use":"enc")") + "," + SigningKey::p384().jwk("p384") + "," +
                        good + R"(,{"kty":"new"},7,{"kty":"EC","kty":"EC"})");
  CHECK(set.keys.size() == 1);
  REQUIRE(set.skipped.size() == 5);
  CHECK(set.skipped[0] == "keys[0]: use is not sig");
  CHECK(set.skipped[1] == "keys[1]: of curves only P-256 and Ed25519 are taken");
}

TEST_CASE("what is wrong with a key is named") {
  const std::string p256 = SigningKey::p256().jwk("k");
  CHECK(skipped(R"({"kty":"RSA","e":"AQAB"})").find("n must be base64url") != std::string::npos);
  CHECK(skipped(R"({"kty":"RSA","n":"AQAB","e":7})").find("e must be base64url") != std::string::npos);
  CHECK(skipped(R"({"kty":"RSA","n":"AQAB","e":"AQAB"})").find("2048") != std::string::npos);
  CHECK(skipped(SigningKey::rsa(1024).jwk("k")).find("2048") != std::string::npos);
  CHECK(skipped(SigningKey::rsa().jwk("k", R"(,"alg":"HS256")")).find("alg") != std::string::npos);
  CHECK(skipped(SigningKey::rsa().jwk("k", R"(,"alg":"ES256")")).find("alg") != std::string::npos);
  CHECK(skipped(SigningKey::rsa().jwk("k", R"(,"alg":"RS512")")).find("alg") != std::string::npos);
  CHECK(skipped(SigningKey::rsa().jwk("k", R"(,"key_ops":["encrypt"])")).find("key_ops") != std::string::npos);
  CHECK(skipped(R"({"kid":7,"kty":"RSA"})").find("kid must be a string") != std::string::npos);
  CHECK(skipped(R"({"kid":")" + std::string(300, 'k') + R"(","kty":"RSA"})").find("kid is too long") !=
        std::string::npos);
  CHECK(skipped(R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})").find("P-256") != std::string::npos);
  CHECK(skipped(R"({"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})").find("Ed25519") !=
        std::string::npos);
}

TEST_CASE("a secret is taken from a file, never from a URL") {
  const std::string key = R"({"kty":"oct","k":")" + base64url_of(std::string(32, 's')) + "\"}";
  CHECK(read(key, true).keys.size() == 1);
  CHECK(skipped(key).find("URL") != std::string::npos);
  CHECK(refusal(jwks_of(R"({"kty":"oct","k":"c2hvcnQ"})"), true).find("32 bytes") != std::string::npos);
}

TEST_CASE("what is no key set is refused as a whole") {
  for (const char* document : {"", "{}", "[]", "null", R"({"keys":{}})", R"({"keys":[]})", "<html>", R"({"keys":[)",
                               R"({"keys":[],"keys":[]})"}) {
    INFO(document);
    CHECK(refusal(document) != "");
  }
  std::string many = SigningKey::p256().jwk("k");
  for (int i = 0; i < 100; ++i) many += R"(,{"kty":"x"})";
  CHECK(refusal(jwks_of(many)).find("100") != std::string::npos);
  CHECK(refusal(jwks_of(SigningKey::p256().jwk("k")) + std::string(kMostJwksBytes, ' ')).find("at most") !=
        std::string::npos);
}
