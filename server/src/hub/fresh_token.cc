#include "hub/fresh_token.h"

#include "auth/credentials.h"
#include "hub/hub.h"

namespace jobwire::hub {

Result<auth::Principal> read_fresh_token(const Hub& hub, const Arguments& arguments, const auth::Principal& before) {
  std::string given = arguments.values.empty() ? "{}" : arguments.values.front().text;
  if (given.starts_with('"')) given = "{\"token\":" + given + "}";
  auto token = auth::token_of_auth_payload(given);
  if (!token) return Error{ErrorCode::bad_request, token.error().message, "token", 0};
  if (token->empty()) return Error{ErrorCode::bad_request, "token is required", "token", 0};
  auto who = hub.authenticate(auth::Credentials{.given = std::move(*token)});
  if (who && who->user != before.user) {
    return Error{ErrorCode::forbidden, "a fresh token is one of the same user: connect anew for another", "token", 0};
  }
  return who;
}

}  // namespace jobwire::hub
