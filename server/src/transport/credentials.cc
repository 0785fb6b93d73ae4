#include "transport/credentials.h"

namespace jobwire::transport {

auth::Credentials credentials_of(const Request& request, const auth::OriginRules& origins) {
  auth::Credentials credentials;
  credentials.authorization = request.header("authorization");
  credentials.query = request.query_value("token").value_or(std::string_view());
  credentials.cookie = request.header("cookie");
  credentials.cookie_counts = auth::cookie_may_count(origins, {.method = request.method,
                                                               .upgrades = !request.header("upgrade").empty(),
                                                               .origin = request.header("origin"),
                                                               .fetch_site = request.header("sec-fetch-site"),
                                                               .host = request.header("host"),
                                                               .secure = request.secure});
  return credentials;
}

}  // namespace jobwire::transport
