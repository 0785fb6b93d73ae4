// The server's authenticator: API keys, JWTs, and the rules for who comes without a token.
#pragma once

#include <string>
#include <vector>

#include "auth/authenticator.h"
#include "auth/jwt.h"
#include "auth/key_cache.h"
#include "jobwire/time.h"

namespace jobwire::auth {

struct ApiKey {
  std::string name;  // becomes the principal's user, so that two services' idempotency keys stay apart
  std::string key;
};

struct AccessOptions {
  JwtRules jwt = {};
  std::string secret = {};                        // of HS256 tokens; empty: none
  std::vector<VerificationKey> public_keys = {};  // of PEM files
  std::vector<Algorithm> algorithms = {};         // of tokens; empty: what the keys can do
  std::vector<ApiKey> api_keys = {};
  bool dev = false;            // who comes without a token is the user `dev`, who owns jobs without owner
  std::string dev_token = {};  // --dev beyond loopback: `dev` must bring this random token
  bool anonymous = false;      // who knows an unguessable job id may follow it
};

class TokenAuthenticator : public Authenticator {
 public:
  // `published`: keys that come and go, beside those of the options; may be null.
  TokenAuthenticator(AccessOptions options, const Clock& clock, KeyCache* published = nullptr);

  // While keys are being fetched that could verify the token: `unavailable`, with retry_after_ms.
  Result<Principal> authenticate(std::string_view token) const override;
  Result<Principal> without_token() const override;

 private:
  struct KeyDigest {
    std::string name;
    std::string sha256;
  };
  Status verify(const Signing& signing, std::string_view input, std::string_view signature) const;

  AccessOptions options_;
  std::vector<KeyDigest> keys_;
  KeySet fixed_;
  std::string dev_token_sha256_;
  const Clock& clock_;
  KeyCache* published_;
};

}  // namespace jobwire::auth
