// JSON Web Tokens (RFC 7519) signed with HS256. The only file that knows libjwt is jwt.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/principal.h"
#include "jobwire/result.h"
#include "jobwire/time.h"

namespace jobwire::auth {

// Existing tokens name things differently: of each list, the first claim that a token carries is read.
struct JwtOptions {
  std::string secret = {};
  std::vector<std::string> user_claims = {"sub", "id", "_id", "userId"};  // a string or an integer
  std::vector<std::string> role_claims = {"role", "isAdmin"};             // a word, a list of words, or true for admin
  std::vector<std::string> job_claims = {"jobs", "job"};                  // ids: the token sees these jobs only
  DurationMs not_before_leeway = 5'000;                                   // clocks of issuer and server differ
};

// Verifies signature, `exp` and `nbf`. Errors are `unauthenticated` and say why. A token that names jobs never has
// more than a viewer's rights, whatever its role claim says.
Result<Principal> read_jwt(const JwtOptions& options, std::string_view token, UnixMs now);

struct TokenRequest {
  std::string user = {};  // may be empty for admin, service, and for a token that names jobs
  Role role = Role::user;
  std::vector<std::string> jobs = {};
  DurationMs expires_in = 0;  // 0: never; rounded up to whole seconds
};
// A token that read_jwt() with the same secret and the default claims accepts. The error names the broken field.
Result<std::string> mint_jwt(std::string_view secret, const TokenRequest& request, UnixMs now);

}  // namespace jobwire::auth
