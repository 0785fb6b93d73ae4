// Where a request says who it is, and which of these counts: one rule for HTTP, the native wire and every dialect.
#pragma once

#include <string>
#include <string_view>

#include "auth/authenticator.h"
#include "jobwire/result.h"

namespace jobwire::auth {

// Everything that a request or a handshake brought along; nothing of it is judged yet. Empty: not there.
struct Credentials {
  std::string given = {};          // the protocol's own: the token of hello, or of Socket.IO's auth payload
  std::string authorization = {};  // the header's value
  std::string query = {};          // ?token=
  std::string cookie = {};         // the Cookie header's value
  bool cookie_counts = false;      // it was sent by a page of an allowed origin (see cookie_may_count)
};

struct CredentialRules {
  std::string cookie_name = {};  // of the cookie that holds a token; empty: cookies are not looked at
  bool query = false;            // ?token= is read: it shows in the logs of proxies
};

// The token, or empty where none was brought. What somebody has said outright comes before what a browser sends by
// itself: given, Authorization, query, cookie. An Authorization of another scheme and a cookie that may not count are
// errors, never "no token".
Result<std::string> token_of(const CredentialRules& rules, const Credentials& credentials);

// Who that is: by the token, or as who comes without one.
Result<Principal> identify(const Authenticator& authenticator, const CredentialRules& rules,
                           const Credentials& credentials);

// `token` of a Socket.IO auth payload, which is a JSON object or empty; null and "" are none. The error names the
// field.
Result<std::string> token_of_auth_payload(std::string_view json);

// The value of the first cookie of this name (RFC 6265 section 5.4 puts the most specific one first), without quotes.
std::string_view cookie_value(std::string_view header, std::string_view name);

}  // namespace jobwire::auth
