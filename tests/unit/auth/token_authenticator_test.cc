#include "auth/token_authenticator.h"

#include <catch2/catch.hpp>

#include "support/clock.h"

using namespace jobwire;
using namespace jobwire::auth;

namespace {

const std::string kSecret = "a secret of thirty-two characters";

AccessOptions access() {
  AccessOptions options;
  options.secret = kSecret;
  return options;
}

}  // namespace

TEST_CASE("an API key is a service, and its name keeps services apart") {
  const test::ManualClock clock;
  AccessOptions options = access();
  options.api_keys = {{"backend", "key-one"}, {"worker", "key-two"}};
  const TokenAuthenticator authenticator(options, clock);
  const auto who = authenticator.authenticate("key-two");
  REQUIRE(who);
  CHECK(who->role == Role::service);
  CHECK(who->user == "worker");
  CHECK_FALSE(authenticator.authenticate("key-three"));
  CHECK_FALSE(authenticator.authenticate("key-tw"));
  CHECK_FALSE(authenticator.authenticate(""));
}

TEST_CASE("a token is judged by the clock that was passed in") {
  test::ManualClock clock;
  const TokenAuthenticator authenticator(access(), clock);
  const auto token = mint_jwt(kSecret, {.user = "alice", .expires_in = 1000}, clock.now());
  REQUIRE(token);
  CHECK(authenticator.authenticate(*token));
  clock.advance(1000);
  CHECK_FALSE(authenticator.authenticate(*token));
}

TEST_CASE("in production nobody comes without a token") {
  const test::ManualClock clock;
  const auto who = TokenAuthenticator(access(), clock).without_token();
  REQUIRE_FALSE(who);
  CHECK(who.error().code == ErrorCode::unauthenticated);
}

TEST_CASE("under --dev who comes without a token is the user dev, who owns jobs without owner") {
  const test::ManualClock clock;
  AccessOptions options = access();
  options.dev = true;
  const TokenAuthenticator authenticator(options, clock);
  const auto who = authenticator.without_token();
  REQUIRE(who);
  CHECK(who->role == Role::user);
  CHECK(who->user == "dev");
  CHECK(who->owns_ownerless);
  CHECK_FALSE(may_publish(*who));
  const auto signed_dev = authenticator.authenticate(*mint_jwt(kSecret, {.user = "dev"}, clock.now()));
  REQUIRE(signed_dev);
  CHECK(signed_dev->owns_ownerless);
}

TEST_CASE("outside --dev a user who is called dev is a user like any other") {
  const test::ManualClock clock;
  const auto who = TokenAuthenticator(access(), clock).authenticate(*mint_jwt(kSecret, {.user = "dev"}, clock.now()));
  REQUIRE(who);
  CHECK_FALSE(who->owns_ownerless);
}

TEST_CASE("beyond loopback dev has to bring the printed token") {
  const test::ManualClock clock;
  AccessOptions options = access();
  options.dev = true;
  options.dev_token = "printed";
  const TokenAuthenticator authenticator(options, clock);
  CHECK_FALSE(authenticator.without_token());
  const auto who = authenticator.authenticate("printed");
  REQUIRE(who);
  CHECK(who->user == "dev");
  CHECK_FALSE(authenticator.authenticate("guessed"));
}

TEST_CASE("under --anonymous who comes without a token may know jobs by their ids") {
  const test::ManualClock clock;
  AccessOptions options = access();
  options.anonymous = true;
  const auto who = TokenAuthenticator(options, clock).without_token();
  REQUIRE(who);
  CHECK(who->role == Role::anonymous);
  CHECK(who->knows_by_id);
}
