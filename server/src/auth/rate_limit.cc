#include "auth/rate_limit.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace jobwire::auth {
namespace {

constexpr int kForgottenAtOnce = 4;  // more than can be added, so that full buckets go before long
constexpr std::int64_t kMostCount = 1'000'000;
constexpr DurationMs kLongestPeriod = 24 * 60 * 60 * 1000;

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::int64_t kMostPerMs = 1'000;

std::int64_t window_ns(const Rate& rate) { return rate.per * kNsPerMs; }
std::int64_t interval_ns(const Rate& rate) { return std::max<std::int64_t>(1, window_ns(rate) / rate.count); }

// "250ms", "10s", "1m", "1h"
std::optional<DurationMs> read_period(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || number <= 0 || number > kLongestPeriod) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const std::int64_t scale = unit == "ms" ? 1 : unit == "s" ? 1000 : unit == "m" ? 60'000 : unit == "h" ? 3'600'000 : 0;
  if (scale == 0 || number > kLongestPeriod / scale) return std::nullopt;
  return number * scale;
}

std::optional<Rate> read_rate(std::string_view text) {
  if (text == "off") return Rate{};
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  std::int64_t count = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + slash, count);
  const auto period = read_period(text.substr(slash + 1));
  if (failed != std::errc() || end != text.data() + slash || count < 1 || count > kMostCount || !period ||
      count > *period * kMostPerMs) {
    return std::nullopt;
  }
  return Rate{count, *period};
}

std::optional<Scope> scope_from_name(std::string_view name) {
  for (const Scope scope : {Scope::connection, Scope::user, Scope::address}) {
    if (scope_name(scope) == name) return scope;
  }
  return std::nullopt;
}

// A connection is opened once, and a request that publishes is a connection of its own.
bool counts(Act act, Scope scope) { return scope != Scope::connection || act == Act::subscribe || act == Act::command; }

}  // namespace

DurationMs Bucket::wait(const Rate& rate, UnixMs now) const {
  if (!rate.limits()) return 0;
  const std::int64_t at = now * kNsPerMs;
  // A clock that was set back must not shut anybody out for as long.
  const std::int64_t full_at = std::clamp(full_at_, at, at + window_ns(rate));
  const std::int64_t short_by = full_at + interval_ns(rate) - at - window_ns(rate);
  return short_by <= 0 ? 0 : (short_by + kNsPerMs - 1) / kNsPerMs;
}

DurationMs Bucket::take(const Rate& rate, UnixMs now) {
  if (!rate.limits()) return 0;
  const DurationMs pause = wait(rate, now);
  const std::int64_t at = now * kNsPerMs;
  full_at_ = std::clamp(full_at_, at, at + window_ns(rate));
  if (pause == 0) full_at_ += interval_ns(rate);
  return pause;
}

std::string_view act_name(Act act) {
  static constexpr std::array<std::string_view, kActs> kNames = {"connects", "subscribes", "commands", "publishes"};
  return kNames[static_cast<std::size_t>(act)];
}

std::string_view scope_name(Scope scope) {
  static constexpr std::array<std::string_view, kScopes> kNames = {"connection", "user", "address"};
  return kNames[static_cast<std::size_t>(scope)];
}

RateRules default_rates() {
  RateRules rules;
  rules.of(Act::connect, Scope::user) = {20'000, 60'000};
  rules.of(Act::connect, Scope::address) = {6'000, 60'000};
  rules.of(Act::subscribe, Scope::connection) = {2'000, 10'000};
  rules.of(Act::subscribe, Scope::user) = {10'000, 10'000};
  rules.of(Act::command, Scope::connection) = {5'000, 10'000};
  rules.of(Act::command, Scope::user) = {50'000, 10'000};
  return rules;
}

Status read_rates(std::string_view text, Act act, RateRules& rules) {
  const auto bad = [&](std::string_view part) {
    return Error{ErrorCode::bad_request,
                 "'" + std::string(part) + "' must be such as 200/10s, off, or user:1000/10s,address:off",
                 {},
                 0};
  };
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    const std::size_t colon = part.find(':');
    const bool scoped = colon != std::string_view::npos;
    const auto scope = scoped ? scope_from_name(part.substr(0, colon)) : std::nullopt;
    const auto rate = read_rate(scoped ? part.substr(colon + 1) : part);
    if ((scoped && !scope) || !rate) return bad(part);
    if (scope && !counts(act, *scope)) {
      return Error{ErrorCode::bad_request, std::string(act_name(act)) + " are not counted by connection", {}, 0};
    }
    if (scope) {
      rules.of(act, *scope) = *rate;
    } else if (!rate->limits()) {
      for (Rate& each : rules.rates[static_cast<std::size_t>(act)]) each = {};
    } else {
      rules.of(act, counts(act, Scope::connection) ? Scope::connection : Scope::user) = *rate;
    }
    if (comma == std::string_view::npos) return Done{};
    text.remove_prefix(comma + 1);
  }
}

Caller caller_of(const Principal& who, std::string address) {
  Caller caller;
  if (who.role != Role::anonymous) caller.user = std::string(role_name(who.role)) + "/" + who.user;
  caller.address = std::move(address);
  return caller;
}

Status RateLimiter::take(Act act, Caller& caller, UnixMs now) {
  std::array<Bucket*, kScopes> buckets = {};
  DurationMs pause = 0;
  Scope narrow = Scope::connection;
  for (const Scope scope : {Scope::connection, Scope::user, Scope::address}) {
    const Rate& rate = rules_.of(act, scope);
    const std::string& whose = scope == Scope::user ? caller.user : caller.address;
    if (!rate.limits() || (scope != Scope::connection && whose.empty())) continue;
    Bucket& bucket = scope == Scope::connection ? caller.connection[static_cast<std::size_t>(act)]
                                                : bucket_of(act, scope, whose, now);
    buckets[static_cast<std::size_t>(scope)] = &bucket;
    const DurationMs needs = bucket.wait(rate, now);
    if (needs > pause) narrow = scope;
    pause = std::max(pause, needs);
  }
  if (pause > 0) {
    ++refused_;
    return Error{ErrorCode::rate_limited,
                 "too many " + std::string(act_name(act)) + " of this " + std::string(scope_name(narrow)),
                 {},
                 pause};
  }
  for (std::size_t scope = 0; scope < kScopes; ++scope) {
    if (buckets[scope] != nullptr) buckets[scope]->take(rules_.of(act, static_cast<Scope>(scope)), now);
  }
  return Done{};
}

Bucket& RateLimiter::bucket_of(Act act, Scope scope, std::string_view whose, UnixMs now) {
  std::string key;
  key.reserve(whose.size() + 2);
  key += static_cast<char>('0' + static_cast<int>(act));
  key += static_cast<char>('0' + static_cast<int>(scope));
  key += whose;
  if (const auto found = places_.find(key); found != places_.end()) {
    held_.splice(held_.end(), held_, found->second);
    return found->second->bucket;
  }
  forget_some(now);
  held_.push_back({std::move(key), {}});
  places_.emplace(held_.back().key, std::prev(held_.end()));
  return held_.back().bucket;
}

// A full bucket says nothing that a new one would not. The one used last stays: its taker may still hold it.
void RateLimiter::forget_some(UnixMs now) {
  const auto forget_oldest = [this] {
    places_.erase(held_.front().key);
    held_.pop_front();
  };
  for (int i = 0; i < kForgottenAtOnce && held_.size() > 1 && held_.front().bucket.is_full(now); ++i) forget_oldest();
  if (held_.size() > 1 && held_.size() >= rules_.most_buckets) forget_oldest();
}

}  // namespace jobwire::auth
