#include "auth/credentials.h"

#include <catch2/catch.hpp>

using namespace jobwire;
using namespace jobwire::auth;

namespace {

const CredentialRules kAll{.cookie_name = "jobwire", .query = true};

std::string picked(const Credentials& credentials, const CredentialRules& rules = kAll) {
  const auto token = token_of(rules, credentials);
  INFO((token ? "" : token.error().message));
  REQUIRE(token);
  return *token;
}

Error refusal(const Credentials& credentials, const CredentialRules& rules = kAll) {
  const auto token = token_of(rules, credentials);
  REQUIRE_FALSE(token);
  CHECK(token.error().code == ErrorCode::unauthenticated);
  return token.error();
}

}  // namespace

TEST_CASE("what somebody says outright comes before what a browser sends by itself") {
  Credentials all{.given = "hello",
                  .authorization = "Bearer header",
                  .query = "query",
                  .cookie = "jobwire=cookie",
                  .cookie_counts = true};
  CHECK(picked(all) == "hello");
  all.given.clear();
  CHECK(picked(all) == "header");
  all.authorization.clear();
  CHECK(picked(all) == "query");
  all.query.clear();
  CHECK(picked(all) == "cookie");
  all.cookie.clear();
  CHECK(picked(all) == "");
}

TEST_CASE("by default neither cookies nor the query say who asks") {
  const Credentials both{.query = "query", .cookie = "jobwire=cookie", .cookie_counts = true};
  CHECK(picked(both, {}) == "");
  CHECK(picked(both, {.query = true}) == "query");
  CHECK(picked(both, {.cookie_name = "jobwire"}) == "cookie");
}

TEST_CASE("the scheme is Bearer in any capitals, and pages that put it into the token mean the same") {
  CHECK(picked({.authorization = "bEARER  abc.def "}) == "abc.def");
  CHECK(picked({.given = "Bearer abc.def"}) == "abc.def");
  CHECK(picked({.given = "bearers"}) == "bearers");
}

TEST_CASE("an Authorization of another scheme is an error, not no token") {
  for (const char* header : {"Basic YWxpY2U6cHc=", "Bearer", "abc.def", "Bearertoken"}) {
    INFO(header);
    CHECK(refusal({.authorization = header}).field == "Authorization");
    CHECK(refusal({.authorization = header, .cookie = "jobwire=c", .cookie_counts = true}).field == "Authorization");
  }
  CHECK(picked({.given = "hello", .authorization = "Basic abc"}) == "hello");
}

TEST_CASE("a cookie whose page is not known is refused, and only where it would have counted") {
  const Credentials foreign{.cookie = "jobwire=cookie", .cookie_counts = false};
  CHECK(refusal(foreign).field == "Cookie");
  CHECK(picked(foreign, {}) == "");
  CHECK(picked({.cookie = "other=cookie", .cookie_counts = false}) == "");
  CHECK(picked({.authorization = "Bearer header", .cookie = "jobwire=cookie"}) == "header");
}

TEST_CASE("a cookie is found by its whole name, the first one wins, quotes are not part of it") {
  CHECK(cookie_value("a=1; jobwire=two; b=3", "jobwire") == "two");
  CHECK(cookie_value("jobwire=one;jobwire=two", "jobwire") == "one");
  CHECK(cookie_value("xjobwire=1; jobwirex=2", "jobwire") == "");
  CHECK(cookie_value("jobwire=\"a.b.c\"", "jobwire") == "a.b.c");
  CHECK(cookie_value(" jobwire = a=b== ", "jobwire") == "a=b==");
  for (const char* broken : {"", ";", "jobwire", "=x", "jobwire=", "; ;jobwire;", "jobwire=\"\""}) {
    INFO(broken);
    CHECK(cookie_value(broken, "jobwire") == "");
  }
  CHECK(cookie_value("jobwire=\"", "jobwire") == "\"");
}

TEST_CASE("Socket.IO's auth payload gives its token, or says what is wrong with it") {
  CHECK(*token_of_auth_payload("") == "");
  CHECK(*token_of_auth_payload("{}") == "");
  CHECK(*token_of_auth_payload("null") == "");
  CHECK(*token_of_auth_payload(R"({"token":null})") == "");
  CHECK(*token_of_auth_payload(R"({"token":""})") == "");
  CHECK(*token_of_auth_payload(R"({"dialect":"pdf","nested":{"token":"no"},"token":"abc.def"})") == "abc.def");
  CHECK(*token_of_auth_payload(R"({"token":"Bearer abc"})") == "Bearer abc");
  for (const char* bad : {R"({"token":7})", R"({"token":["a"]})", R"({"token":"a","token":"b"})"}) {
    INFO(bad);
    const auto token = token_of_auth_payload(bad);
    REQUIRE_FALSE(token);
    CHECK(token.error().field == "auth.token");
    CHECK(token.error().code == ErrorCode::unauthenticated);
  }
  CHECK_FALSE(token_of_auth_payload("[]"));
  CHECK_FALSE(token_of_auth_payload("{"));
}
