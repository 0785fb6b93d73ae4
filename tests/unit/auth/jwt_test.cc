#include "auth/jwt.h"

#include <jwt.h>

#include <catch2/catch.hpp>
#include <cstdlib>

using namespace jobwire;
using namespace jobwire::auth;

namespace {

constexpr UnixMs kNow = 1'764'000'000'000;
const std::string kSecret = "a secret of thirty-two characters";

JwtOptions options() { return JwtOptions{.secret = kSecret}; }

std::string signed_with(jwt_alg_t algorithm, const std::string& secret, const std::string& claims) {
  jwt_t* jwt = nullptr;
  REQUIRE(jwt_new(&jwt) == 0);
  const bool none = algorithm == JWT_ALG_NONE;
  REQUIRE(jwt_set_alg(jwt, algorithm, none ? nullptr : reinterpret_cast<const unsigned char*>(secret.data()),
                      none ? 0 : static_cast<int>(secret.size())) == 0);
  REQUIRE(jwt_add_grants_json(jwt, claims.c_str()) == 0);
  char* text = jwt_encode_str(jwt);
  REQUIRE(text != nullptr);
  std::string token = text;
  std::free(text);
  jwt_free(jwt);
  return token;
}

std::string token(const std::string& claims) { return signed_with(JWT_ALG_HS256, kSecret, claims); }

Principal read(const std::string& claims) {
  const auto who = read_jwt(options(), token(claims), kNow);
  INFO(claims << (who ? "" : ": " + who.error().message));
  REQUIRE(who);
  return *who;
}

std::string refusal(const std::string& text) {
  const auto who = read_jwt(options(), text, kNow);
  REQUIRE_FALSE(who);
  CHECK(who.error().code == ErrorCode::unauthenticated);
  return who.error().message;
}

}  // namespace

TEST_CASE("a signed token becomes its user, until it expires") {
  const Principal who = read(R"({"sub":"alice","exp":1764000060})");
  CHECK(who.role == Role::user);
  CHECK(who.user == "alice");
  CHECK(who.expires_at == 1'764'000'060'000);
  CHECK_FALSE(who.only_named_jobs);
}

TEST_CASE("an expired token is refused, in the very millisecond") {
  CHECK(refusal(token(R"({"sub":"alice","exp":1764000000})")) == "token: expired");
  CHECK(refusal(token(R"({"sub":"alice","exp":1763999999.5})")) == "token: expired");
  CHECK(read(R"({"sub":"alice","exp":1764000000.5})").expires_at == kNow + 500);
}

TEST_CASE("a token of the future is refused, but for clocks that differ a little") {
  CHECK(refusal(token(R"({"sub":"alice","nbf":1764000006})")) == "token: not valid yet");
  CHECK(read(R"({"sub":"alice","nbf":1764000005})").user == "alice");
}

TEST_CASE("dates that are no dates are refused, never taken for none") {
  for (const char* exp : {"\"tomorrow\"", "-1", "0", "true", "[]", "{}"}) {
    CHECK(refusal(token(R"({"sub":"alice","exp":)" + std::string(exp) + "}")).find("exp must be") != std::string::npos);
  }
  CHECK(read(R"({"sub":"alice","exp":1e300})").expires_at > kNow);
}

TEST_CASE("an unsigned token (alg none) is refused") {
  CHECK(refusal(signed_with(JWT_ALG_NONE, "", R"({"sub":"alice"})")) == "token: algorithm must be HS256");
  // {"alg":"none"} with another capitalisation, and with somebody's signature left on
  CHECK_FALSE(read_jwt(options(), "eyJhbGciOiJOb25lIn0.eyJzdWIiOiJhbGljZSJ9.", kNow));
  CHECK_FALSE(read_jwt(options(), "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.c2ln", kNow));
}

TEST_CASE("an algorithm that is not the configured one is refused, even with the right secret") {
  CHECK(refusal(signed_with(JWT_ALG_HS512, kSecret, R"({"sub":"alice"})")) == "token: algorithm must be HS256");
  CHECK(refusal(signed_with(JWT_ALG_HS384, kSecret, R"({"sub":"alice"})")) == "token: algorithm must be HS256");
}

TEST_CASE("a tampered token is refused at every byte") {
  const std::string good = token(R"({"sub":"alice","role":"user"})");
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    // The last character of a segment may hold unused bits: such a change is none.
    const auto who = read_jwt(options(), bad, kNow);
    if (who) CHECK(who->user == "alice");
    if (i + 1 != good.size()) CHECK_FALSE(who);
  }
}

TEST_CASE("a token of another secret is refused") {
  CHECK(refusal(signed_with(JWT_ALG_HS256, "another", R"({"sub":"alice"})")) == "token: signature does not verify");
}

TEST_CASE("what is no token is refused") {
  CHECK(refusal("") == "token: malformed");
  CHECK(refusal("a.b.c") == "token: malformed");
  CHECK(refusal("....") == "token: malformed");
  CHECK(refusal(std::string("a\0b", 3)) == "token: malformed");
  CHECK(refusal(std::string(9000, 'a')) == "token: too long");
}

TEST_CASE("without a secret no token is accepted, not even one that was signed with nothing") {
  CHECK_FALSE(read_jwt(JwtOptions{}, token(R"({"sub":"alice"})"), kNow));
  CHECK_FALSE(read_jwt(JwtOptions{}, signed_with(JWT_ALG_NONE, "", R"({"sub":"alice"})"), kNow));
}

TEST_CASE("a critical header field that nobody here knows is refused") {
  jwt_t* jwt = nullptr;
  REQUIRE(jwt_new(&jwt) == 0);
  REQUIRE(jwt_set_alg(jwt, JWT_ALG_HS256, reinterpret_cast<const unsigned char*>(kSecret.data()),
                      static_cast<int>(kSecret.size())) == 0);
  REQUIRE(jwt_add_headers_json(jwt, R"({"crit":["b64"],"b64":false})") == 0);
  REQUIRE(jwt_add_grant(jwt, "sub", "alice") == 0);
  char* text = jwt_encode_str(jwt);
  const std::string critical = text;
  std::free(text);
  jwt_free(jwt);
  CHECK(refusal(critical).find("critical") != std::string::npos);
}

TEST_CASE("the user is found under the names that existing tokens use") {
  CHECK(read(R"({"id":"alice"})").user == "alice");
  CHECK(read(R"({"_id":"65a1"})").user == "65a1");
  CHECK(read(R"({"userId":42})").user == "42");
  CHECK(read(R"({"sub":"first","id":"second"})").user == "first");
  CHECK(read(R"({"sub":null,"id":"second"})").user == "second");
  JwtOptions mapped = options();
  mapped.user_claims = {"email"};
  const auto who = read_jwt(mapped, token(R"({"sub":"ignored","email":"a@example.org"})"), kNow);
  REQUIRE(who);
  CHECK(who->user == "a@example.org");
}

TEST_CASE("a user claim that is no id is refused") {
  CHECK(refusal(token(R"({"sub":""})")).find("user claim") != std::string::npos);
  CHECK(refusal(token(R"({"sub":".."})")).find("user claim") != std::string::npos);
  CHECK(refusal(token(R"({"sub":{"$ne":null}})")).find("user claim") != std::string::npos);
  CHECK(refusal(token(R"({"sub":1.5})")).find("user claim") != std::string::npos);
  CHECK(refusal(token("{\"sub\":\"" + std::string(129, 'a') + "\"}")).find("user claim") != std::string::npos);
  CHECK(refusal(token(R"({"exp":1764000060})")) == "token: it names no user");
}

TEST_CASE("the role is found under the names that existing tokens use") {
  CHECK(read(R"({"sub":"a","role":"admin"})").role == Role::admin);
  CHECK(read(R"({"sub":"a","role":"ADMIN"})").role == Role::admin);
  CHECK(read(R"({"role":"service"})").role == Role::service);
  CHECK(read(R"({"sub":"a","role":["editor","admin"]})").role == Role::admin);
  CHECK(read(R"({"sub":"a","isAdmin":true})").role == Role::admin);
  CHECK(read(R"({"sub":"a","role":"user","isAdmin":true})").role == Role::admin);
}

TEST_CASE("what is no role word makes nobody an admin") {
  for (const char* role : {"\"administrator\"", "1", "{\"admin\":true}", "[true]", "false", "\"true\"", "null"}) {
    CHECK(read(R"({"sub":"a","role":)" + std::string(role) + "}").role == Role::user);
  }
  CHECK(read(R"({"sub":"a","isAdmin":false})").role == Role::user);
}

TEST_CASE("a token that names jobs is limited to them, whatever its role says") {
  const Principal one = read(R"({"sub":"a","job":"42"})");
  CHECK(one.jobs == std::vector<std::string>{"42"});
  CHECK(one.only_named_jobs);
  const Principal several = read(R"({"jobs":["1","2"],"role":"admin"})");
  CHECK(several.jobs == std::vector<std::string>{"1", "2"});
  CHECK(several.role == Role::user);
  CHECK(read(R"({"sub":"a","jobs":[]})").only_named_jobs);
}

TEST_CASE("a job claim that cannot be read is refused, for it would be a limit ignored") {
  CHECK(refusal(token(R"({"sub":"a","jobs":[1]})")).find("job claim") != std::string::npos);
  CHECK(refusal(token(R"({"sub":"a","jobs":{"a":1}})")).find("job claim") != std::string::npos);
  CHECK(refusal(token(R"({"sub":"a","job":7})")).find("job claim") != std::string::npos);
}

TEST_CASE("what is minted is accepted, and says what was asked for") {
  const auto minted =
      mint_jwt(kSecret, {.user = "zoë \"z\"", .role = Role::admin, .jobs = {}, .expires_in = 1500}, kNow);
  REQUIRE(minted);
  const auto who = read_jwt(options(), *minted, kNow);
  REQUIRE(who);
  CHECK(who->user == "zoë \"z\"");
  CHECK(who->role == Role::admin);
  CHECK(who->expires_at == kNow + 2000);
  const auto limited = mint_jwt(kSecret, {.user = "", .role = Role::user, .jobs = {"a", "b"}}, kNow);
  REQUIRE(limited);
  CHECK(read_jwt(options(), *limited, kNow)->jobs == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a token that would be refused is not minted, and the error names the field") {
  const auto field = [](const TokenRequest& request) {
    const auto minted = mint_jwt(kSecret, request, kNow);
    REQUIRE_FALSE(minted);
    return minted.error().field;
  };
  CHECK(field({.user = ""}) == "user");
  CHECK(field({.user = std::string("a\n")}) == "user");
  CHECK(field({.user = "a", .role = Role::anonymous}) == "role");
  CHECK(field({.user = "a", .role = Role::admin, .jobs = {"1"}}) == "role");
  CHECK(field({.user = "a", .jobs = {""}}) == "job");
  CHECK(field({.user = "a", .expires_in = -1}) == "expires");
  CHECK(mint_jwt("", {.user = "a"}, kNow).error().field == "secret");
}
