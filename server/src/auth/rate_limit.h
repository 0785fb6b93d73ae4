// How much somebody may ask for: token buckets for each act, by connection, user and address. Pure: time is passed in.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "auth/principal.h"
#include "jobwire/result.h"
#include "jobwire/time.h"

namespace jobwire::auth {

// `count` at once, and as many again in each `per`. A count of 0: no limit.
struct Rate {
  std::int64_t count = 0;
  DurationMs per = 0;
  bool limits() const { return count > 0 && per > 0; }
  bool operator==(const Rate&) const = default;
};

// A token bucket in one number (the "generic cell rate algorithm", ITU-T I.371 annex A): when it will be full again.
class Bucket {
 public:
  // 0: taken. Else how long it takes until one more is there; nothing was taken.
  DurationMs take(const Rate& rate, UnixMs now);
  // The same, but takes nothing.
  DurationMs wait(const Rate& rate, UnixMs now) const;
  bool is_full(UnixMs now) const { return full_at_ <= now * 1'000'000; }

 private:
  std::int64_t full_at_ = 0;  // nanoseconds since the epoch: rates up to a million a second come out right
};

enum class Act : std::uint8_t { connect, subscribe, command, publish };
enum class Scope : std::uint8_t { connection, user, address };
inline constexpr std::size_t kActs = 4;
inline constexpr std::size_t kScopes = 3;
std::string_view act_name(Act act);  // "connects"
std::string_view scope_name(Scope scope);

struct RateRules {
  std::array<std::array<Rate, kScopes>, kActs> rates = {};  // all of them without limit
  std::size_t most_buckets = 100'000;  // of users and addresses; beyond it the one unused for longest goes
  Rate& of(Act act, Scope scope) { return rates[static_cast<std::size_t>(act)][static_cast<std::size_t>(scope)]; }
  const Rate& of(Act act, Scope scope) const {
    return rates[static_cast<std::size_t>(act)][static_cast<std::size_t>(scope)];
  }
};
// Far above what a page or a publisher does; they stop loops and floods. Publishing is not limited.
RateRules default_rates();
// "200/10s", "off", or by scope "connection:200/10s,user:1000/10s,address:off"; without a scope it is the narrowest one
// that the act has. What is not named stays. Error: what is wrong.
Status read_rates(std::string_view text, Act act, RateRules& rules);

// Who asks, and what the connection has used of its own buckets. Empty user or address: that scope does not count.
struct Caller {
  std::string user = {};
  std::string address = {};
  std::array<Bucket, kActs> connection = {};
};

// Anonymous callers are told apart by their address only.
Caller caller_of(const Principal& who, std::string address);

class RateLimiter {
 public:
  explicit RateLimiter(const RateRules& rules) : rules_(rules) {}
  RateLimiter(const RateLimiter&) = delete;
  RateLimiter& operator=(const RateLimiter&) = delete;

  // From every bucket, or from none: then `rate_limited` with retry_after_ms.
  Status take(Act act, Caller& caller, UnixMs now);

  std::size_t buckets() const { return held_.size(); }
  std::uint64_t refused() const { return refused_; }

 private:
  struct Held {
    std::string key;
    Bucket bucket;
  };
  using Place = std::list<Held>::iterator;

  Bucket& bucket_of(Act act, Scope scope, std::string_view whose, UnixMs now);
  void forget_some(UnixMs now);

  RateRules rules_;
  std::list<Held> held_;  // the one used last is last
  std::unordered_map<std::string_view, Place> places_;
  std::uint64_t refused_ = 0;
};

}  // namespace jobwire::auth
