#include "auth/jwt.h"

#include <catch2/catch.hpp>

#include "support/tokens.h"

using namespace jobwire;
using namespace jobwire::auth;
using namespace jobwire::test;

namespace {

constexpr UnixMs kNow = 1'764'000'000'000;
const std::string kSecret = "a secret of thirty-two characters";

KeySet secret_only(std::string_view secret = kSecret) { return KeySet({{{}, VerificationKey::secret(secret)}}); }

std::string token(const std::string& claims) { return signed_with("HS256", kSecret, claims); }

Principal read(const std::string& claims) {
  const auto who = read_jwt({}, secret_only(), token(claims), kNow);
  INFO(claims << (who ? "" : ": " + who.error().message));
  REQUIRE(who);
  return *who;
}

std::string refusal(const std::string& text) {
  const auto who = read_jwt({}, secret_only(), text, kNow);
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

TEST_CASE("an unsigned token (alg none) is refused, in every spelling and with somebody's signature left on") {
  for (const char* none : {"none", "None", "NONE", "nOnE", ""}) {
    CHECK(refusal(unsigned_token(R"({"sub":"alice"})", none)) == "token: its algorithm is not known here");
  }
  const std::string good = token(R"({"sub":"alice"})");
  const std::string signature = good.substr(good.rfind('.') + 1);
  CHECK_FALSE(read_jwt({}, secret_only(), unsigned_token(R"({"sub":"alice"})") + signature, kNow));
  CHECK(refusal(compact(R"({"typ":"JWT"})", R"({"sub":"alice"})", "")) == "token: its algorithm is not known here");
  CHECK(refusal(compact(R"({"alg":["HS256"]})", R"({"sub":"alice"})", "x")) ==
        "token: its algorithm is not known here");
}

TEST_CASE("a secret does what its length is enough for, unless the operator has named the algorithms") {
  const std::string claims = R"({"sub":"alice"})";
  const std::string long_enough(64, 's');
  CHECK(refusal(signed_with("HS384", kSecret, claims)) == "token: no key here does HS384");
  CHECK(refusal(signed_with("HS512", kSecret, claims)) == "token: no key here does HS512");
  for (const char* algorithm : {"HS256", "HS384", "HS512"}) {
    CHECK(read_jwt({}, secret_only(long_enough), signed_with(algorithm, long_enough, claims), kNow));
  }
  const KeySet named({{{}, VerificationKey::secret(kSecret)}}, {Algorithm::hs512});
  CHECK(read_jwt({}, named, signed_with("HS512", kSecret, claims), kNow));
  CHECK_FALSE(read_jwt({}, named, signed_with("HS256", kSecret, claims), kNow));
}

TEST_CASE("a tampered token is refused at every byte") {
  const std::string good = token(R"({"sub":"alice","role":"user"})");
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    INFO(i);
    CHECK_FALSE(read_jwt({}, secret_only(), bad, kNow));
  }
}

TEST_CASE("a token of another secret is refused") {
  CHECK(refusal(signed_with("HS256", "another", R"({"sub":"alice"})")) == "token: signature does not verify");
}

TEST_CASE("what is no token is refused") {
  for (const char* text : {"", "a.b.c", "....", ".", "..", "e30.e30", "e30.e30.", "bnVsbA.e30.x", "W10.e30.e30"}) {
    INFO(text);
    CHECK_FALSE(read_jwt({}, secret_only(), text, kNow));
  }
  CHECK(refusal(std::string("a\0b", 3)) == "token: malformed");
  const std::string good = token(R"({"sub":"alice"})");
  for (const std::string& bad : {good + "=", good + ".", " " + good, good + "\n", good + "." + good, "." + good}) {
    CHECK(refusal(bad) == "token: malformed");
  }
}

TEST_CASE("a huge token is refused before anything of it is read") {
  CHECK(refusal(std::string(9000, 'a')) == "token: too long");
  CHECK(refusal(token(R"({"sub":"alice","x":")" + std::string(9000, 'x') + "\"}")) == "token: too long");
  CHECK(refusal(token(R"({"sub":"alice","x":)" + std::string(100, '[') + std::string(100, ']') + "}")) ==
        "token: malformed");
}

TEST_CASE("without a key no token is accepted, not even one that was signed with nothing") {
  CHECK_FALSE(read_jwt({}, KeySet(), token(R"({"sub":"alice"})"), kNow));
  CHECK_FALSE(read_jwt({}, KeySet(), unsigned_token(R"({"sub":"alice"})"), kNow));
  CHECK_FALSE(read_jwt({}, secret_only(""), signed_with("HS256", "", R"({"sub":"alice"})"), kNow));
}

TEST_CASE("a critical header field that nobody here knows is refused") {
  const std::string claims = R"({"sub":"alice"})";
  for (const char* crit : {R"(["b64"])", "[]", R"("exp")", "{}", "true"}) {
    const std::string header = R"({"alg":"HS256","b64":false,"crit":)" + std::string(crit) + "}";
    CHECK(refusal(signed_header(header, kSecret, claims)) == "token: critical header fields are not supported");
  }
}

TEST_CASE("members that stand twice are refused, for two readers could read two tokens") {
  const std::string claims = R"({"sub":"alice"})";
  CHECK(refusal(signed_header(R"({"alg":"HS256","alg":"none"})", kSecret, claims)) == "token: malformed");
  CHECK(refusal(signed_header(R"({"alg":"none","alg":"HS256"})", kSecret, claims)) == "token: malformed");
  CHECK(refusal(signed_header(R"({"alg":"HS256","\u0061lg":"HS256"})", kSecret, claims)) == "token: malformed");
  CHECK(refusal(token(R"({"sub":"alice","sub":"bob"})")) == "token: malformed");
  CHECK(refusal(token(R"({"sub":"alice","exp":1764000060,"exp":1864000060})")) == "token: malformed");
}

TEST_CASE("a key that the token brings along is never looked at") {
  const SigningKey own = SigningKey::rsa();
  const std::string header =
      R"({"alg":"RS256","jwk":)" + own.jwk("x") + R"(,"jku":"http://127.0.0.1:9/","x5u":"http://127.0.0.1:9/"})";
  const std::string input = base64url_of(header) + "." + base64url_of(R"({"sub":"alice","role":"admin"})");
  CHECK(refusal(input + "." + base64url_of(own.sign(input))) == "token: no key here does RS256");
}

TEST_CASE("a token must be for this audience and from this issuer, where the operator says so") {
  JwtRules rules;
  rules.audiences = {"jobwire", "jobs"};
  rules.issuers = {"https://id.example"};
  const auto accepted = [&](const std::string& claims) {
    return static_cast<bool>(read_jwt(rules, secret_only(), token(R"({"sub":"a",)" + claims + "}"), kNow));
  };
  CHECK(accepted(R"("aud":"jobwire","iss":"https://id.example")"));
  CHECK(accepted(R"("aud":["other","jobs"],"iss":"https://id.example")"));
  CHECK_FALSE(accepted(R"("aud":"other","iss":"https://id.example")"));
  CHECK_FALSE(accepted(R"("aud":[],"iss":"https://id.example")"));
  CHECK_FALSE(accepted(R"("aud":["jobwire",7],"iss":"https://id.example")"));
  CHECK_FALSE(accepted(R"("iss":"https://id.example")"));
  CHECK_FALSE(accepted(R"("aud":"jobwire","iss":"https://id.example/")"));
  CHECK_FALSE(accepted(R"("aud":"jobwire","iss":["https://id.example"])"));
  CHECK_FALSE(accepted(R"("aud":"jobwire")"));
  CHECK(read(R"({"sub":"a","aud":"whatever","iss":7})").user == "a");
}

TEST_CASE("the leeway moves both ends of a token's life, and the session's with it") {
  JwtRules rules;
  rules.expiry_leeway = rules.not_before_leeway = 30'000;
  const auto late = read_jwt(rules, secret_only(), token(R"({"sub":"a","exp":1763999971})"), kNow);
  REQUIRE(late);
  CHECK(late->expires_at == kNow + 1000);
  CHECK_FALSE(read_jwt(rules, secret_only(), token(R"({"sub":"a","exp":1763999970})"), kNow));
  CHECK(read_jwt(rules, secret_only(), token(R"({"sub":"a","nbf":1764000030})"), kNow));
  CHECK_FALSE(read_jwt(rules, secret_only(), token(R"({"sub":"a","nbf":1764000031})"), kNow));
}

TEST_CASE("the user is found under the names that existing tokens use") {
  CHECK(read(R"({"id":"alice"})").user == "alice");
  CHECK(read(R"({"_id":"65a1"})").user == "65a1");
  CHECK(read(R"({"userId":42})").user == "42");
  CHECK(read(R"({"sub":"first","id":"second"})").user == "first");
  CHECK(read(R"({"sub":null,"id":"second"})").user == "second");
  JwtRules mapped;
  mapped.user_claims = {"email"};
  const auto who = read_jwt(mapped, secret_only(), token(R"({"sub":"ignored","email":"a@example.org"})"), kNow);
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
  const auto who = read_jwt({}, secret_only(), *minted, kNow);
  REQUIRE(who);
  CHECK(who->user == "zoë \"z\"");
  CHECK(who->role == Role::admin);
  CHECK(who->expires_at == kNow + 2000);
  const auto limited = mint_jwt(kSecret, {.user = "", .role = Role::user, .jobs = {"a", "b"}}, kNow);
  REQUIRE(limited);
  CHECK(read_jwt({}, secret_only(), *limited, kNow)->jobs == std::vector<std::string>{"a", "b"});
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
