// JSON Web Tokens (RFC 7519) in the compact form of RFC 7515: read by this server's own few lines over OpenSSL, which
// know EdDSA and key sets (docs/decisions/008); minted by libjwt, which stays in jwt_mint.cc.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/key_set.h"
#include "auth/principal.h"
#include "jobwire/result.h"
#include "jobwire/time.h"

namespace jobwire::auth {

// Existing tokens name things differently: of each list, the first claim that a token carries is read.
struct JwtRules {
  std::vector<std::string> user_claims = {"sub", "id", "_id", "userId"};  // a string or an integer
  std::vector<std::string> role_claims = {"role", "isAdmin"};             // a word, a list of words, or true for admin
  std::vector<std::string> job_claims = {"jobs", "job"};                  // ids: the token sees these jobs only
  std::vector<std::string> audiences = {};                                // one of them must be in `aud`; empty: any
  std::vector<std::string> issuers = {};                                  // `iss` must be one of them; empty: any
  DurationMs not_before_leeway = 5'000;                                   // clocks of issuer and server differ
  DurationMs expiry_leeway = 0;
};

// Is this signature right? The caller has the keys, and may know that more of them are on their way.
using Verify =
    std::function<Status(const Signing& signing, std::string_view signing_input, std::string_view signature)>;

// Verifies signature, `exp`, `nbf`, `aud` and `iss`. Errors are `unauthenticated`, or what `verify` says, and tell why.
// A token that names jobs never has more than a viewer's rights, whatever its role claim says.
Result<Principal> read_jwt(const JwtRules& rules, const Verify& verify, std::string_view token, UnixMs now);
// By these keys and no others.
Result<Principal> read_jwt(const JwtRules& rules, const KeySet& keys, std::string_view token, UnixMs now);
// What a verdict means to who sent the token.
Status status_of(KeySet::Verdict verdict, const Signing& signing);

struct TokenRequest {
  std::string user = {};  // may be empty for admin, service, and for a token that names jobs
  Role role = Role::user;
  std::vector<std::string> jobs = {};
  DurationMs expires_in = 0;  // 0: never; rounded up to whole seconds
};
// A token (HS256) that read_jwt() with the same secret and the default claims accepts. The error names the broken
// field.
Result<std::string> mint_jwt(std::string_view secret, const TokenRequest& request, UnixMs now);

}  // namespace jobwire::auth
