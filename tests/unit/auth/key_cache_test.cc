#include "auth/key_cache.h"

#include <catch2/catch.hpp>

#include "auth/token_authenticator.h"
#include "support/clock.h"
#include "support/tokens.h"

using namespace jobwire;
using namespace jobwire::auth;
using namespace jobwire::test;

namespace {

const std::string kClaims = R"({"sub":"alice"})";
const Error kUnreachable{ErrorCode::unavailable, "connection refused", "jwks", 0};

// Keys that are published by whoever holds this, and fetched when it says so.
struct Published {
  test::ManualClock clock;
  std::vector<KeyCache::Fetched> asked;
  std::vector<KeyCache::Outcome> told;
  std::unique_ptr<KeyCache> cache;

  explicit Published(KeyCacheOptions options = {}) {
    cache = std::make_unique<KeyCache>(
        std::move(options), [this](KeyCache::Fetched done) { asked.push_back(std::move(done)); },
        [this](const KeyCache::Outcome& outcome) { told.push_back(outcome); }, clock);
    cache->start();
  }
  void answer(Result<std::string> document) {
    REQUIRE_FALSE(asked.empty());
    const auto done = std::move(asked.back());
    asked.clear();
    done(std::move(document));
  }
  void pass(DurationMs time) {
    clock.advance(time);
    cache->tick();
  }
};

Error refusal(const TokenAuthenticator& authenticator, const std::string& token) {
  const auto who = authenticator.authenticate(token);
  REQUIRE_FALSE(who);
  return who.error();
}

}  // namespace

TEST_CASE("keys are fetched at the start, and again every so often") {
  Published published;
  CHECK(published.asked.size() == 1);
  CHECK(published.cache->missing() != "");
  published.answer(jwks_of(SigningKey::p256().jwk("a")));
  CHECK(published.cache->missing() == "");
  CHECK(published.cache->keys().size() == 1);
  published.pass(10 * 60'000 - 1);
  CHECK(published.asked.empty());
  published.pass(1);
  CHECK(published.asked.size() == 1);
  published.pass(10 * 60'000);
  CHECK(published.asked.size() == 1);  // one at a time
}

TEST_CASE("a start without keys tries again, less and less often, and says why") {
  Published published;
  published.answer(kUnreachable);
  CHECK(published.cache->missing() == "connection refused");
  CHECK(published.told.back().error == "connection refused");
  DurationMs pause = 1'000;
  for (int i = 0; i < 10; ++i) {
    CHECK(published.told.back().again_in == pause);
    published.pass(pause - 1);
    CHECK(published.asked.empty());
    published.pass(1);
    REQUIRE(published.asked.size() == 1);
    published.answer(kUnreachable);
    pause = std::min<DurationMs>(2 * pause, 60'000);
  }
  published.pass(60'000);
  published.answer(jwks_of(SigningKey::p256().jwk("a")));
  CHECK(published.cache->missing() == "");
}

TEST_CASE("a refresh that fails keeps the keys that are here") {
  Published published;
  const SigningKey key = SigningKey::p256();
  const TokenAuthenticator authenticator({}, published.clock, published.cache.get());
  published.answer(jwks_of(key.jwk("a")));
  for (const Result<std::string>& bad :
       {Result<std::string>(kUnreachable), Result<std::string>("<html>"), Result<std::string>(R"({"keys":[]})")}) {
    published.pass(10 * 60'000);
    published.answer(bad);
    CHECK(published.cache->missing() == "");
    CHECK(published.told.back().error != "");
    CHECK(authenticator.authenticate(signed_by(key, "a", kClaims)));
  }
}

TEST_CASE("a key that was taken away verifies nothing from the next refresh on") {
  Published published;
  const SigningKey old = SigningKey::p256();
  const SigningKey fresh = SigningKey::ed25519();
  const TokenAuthenticator authenticator({}, published.clock, published.cache.get());
  published.answer(jwks_of(old.jwk("old") + "," + fresh.jwk("new")));
  CHECK(authenticator.authenticate(signed_by(old, "old", kClaims)));
  published.pass(10 * 60'000);
  published.answer(jwks_of(fresh.jwk("new")));
  CHECK(authenticator.authenticate(signed_by(fresh, "new", kClaims)));
  CHECK_FALSE(authenticator.authenticate(signed_by(old, "old", kClaims)));
}

TEST_CASE("an unknown kid has the keys fetched at once, and whoever brought it is told to come again") {
  Published published;
  const SigningKey old = SigningKey::p256();
  const SigningKey fresh = SigningKey::p256();
  const TokenAuthenticator authenticator({}, published.clock, published.cache.get());
  published.answer(jwks_of(old.jwk("old")));
  published.pass(60'000);
  const std::string token = signed_by(fresh, "new", kClaims);
  const Error later = refusal(authenticator, token);
  CHECK(later.code == ErrorCode::unavailable);
  CHECK(later.retry_after_ms > 0);
  CHECK(published.asked.size() == 1);
  CHECK(refusal(authenticator, token).code == ErrorCode::unavailable);
  CHECK(published.asked.size() == 1);
  published.answer(jwks_of(old.jwk("old") + "," + fresh.jwk("new")));
  CHECK(authenticator.authenticate(token));
}

TEST_CASE("made-up kids do not make the server ask more than once in ten seconds") {
  Published published;
  const SigningKey key = SigningKey::p256();
  const TokenAuthenticator authenticator({}, published.clock, published.cache.get());
  published.answer(jwks_of(key.jwk("a")));
  int fetches = 0;
  for (int second = 0; second < 60; ++second) {
    published.pass(1'000);
    for (int i = 0; i < 10; ++i) {
      const Error refused = refusal(authenticator, signed_by(key, "made-up" + std::to_string(i), kClaims));
      if (published.asked.empty()) {
        CHECK(refused.code == ErrorCode::unauthenticated);
        continue;
      }
      ++fetches;
      published.answer(jwks_of(key.jwk("a")));
    }
  }
  CHECK(fetches == 6);
}

TEST_CASE("before there are keys a token is neither good nor bad, but garbage is bad") {
  Published published;
  const TokenAuthenticator authenticator({}, published.clock, published.cache.get());
  CHECK(refusal(authenticator, signed_by(SigningKey::p256(), "", kClaims)).code == ErrorCode::unavailable);
  CHECK(refusal(authenticator, "garbage").code == ErrorCode::unauthenticated);
  CHECK(refusal(authenticator, unsigned_token(kClaims)).code == ErrorCode::unauthenticated);
}

TEST_CASE("a secret works beside published keys, and before they are there") {
  Published published;
  const std::string secret(32, 's');
  AccessOptions options;
  options.secret = secret;
  const TokenAuthenticator authenticator(options, published.clock, published.cache.get());
  CHECK(authenticator.authenticate(signed_with("HS256", secret, kClaims)));
  const SigningKey key = SigningKey::ed25519();
  published.answer(jwks_of(key.jwk("a")));
  CHECK(authenticator.authenticate(signed_with("HS256", secret, kClaims)));
  CHECK(authenticator.authenticate(signed_by(key, "a", kClaims)));
  CHECK(refusal(authenticator, signed_with("HS256", "another", kClaims)).message == "token: signature does not verify");
}

TEST_CASE("a clock that was set back does not put the next fetch off") {
  Published published;
  published.answer(jwks_of(SigningKey::p256().jwk("a")));
  published.pass(-3'600'000);
  CHECK(published.asked.size() == 1);
}

TEST_CASE("an answer that comes after the cache is gone is dropped") {
  Published published;
  published.cache.reset();
  published.answer(jwks_of("{}"));
  CHECK(published.told.empty());
}
