// Turns a token into a principal.
#pragma once

#include <string_view>

#include "auth/principal.h"
#include "jobwire/result.h"

namespace jobwire::auth {

class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // A JWT or a configured API key. Errors are `unauthenticated`, with the reason ("expired", "signature", ...).
  virtual Result<Principal> authenticate(std::string_view token) const = 0;
  // Who comes without a token: `dev` under --dev, a capability holder under --anonymous, else unauthenticated.
  virtual Result<Principal> without_token() const = 0;
};

}  // namespace jobwire::auth
