#include "jobwire/ids.h"
#include "transport/http_rules.h"
#include "transport/text.h"

namespace jobwire::transport {
namespace {

Refusal bad_target(std::string message) { return {400, {ErrorCode::bad_request, std::move(message), {}}, {}}; }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool is_clean_text(std::string_view text) {
  const bool control =
      std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  return !control && is_valid_utf8(text);
}

std::optional<Refusal> read_query(std::string_view query, Request& request) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto pair = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    std::string name, value;
    if (!percent_decode(pair.substr(0, equals), name, true)) return bad_target("bad percent-encoding in the query");
    if (equals != std::string_view::npos && !percent_decode(pair.substr(equals + 1), value, true)) {
      return bad_target("bad percent-encoding in the query");
    }
    if (!is_valid_utf8(name) || !is_valid_utf8(value)) return bad_target("the query is not UTF-8");
    request.query.emplace_back(std::move(name), std::move(value));
  }
  return std::nullopt;
}

// "http://host:port" off the front; the authority then stands for Host (RFC 9112 section 3.2.2).
bool take_authority(std::string_view& target, Request& request) {
  const auto scheme_end = target.find("://");
  if (scheme_end == std::string_view::npos) return false;
  const auto scheme = target.substr(0, scheme_end);
  if (!equals_ignoring_case(scheme, "http") && !equals_ignoring_case(scheme, "https")) return false;
  auto rest = target.substr(scheme_end + 3);
  const auto end = rest.find_first_of("/?");
  const auto authority = rest.substr(0, end);
  if (authority.empty() || authority.find('@') != std::string_view::npos) return false;
  for (auto& [name, value] : request.headers) {
    if (name == "host") value = std::string(authority);
  }
  target = end == std::string_view::npos ? std::string_view{} : rest.substr(end);
  return true;
}

}  // namespace

bool percent_decode(std::string_view text, std::string& out, bool plus_is_space) {
  out.clear();
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return false;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return false;
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return true;
}

std::optional<Refusal> apply_target(std::string_view target, Request& request) {
  if (target == "*" && request.method == "OPTIONS") {  // asks about the whole server
    request.path = request.raw_path = "/";
    return std::nullopt;
  }
  if (target.empty() || (target[0] != '/' && !take_authority(target, request))) {
    return bad_target("the request target is a path, or an http URL");
  }
  const auto question = target.find('?');
  request.raw_path = std::string(target.substr(0, question));
  if (request.raw_path.empty()) request.raw_path = "/";
  if (!percent_decode(request.raw_path, request.path, false)) return bad_target("bad percent-encoding in the path");
  if (!is_clean_text(request.path)) return bad_target("the path is UTF-8 without control characters");
  return question == std::string_view::npos ? std::nullopt : read_query(target.substr(question + 1), request);
}

}  // namespace jobwire::transport
