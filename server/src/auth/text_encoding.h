// Bytes as text: base64url (RFC 4648 section 5, RFC 7515 section 2) and base32, without padding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace jobwire::auth {

std::string base64url(std::string_view bytes);
// Strict, so that every text has one spelling: no padding, no white space, unused bits are zero. nullopt: it is not
// that.
std::optional<std::string> from_base64url(std::string_view text);

std::string base32(std::string_view bytes);  // RFC 4648 section 6, in lower case

}  // namespace jobwire::auth
