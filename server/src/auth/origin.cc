#include "auth/origin.h"

#include <algorithm>
#include <cctype>

namespace jobwire::auth {
namespace {

bool same_text(std::string_view one, std::string_view another) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(one.begin(), one.end(), another.begin(), another.end(),
                    [&](char a, char b) { return lower(a) == lower(b); });
}

struct Parts {
  std::string_view scheme;
  std::string_view authority;  // host[:port]
};

Parts split(std::string_view origin) {
  const std::size_t colon = origin.find("://");
  if (colon == std::string_view::npos) return {};
  return {origin.substr(0, colon), origin.substr(colon + 3)};
}

std::string_view without_port(std::string_view authority) {
  if (!authority.empty() && authority.front() == '[') return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

// host[:port] with the scheme's own port left out, as browsers write an Origin.
std::string_view canonical(std::string_view authority, std::string_view scheme) {
  const std::string_view port = same_text(scheme, "https") ? ":443" : ":80";
  const std::size_t host = without_port(authority).size();
  return authority.substr(host) == port ? authority.substr(0, host) : authority;
}

bool is_web(std::string_view scheme) { return same_text(scheme, "http") || same_text(scheme, "https"); }

bool is_written_well(std::string_view origin) {
  const Parts parts = split(origin);
  if (parts.scheme.empty() || parts.authority.empty() || without_port(parts.authority).empty()) return false;
  return std::none_of(origin.begin(), origin.end(), [](unsigned char c) { return c <= ' ' || c == '*' || c == ','; }) &&
         parts.authority.find_first_of("/?#@") == std::string_view::npos;
}

bool is_dotted_loopback(std::string_view host) {
  if (!host.starts_with("127.")) return false;
  return host.size() <= 15 && std::count(host.begin(), host.end(), '.') == 3 &&
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

Status check_origins(const OriginRules& rules) {
  const auto bad = [](std::string rule) {
    return Error{ErrorCode::bad_request, "allow-origin: " + std::move(rule), "allow-origin", 0};
  };
  for (const std::string& origin : rules.allowed) {
    if (origin == "*") {
      if (rules.credentials) return bad("'*' cannot be combined with allow-credentials: name the origins");
    } else if (origin != "null" && !is_written_well(origin)) {
      return bad("'" + origin + "' must be scheme://host[:port] without a path");
    }
  }
  return Done{};
}

bool is_loopback_host(std::string_view host) {
  const std::string_view name = without_port(host);
  return same_text(name, "localhost") || name == "[::1]" || is_dotted_loopback(name);
}

bool is_same_origin(std::string_view origin, std::string_view host, bool secure) {
  const Parts parts = split(origin);
  if (!is_web(parts.scheme) || host.empty()) return false;
  if (secure && !same_text(parts.scheme, "https")) return false;
  return same_text(canonical(parts.authority, parts.scheme), canonical(host, parts.scheme));
}

bool origin_allowed(const OriginRules& rules, std::string_view origin, std::string_view host, bool secure) {
  if (origin.empty()) return true;
  if (rules.same_origin && is_same_origin(origin, host, secure)) return true;
  if (rules.loopback_origins) {
    const Parts parts = split(origin);
    if (is_web(parts.scheme) && is_loopback_host(parts.authority)) return true;
  }
  return std::any_of(rules.allowed.begin(), rules.allowed.end(),
                     [&](const std::string& allowed) { return allowed == "*" || same_text(allowed, origin); });
}

bool cookie_may_count(const OriginRules& rules, const CookieRequest& request) {
  if (request.origin.empty()) {
    const bool reads = (request.method == "GET" || request.method == "HEAD") && !request.upgrades;
    return reads && !request.fetch_site.starts_with("cross-") && !request.fetch_site.starts_with("same-site");
  }
  if (request.origin == "null") return false;
  OriginRules by_name = rules;
  std::erase(by_name.allowed, "*");
  return origin_allowed(by_name, request.origin, request.host, request.secure);
}

bool host_allowed(const OriginRules& rules, std::string_view host) {
  return !rules.only_loopback_host || is_loopback_host(host);
}

}  // namespace jobwire::auth
