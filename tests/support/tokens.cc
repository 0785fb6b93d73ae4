#include "support/tokens.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <stdexcept>
#include <utility>
#include <vector>

namespace jobwire::test {
namespace {

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

void must(bool worked, const char* what) {
  if (!worked) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

std::string hmac(std::string_view algorithm, std::string_view secret, std::string_view input) {
  const EVP_MD* digest = algorithm == "HS256" ? EVP_sha256() : algorithm == "HS384" ? EVP_sha384() : EVP_sha512();
  std::array<unsigned char, EVP_MAX_MD_SIZE> code{};
  unsigned int size = 0;
  HMAC(digest, secret.data(), static_cast<int>(secret.size()), bytes(input), input.size(), code.data(), &size);
  return {reinterpret_cast<char*>(code.data()), size};
}

std::string written(int (*write)(BIO*, EVP_PKEY*), EVP_PKEY* key) {
  BIO* bio = BIO_new(BIO_s_mem());
  must(write(bio, key) == 1, "PEM");
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  std::string copy(text, static_cast<std::size_t>(size));
  BIO_free(bio);
  return copy;
}

std::string number_param(EVP_PKEY* key, const char* name, int width) {
  BIGNUM* number = nullptr;
  must(EVP_PKEY_get_bn_param(key, name, &number) == 1, name);
  std::string raw(static_cast<std::size_t>(width == 0 ? BN_num_bytes(number) : width), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(raw.data()), static_cast<int>(raw.size()));
  BN_free(number);
  return raw;
}

std::string raw_signature(const std::string& der, int width) {
  const unsigned char* at = bytes(der);
  ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  std::string raw(static_cast<std::size_t>(2 * width), '\0');
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, width);
  BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + width, width);
  ECDSA_SIG_free(pair);
  return raw;
}

int write_public(BIO* bio, EVP_PKEY* key) { return PEM_write_bio_PUBKEY(bio, key); }
int write_private(BIO* bio, EVP_PKEY* key) {
  return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
}

}  // namespace

struct SigningKey::Pair {
  EVP_PKEY* key = nullptr;
  std::string algorithm;
  Pair(EVP_PKEY* made, std::string name) : key(made), algorithm(std::move(name)) { must(key != nullptr, "key"); }
  ~Pair() { EVP_PKEY_free(key); }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
};

SigningKey SigningKey::rsa(int bits) {
  return SigningKey(std::make_shared<Pair>(EVP_RSA_gen(static_cast<unsigned int>(bits)), "RS256"));
}
SigningKey SigningKey::p256() { return SigningKey(std::make_shared<Pair>(EVP_EC_gen("P-256"), "ES256")); }
SigningKey SigningKey::p384() { return SigningKey(std::make_shared<Pair>(EVP_EC_gen("P-384"), "ES384")); }
SigningKey SigningKey::ed25519() {
  return SigningKey(std::make_shared<Pair>(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), "EdDSA"));
}

std::string SigningKey::algorithm() const { return pair_->algorithm; }
std::string SigningKey::public_pem() const { return written(write_public, pair_->key); }
std::string SigningKey::private_pem() const { return written(write_private, pair_->key); }

std::string SigningKey::sign(std::string_view input) const {
  const EVP_MD* digest = pair_->algorithm == "EdDSA" ? nullptr : EVP_sha256();
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  must(EVP_DigestSignInit(context, nullptr, digest, nullptr, pair_->key) == 1, "sign");
  std::size_t size = 0;
  must(EVP_DigestSign(context, nullptr, &size, bytes(input), input.size()) == 1, "sign");
  std::string signature(size, '\0');
  must(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size, bytes(input), input.size()) ==
           1,
       "sign");
  signature.resize(size);
  EVP_MD_CTX_free(context);
  if (pair_->algorithm == "ES256") return raw_signature(signature, 32);
  if (pair_->algorithm == "ES384") return raw_signature(signature, 48);
  return signature;
}

std::string SigningKey::jwk(std::string_view kid, std::string_view more) const {
  std::string json = "{";
  if (!kid.empty()) json.append(R"("kid":")").append(kid).append("\",");
  const auto member = [](const char* name, const std::string& raw) {
    return std::string(",\"") + name + "\":\"" + base64url_of(raw) + '"';
  };
  if (pair_->algorithm == "RS256") {
    json += R"("kty":"RSA")" + member("n", number_param(pair_->key, OSSL_PKEY_PARAM_RSA_N, 0)) +
            member("e", number_param(pair_->key, OSSL_PKEY_PARAM_RSA_E, 0));
  } else if (pair_->algorithm == "EdDSA") {
    std::string x(32, '\0');
    std::size_t size = x.size();
    must(EVP_PKEY_get_raw_public_key(pair_->key, reinterpret_cast<unsigned char*>(x.data()), &size) == 1, "raw");
    json += R"("kty":"OKP","crv":"Ed25519")" + member("x", x);
  } else {
    const int width = pair_->algorithm == "ES256" ? 32 : 48;
    json += std::string(R"("kty":"EC","crv":")") + (width == 32 ? "P-256" : "P-384") + '"' +
            member("x", number_param(pair_->key, OSSL_PKEY_PARAM_EC_PUB_X, width)) +
            member("y", number_param(pair_->key, OSSL_PKEY_PARAM_EC_PUB_Y, width));
  }
  return json.append(more).append("}");
}

std::string base64url_of(std::string_view raw) {
  std::string text((raw.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes(raw), static_cast<int>(raw.size()));
  text.resize(static_cast<std::size_t>(size));
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text.substr(0, text.find('='));
}

std::string compact(std::string_view header, std::string_view claims, std::string_view signature) {
  return base64url_of(header) + "." + base64url_of(claims) + "." + base64url_of(signature);
}

std::string signed_header(std::string_view header, std::string_view secret, std::string_view claims) {
  const std::string input = base64url_of(header) + "." + base64url_of(claims);
  return input + "." + base64url_of(hmac("HS256", secret, input));
}

std::string signed_with(std::string_view algorithm, std::string_view secret, std::string_view claims) {
  const std::string header = R"({"alg":")" + std::string(algorithm) + R"(","typ":"JWT"})";
  const std::string input = base64url_of(header) + "." + base64url_of(claims);
  return input + "." + base64url_of(hmac(algorithm, secret, input));
}

std::string unsigned_token(std::string_view claims, std::string_view algorithm) {
  return compact(R"({"alg":")" + std::string(algorithm) + R"("})", claims, "");
}

std::string signed_by(const SigningKey& key, std::string_view kid, std::string_view claims) {
  return signed_by(key, kid, claims, key.algorithm());
}

std::string signed_by(const SigningKey& key, std::string_view kid, std::string_view claims,
                      std::string_view claimed_algorithm) {
  std::string header = R"({"alg":")" + std::string(claimed_algorithm) + '"';
  if (!kid.empty()) header += R"(,"kid":")" + std::string(kid) + '"';
  const std::string input = base64url_of(header + "}") + "." + base64url_of(claims);
  return input + "." + base64url_of(key.sign(input));
}

}  // namespace jobwire::test
