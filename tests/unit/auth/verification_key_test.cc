#include "auth/verification_key.h"

#include <jwt.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "auth/jwt.h"
#include "support/tokens.h"

using namespace jobwire;
using namespace jobwire::auth;
using namespace jobwire::test;

namespace {

std::string refusal(const std::string& pem) {
  const auto keys = VerificationKey::from_pem(pem);
  REQUIRE_FALSE(keys);
  return keys.error().message;
}

}  // namespace

TEST_CASE("a PEM file may hold several keys, of several kinds") {
  const auto keys =
      VerificationKey::from_pem("# ours\n" + SigningKey::rsa().public_pem() + SigningKey::p256().public_pem() + "\n" +
                                SigningKey::ed25519().public_pem());
  REQUIRE(keys);
  REQUIRE(keys->size() == 3);
  CHECK((*keys)[0].can(Algorithm::rs256));
  CHECK((*keys)[1].can(Algorithm::es256));
  CHECK((*keys)[2].can(Algorithm::eddsa));
  for (const VerificationKey& key : *keys) CHECK_FALSE(key.can(Algorithm::hs256));
}

TEST_CASE("a private key is refused, and not printed") {
  const std::string pem = SigningKey::ed25519().private_pem();
  CHECK(refusal(pem).find("private key") != std::string::npos);
  CHECK(refusal(pem).find(pem.substr(30, 20)) == std::string::npos);
}

TEST_CASE("keys that are too weak, too strong or of another kind are refused") {
  CHECK(refusal(SigningKey::rsa(1024).public_pem()).find("2048") != std::string::npos);
  CHECK(refusal(SigningKey::p384().public_pem()).find("P-256") != std::string::npos);
  CHECK(refusal("").find("no PEM") != std::string::npos);
  CHECK(refusal("ssh-ed25519 AAAA").find("no PEM") != std::string::npos);
  const std::string good = SigningKey::p256().public_pem();
  CHECK_FALSE(VerificationKey::from_pem(good.substr(0, good.size() / 2)));
  CHECK_FALSE(VerificationKey::from_pem(good + "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"));
}

TEST_CASE("numbers that make no key are refused") {
  const std::string n(256, '\xff');
  const std::string exponent("\x01\x00\x01", 3);
  CHECK(VerificationKey::rsa(n, exponent));
  CHECK_FALSE(VerificationKey::rsa(n.substr(1), exponent));
  CHECK_FALSE(VerificationKey::rsa(std::string(1025, '\xff'), exponent));
  CHECK_FALSE(VerificationKey::rsa(n, ""));
  CHECK_FALSE(VerificationKey::rsa(n, std::string("\x01", 1)));
  CHECK_FALSE(VerificationKey::rsa(n, std::string("\x04", 1)));
  CHECK_FALSE(VerificationKey::rsa(n, std::string(9, '\xff')));
  CHECK_FALSE(VerificationKey::p256(std::string(32, '\1'), std::string(32, '\1')));  // not on the curve
  CHECK_FALSE(VerificationKey::p256(std::string(32, '\0'), std::string(32, '\0')));
  CHECK_FALSE(VerificationKey::p256(std::string(31, '\1'), std::string(32, '\1')));
  CHECK_FALSE(VerificationKey::ed25519(std::string(31, '\1')));
}

TEST_CASE("what another library signs is verified: libjwt, which also mints this server's own tokens") {
  const SigningKey rsa = SigningKey::rsa();
  const SigningKey p256 = SigningKey::p256();
  for (const auto& [key, algorithm] : {std::pair(&rsa, JWT_ALG_RS256), std::pair(&p256, JWT_ALG_ES256)}) {
    const std::string pem = key->private_pem();
    jwt_t* jwt = nullptr;
    REQUIRE(jwt_new(&jwt) == 0);
    REQUIRE(jwt_set_alg(jwt, algorithm, reinterpret_cast<const unsigned char*>(pem.data()),
                        static_cast<int>(pem.size())) == 0);
    REQUIRE(jwt_add_grant(jwt, "sub", "alice") == 0);
    char* text = jwt_encode_str(jwt);
    REQUIRE(text != nullptr);
    const std::string token = text;
    std::free(text);
    jwt_free(jwt);
    const auto keys = VerificationKey::from_pem(key->public_pem());
    REQUIRE(keys);
    const auto who = read_jwt({}, KeySet({{{}, keys->front()}}), token, 1'764'000'000'000);
    REQUIRE(who);
    CHECK(who->user == "alice");
  }
}
