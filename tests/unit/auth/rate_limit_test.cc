#include "auth/rate_limit.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <map>
#include <vector>

using namespace jobwire;
using namespace jobwire::auth;

namespace {

constexpr UnixMs kNow = 1'764'000'000'000;

RateRules rules(Act act, Scope scope, Rate rate) {
  RateRules rules;
  rules.of(act, scope) = rate;
  return rules;
}

std::string refusal(std::string_view text, Act act = Act::command) {
  RateRules rules;
  const Status status = read_rates(text, act, rules);
  REQUIRE_FALSE(status);
  return status.error().message;
}

Rate any_rate() { return {*rc::gen::inRange<std::int64_t>(1, 50), *rc::gen::inRange<DurationMs>(1, 5'000)}; }

}  // namespace

TEST_CASE("a bucket gives its count at once, and then as many again in each period") {
  const Rate rate{3, 10'000};
  Bucket bucket;
  for (int i = 0; i < 3; ++i) CHECK(bucket.take(rate, kNow) == 0);
  CHECK(bucket.take(rate, kNow) == 3'334);
  CHECK(bucket.take(rate, kNow + 3'333) == 1);
  CHECK(bucket.take(rate, kNow + 3'334) == 0);
  CHECK_FALSE(bucket.is_full(kNow + 13'000));
  CHECK(bucket.is_full(kNow + 13'400));
  for (int i = 0; i < 3; ++i) CHECK(bucket.take(rate, kNow + 60'000) == 0);
  CHECK(bucket.take(rate, kNow + 60'000) > 0);
}

TEST_CASE("in no stretch of time does a bucket give more than its count and what that time has refilled") {
  CHECK(rc::check([] {
    const Rate rate = any_rate();
    Bucket bucket;
    UnixMs now = kNow;
    std::vector<UnixMs> taken;
    for (const auto step : *rc::gen::container<std::vector<DurationMs>>(200, rc::gen::inRange<DurationMs>(0, 300))) {
      now += step;
      if (bucket.take(rate, now) == 0) taken.push_back(now);
    }
    for (std::size_t from = 0; from < taken.size(); ++from) {
      for (std::size_t to = from; to < taken.size(); ++to) {
        const double most = static_cast<double>(rate.count) +
                            static_cast<double>(rate.count * (taken[to] - taken[from])) / static_cast<double>(rate.per);
        RC_ASSERT(static_cast<double>(to - from + 1) <= most * 1.001 + 1e-6);
      }
    }
  }));
}

TEST_CASE("who waits for as long as was said is served, and who comes sooner has lost nothing by it") {
  CHECK(rc::check([] {
    const Rate rate = any_rate();
    Bucket bucket;
    UnixMs now = kNow;
    for (int i = 0; i < 200; ++i) {
      const DurationMs pause = bucket.take(rate, now);
      if (pause == 0) continue;
      for (int again = 0; again < 3; ++again) RC_ASSERT(bucket.take(rate, now) == pause);
      if (pause > 1) RC_ASSERT(bucket.take(rate, now + pause - 1) > 0);
      now += pause;
      RC_ASSERT(bucket.take(rate, now) == 0);
    }
  }));
}

TEST_CASE("who stays below the rate is never refused") {
  CHECK(rc::check([] {
    const Rate rate = any_rate();
    const DurationMs gap = rate.per / rate.count + 1;
    Bucket bucket;
    UnixMs now = kNow;
    for (int i = 0; i < 200; ++i) {
      now += gap + *rc::gen::inRange<DurationMs>(0, 50);
      RC_ASSERT(bucket.take(rate, now) == 0);
    }
  }));
}

TEST_CASE("a clock that was set back shuts nobody out for longer than a period") {
  const Rate rate{2, 1'000};
  Bucket bucket;
  bucket.take(rate, kNow);
  bucket.take(rate, kNow);
  CHECK(bucket.take(rate, kNow - 3'600'000) <= 1'000);
  CHECK(bucket.take(rate, kNow - 3'600'000 + 1'000) == 0);
}

TEST_CASE("each scope has its own bucket, and a refusal takes from none of them") {
  RateRules both = rules(Act::command, Scope::connection, {5, 60'000});
  both.of(Act::command, Scope::user) = {3, 60'000};
  RateLimiter limiter(both);
  Caller one{.user = "alice"}, two{.user = "alice"}, other{.user = "bob"};
  CHECK(limiter.take(Act::command, one, kNow));
  CHECK(limiter.take(Act::command, two, kNow));
  CHECK(limiter.take(Act::command, one, kNow));
  const Status refused = limiter.take(Act::command, two, kNow);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::rate_limited);
  CHECK(refused.error().message == "too many commands of this user");
  CHECK(refused.error().retry_after_ms == 20'000);
  CHECK(limiter.take(Act::command, other, kNow));
  CHECK(limiter.take(Act::subscribe, two, kNow));  // another act
  CHECK(limiter.refused() == 1);
  CHECK(two.connection[static_cast<std::size_t>(Act::command)].wait({5, 60'000}, kNow) == 0);
}

TEST_CASE("an empty user or address counts for nobody") {
  RateRules strict = rules(Act::connect, Scope::user, {1, 60'000});
  strict.of(Act::connect, Scope::address) = {1, 60'000};
  RateLimiter limiter(strict);
  for (int i = 0; i < 10; ++i) {
    Caller nobody;
    CHECK(limiter.take(Act::connect, nobody, kNow));
  }
  CHECK(limiter.buckets() == 0);
}

TEST_CASE("without limits nothing is remembered") {
  RateLimiter limiter(RateRules{});
  Caller caller{.user = "alice", .address = "192.0.2.1"};
  for (const Act act : {Act::connect, Act::subscribe, Act::command, Act::publish}) {
    for (int i = 0; i < 1000; ++i) CHECK(limiter.take(act, caller, kNow));
  }
  CHECK(limiter.buckets() == 0);
}

TEST_CASE("full buckets are forgotten, and a flood of addresses finds a bound") {
  RateRules few = rules(Act::connect, Scope::address, {1, 1'000});
  few.most_buckets = 50;
  RateLimiter limiter(few);
  const auto from = [&](int address, UnixMs now) {
    Caller caller{.user = {}, .address = "a" + std::to_string(address)};
    return static_cast<bool>(limiter.take(Act::connect, caller, now));
  };
  for (int i = 0; i < 1000; ++i) {
    CHECK(from(i, kNow));
    REQUIRE(limiter.buckets() <= 50);
  }
  CHECK_FALSE(from(999, kNow));
  for (int i = 0; i < 20; ++i) from(2000 + i, kNow + 5'000 + i);
  CHECK(limiter.buckets() <= 21);
}

TEST_CASE("the table agrees with buckets that are kept for ever, whatever comes") {
  CHECK(rc::check([] {
    RateRules given = rules(Act::subscribe, Scope::user, any_rate());
    given.of(Act::subscribe, Scope::address) = any_rate();
    RateLimiter limiter(given);
    std::map<std::string, Bucket> users, addresses;
    UnixMs now = kNow;
    for (int i = 0; i < 300; ++i) {
      now += *rc::gen::inRange<DurationMs>(0, 200);
      Caller caller{.user = std::to_string(*rc::gen::inRange(0, 5)),
                    .address = std::to_string(*rc::gen::inRange(0, 5))};
      Bucket& user = users[caller.user];
      Bucket& address = addresses[caller.address];
      const DurationMs pause = std::max(user.wait(given.of(Act::subscribe, Scope::user), now),
                                        address.wait(given.of(Act::subscribe, Scope::address), now));
      const Status taken = limiter.take(Act::subscribe, caller, now);
      RC_ASSERT(static_cast<bool>(taken) == (pause == 0));
      if (!taken) RC_ASSERT(taken.error().retry_after_ms == pause);
      if (!taken) continue;
      user.take(given.of(Act::subscribe, Scope::user), now);
      address.take(given.of(Act::subscribe, Scope::address), now);
    }
    RC_ASSERT(limiter.buckets() <= 10);
  }));
}

TEST_CASE("an ordinary page and a busy publisher never meet the defaults") {
  RateLimiter limiter(default_rates());
  Caller page{.user = "alice", .address = "192.0.2.1"};
  Caller back_end{.user = "service/backend", .address = "192.0.2.2"};
  for (int second = 0; second < 60; ++second) {
    const UnixMs now = kNow + second * 1000;
    for (int i = 0; i < 20; ++i) CHECK(limiter.take(Act::connect, page, now));
    for (int i = 0; i < 100; ++i) CHECK(limiter.take(Act::subscribe, page, now));
    for (int i = 0; i < 300; ++i) CHECK(limiter.take(Act::command, page, now));
    for (int i = 0; i < 20'000; ++i) REQUIRE(limiter.take(Act::publish, back_end, now));
  }
}

TEST_CASE("rates are read as the operator writes them") {
  RateRules rules;
  CHECK(read_rates("200/10s", Act::command, rules));
  CHECK(rules.of(Act::command, Scope::connection) == Rate{200, 10'000});
  CHECK(read_rates("100/1m", Act::connect, rules));
  CHECK(rules.of(Act::connect, Scope::user) == Rate{100, 60'000});
  CHECK(read_rates("user:1/250ms,address:5/1h", Act::publish, rules));
  CHECK(rules.of(Act::publish, Scope::user) == Rate{1, 250});
  CHECK(rules.of(Act::publish, Scope::address) == Rate{5, 3'600'000});
  CHECK(read_rates("address:off", Act::publish, rules));
  CHECK(rules.of(Act::publish, Scope::user).limits());
  CHECK_FALSE(rules.of(Act::publish, Scope::address).limits());
  rules = default_rates();
  CHECK(read_rates("off", Act::command, rules));
  for (const Scope scope : {Scope::connection, Scope::user, Scope::address}) {
    CHECK_FALSE(rules.of(Act::command, scope).limits());
  }
}

TEST_CASE("what is no rate is refused, and the part that is wrong is named") {
  for (const char* bad : {"", "200", "200/", "/10s", "200/10", "0/1s", "-1/1s", "1/0s", "1/25h", "many/1s", "1/1s,",
                          "host:1/1s", "user:", "user:1/1s;address:off", "1000000000/1s", "1 /1s", "2000/1ms"}) {
    INFO(bad);
    CHECK(refusal(bad).find("must be such as") != std::string::npos);
  }
  CHECK(refusal("user:1/1s,address:x").find("'address:x'") != std::string::npos);
  CHECK(refusal("connection:1/1s", Act::connect) == "connects are not counted by connection");
  CHECK(refusal("connection:1/1s", Act::publish) == "publishes are not counted by connection");
}
