// A fresh token in the middle of a conversation: the event `token`, {token} or the token by itself, in every namespace.
#pragma once

#include "auth/principal.h"
#include "hub/conversation.h"
#include "jobwire/result.h"

namespace jobwire::hub {

class Hub;

inline constexpr std::string_view kTokenEvent = "token";

// Who that is, if it is who was there before. `unauthenticated`: the token is no good, and the conversation is to end
// with it; every other error leaves it as it was.
Result<auth::Principal> read_fresh_token(const Hub& hub, const Arguments& arguments, const auth::Principal& before);

}  // namespace jobwire::hub
