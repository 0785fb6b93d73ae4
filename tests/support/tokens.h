// Keys and tokens as others make them: by OpenSSL, with none of the server's own code.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace jobwire::test {

std::string base64url_of(std::string_view bytes);

// A key pair.
class SigningKey {
 public:
  static SigningKey rsa(int bits = 2048);
  static SigningKey p256();
  static SigningKey p384();
  static SigningKey ed25519();

  std::string algorithm() const;  // RS256, ES256, ES384, EdDSA
  std::string public_pem() const;
  std::string private_pem() const;
  // A JSON Web Key; `more` are further members, each led by a comma.
  std::string jwk(std::string_view kid, std::string_view more = {}) const;
  // As RFC 7518 section 3 has signatures.
  std::string sign(std::string_view input) const;

 private:
  struct Pair;
  explicit SigningKey(std::shared_ptr<Pair> pair) : pair_(std::move(pair)) {}
  std::shared_ptr<Pair> pair_;
};

// header.claims.signature; `header` and `claims` are JSON texts, right or wrong.
std::string compact(std::string_view header, std::string_view claims, std::string_view signature);

// {"alg", "typ"} and these claims; HS256, HS384 or HS512.
std::string signed_with(std::string_view algorithm, std::string_view secret, std::string_view claims);
std::string signed_header(std::string_view header, std::string_view secret, std::string_view claims);  // HS256
std::string unsigned_token(std::string_view claims, std::string_view algorithm = "none");
// By a key pair; an empty `kid` is left out.
std::string signed_by(const SigningKey& key, std::string_view kid, std::string_view claims);
std::string signed_by(const SigningKey& key, std::string_view kid, std::string_view claims,
                      std::string_view claimed_algorithm);

inline std::string jwks_of(const std::string& keys) { return R"({"keys":[)" + keys + "]}"; }

}  // namespace jobwire::test
