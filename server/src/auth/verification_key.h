// A key that tells whether a signature is right. It can do the algorithms of its own kind and no others, so that no
// token chooses how its key is read. OpenSSL's types stay in verification_key.cc.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "auth/algorithm.h"
#include "jobwire/result.h"

namespace jobwire::auth {

// Immutable and cheap to copy. Errors say what is wrong with the key, and never print it.
class VerificationKey {
 public:
  // HS256, from 48 bytes on HS384 too, from 64 on HS512 too (RFC 7518 section 3.2).
  static VerificationKey secret(std::string_view bytes);
  // Each "PUBLIC KEY" of the text: RSA of 2048 to 8192 bits, P-256, Ed25519. At least one, and nothing else.
  static Result<std::vector<VerificationKey>> from_pem(std::string_view text);
  // Big-endian bytes, as a JWK has them (RFC 7518 section 6, RFC 8037 section 2).
  static Result<VerificationKey> rsa(std::string_view modulus, std::string_view exponent);
  static Result<VerificationKey> p256(std::string_view x, std::string_view y);
  static Result<VerificationKey> ed25519(std::string_view x);

  bool can(Algorithm algorithm) const;
  // Without regard to a secret's length: for algorithms that the operator has named.
  bool is_of_kind(Algorithm algorithm) const;
  // `signature` as RFC 7518 section 3 has it. False for an algorithm that is not of this key's kind.
  bool verifies(Algorithm algorithm, std::string_view input, std::string_view signature) const;

 private:
  struct Material;
  explicit VerificationKey(std::shared_ptr<const Material> material) : material_(std::move(material)) {}
  std::shared_ptr<const Material> material_;
};

}  // namespace jobwire::auth
