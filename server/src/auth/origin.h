// Which web pages may talk to this server (RFC 6454; Fetch, "CORS protocol"). The same rule for HTTP and WebSocket.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "jobwire/result.h"

namespace jobwire::auth {

struct OriginRules {
  std::vector<std::string> allowed = {};  // "https://app.example", or "*" for every page
  bool same_origin = true;                // pages that this server (or a proxy with its Host) served
  bool loopback_origins = false;          // --dev: pages of any local development server
  bool only_loopback_host = false;        // --dev on loopback: other Host names are refused (DNS rebinding)
  bool credentials = false;               // answer Access-Control-Allow-Credentials
};

// For check-config: each origin is scheme://host[:port] without a path, and `*` goes without credentials.
Status check_origins(const OriginRules& rules);

// No Origin header (empty): not a page of another site, allowed. `host` is the Host header.
bool origin_allowed(const OriginRules& rules, std::string_view origin, std::string_view host, bool secure);
// May a cookie say who asks? A browser sends it whichever page asks, so the page must be one that was allowed by name
// (never by "*" or "null"). Without Origin only what changes nothing may pass: GET and HEAD, not from another site's
// page by Sec-Fetch-Site (Fetch Metadata), and no upgrade.
struct CookieRequest {
  std::string_view method;
  bool upgrades = false;  // to a WebSocket
  std::string_view origin;
  std::string_view fetch_site;  // Sec-Fetch-Site
  std::string_view host;
  bool secure = false;
};
bool cookie_may_count(const OriginRules& rules, const CookieRequest& request);
bool host_allowed(const OriginRules& rules, std::string_view host);

// localhost, 127.x.x.x or [::1], with or without a port.
bool is_loopback_host(std::string_view host);
// Is the page's origin that of this very server? An https page is accepted before a proxy that ends TLS.
bool is_same_origin(std::string_view origin, std::string_view host, bool secure);

}  // namespace jobwire::auth
