// What a request says about who asks. Which of it counts: auth/credentials.h.
#pragma once

#include "auth/credentials.h"
#include "auth/origin.h"
#include "transport/exchange.h"

namespace jobwire::transport {

auth::Credentials credentials_of(const Request& request, const auth::OriginRules& origins);

}  // namespace jobwire::transport
