// What a request says about who asks. Which of it counts: auth/credentials.h.
#pragma once

#include <string>
#include <vector>

#include "auth/client_address.h"
#include "auth/credentials.h"
#include "auth/origin.h"
#include "transport/exchange.h"

namespace jobwire::transport {

// For a peer that is a trusted proxy: the address that it speaks for.
std::string forwarded_client(const Request& request, const std::vector<auth::AddressRange>& trusted);

auth::Credentials credentials_of(const Request& request, const auth::OriginRules& origins);

}  // namespace jobwire::transport
