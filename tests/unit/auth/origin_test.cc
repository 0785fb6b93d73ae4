#include "auth/origin.h"

#include <catch2/catch.hpp>

using namespace jobwire;
using namespace jobwire::auth;

TEST_CASE("a request without Origin comes from no other site's page") {
  CHECK(origin_allowed({}, "", "example.org", false));
}

TEST_CASE("the server's own pages are allowed") {
  CHECK(origin_allowed({}, "http://example.org", "example.org", false));
  CHECK(origin_allowed({}, "http://example.org:7070", "example.org:7070", false));
  CHECK(origin_allowed({}, "HTTP://Example.org", "example.ORG", false));
  CHECK(origin_allowed({}, "https://example.org", "example.org:443", true));
  CHECK(origin_allowed({}, "http://[::1]:7070", "[::1]:7070", false));
}

TEST_CASE("a page behind a proxy that ends TLS is the server's own, an unencrypted page of a TLS server is not") {
  CHECK(origin_allowed({}, "https://example.org", "example.org", false));
  CHECK_FALSE(origin_allowed({}, "http://example.org", "example.org", true));
}

TEST_CASE("every other page is foreign") {
  for (const char* origin : {"http://evil.example", "http://example.org.evil.example", "http://example.org:81", "null",
                             "http://notexample.org", "file://", "chrome-extension://abc", "example.org", "http://",
                             "http://example.org/", "http://user@example.org"}) {
    INFO(origin);
    CHECK_FALSE(origin_allowed({}, origin, "example.org", false));
  }
  CHECK_FALSE(origin_allowed({}, "http://", "", false));
}

TEST_CASE("the configured list allows exactly what it names") {
  const OriginRules rules{.allowed = {"https://app.example"}};
  CHECK(origin_allowed(rules, "https://app.example", "api.example", true));
  CHECK_FALSE(origin_allowed(rules, "http://app.example", "api.example", true));
  CHECK_FALSE(origin_allowed(rules, "https://app.example:8443", "api.example", true));
  CHECK_FALSE(origin_allowed(rules, "https://sub.app.example", "api.example", true));
  CHECK(origin_allowed(OriginRules{.allowed = {"*"}}, "https://anybody.example", "api.example", true));
}

TEST_CASE("under --dev any local development server may ask, and no other page") {
  const OriginRules dev{.same_origin = false, .loopback_origins = true, .only_loopback_host = true};
  CHECK(origin_allowed(dev, "http://localhost:5173", "localhost:7070", false));
  CHECK(origin_allowed(dev, "http://127.0.0.1:3000", "localhost:7070", false));
  CHECK(origin_allowed(dev, "http://[::1]:3000", "localhost:7070", false));
  CHECK_FALSE(origin_allowed(dev, "http://localhost.evil.example", "localhost:7070", false));
  CHECK_FALSE(origin_allowed(dev, "http://127.0.0.1.evil.example", "localhost:7070", false));
  CHECK_FALSE(origin_allowed(dev, "http://evil.example", "localhost:7070", false));
}

TEST_CASE("under --dev a name that was rebound to loopback is refused as Origin and as Host") {
  const OriginRules dev{.same_origin = false, .loopback_origins = true, .only_loopback_host = true};
  CHECK_FALSE(origin_allowed(dev, "http://evil.example:7070", "evil.example:7070", false));
  CHECK_FALSE(host_allowed(dev, "evil.example:7070"));
  CHECK(host_allowed(dev, "localhost:7070"));
  CHECK(host_allowed(dev, "127.0.0.1:7070"));
  CHECK(host_allowed({}, "example.org"));
}

TEST_CASE("loopback is a literal, never a name that looks like one") {
  for (const char* host : {"localhost", "LOCALHOST:7070", "127.0.0.1", "127.1.2.3:80", "[::1]", "[::1]:7070"}) {
    INFO(host);
    CHECK(is_loopback_host(host));
  }
  for (const char* host : {"", "localhost.", "127.0.0.1.evil.example", "127.evil.example", "10.0.0.1", "[::2]", "::1",
                           "127.0.0", "0.0.0.0", "local"}) {
    INFO(host);
    CHECK_FALSE(is_loopback_host(host));
  }
}

TEST_CASE("the configured list is checked before it is used") {
  CHECK(check_origins({.allowed = {"https://app.example", "http://localhost:5173", "*"}}));
  CHECK(check_origins({.allowed = {"null"}}));
  for (const char* bad : {"app.example", "https://app.example/", "https://", "https://*.example", "", "https://a b",
                          "https://a,https://b"}) {
    INFO(bad);
    CHECK_FALSE(check_origins({.allowed = {bad}}));
  }
}

TEST_CASE("every page together with credentials is refused at check-config") {
  const Status status = check_origins({.allowed = {"*"}, .credentials = true});
  REQUIRE_FALSE(status);
  CHECK(status.error().field == "allow-origin");
  CHECK(check_origins({.allowed = {"https://app.example"}, .credentials = true}));
}

TEST_CASE("a cookie counts where the page that sends it is one allowed by name") {
  const OriginRules rules{.allowed = {"https://app.example"}};
  const auto counts = [&](std::string_view method, std::string_view origin) {
    return cookie_may_count(rules, {.method = method, .origin = origin, .host = "api.example", .secure = true});
  };
  CHECK(counts("POST", "https://app.example"));
  CHECK(counts("POST", "https://api.example"));
  CHECK(counts("GET", "https://app.example"));
  CHECK_FALSE(counts("POST", "https://evil.example"));
  CHECK_FALSE(counts("GET", "https://evil.example"));
  CHECK_FALSE(counts("POST", "null"));
}

TEST_CASE("without Origin a cookie counts for what only reads, and not for a page of another site") {
  const auto counts = [](CookieRequest request) {
    request.host = "api.example";
    return cookie_may_count({}, request);
  };
  CHECK(counts({.method = "GET"}));
  CHECK(counts({.method = "HEAD"}));
  CHECK(counts({.method = "GET", .fetch_site = "same-origin"}));
  CHECK(counts({.method = "GET", .fetch_site = "none"}));
  CHECK_FALSE(counts({.method = "GET", .fetch_site = "cross-site"}));
  CHECK_FALSE(counts({.method = "GET", .fetch_site = "same-site"}));
  CHECK_FALSE(counts({.method = "GET", .upgrades = true}));
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS"}) CHECK_FALSE(counts({.method = method}));
}

TEST_CASE("an origin list that allows every page lets no cookie count") {
  const CookieRequest request{.method = "POST", .origin = "https://evil.example", .host = "api.example"};
  CHECK_FALSE(cookie_may_count({.allowed = {"*"}}, request));
  CookieRequest sandboxed = request;
  sandboxed.origin = "null";
  CHECK_FALSE(cookie_may_count({.allowed = {"null"}}, sandboxed));
}
