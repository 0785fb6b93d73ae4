#include "transport/credentials.h"

namespace jobwire::transport {
namespace {

// All values of a field, as one list (RFC 9110 section 5.3).
std::string whole_field(const Request& request, std::string_view wanted) {
  std::string whole;
  for (const auto& [name, value] : request.headers) {
    if (name == wanted) whole.append(whole.empty() ? "" : ",").append(value);
  }
  return whole;
}

}  // namespace

std::string forwarded_client(const Request& request, const std::vector<auth::AddressRange>& trusted) {
  const std::string x_forwarded_for = whole_field(request, "x-forwarded-for");
  const std::string forwarded = whole_field(request, "forwarded");
  return auth::client_address(request.peer, {x_forwarded_for, forwarded}, trusted);
}

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
