// The server's authenticator: API keys, JWTs, and the rules for who comes without a token.
#pragma once

#include <string>
#include <vector>

#include "auth/authenticator.h"
#include "auth/jwt.h"
#include "jobwire/time.h"

namespace jobwire::auth {

struct ApiKey {
  std::string name;  // becomes the principal's user, so that two services' idempotency keys stay apart
  std::string key;
};

struct AccessOptions {
  JwtOptions jwt = {};
  std::vector<ApiKey> api_keys = {};
  bool dev = false;            // who comes without a token is the user `dev`, who owns jobs without owner
  std::string dev_token = {};  // --dev beyond loopback: `dev` must bring this random token
  bool anonymous = false;      // who knows an unguessable job id may follow it
};

class TokenAuthenticator : public Authenticator {
 public:
  TokenAuthenticator(AccessOptions options, const Clock& clock);

  Result<Principal> authenticate(std::string_view token) const override;
  Result<Principal> without_token() const override;

 private:
  struct KeyDigest {
    std::string name;
    std::string sha256;
  };
  AccessOptions options_;
  std::vector<KeyDigest> keys_;
  std::string dev_token_sha256_;
  const Clock& clock_;
};

}  // namespace jobwire::auth
