// A JSON Web Key Set (RFC 7517) as keys.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/key_set.h"
#include "jobwire/result.h"

namespace jobwire::auth {

inline constexpr std::size_t kMostJwksBytes = 256 << 10;
inline constexpr std::size_t kMostJwksKeys = 100;

struct JwksKeys {
  std::vector<NamedKey> keys;        // at least one
  std::vector<std::string> skipped;  // why a key is not among them: other uses and kinds are no errors (section 5)
};

// `secrets`: keys of kty "oct" are taken too; never from what is published at a URL. The error says what is wrong with
// the whole, or that no key is left, and why.
Result<JwksKeys> read_jwks(std::string_view json, bool secrets);

}  // namespace jobwire::auth
