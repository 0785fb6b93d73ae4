#include "api/router.h"

#include "api/problem.h"
#include "transport/http_rules.h"

namespace jobwire::api {
namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

// Takes the first segment off a path that begins with '/'.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::size_t end = std::min(path.find('/'), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

std::optional<Parameters> fit(std::string_view pattern, std::string_view path) {
  Parameters parameters;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view expected = take_segment(pattern);
    const std::string_view given = take_segment(path);
    if (expected.starts_with('{')) {
      std::string decoded;
      if (!transport::percent_decode(given, decoded, false) || decoded.empty()) return std::nullopt;
      parameters.emplace_back(expected.substr(1, expected.size() - 2), std::move(decoded));
    } else if (expected != given) {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return parameters;
}

void add_method(std::string& list, std::string_view method) {
  if (!list.empty()) list += ", ";
  list += method;
}

}  // namespace

std::string_view Call::parameter(std::string_view name) const {
  for (const auto& [key, value] : parameters) {
    if (key == name) return value;
  }
  return {};
}

void Call::reply(transport::Response response) const {
  decorate_(*this, response);
  exchange_->respond(std::move(response));
}

void Call::fail(const Error& error) const { reply(problem(error)); }

std::shared_ptr<transport::BodyStream> Call::stream(transport::Response head) const {
  decorate_(*this, head);
  return exchange_->stream(std::move(head));
}

Router::Match Router::match(std::string_view method, std::string_view raw_path) const {
  Match match;
  if (!raw_path.starts_with('/')) return match;
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  for (const Route& route : routes_) {
    auto parameters = fit(route.pattern, raw_path);
    if (!parameters) continue;
    add_method(match.allowed, route.method);
    if (route.method == "GET") add_method(match.allowed, "HEAD");
    if (route.method != wanted || match.route != nullptr) continue;
    match.route = &route;
    match.parameters = std::move(*parameters);
  }
  if (!match.allowed.empty()) add_method(match.allowed, "OPTIONS");
  return match;
}

std::string percent_encode(std::string_view segment) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  for (const unsigned char c : segment) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                            c == '.' || c == '_' || c == '~';
    if (unreserved) {
      encoded += static_cast<char>(c);
    } else {
      encoded += '%';
      encoded += kHex[c >> 4];
      encoded += kHex[c & 15];
    }
  }
  return encoded;
}

}  // namespace jobwire::api
