#include "auth/verification_key.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <array>
#include <string>

namespace jobwire::auth {
namespace {

constexpr int kLeastRsaBits = 2048;
constexpr int kMostRsaBits = 8192;        // a verification takes time that grows with them
constexpr std::size_t kMostExponent = 8;  // bytes; 65537 has 3
constexpr std::size_t kCoordinate = 32;   // bytes, of P-256 and of Ed25519

template <auto free_it>
struct Free {
  template <class T>
  void operator()(T* object) const {
    free_it(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;
using PublicKey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, Free<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Free<OSSL_PARAM_free>>;

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

Error unusable(std::string why) { return {ErrorCode::bad_request, std::move(why), "key", 0}; }

Number number(std::string_view big_endian) {
  return Number(BN_bin2bn(bytes(big_endian), static_cast<int>(big_endian.size()), nullptr));
}

// Leaves nothing in the thread's error queue, whichever way it ends.
struct QuietErrors {
  ~QuietErrors() { ERR_clear_error(); }
};

PublicKey from_params(const char* type, OSSL_PARAM_BLD* builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  return PublicKey(key);
}

// r and s side by side (RFC 7518 section 3.4) as the DER that OpenSSL takes; empty: not of that form.
std::string der_of(std::string_view signature) {
  if (signature.size() != 2 * kCoordinate) return {};
  const Signature pair(ECDSA_SIG_new());
  Number r = number(signature.substr(0, kCoordinate));
  Number s = number(signature.substr(kCoordinate));
  if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
  (void)r.release();  // the pair's own now
  (void)s.release();
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  if (size <= 0) return {};
  std::string copy(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return copy;
}

bool verifies_public(EVP_PKEY* key, const EVP_MD* digest, std::string_view input, std::string_view signature) {
  const DigestContext context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(input), input.size()) == 1;
}

const EVP_MD* hmac_digest(Algorithm algorithm) {
  return algorithm == Algorithm::hs256 ? EVP_sha256() : algorithm == Algorithm::hs384 ? EVP_sha384() : EVP_sha512();
}

bool verifies_hmac(const std::string& secret, Algorithm algorithm, std::string_view input, std::string_view signature) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> code{};
  unsigned int size = 0;
  if (HMAC(hmac_digest(algorithm), secret.data(), static_cast<int>(secret.size()), bytes(input), input.size(),
           code.data(), &size) == nullptr) {
    return false;
  }
  return signature.size() == size && CRYPTO_memcmp(code.data(), signature.data(), size) == 0;
}

bool is_p256(EVP_PKEY* key) {
  std::array<char, 64> group{};
  std::size_t size = 0;
  return EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(), &size) == 1 &&
         std::string_view(group.data(), size) == SN_X9_62_prime256v1;
}

}  // namespace

struct VerificationKey::Material {
  std::string secret;
  PublicKey key;  // null: a secret
  Algorithm algorithm = Algorithm::hs256;

  static Result<VerificationKey> of(PublicKey key) {
    const QuietErrors quiet;
    if (!key) return unusable("the key cannot be read");
    Material material;
    if (EVP_PKEY_is_a(key.get(), "RSA")) {
      const int bits = EVP_PKEY_get_bits(key.get());
      if (bits < kLeastRsaBits || bits > kMostRsaBits) return unusable("an RSA key must have 2048 to 8192 bits");
      material.algorithm = Algorithm::rs256;
    } else if (EVP_PKEY_is_a(key.get(), "EC")) {
      if (!is_p256(key.get())) return unusable("of elliptic curves only P-256 is taken");
      material.algorithm = Algorithm::es256;
    } else if (EVP_PKEY_is_a(key.get(), "ED25519")) {
      material.algorithm = Algorithm::eddsa;
    } else {
      return unusable("only RSA, P-256 and Ed25519 keys are taken");
    }
    material.key = std::move(key);
    return VerificationKey(std::make_shared<const Material>(std::move(material)));
  }
};

VerificationKey VerificationKey::secret(std::string_view given) {
  Material material;
  material.secret = given;
  return VerificationKey(std::make_shared<const Material>(std::move(material)));
}

Result<std::vector<VerificationKey>> VerificationKey::from_pem(std::string_view text) {
  const QuietErrors quiet;
  constexpr std::string_view kBegin = "-----BEGIN ";
  if (text.find("PRIVATE KEY-----") != std::string_view::npos) {
    return unusable("it holds a private key; give the public one (openssl pkey -pubout)");
  }
  std::vector<VerificationKey> keys;
  for (std::size_t at = text.find(kBegin); at != std::string_view::npos;) {
    const std::size_t next = text.find(kBegin, at + 1);
    const std::string_view block = text.substr(at, next == std::string_view::npos ? next : next - at);
    const Bio bio(BIO_new_mem_buf(block.data(), static_cast<int>(block.size())));
    auto key = Material::of(PublicKey(bio ? PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr) : nullptr));
    if (!key) return key.error();
    keys.push_back(std::move(*key));
    at = next;
  }
  if (keys.empty()) return unusable("it holds no PEM public key (-----BEGIN PUBLIC KEY-----)");
  return keys;
}

Result<VerificationKey> VerificationKey::rsa(std::string_view modulus, std::string_view exponent) {
  const QuietErrors quiet;
  while (modulus.starts_with('\0')) modulus.remove_prefix(1);
  while (exponent.starts_with('\0')) exponent.remove_prefix(1);
  if (modulus.size() * 8 > kMostRsaBits) return unusable("an RSA key must have 2048 to 8192 bits");
  if (exponent.empty() || exponent.size() > kMostExponent || exponent.back() % 2 == 0 || exponent == "\x01") {
    return unusable("an RSA exponent must be odd, above 1 and of at most 64 bits");
  }
  const Number n = number(modulus);
  const Number e = number(exponent);
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!n || !e || !builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return unusable("the key cannot be read");
  }
  return Material::of(from_params("RSA", builder.get()));
}

Result<VerificationKey> VerificationKey::p256(std::string_view x, std::string_view y) {
  const QuietErrors quiet;
  if (x.size() != kCoordinate || y.size() != kCoordinate) return unusable("a P-256 key has two times 32 bytes");
  const std::string point = std::string(1, '\4').append(x).append(y);  // uncompressed (SEC 1 section 2.3.3)
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, SN_X9_62_prime256v1, 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1) {
    return unusable("the key cannot be read");
  }
  PublicKey key = from_params("EC", builder.get());
  if (!key) return unusable("this point is not on P-256");
  return Material::of(std::move(key));
}

Result<VerificationKey> VerificationKey::ed25519(std::string_view x) {
  const QuietErrors quiet;
  if (x.size() != kCoordinate) return unusable("an Ed25519 key has 32 bytes");
  return Material::of(PublicKey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(x), x.size())));
}

bool VerificationKey::is_of_kind(Algorithm algorithm) const {
  return material_->key ? algorithm == material_->algorithm : is_symmetric(algorithm);
}

bool VerificationKey::can(Algorithm algorithm) const {
  if (!is_of_kind(algorithm)) return false;
  const std::size_t least = algorithm == Algorithm::hs384 ? 48 : algorithm == Algorithm::hs512 ? 64 : 0;
  return material_->key != nullptr || material_->secret.size() >= least;
}

bool VerificationKey::verifies(Algorithm algorithm, std::string_view input, std::string_view signature) const {
  const QuietErrors quiet;
  if (!is_of_kind(algorithm)) return false;
  EVP_PKEY* const key = material_->key.get();
  switch (algorithm) {
    case Algorithm::hs256:
    case Algorithm::hs384:
    case Algorithm::hs512:
      return !material_->secret.empty() && verifies_hmac(material_->secret, algorithm, input, signature);
    case Algorithm::rs256:
      return verifies_public(key, EVP_sha256(), input, signature);
    case Algorithm::es256: {
      const std::string der = der_of(signature);
      return !der.empty() && verifies_public(key, EVP_sha256(), input, der);
    }
    case Algorithm::eddsa:
      return verifies_public(key, nullptr, input, signature);
  }
  return false;
}

}  // namespace jobwire::auth
