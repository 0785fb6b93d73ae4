// What the claims of a token, once its signature is known to be right, say about who brought it.
#pragma once

#include "auth/jwt.h"
#include "jobwire/json_object.h"

namespace jobwire::auth {

Result<Principal> read_claims(const JwtRules& rules, const JsonObject& claims, UnixMs now);

}  // namespace jobwire::auth
